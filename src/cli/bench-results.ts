/** The table after a run: how often each model was right in each suite, how sure that is, and what it cost. */

import {
  summariseScores,
  type OutcomeCounts,
  type ResponseRecord,
  type ScoreRecord,
  type Summary,
} from '../../benchmarks/index.js';
import { printable } from './io.js';
import { renderTable, usdTexts } from './table.js';

export interface ResultRow {
  readonly model: string;
  readonly suite: string;
  readonly items: number;
  /** Right answers over questions asked, with its 95 % interval; null where nothing was asked. */
  readonly accuracy: { readonly estimate: number; readonly lower: number; readonly upper: number } | null;
  readonly outcomes: OutcomeCounts;
  /** Null: not known. */
  readonly usd: number | null;
}

/** One row for each model and suite. */
export function resultRows(scores: readonly ScoreRecord[], responses: readonly ResponseRecord[]): readonly ResultRow[] {
  const groups = new Map<string, ScoreRecord[]>();
  for (const score of scores) {
    const key = JSON.stringify([score.model, score.suite]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [score]);
    else group.push(score);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { model, suite } = first;
    const items = new Set(group.map(({ itemId }) => itemId));
    const summary = summariseScores(group);
    const costs = responses.filter((response) => response.model === model && items.has(response.itemId));
    return [{ model, suite, items: items.size, ...accuracyOf(summary), outcomes: summary.outcomes, usd: usdOf(costs) }];
  });
}

function accuracyOf({ overAsked }: Summary): Pick<ResultRow, 'accuracy'> {
  if (overAsked === undefined) return { accuracy: null };
  const { estimate, lower, upper } = overAsked;
  return { accuracy: { estimate, lower, upper } };
}

/** Failures that say nothing of their cost are not counted; an answer that says nothing leaves the sum unknown. */
function usdOf(responses: readonly ResponseRecord[]): number | null {
  if (responses.some(({ text, costUsd }) => text !== undefined && costUsd === undefined)) return null;
  return responses.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const count = (value: number): string => (value === 0 ? '' : String(value));

export function resultTable(rows: readonly ResultRow[]): string {
  const costs = usdTexts(rows.map(({ usd }) => usd));
  return renderTable(
    [
      { title: 'model', align: 'left' },
      { title: 'suite', align: 'left' },
      { title: 'items', align: 'right' },
      { title: 'right', align: 'right' },
      { title: '95 % interval', align: 'left' },
      { title: 'wrong', align: 'right' },
      { title: 'abstained', align: 'right' },
      { title: 'refused', align: 'right' },
      { title: 'unreadable', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'skipped', align: 'right' },
      { title: 'USD', align: 'right' },
    ],
    rows.map(({ model, suite, items, accuracy, outcomes }, place) => [
      printable(model),
      printable(suite),
      String(items),
      accuracy === null ? '' : percent(accuracy.estimate),
      accuracy === null ? '' : `${percent(accuracy.lower)} to ${percent(accuracy.upper)}`,
      count(outcomes.wrong),
      count(outcomes.abstained),
      count(outcomes.refused),
      count(outcomes.unparseable + outcomes.ambiguous),
      count(outcomes['provider-error']),
      count(outcomes['budget-skipped']),
      costs[place] ?? '',
    ]),
  );
}
