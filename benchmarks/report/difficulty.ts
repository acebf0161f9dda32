/** Accuracy along each number that makes items hard: bins with intervals, for the difficulty curves. */

import { summariseScores, type ItemRecord, type ScoreRecord } from '../scoring/index.js';
import type { Interval } from '../statistics/index.js';
import { groupBy } from './grouping.js';

/** A stretch of one difficulty, with every model's accuracy on its items. */
export interface DifficultyBin {
  /** `3`, or `3–5`. */
  readonly label: string;
  readonly accuracies: readonly { readonly model: string; readonly n: number; readonly accuracy: Interval }[];
}

export interface DifficultyCurve {
  /** Such as `level`, `count`, `occlusion`, or `true answer`. */
  readonly dimension: string;
  readonly bins: readonly DifficultyBin[];
  /** Largest less smallest accuracy over the bins, the largest such of any model: what to show first. */
  readonly spread: number;
}

/** A dimension with no more values than this is drawn value by value, one with more in bins of about equal size. */
const mostBins = 6;
/** Labels of three digits take more room, those of fractions most. */
const mostBinsOfHundreds = 5;
const mostBinsOfFractions = 4;
/** Fewer questions than this tell nothing of a bin. */
const fewestInBin = 5;

/**
 * The curves of one suite, the ones that matter most first; `level` always comes first.
 *
 * @example
 * const [curve] = difficultyCurves(scores, items);
 */
export function difficultyCurves(
  scores: readonly ScoreRecord[],
  items: ReadonlyMap<string, ItemRecord>,
): DifficultyCurve[] {
  const byDimension = new Map<string, { score: ScoreRecord; value: number }[]>();
  const add = (dimension: string, score: ScoreRecord, value: number): void => {
    const list = byDimension.get(dimension) ?? [];
    list.push({ score, value });
    byDimension.set(dimension, list);
  };
  for (const score of scores) {
    const item = items.get(score.itemId);
    const difficulty = item?.difficulty ?? {};
    for (const [dimension, value] of Object.entries(difficulty)) add(dimension, score, value);
    if (item?.generator !== undefined && difficulty['level'] === undefined) add('level', score, item.generator.level);
    // A generator's own count says the same.
    if (score.answerType === 'integer' && typeof score.truth === 'number' && difficulty['count'] === undefined)
      add('true answer', score, score.truth);
  }
  const curves = [...byDimension].flatMap(([dimension, values]) => curveOf(dimension, values) ?? []);
  const rank = ({ dimension, spread }: DifficultyCurve): number => (dimension === 'level' ? 2 : spread);
  return curves.sort((one, other) => rank(other) - rank(one));
}

function curveOf(
  dimension: string,
  values: readonly { readonly score: ScoreRecord; readonly value: number }[],
): DifficultyCurve | undefined {
  const bins: DifficultyBin[] = [];
  for (const { low, high } of binsOf(values.map(({ value }) => value))) {
    const inside = values.filter(({ value }) => value >= low && value <= high).map(({ score }) => score);
    const accuracies = [...groupBy(inside, ({ model }) => model)].flatMap(([model, list]) => {
      const { overAsked, asked } = summariseScores(list);
      return overAsked === undefined || asked < fewestInBin ? [] : [{ model, n: asked, accuracy: overAsked }];
    });
    if (accuracies.length > 0) bins.push({ label: labelOf(low, high), accuracies });
  }
  if (bins.length < 2) return undefined;
  return { dimension, bins, spread: spreadOf(bins) };
}

function spreadOf(bins: readonly DifficultyBin[]): number {
  const byModel = groupBy(
    bins.flatMap(({ accuracies }) => accuracies),
    ({ model }) => model,
  );
  const spreads = [...byModel.values()].map((list) => {
    const estimates = list.map(({ accuracy }) => accuracy.estimate);
    return Math.max(...estimates) - Math.min(...estimates);
  });
  return Math.max(0, ...spreads);
}

function labelOf(low: number, high: number): string {
  const text = (value: number): string => String(Number(value.toPrecision(2)));
  const [from, to] =
    Number.isInteger(low) && Number.isInteger(high) ? [String(low), String(high)] : [text(low), text(high)];
  return from === to ? from : `${from}–${to}`;
}

/** Value by value where there are few, else stretches that hold about as many questions each. */
function binsOf(values: readonly number[]): { low: number; high: number }[] {
  const distinct = [...new Set(values)].sort((one, other) => one - other);
  const ofIntegers = (distinct.at(-1) ?? 0) < 100 ? mostBins : mostBinsOfHundreds;
  const most = distinct.every(Number.isInteger) ? ofIntegers : mostBinsOfFractions;
  if (distinct.length <= most) return distinct.map((value) => ({ low: value, high: value }));
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const bins: { low: number; high: number }[] = [];
  let start: number | undefined;
  let held = 0;
  for (const value of distinct) {
    start ??= value;
    held += counts.get(value) ?? 0;
    if (held >= values.length / most) {
      bins.push({ low: start, high: value });
      start = undefined;
      held = 0;
    }
  }
  const last = distinct.at(-1);
  if (start !== undefined && last !== undefined) bins.push({ low: start, high: last });
  return bins;
}
