/** Simulated benchmarks whose truth is known: how often intervals cover it, tests reject it and the gate lets a worse model pass. */

import { bootstrapMean } from './bootstrap.js';
import { clusteredMeanInterval, clusteredProportionInterval } from './clusters.js';
import { comparePairs, type Pair } from './compare.js';
import { gate } from './gate.js';
import { clopperPearson, wilson, type Interval } from './intervals.js';
import { mcNemarExact } from './mcnemar.js';
import { signFlipTest } from './permutation.js';
import { seededRandom, type SeededRandom } from './random.js';

/** One simulated benchmark. */
export interface Design {
  /** True accuracy, of the baseline where there are two models. */
  readonly p: number;
  readonly clusters: number;
  /** On average; sizes go from 1 to twice this, less one. */
  readonly itemsPerCluster: number;
  /** Correlation of two items of one cluster, from 0. */
  readonly correlation: number;
  /** Chance that both models meet an item in the same way, as they do where it is easy or hard for all. */
  readonly alike: number;
}

/** Shares of replicates, from 0 to 1. */
export type Rates = Readonly<Record<string, number>>;

export interface SimulationOptions {
  readonly replicates: number;
  readonly seed: number;
  /** Resamples of bootstrap and permutation within each replicate. */
  readonly resamples: number;
}

/** Uniform numbers by item, correlated within clusters: an item is right where its number lies below the accuracy. */
function luck(sizes: readonly number[], correlation: number, random: SeededRandom): number[] {
  const shared = Math.sqrt(correlation);
  return sizes.flatMap((size) => {
    const common = random.uniform();
    return Array.from({ length: size }, () => (random.uniform() < shared ? common : random.uniform()));
  });
}

function sizesOf({ clusters, itemsPerCluster }: Design): number[] {
  const spread = Math.round(2 * itemsPerCluster - 1);
  // Sizes in a fixed cycle, so that n is the same in every replicate.
  return Array.from({ length: clusters }, (_, cluster) => 1 + (cluster % spread));
}

function clusterKeys(sizes: readonly number[]): number[] {
  return sizes.flatMap((size, cluster) => Array.from({ length: size }, () => cluster));
}

/** The pairs of two models, the candidate truly worse by `loss`. */
function simulatePairs(design: Design, loss: number, random: SeededRandom): Pair[] {
  const sizes = sizesOf(design);
  const clusters = clusterKeys(sizes);
  const first = luck(sizes, design.correlation, random);
  const second = luck(sizes, design.correlation, random);
  return clusters.map((cluster, item) => {
    const own = first[item] as number;
    const other = random.uniform() < design.alike ? own : (second[item] as number);
    return { item: String(item), prompt: 0, cluster, baseline: own < design.p, candidate: other < design.p - loss };
  });
}

function covers({ lower, upper }: Interval, truth: number): boolean {
  return lower <= truth && truth <= upper;
}

/** Counts how often each named thing is true over the replicates. */
function shares(
  { replicates, seed }: SimulationOptions,
  replicate: (random: SeededRandom, seed: number) => Readonly<Record<string, boolean>>,
): Rates {
  const random = seededRandom(seed);
  const counts: Record<string, number> = {};
  for (let run = 0; run < replicates; run++)
    for (const [name, value] of Object.entries(replicate(random, run)))
      counts[name] = (counts[name] ?? 0) + Number(value);
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / replicates]));
}

/** How often the intervals of `n` independent answers hold the true accuracy. */
export function simulateIndependentCoverage(p: number, n: number, options: SimulationOptions): Rates {
  return shares(options, (random) => {
    let rights = 0;
    for (let item = 0; item < n; item++) rights += random.uniform() < p ? 1 : 0;
    return { wilson: covers(wilson(rights, n), p), clopperPearson: covers(clopperPearson(rights, n), p) };
  });
}

/** How often the intervals of clustered answers hold the true accuracy; `naive` is Wilson's, which ignores the clusters. */
export function simulateClusteredCoverage(design: Design, options: SimulationOptions): Rates {
  const sizes = sizesOf(design);
  const clusters = clusterKeys(sizes);
  const { resamples } = options;
  return shares(options, (random, seed) => {
    const values = luck(sizes, design.correlation, random).map((number) => Number(number < design.p));
    const rights = values.reduce((sum, value) => sum + value, 0);
    const bootstrap = (method: 'percentile' | 'bca'): boolean =>
      covers(bootstrapMean(values, { clusters, resamples, seed, method }), design.p);
    return {
      naive: covers(wilson(rights, values.length), design.p),
      clustered: covers(clusteredProportionInterval(values, clusters), design.p),
      clusteredMean: covers(clusteredMeanInterval(values, clusters), design.p),
      percentile: bootstrap('percentile'),
      bca: bootstrap('bca'),
    };
  });
}

/** How often tests at 5 % reject two models that are equally good. McNemar's is right only where items are independent. */
export function simulateFalseAlarms(design: Design, options: SimulationOptions): Rates {
  const { resamples } = options;
  return shares(options, (random, seed) => {
    const pairs = simulatePairs(design, 0, random);
    const differences = pairs.map(({ baseline, candidate }) => Number(candidate) - Number(baseline));
    const clusters = pairs.map(({ cluster }) => cluster);
    return {
      mcnemar:
        mcNemarExact({
          baselineOnly: differences.filter((value) => value < 0).length,
          candidateOnly: differences.filter((value) => value > 0).length,
        }) <= 0.05,
      permutation: signFlipTest(differences, { clusters, resamples, seed }) <= 0.05,
    };
  });
}

/** How often the gate lets a candidate pass that is worse by exactly the margin, and how often the interval holds the loss. */
export function simulateGate(design: Design, margin: number, options: SimulationOptions): Rates {
  return shares(options, (random) => {
    const { difference } = comparePairs(simulatePairs(design, margin, random), { resamples: 100 });
    return { passes: gate(difference, margin) === 'pass', covers: covers(difference, -margin) };
  });
}
