/** The comparison of two models on the same items: pairs, tests, the interval of the difference and what was left out. */

import { OcelliError } from '../../src/index.js';
import { clusteredStandardError, type ClusterKey } from './clusters.js';
import { studentQuantile } from './distributions.js';
import type { Interval } from './intervals.js';
import { mcNemarExact, pairedDifferenceInterval, type PairCounts } from './mcnemar.js';
import { signFlipTest } from './permutation.js';

/** One model's answer to one item under one prompt. */
export interface Verdict {
  /** What the two models share: the item, or the picture of a suite with one question a picture. */
  readonly item: string;
  /** Which wording. */
  readonly prompt: number;
  readonly cluster: ClusterKey;
  readonly correct: boolean;
}

export interface Pair {
  readonly item: string;
  readonly prompt: number;
  readonly cluster: ClusterKey;
  readonly baseline: boolean;
  readonly candidate: boolean;
}

export interface Pairing {
  readonly pairs: readonly Pair[];
  /** Keys (item and prompt) that occur more than once for either model: which belongs to which is not known. */
  readonly repeatedKeys: number;
  /** Keys that one of the two models has not answered. */
  readonly unmatchedKeys: number;
}

/**
 * Pairs two models' verdicts by item and prompt; what occurs more than once or on one side only is left out and counted.
 *
 * @example
 * const { pairs, repeatedKeys } = pairVerdicts(baselineVerdicts, candidateVerdicts);
 */
export function pairVerdicts(baseline: readonly Verdict[], candidate: readonly Verdict[]): Pairing {
  const keys = new Map<string, { baseline: Verdict[]; candidate: Verdict[] }>();
  const collect = (side: 'baseline' | 'candidate', verdicts: readonly Verdict[]): void => {
    for (const verdict of verdicts) {
      const key = `${verdict.prompt} ${verdict.item}`;
      const entry = keys.get(key) ?? { baseline: [], candidate: [] };
      entry[side].push(verdict);
      keys.set(key, entry);
    }
  };
  collect('baseline', baseline);
  collect('candidate', candidate);
  const pairs: Pair[] = [];
  let repeatedKeys = 0;
  let unmatchedKeys = 0;
  for (const entry of keys.values()) {
    const [one] = entry.baseline;
    const [other] = entry.candidate;
    if (entry.baseline.length > 1 || entry.candidate.length > 1) repeatedKeys++;
    else if (one === undefined || other === undefined) unmatchedKeys++;
    else
      pairs.push({
        item: one.item,
        prompt: one.prompt,
        cluster: one.cluster,
        baseline: one.correct,
        candidate: other.correct,
      });
  }
  return { pairs, repeatedKeys, unmatchedKeys };
}

/** The 2 × 2 table of pairs. */
export function countPairs(pairs: readonly Pair[]): PairCounts {
  const count = (baseline: boolean, candidate: boolean): number =>
    pairs.filter((pair) => pair.baseline === baseline && pair.candidate === candidate).length;
  return {
    bothRight: count(true, true),
    bothWrong: count(false, false),
    baselineOnly: count(true, false),
    candidateOnly: count(false, true),
  };
}

/**
 * The interval of candidate − baseline where pairs share clusters: Tango's, on the number of independent pairs that would
 * have the same standard error, with the t quantile of clusters - 1 degrees of freedom. It is to Tango's interval what
 * `clusteredProportionInterval` is to Wilson's; mean ± t lets a worse candidate pass too often where accuracies are near 0 or 1.
 *
 * @throws OcelliError `invalid-request` for pairs of fewer than two clusters.
 * @example
 * clusteredDifferenceInterval(pairs); // several questions a picture, clusters are the pictures
 */
export function clusteredDifferenceInterval(pairs: readonly Pair[], confidence = 0.95): Interval {
  const error = clusteredStandardError(
    pairs.map(({ baseline, candidate }) => Number(candidate) - Number(baseline)),
    pairs.map(({ cluster }) => cluster),
  );
  const { n, clusters } = error;
  if (clusters < 2)
    throw new OcelliError('invalid-request', 'All pairs share one cluster; an interval takes at least two clusters.');
  const inflation = Math.max(1, (error.designEffect * clusters) / (clusters - 1));
  // Where the pairs do not vary, nothing is known of the scatter: count the clusters, which is the careful side.
  const share = error.independentError > 0 ? 1 / inflation : clusters / n;
  const { bothRight, bothWrong, baselineOnly, candidateOnly } = countPairs(pairs);
  const effective = {
    bothRight: bothRight * share,
    bothWrong: bothWrong * share,
    baselineOnly: baselineOnly * share,
    candidateOnly: candidateOnly * share,
  };
  return pairedDifferenceInterval(effective, confidence, studentQuantile((1 + confidence) / 2, clusters - 1));
}

export interface Comparison {
  readonly n: number;
  readonly clusters: number;
  readonly prompts: readonly number[];
  readonly counts: PairCounts;
  readonly baselineAccuracy: number;
  readonly candidateAccuracy: number;
  /** Of candidate − baseline. */
  readonly difference: Interval;
  /** `tango` where all pairs are independent, else `clustered`. */
  readonly intervalMethod: 'tango' | 'clustered';
  readonly p: number;
  /** `mcnemar` within one prompt over pairs that share no cluster, else `permutation` by cluster. */
  readonly test: 'mcnemar' | 'permutation';
}

/**
 * Compares two models on pairs. Within one prompt, and with one pair a cluster, by McNemar's exact test and Tango's interval; otherwise
 * by the sign-flip test and {@link clusteredDifferenceInterval}.
 *
 * @throws OcelliError `invalid-request` for no pairs.
 * @example
 * const { difference, p, n } = comparePairs(pairs.filter((pair) => pair.prompt === 0));
 */
export function comparePairs(
  pairs: readonly Pair[],
  options: { readonly confidence?: number; readonly seed?: number; readonly resamples?: number } = {},
): Comparison {
  if (pairs.length === 0)
    throw new OcelliError('invalid-request', 'There were no pairs to compare; the two runs share no item and prompt.');
  const { confidence = 0.95, ...random } = options;
  const counts = countPairs(pairs);
  const n = pairs.length;
  const clusterKeys = pairs.map(({ cluster }) => cluster);
  const clusters = new Set(clusterKeys).size;
  const prompts = [...new Set(pairs.map(({ prompt }) => prompt))].sort((one, other) => one - other);
  const shared = {
    n,
    clusters,
    prompts,
    counts,
    baselineAccuracy: (counts.bothRight + counts.baselineOnly) / n,
    candidateAccuracy: (counts.bothRight + counts.candidateOnly) / n,
  };
  if (prompts.length === 1 && clusters === n)
    return {
      ...shared,
      difference: pairedDifferenceInterval(counts, confidence),
      intervalMethod: 'tango',
      p: mcNemarExact(counts),
      test: 'mcnemar',
    };
  const differences = pairs.map(({ baseline, candidate }) => Number(candidate) - Number(baseline));
  return {
    ...shared,
    difference: clusteredDifferenceInterval(pairs, confidence),
    intervalMethod: 'clustered',
    p: signFlipTest(differences, { clusters: clusterKeys, ...random }),
    test: 'permutation',
  };
}
