/** The permutation test of a paired difference whose observations come in clusters, for prompts pooled over pictures. */

import { OcelliError } from '../../src/index.js';
import { sumByCluster, type ClusterKey } from './clusters.js';
import { seededRandom } from './random.js';

export interface PermutationOptions {
  /** What the differences share; each cluster's differences change sign together. Default: each its own. */
  readonly clusters?: readonly ClusterKey[];
  /** Random sign flips where there are too many clusters to try all. Default 10,000. */
  readonly resamples?: number;
  /** Default 1. */
  readonly seed?: number;
  /**
   * How arrangements that are exactly as far from zero as the observed one count. `half` (the mid-p-value of Lancaster 1961) rejects a
   * true null as often as stated; `full` never more often, and with right-or-wrong answers much less. Default `half`.
   */
  readonly ties?: 'half' | 'full';
}

/** Up to this many clusters that differ, every arrangement of signs is tried. */
const maxExhaustive = 14;

/**
 * The two-sided sign-flip test that the mean difference is zero (Fisher 1935; Good 2005): were the two models alike, each
 * cluster's difference could as well have had the other sign.
 *
 * @param differences candidate − baseline for each item
 * @returns the p-value; 1 where nothing differs
 * @throws OcelliError `invalid-request` for no differences or lists of different lengths.
 * @example
 * signFlipTest([1, 0, 1, 1, -1, 1], { clusters: ['a', 'a', 'b', 'b', 'c', 'c'] });
 */
export function signFlipTest(differences: readonly number[], options: PermutationOptions = {}): number {
  const { resamples = 10_000, seed = 1, ties = 'half' } = options;
  if (!Number.isInteger(resamples) || resamples < 100)
    throw new OcelliError('invalid-request', `There were ${resamples} resamples; expected a whole number from 100.`);
  const sums = sumByCluster(differences, options.clusters).sums.filter((sum) => sum !== 0);
  if (sums.length === 0) return 1;
  const observed = Math.abs(sums.reduce((total, sum) => total + sum, 0));
  const tolerance = 1e-9 * sums.reduce((total, sum) => total + Math.abs(sum), 0);
  const tally = { further: 0, tied: 0 };
  const count = (value: number): void => {
    const distance = Math.abs(value) - observed;
    if (distance > tolerance) tally.further++;
    else if (distance >= -tolerance) tally.tied++;
  };
  const weight = ties === 'half' ? 0.5 : 1;
  if (sums.length <= maxExhaustive) {
    const arrangements = 2 ** sums.length;
    for (let signs = 0; signs < arrangements; signs++) count(flipped(sums, () => signs));
    return (tally.further + weight * tally.tied) / arrangements;
  }
  const random = seededRandom(seed);
  for (let resample = 0; resample < resamples; resample++) count(flipped(sums, random.bits));
  // The observed arrangement is one of them, so that p is never zero (Phipson and Smyth 2010).
  return Math.min(1, (tally.further + weight * tally.tied + weight) / (resamples + 1));
}

/** The sum with signs read off the bits of one word for 32 clusters at a time. */
function flipped(sums: Float64Array, words: () => number): number {
  let total = 0;
  let word = 0;
  for (let place = 0; place < sums.length; place++) {
    if ((place & 31) === 0) word = words();
    total += (word & 1) === 0 ? (sums[place] as number) : -(sums[place] as number);
    word >>>= 1;
  }
  return total;
}
