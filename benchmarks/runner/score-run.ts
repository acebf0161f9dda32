/** Scores the stored responses of a run; can be done again with another parser whenever one likes. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError } from '../../src/index.js';
import {
  readRecords,
  recordLine,
  responseSchema,
  scoreResponse,
  type ItemRecord,
  type ResponseRecord,
  type ScoreRecord,
} from '../scoring/index.js';
import { callKey } from './executor.js';
import { readItems } from './run-items.js';
import { writeWhole } from './write-whole.js';

export interface ScoredRun {
  readonly scores: readonly ScoreRecord[];
  readonly notes: readonly string[];
}

/**
 * Reads `items.jsonl` and `responses.jsonl` and writes `scores.jsonl`, one line for each call that has a response.
 *
 * @throws OcelliError `invalid-request` for a folder without a run, or with records of a later version
 * @example
 * const { scores } = await scoreRun('runs/2026-11-24-counting');
 */
export async function scoreRun(folder: string): Promise<ScoredRun> {
  const stored = await readItems(folder);
  if (stored === undefined)
    throw new OcelliError('invalid-request', `"${folder}" holds no items.jsonl. Name the folder of a run with --out.`);
  const { responses, notes } = await readResponses(folder);
  const { scores, orphans } = scoreAll(stored.items, responses);
  await writeWhole(join(folder, 'scores.jsonl'), scores.map((score) => recordLine(score)).join(''));
  const told = orphans === 0 ? [] : [`responses.jsonl: ${orphans} responses are to items that are not in items.jsonl`];
  return { scores, notes: [...stored.notes, ...notes, ...told] };
}

function scoreAll(
  items: readonly ItemRecord[],
  responses: readonly ResponseRecord[],
): { readonly scores: readonly ScoreRecord[]; readonly orphans: number } {
  const byId = new Map(items.map((item, place) => [item.id, { item, place }]));
  const known = responses.filter(({ itemId }) => byId.has(itemId));
  const place = (itemId: string): number => byId.get(itemId)?.place ?? 0;
  // In an order of their own, not that in which answers happened to come.
  const sorted = known.toSorted(
    (first, second) =>
      (first.model < second.model ? -1 : first.model > second.model ? 1 : 0) ||
      first.prompt - second.prompt ||
      first.repeat - second.repeat ||
      place(first.itemId) - place(second.itemId),
  );
  const scores = sorted.flatMap((response) => {
    const entry = byId.get(response.itemId);
    return entry === undefined ? [] : [scoreResponse(entry.item, response)];
  });
  return { scores, orphans: responses.length - known.length };
}

export interface StoredResponses {
  /** One for each call: the first complete answer, else the last thing that came. */
  readonly responses: readonly ResponseRecord[];
  /** Every line. */
  readonly all: readonly ResponseRecord[];
  readonly notes: readonly string[];
}

/** The responses that a folder holds; none where there is no file yet. */
export async function readResponses(folder: string): Promise<StoredResponses> {
  let text: string;
  try {
    text = await readFile(join(folder, 'responses.jsonl'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { responses: [], all: [], notes: [] };
    throw new OcelliError('invalid-request', `The responses in "${folder}" cannot be read.`);
  }
  const { records, problems, halfWritten } = readRecords(text, responseSchema);
  const notes = problems.map(({ line, reason }) => `responses.jsonl, line ${line} was left out: ${reason}`);
  if (halfWritten) notes.push('responses.jsonl: the half-written last line was left out');
  return { responses: bestOfEach(records), all: records, notes };
}

/** Keeps the first complete answer to each call; a failure only until something better comes. */
export function bestOfEach(responses: readonly ResponseRecord[]): readonly ResponseRecord[] {
  const best = new Map<string, ResponseRecord>();
  for (const response of responses) {
    const key = callKey(response);
    if (isFinal(best.get(key))) continue;
    best.set(key, response);
  }
  return [...best.values()];
}

/** Whether a call need not be made again: it was answered, or refused by a filter. */
export function isFinal(response: ResponseRecord | undefined): boolean {
  if (response === undefined || response.skipped !== undefined) return false;
  return response.error === undefined || response.error.kind === 'content-filter';
}
