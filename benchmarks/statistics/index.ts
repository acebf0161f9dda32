/** The statistics room: intervals, paired tests, corrections, power and the gate, without dependencies. */

export { bootstrapMean, bootstrapRatio, bootstrapStatistic, type BootstrapOptions } from './bootstrap.js';
export {
  clusteredMeanInterval,
  clusteredProportionInterval,
  clusteredStandardError,
  sumByCluster,
  type ClusteredError,
  type ClusterKey,
  type ClusterSums,
} from './clusters.js';
export {
  clusteredDifferenceInterval,
  comparePairs,
  countPairs,
  pairVerdicts,
  type Comparison,
  type Pair,
  type Pairing,
  type Verdict,
} from './compare.js';
export { betaQuantile, binomialCdf, normalCdf, normalQuantile, studentQuantile } from './distributions.js';
export { gate, type GateVerdict } from './gate.js';
export { clopperPearson, wilson, type Interval } from './intervals.js';
export { mcNemarExact, pairedDifferenceInterval, type PairCounts } from './mcnemar.js';
export { benjaminiHochberg, holm } from './multiplicity.js';
export { signFlipTest, type PermutationOptions } from './permutation.js';
export { pairedPower, pairedSampleSize, smallestDetectableDifference, type PowerOptions } from './power.js';
export { seededRandom, type SeededRandom } from './random.js';
