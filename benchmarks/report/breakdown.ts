/** Accuracy apart by what a reader names: a difficulty, its bands, seen and unseen words, the size that a model sees; by sub-task. */

import { OcelliError } from '../../src/index.js';
import { listedWordSplit } from '../scenes/index.js';
import { existenceMetrics, summariseScores, type ItemRecord, type ScoreRecord } from '../scoring/index.js';
import type { Interval } from '../statistics/index.js';
import { groupBy } from './grouping.js';

/** One number or name of an item to tell apart by. */
interface Key {
  readonly name: string;
  /** Pixels to which the picture's longer side is scaled before it is looked at; sizes are scaled with it. */
  readonly side?: number;
  /** Absent: every value is a band of its own. */
  readonly bands?: readonly { readonly low: number; readonly high: number }[];
}

/** How to tell apart, as `count:0-9/10-15`, `xHeight@448:10-14/17-23+word`. */
export interface BreakdownRequest {
  readonly text: string;
  readonly keys: readonly Key[];
}

export interface BreakdownCell {
  readonly model: string;
  readonly n: number;
  readonly accuracy: Interval;
  /** Of the yes-or-no questions among them: mean of the accuracies on yes and on no. */
  readonly balancedAccuracy?: number;
}

/** One stratum of one sub-task. */
export interface BreakdownRow {
  readonly subtask: string;
  readonly stratum: string;
  readonly cells: readonly BreakdownCell[];
}

export interface Breakdown {
  readonly by: string;
  readonly rows: readonly BreakdownRow[];
  /** Questions whose item does not have what is asked for, or lies in no band. */
  readonly leftOut: number;
}

const grammar =
  'expected keys joined by +, each with @SIDE and :BANDS where wanted, such as level, count:0-9/10-15, xHeight@448:10-14/17-23+word';

/**
 * Reads how to tell apart. Keys are an item's difficulties (`count`, `total`, `size`; `xHeight` in pixels, scaled with `@SIDE`), `level`,
 * `answer`, `word` (whether a word to be read is in training), `look`, `twin`.
 *
 * @throws OcelliError `invalid-request`
 * @example
 * breakdownRequest('count:0-9/10-15');
 */
export function breakdownRequest(text: string): BreakdownRequest {
  const keys = text.split('+').map((part): Key => {
    const [, name, side, bands] = /^([A-Za-z][\w-]*)(?:@(\d+))?(?::([\d./-]+))?$/.exec(part.trim()) ?? [];
    if (name === undefined) throw new OcelliError('invalid-request', `"${text}" tells nothing apart; ${grammar}.`);
    return {
      name,
      ...(side === undefined ? {} : { side: Number(side) }),
      ...(bands === undefined ? {} : { bands: bands.split('/').map((band) => bandOf(band, text)) }),
    };
  });
  return { text, keys };
}

function bandOf(band: string, text: string): { readonly low: number; readonly high: number } {
  const [, low, high] = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(band) ?? [];
  if (low === undefined || Number(high ?? low) < Number(low))
    throw new OcelliError('invalid-request', `"${band}" in "${text}" is no band; ${grammar}.`);
  return { low: Number(low), high: Number(high ?? low) };
}

/**
 * Tells the scores of one suite apart.
 *
 * @example
 * breakdown(scores, items, breakdownRequest('level')).rows;
 */
export function breakdown(
  scores: readonly ScoreRecord[],
  items: ReadonlyMap<string, ItemRecord>,
  { text, keys }: BreakdownRequest,
): Breakdown {
  const placed = scores.flatMap((score) => {
    const item = items.get(score.itemId);
    const stratum = item === undefined ? undefined : stratumOf(item, keys);
    return stratum === undefined ? [] : [{ score, ...stratum }];
  });
  const groups = groupBy(placed, ({ score, label }) => JSON.stringify([score.subtask, label]));
  const rows = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const cells = [...groupBy(group, ({ score }) => score.model)].flatMap(([model, list]) =>
      cellOf(
        model,
        list.map(({ score }) => score),
      ),
    );
    return cells.length === 0
      ? []
      : [{ subtask: first.score.subtask, stratum: first.label, cells, order: first.order }];
  });
  rows.sort((one, other) => one.subtask.localeCompare(other.subtask) || compareOrders(one.order, other.order));
  // Several models were asked the same question.
  const questions = (some: readonly ScoreRecord[]): number =>
    new Set(some.map(({ itemId, prompt }) => `${prompt} ${itemId}`)).size;
  const leftOut = questions(scores) - questions(placed.map(({ score }) => score));
  return { by: text, rows: rows.map(({ order: _order, ...row }) => row), leftOut };
}

function cellOf(model: string, scores: readonly ScoreRecord[]): BreakdownCell[] {
  const { overAsked, asked } = summariseScores(scores);
  if (overAsked === undefined) return [];
  const yesNo = scores.filter(({ answerType, parsed }) => answerType === 'yesno' && parsed !== null);
  const asYesNo = (value: unknown): 'yes' | 'no' => (value === 'yes' ? 'yes' : 'no');
  const balanced = existenceMetrics(
    yesNo.map(({ truth, parsed }) => ({ truth: asYesNo(truth), predicted: asYesNo(parsed) })),
  )?.balancedAccuracy;
  return [{ model, n: asked, accuracy: overAsked, ...(balanced === undefined ? {} : { balancedAccuracy: balanced }) }];
}

interface Stratum {
  readonly label: string;
  readonly order: readonly (number | string)[];
}

/** Undefined where one of the keys has no value, or lies in no band. */
function stratumOf(item: ItemRecord, keys: readonly Key[]): Stratum | undefined {
  const parts: { readonly label: string; readonly order: number | string }[] = [];
  for (const key of keys) {
    const value = valueOf(item, key);
    if (value === undefined) return undefined;
    if (typeof value === 'string') {
      parts.push({ label: value, order: value });
      continue;
    }
    const band = key.bands?.find(({ low, high }) => value >= low && value <= high);
    if (key.bands !== undefined && band === undefined) return undefined;
    const shown =
      band === undefined ? String(value) : band.low === band.high ? String(band.low) : `${band.low}–${band.high}`;
    const side = key.side === undefined ? '' : ` at ${key.side} px`;
    parts.push({ label: `${key.name} ${shown}${side}`, order: band?.low ?? value });
  }
  return { label: parts.map(({ label }) => label).join(', '), order: parts.map(({ order }) => order) };
}

/** Sizes in pixels of the picture, which shrink with it. */
const sizes = new Set(['xHeight', 'size', 'separation', 'gap', 'margin', 'lineWidth']);

function valueOf(item: ItemRecord, { name, side }: Key): number | string | undefined {
  switch (name) {
    case 'word':
      return wordOf(item);
    case 'look':
      return `${item.look ?? 'unseen'} look`;
    case 'twin':
      return item.twin === undefined ? 'no twin' : `twin: ${item.twin.kind}`;
    case 'answer':
      return typeof item.answer === 'number' ? item.answer : `answer ${JSON.stringify(item.answer)}`;
    default: {
      const value = item.difficulty?.[name] ?? (name === 'level' ? item.generator?.level : undefined);
      if (value === undefined) return undefined;
      // Records hold x-heights in tenths of a pixel.
      const pixels = name === 'xHeight' ? value / 10 : value;
      return sizes.has(name) ? pixels * scaleTo(item, side) : pixels;
    }
  }
}

/** Whether training shows the word that is to be read; undefined where it is no word of the lists. */
function wordOf({ answer, look }: ItemRecord): string | undefined {
  const split = typeof answer === 'string' ? listedWordSplit(answer) : undefined;
  if (split === undefined) return undefined;
  return split === 'train' || look === 'seen' ? 'seen word' : 'unseen word';
}

function scaleTo({ picture }: ItemRecord, side: number | undefined): number {
  const longer = Math.max(picture?.width ?? 0, picture?.height ?? 0);
  return side === undefined || longer === 0 ? 1 : Math.min(1, side / longer);
}

function compareOrders(one: readonly (number | string)[], other: readonly (number | string)[]): number {
  for (const [place, value] of one.entries()) {
    const against = other[place];
    if (value === against || against === undefined) continue;
    if (typeof value === 'number' && typeof against === 'number') return value - against;
    return String(value).localeCompare(String(against));
  }
  return 0;
}
