/** The items of a run: gathered from its suites, their pictures drawn into the run's folder. */

import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { OcelliError, probePictureFile } from '../../src/index.js';
import { itemSchema, readRecords, recordLine, type ItemRecord } from '../scoring/index.js';
import type { ItemProblem, Picture, Suite, SuiteItem } from '../suites/index.js';
import { PictureStore } from './picture-store.js';
import { writeWhole } from './write-whole.js';

/** A suite and the file it came from. */
export interface ChosenSuite {
  readonly suite: Suite;
  readonly path?: string;
}

/** Which items a run is about. */
export interface ItemChoice {
  readonly suites: readonly ChosenSuite[];
  /** Default 1. */
  readonly levels?: readonly number[];
  /** Items of each suite and level. Default 40; without a number all items of a file of one's own. */
  readonly n?: number;
  /** Which scenes: 0 to 9,999. Default 0. */
  readonly seed?: number;
  /** Follow items with their twins. Default false. */
  readonly twins?: boolean;
  /** `seen`: new scenes in the art, fonts and words that training shows. Default `unseen`. */
  readonly look?: 'unseen' | 'seen';
}

export const defaultItems = 40;

export interface GatheredItems {
  readonly items: readonly SuiteItem[];
  readonly problems: readonly ItemProblem[];
}

/**
 * Items of all suites and levels, undrawn, the suites and levels taking turns: a run that ends early has some of each.
 *
 * @throws OcelliError `invalid-request` for a level that a suite does not have, and when no item is left
 */
export async function gatherItems(choice: ItemChoice): Promise<GatheredItems> {
  const { seed = 0, twins = false, look = 'unseen', levels = [1] } = choice;
  const groups: (readonly SuiteItem[])[] = [];
  const problems: ItemProblem[] = [];
  for (const { suite, path } of choice.suites) {
    for (const level of suite.levels.length === 0 ? [0] : levels) {
      if (suite.levels.length > 0 && !suite.levels.includes(level))
        throw new OcelliError(
          'invalid-request',
          `The suite "${suite.name}" has no level ${level}; it has ${suite.levels.join(', ')}.`,
        );
      const n = choice.n ?? (path === undefined ? defaultItems : Number.MAX_SAFE_INTEGER);
      const found = await suite.items({ level, n, seed, twins, look });
      groups.push(found.items);
      problems.push(
        ...found.problems.map(({ where, reason }) => ({ where: `${path ?? suite.name}, ${where}`, reason })),
      );
    }
  }
  const items = inTurns(groups);
  refuseDuplicates(items);
  if (items.length === 0) {
    const [first] = problems;
    throw new OcelliError(
      'invalid-request',
      `There are no items to ask about${first === undefined ? '' : ` (${first.where}: ${first.reason})`}.`,
    );
  }
  return { items, problems };
}

/** An item and its twins stay together. */
function inTurns(groups: readonly (readonly SuiteItem[])[]): readonly SuiteItem[] {
  const rows = groups.map((group) => {
    const families: SuiteItem[][] = [];
    for (const item of group) {
      if (item.record.twin !== undefined && families.length > 0) families.at(-1)?.push(item);
      else families.push([item]);
    }
    return families;
  });
  const longest = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: longest }, (_, place) => rows.flatMap((row) => row[place] ?? [])).flat();
}

function refuseDuplicates(items: readonly SuiteItem[]): void {
  const seen = new Set<string>();
  for (const { record } of items) {
    if (seen.has(record.id))
      throw new OcelliError(
        'invalid-request',
        `Two items have the id "${record.id}"; ids must differ over all suites.`,
      );
    seen.add(record.id);
  }
}

export interface DrawOptions {
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onDrawn?: (done: number) => void;
}

export interface DrawnItems {
  readonly records: readonly ItemRecord[];
  /** Items whose picture cannot be read. */
  readonly problems: readonly ItemProblem[];
}

/** The canvas draws on threads of its own; a few at once keep them busy. */
const atOnce = 4;

/**
 * Draws every picture into `pictures/` and then writes `items.jsonl` in one step. An item whose picture cannot be read is left out.
 *
 * @throws OcelliError that names an optional package which is missing; `aborted`
 */
export async function drawItems(items: readonly SuiteItem[], options: DrawOptions): Promise<DrawnItems> {
  const store = new PictureStore(join(options.folder, 'pictures'));
  const drawn: (ItemRecord | ItemProblem)[] = [];
  let next = 0;
  let done = 0;
  const draw = async (): Promise<void> => {
    for (let place = next++; place < items.length; place = next++) {
      if (options.signal?.aborted === true) throw new OcelliError('aborted', 'The run was stopped.');
      const item = items[place];
      if (item === undefined) return;
      drawn[place] = await drawOne(item, store);
      done++;
      options.onDrawn?.(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, draw));
  const records = drawn.filter((item) => 'id' in item);
  await writeWhole(itemsPath(options.folder), records.map((record) => recordLine(record)).join(''));
  return { records, problems: drawn.filter((item) => 'reason' in item) };
}

async function drawOne({ record, picture }: SuiteItem, store: PictureStore): Promise<ItemRecord | ItemProblem> {
  if (picture === undefined) return record;
  let made: Picture;
  try {
    made = await picture();
  } catch (error) {
    if (!OcelliError.isInstance(error) || error.kind !== 'image-unreadable') throw error;
    return { where: record.id, reason: error.message };
  }
  const { bytes, width, height, boxes } = made;
  const { sha256, path } = await store.add(bytes);
  const size = width === undefined || height === undefined ? await sizeOf(path) : { width, height };
  const name = path.slice(path.lastIndexOf(sha256));
  return {
    ...record,
    picture: { sha256, ...size, path: `pictures/${name}` },
    ...(boxes === undefined || boxes.length === 0 ? {} : { boxes }),
  };
}

/** Nothing for a file that is no picture: what the model makes of it will be its answer's error. */
export async function sizeOf(path: string): Promise<{ width: number; height: number } | undefined> {
  try {
    const { width, height } = await probePictureFile(path);
    return { width, height };
  } catch {
    return undefined;
  }
}

function itemsPath(folder: string): string {
  return join(folder, 'items.jsonl');
}

export interface StoredItems {
  readonly items: readonly ItemRecord[];
  readonly notes: readonly string[];
}

/** The items that a folder holds; undefined where their file is not there, since it was never finished. */
export async function readItems(folder: string): Promise<StoredItems | undefined> {
  let text: string;
  try {
    text = await readFile(itemsPath(folder), 'utf8');
  } catch {
    return undefined;
  }
  const { records, problems, halfWritten } = readRecords(text, itemSchema);
  const lines = problems.map(({ line, reason }) => `items.jsonl, line ${line} was left out: ${reason}`);
  return {
    items: records,
    notes: halfWritten ? [...lines, 'items.jsonl: the half-written last line was left out'] : lines,
  };
}
