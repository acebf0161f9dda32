/** Two models on the same items, right or wrong: the exact test of McNemar and the interval of the difference. */

import { OcelliError } from '../../src/index.js';
import { binomialCdf, normalQuantile } from './distributions.js';
import { checkConfidence, type Interval } from './intervals.js';

/** A 2 × 2 table of pairs. */
export interface PairCounts {
  readonly bothRight: number;
  readonly bothWrong: number;
  /** Only the baseline was right. */
  readonly baselineOnly: number;
  /** Only the candidate was right. */
  readonly candidateOnly: number;
}

/**
 * McNemar's exact test: two-sided binomial test of the discordant pairs at one half (McNemar 1947; Fagerland, Lydersen and
 * Laake 2013). Take the pairs of one prompt only: two prompts about one picture are not independent.
 *
 * @returns the p-value; 1 where no pair is discordant
 * @throws OcelliError `invalid-request` for counts that are negative or not whole.
 * @example
 * mcNemarExact({ baselineOnly: 15, candidateOnly: 4 }); // 0.01921
 */
export function mcNemarExact({
  baselineOnly,
  candidateOnly,
}: Pick<PairCounts, 'baselineOnly' | 'candidateOnly'>): number {
  for (const count of [baselineOnly, candidateOnly])
    if (!Number.isInteger(count) || count < 0)
      throw new OcelliError('invalid-request', `A count of pairs was ${count}; expected a whole number from 0.`);
  return Math.min(1, 2 * binomialCdf(Math.min(baselineOnly, candidateOnly), baselineOnly + candidateOnly, 0.5));
}

/**
 * Tango's score interval of the difference between two paired proportions, candidate − baseline (Tango 1998; recommended by
 * Fagerland, Lydersen and Laake, "Recommended tests and confidence intervals for paired binomial proportions", 2014).
 * Its ends are the differences that a score test would just not reject.
 *
 * Counts may be effective ones that are not whole; `quantile` replaces the normal one where the scatter had to be estimated.
 *
 * @throws OcelliError `invalid-request` for no pairs.
 * @example
 * pairedDifferenceInterval({ bothRight: 1, bothWrong: 12, baselineOnly: 7, candidateOnly: 1 }); // −0.286, −0.517 to −0.026
 */
export function pairedDifferenceInterval(
  counts: PairCounts,
  confidence = 0.95,
  quantile = normalQuantile((1 + confidence) / 2),
): Interval {
  checkConfidence(confidence);
  const { bothRight, bothWrong, baselineOnly, candidateOnly } = counts;
  const n = bothRight + bothWrong + baselineOnly + candidateOnly;
  if (!(n > 0)) throw new OcelliError('invalid-request', 'There were no pairs; expected at least one.');
  const estimate = (candidateOnly - baselineOnly) / n;
  return {
    estimate,
    lower: solve(n, candidateOnly, baselineOnly, quantile, -1, estimate),
    upper: solve(n, candidateOnly, baselineOnly, -quantile, estimate, 1),
    confidence,
  };
}

/** The difference at which the score, which falls as the difference grows, equals `target`. */
function solve(n: number, up: number, down: number, target: number, from: number, to: number): number {
  let low = from;
  let high = to;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (score(n, up, down, middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Tango's statistic: the observed difference against a supposed one, in standard errors under the supposition. */
function score(n: number, up: number, down: number, difference: number): number {
  const linear = (2 * n - up + down) * difference - up - down;
  const constant = -down * difference * (1 - difference);
  // The most likely chance of `down` under the supposed difference.
  const chance = (Math.sqrt(Math.max(0, linear * linear - 8 * n * constant)) - linear) / (4 * n);
  const variance = n * (2 * chance + difference * (1 - difference));
  const distance = up - down - n * difference;
  if (variance <= 0) return distance === 0 ? 0 : Math.sign(distance) * Infinity;
  return distance / Math.sqrt(variance);
}
