/** Standard errors and intervals for observations that come in groups, such as several questions about one picture. */

import { OcelliError } from '../../src/index.js';
import { studentQuantile } from './distributions.js';
import { checkConfidence, wilson, type Interval } from './intervals.js';

/** What observations of one group share: the picture's hash, the scene's seed. */
export type ClusterKey = string | number;

/** Sums and sizes by cluster, in order of first appearance. */
export interface ClusterSums {
  readonly sums: Float64Array;
  readonly sizes: Float64Array;
  readonly count: number;
}

/**
 * Adds the values up within each cluster. Without clusters every value is one of its own.
 *
 * @throws OcelliError `invalid-request` for no values, or lists of different lengths.
 */
export function sumByCluster(values: readonly number[], clusters?: readonly ClusterKey[]): ClusterSums {
  if (values.length === 0)
    throw new OcelliError('invalid-request', 'There were no values to compute from; expected at least one.');
  if (clusters !== undefined && clusters.length !== values.length)
    throw new OcelliError(
      'invalid-request',
      `There were ${values.length} values and ${clusters.length} clusters; expected one cluster for each value.`,
    );
  const places = new Map<ClusterKey, number>();
  const sums = new Float64Array(values.length);
  const sizes = new Float64Array(values.length);
  for (const [index, value] of values.entries()) {
    const key = clusters === undefined ? index : (clusters[index] as ClusterKey);
    let place = places.get(key);
    if (place === undefined) {
      place = places.size;
      places.set(key, place);
    }
    sums[place] = (sums[place] as number) + value;
    sizes[place] = (sizes[place] as number) + 1;
  }
  const count = places.size;
  return { sums: sums.slice(0, count), sizes: sizes.slice(0, count), count };
}

export interface ClusteredError {
  readonly mean: number;
  /** Equation 4 of Miller 2024. */
  readonly standardError: number;
  /** What the error would be if the values were independent. */
  readonly independentError: number;
  /** The square of the ratio of the two: how many times more items the same precision takes. 1 where nothing varies. */
  readonly designEffect: number;
  readonly clusters: number;
  readonly n: number;
}

/**
 * The clustered standard error of a mean: the error of independent values plus the covariances within clusters
 * (Miller, "Adding error bars to evals", arXiv 2411.00640, equation 4).
 *
 * @example
 * clusteredStandardError([1, 1, 0, 0], ['a', 'a', 'b', 'b']).standardError; // 0.382, not 0.289
 */
export function clusteredStandardError(values: readonly number[], clusters?: readonly ClusterKey[]): ClusteredError {
  const { sums, sizes, count } = sumByCluster(values, clusters);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const independentVariance = n > 1 ? squares / (n - 1) / n : 0;
  // The sum over pairs i ≠ j within a cluster is the square of its summed deviations less its squared deviations.
  let within = 0;
  for (let cluster = 0; cluster < count; cluster++)
    within += ((sums[cluster] as number) - (sizes[cluster] as number) * mean) ** 2;
  const variance = Math.max(0, independentVariance + (within - squares) / (n * n));
  return {
    mean,
    standardError: Math.sqrt(variance),
    independentError: Math.sqrt(independentVariance),
    designEffect: independentVariance > 0 ? variance / independentVariance : 1,
    clusters: count,
    n,
  };
}

/** The error with which intervals are made: few clusters scatter less than their population, by (clusters - 1) / clusters. */
function widened({ standardError, clusters }: ClusteredError): number {
  return standardError * Math.sqrt(clusters / Math.max(1, clusters - 1));
}

/**
 * The interval of a mean of any values: mean ± t × clustered standard error, with clusters - 1 degrees of freedom
 * (Cameron and Miller 2015). For right or wrong answers {@link clusteredProportionInterval} covers better.
 *
 * @throws OcelliError `invalid-request` for fewer than two clusters.
 * @example
 * clusteredMeanInterval(absoluteErrors, pictures);
 */
export function clusteredMeanInterval(
  values: readonly number[],
  clusters?: readonly ClusterKey[],
  confidence = 0.95,
): Interval {
  checkConfidence(confidence);
  const error = clusteredStandardError(values, clusters);
  if (error.clusters < 2)
    throw new OcelliError('invalid-request', 'All values share one cluster; an interval takes at least two clusters.');
  const half = studentQuantile((1 + confidence) / 2, error.clusters - 1) * widened(error);
  return { estimate: error.mean, lower: error.mean - half, upper: error.mean + half, confidence };
}

/**
 * The interval of a share of right answers in clusters: Wilson's, on the number of independent items that would have the
 * same standard error, with the t quantile of clusters - 1 degrees of freedom (Korn and Graubard 1998 for the effective size;
 * Franco, Little, Louis and Slud 2019, who find it to cover best).
 *
 * @param values 0 or 1 each, or shares of them such as the mean over repeats
 * @throws OcelliError `invalid-request` for fewer than two clusters, or a value outside 0 to 1.
 * @example
 * clusteredProportionInterval([1, 1, 0, 1, 0, 0], ['a', 'a', 'a', 'b', 'b', 'c']);
 */
export function clusteredProportionInterval(
  values: readonly number[],
  clusters?: readonly ClusterKey[],
  confidence = 0.95,
): Interval {
  checkConfidence(confidence);
  if (values.some((value) => !(value >= 0 && value <= 1)))
    throw new OcelliError(
      'invalid-request',
      'A value lay outside 0 to 1; a share is made of rights (1) and wrongs (0).',
    );
  const error = clusteredStandardError(values, clusters);
  if (error.clusters < 2)
    throw new OcelliError('invalid-request', 'All values share one cluster; an interval takes at least two clusters.');
  const scatter = widened(error) ** 2;
  // Where all are right or all wrong, nothing is known of the scatter: count the clusters, which is the careful side.
  const effective = scatter > 0 ? Math.min(error.n, (error.mean * (1 - error.mean)) / scatter) : error.clusters;
  const quantile = studentQuantile((1 + confidence) / 2, error.clusters - 1);
  return wilson(error.mean * effective, effective, confidence, quantile);
}
