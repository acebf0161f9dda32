/** How numbers that are read go wrong: off by a digit, near enough, or far off. */

import { relaxedMatch } from './ocr.js';
import { mean, share } from './counting.js';

/** One number that was read. */
export interface ReadValue {
  readonly truth: string;
  readonly said: string;
  /** Right to the last digit, or in a way of writing that the item accepts. */
  readonly correct: boolean;
}

export interface ValueMetrics {
  readonly n: number;
  readonly exact: number;
  /** Within five percent (ChartQA). */
  readonly relaxedAccuracy: number;
  /** Mean of |error| ÷ |truth|, over truths other than zero where both are numbers. */
  readonly meanRelativeError: number | undefined;
}

/**
 * The metrics of numbers read off charts, tables and receipts (reference: benchmarks 4.2).
 *
 * @returns undefined for no numbers
 * @example
 * valueMetrics([{ truth: '40', said: '41', correct: false }])?.relaxedAccuracy; // 1
 */
export function valueMetrics(values: readonly ReadValue[]): ValueMetrics | undefined {
  if (values.length === 0) return undefined;
  const errors = values.flatMap(({ truth, said }) => {
    const [wanted, found] = [Number(truth), Number(said)];
    return Number.isFinite(wanted) && Number.isFinite(found) && wanted !== 0
      ? [Math.abs((found - wanted) / wanted)]
      : [];
  });
  return {
    n: values.length,
    exact: share(values, ({ correct }) => correct) ?? 0,
    relaxedAccuracy: share(values, ({ truth, said, correct }) => correct || relaxedMatch(said, truth)) ?? 0,
    meanRelativeError: mean(errors),
  };
}
