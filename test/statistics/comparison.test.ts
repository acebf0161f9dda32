import { describe, expect, it } from 'vitest';
import {
  bootstrapMean,
  bootstrapRatio,
  bootstrapStatistic,
  clusteredDifferenceInterval,
  clusteredMeanInterval,
  clusteredProportionInterval,
  clusteredStandardError,
  comparePairs,
  gate,
  mcNemarExact,
  pairedDifferenceInterval,
  pairedPower,
  pairedSampleSize,
  pairVerdicts,
  seededRandom,
  signFlipTest,
  smallestDetectableDifference,
  wilson,
  type Pair,
  type Verdict,
} from '../../benchmarks/statistics/index.js';

describe('clustered standard errors', () => {
  it('follow equation 4 of Miller, written out as its double sum', () => {
    const values = [1, 0, 1, 1, 0, 0, 1];
    const clusters = ['a', 'a', 'a', 'b', 'b', 'c', 'd'];
    const mean = 4 / 7;
    const plain = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 6 / 7;
    let covariances = 0;
    for (const [i, one] of values.entries())
      for (const [j, other] of values.entries())
        if (i !== j && clusters[i] === clusters[j]) covariances += (one - mean) * (other - mean);
    const { standardError, independentError } = clusteredStandardError(values, clusters);
    expect(standardError).toBeCloseTo(Math.sqrt(plain + covariances / 49), 12);
    expect(independentError).toBeCloseTo(Math.sqrt(plain), 12);
  });

  it('see copies for what they are: five copies of 40 items have the error of 40 items', () => {
    const random = seededRandom(1);
    const once = Array.from({ length: 40 }, () => random.below(2));
    const copies = once.flatMap((value) => [value, value, value, value, value]);
    const clusters = once.flatMap((_, item) => [item, item, item, item, item]);
    const { designEffect, standardError } = clusteredStandardError(copies, clusters);
    expect(designEffect).toBeGreaterThan(4.8);
    expect(standardError / clusteredStandardError(once).standardError).toBeCloseTo(1, 1);
    const wide = clusteredProportionInterval(copies, clusters);
    const honest = wilson(
      once.reduce((sum, value) => sum + value, 0),
      40,
    );
    expect(wide.upper - wide.lower).toBeGreaterThan(honest.upper - honest.lower);
  });

  it('do not take an unvaried result for certainty', () => {
    const { lower } = clusteredProportionInterval([1, 1, 1, 1, 1, 1], ['a', 'a', 'b', 'b', 'c', 'c']);
    expect(lower).toBeLessThan(0.5);
  });

  it('refuse one cluster, where no scatter can be seen', () => {
    expect(() => clusteredMeanInterval([1, 2], ['a', 'a'])).toThrow(/at least two clusters/);
    expect(() => clusteredProportionInterval([1, 2])).toThrow(/outside 0 to 1/);
    expect(() => clusteredStandardError([1, 2], ['a'])).toThrow(/one cluster for each value/);
  });
});

describe('the bootstrap', () => {
  const values = Array.from({ length: 400 }, (_, item) => (item % 10 < 7 ? 1 : 0));

  it('repeats itself with its seed and agrees with Wilson where both apply', () => {
    const { lower, upper } = bootstrapMean(values, { seed: 4 });
    expect(bootstrapMean(values, { seed: 4 })).toEqual({ estimate: 0.7, lower, upper, confidence: 0.95 });
    expect(lower).toBeCloseTo(wilson(280, 400).lower, 2);
    expect(upper).toBeCloseTo(wilson(280, 400).upper, 2);
  });

  it('shifts a skewed mean to its longer tail with BCa, as the percentile does not', () => {
    const skewed = Array.from({ length: 60 }, (_, item) => Math.exp(item / 12));
    const bca = bootstrapMean(skewed, { method: 'bca' });
    const percentile = bootstrapMean(skewed, { method: 'percentile' });
    expect(bca.upper).toBeGreaterThan(percentile.upper);
    expect(bca.lower).toBeGreaterThan(percentile.lower);
  });

  it('gives the same for a ratio of sums, by sums and by any statistic', () => {
    const sums = Float64Array.from({ length: 30 }, (_, place) => place % 4);
    const sizes = Float64Array.from({ length: 30 }, (_, place) => 5 + (place % 3));
    const byStatistic = bootstrapStatistic(
      30,
      (picked) => {
        let top = 0;
        let bottom = 0;
        for (const place of picked) {
          top += sums[place] as number;
          bottom += sizes[place] as number;
        }
        return top / bottom;
      },
      { resamples: 2_000, seed: 9 },
    );
    const bySums = bootstrapRatio({ sums, sizes, count: 30 }, { resamples: 2_000, seed: 9 });
    expect(byStatistic.lower).toBeCloseTo(bySums.lower, 12);
    expect(byStatistic.upper).toBeCloseTo(bySums.upper, 12);
  });

  it('is a point where nothing varies and refuses one cluster', () => {
    expect(bootstrapMean([1, 1, 1])).toMatchObject({ lower: 1, upper: 1 });
    expect(() => bootstrapMean([1])).toThrow(/at least two/);
    expect(() => bootstrapMean(values, { resamples: 10 })).toThrow(/from 100/);
  });
});

describe('paired tests', () => {
  it("give McNemar's exact p of the reference and of the published tables", () => {
    expect(mcNemarExact({ baselineOnly: 15, candidateOnly: 4 })).toBeCloseTo(0.01921, 5);
    expect(mcNemarExact({ baselineOnly: 4, candidateOnly: 15 })).toBeCloseTo(0.01921, 5);
    // Fagerland et al. 2013, airway hyper-responsiveness: 7 against 1.
    expect(mcNemarExact({ baselineOnly: 7, candidateOnly: 1 })).toBeCloseTo(0.0703, 4);
    expect(mcNemarExact({ baselineOnly: 3, candidateOnly: 3 })).toBe(1);
    expect(mcNemarExact({ baselineOnly: 0, candidateOnly: 0 })).toBe(1);
    expect(() => mcNemarExact({ baselineOnly: 1.5, candidateOnly: 0 })).toThrow(/whole number/);
  });

  it("give Tango's interval of the same published table", () => {
    const { lower, upper } = pairedDifferenceInterval({
      bothRight: 1,
      bothWrong: 12,
      baselineOnly: 7,
      candidateOnly: 1,
    });
    expect(lower).toBeCloseTo(-0.517, 3);
    expect(upper).toBeCloseTo(-0.026, 3);
  });

  it('mirror when the two models change places', () => {
    const there = pairedDifferenceInterval({ bothRight: 50, bothWrong: 20, baselineOnly: 5, candidateOnly: 13 });
    const back = pairedDifferenceInterval({ bothRight: 50, bothWrong: 20, baselineOnly: 13, candidateOnly: 5 });
    expect(there.lower).toBeCloseTo(-back.upper, 9);
    expect(there.upper).toBeCloseTo(-back.lower, 9);
  });

  it('count every arrangement of signs where there are few clusters', () => {
    // Three clusters the same way: 2 of 8 arrangements are as far out; half of a tie counts by default.
    expect(signFlipTest([1, 1, 1], { ties: 'full' })).toBe(0.25);
    expect(signFlipTest([1, 1, 1])).toBe(0.125);
    expect(signFlipTest([0, 0])).toBe(1);
    expect(signFlipTest([1, -1, 0])).toBeGreaterThan(0.5);
  });

  it("agree with McNemar's test on independent pairs, ties counted in full", () => {
    const differences = [...Array.from({ length: 30 }, () => 1), ...Array.from({ length: 14 }, () => -1), 0, 0, 0];
    const exact = mcNemarExact({ baselineOnly: 14, candidateOnly: 30 });
    expect(signFlipTest(differences, { ties: 'full', resamples: 40_000 })).toBeCloseTo(exact, 2);
  });

  it('are not fooled by copies: ten copies of six pictures are six pictures', () => {
    const differences = Array.from({ length: 60 }, (_, item) => (item < 50 ? 1 : -1));
    const clusters = differences.map((_, item) => Math.floor(item / 10));
    expect(signFlipTest(differences)).toBeLessThan(0.001);
    expect(signFlipTest(differences, { clusters })).toBeGreaterThan(0.05);
  });
});

describe('comparing two models', () => {
  const verdict = (item: string, correct: boolean, prompt = 0): Verdict => ({ item, prompt, cluster: item, correct });

  it('leaves out repeated keys and items that one model has not answered, and says how many', () => {
    const baseline = [
      verdict('a', true),
      verdict('a', false),
      verdict('b', true),
      verdict('c', true),
      verdict('d', false),
    ];
    const candidate = [verdict('a', true), verdict('b', false), verdict('c', true), verdict('e', true)];
    const { pairs, repeatedKeys, unmatchedKeys } = pairVerdicts(baseline, candidate);
    expect(pairs.map(({ item }) => item)).toEqual(['b', 'c']);
    expect({ repeatedKeys, unmatchedKeys }).toEqual({ repeatedKeys: 1, unmatchedKeys: 2 });
  });

  it('takes McNemar within one prompt and clusters by picture over two', () => {
    const pairs: Pair[] = Array.from({ length: 40 }, (_, item) => ({
      item: String(item),
      prompt: 0,
      cluster: item,
      baseline: item % 2 === 0,
      candidate: item % 3 !== 0,
    }));
    const one = comparePairs(pairs);
    expect(one).toMatchObject({ n: 40, clusters: 40, prompts: [0], test: 'mcnemar', intervalMethod: 'tango' });
    const both = comparePairs([...pairs, ...pairs.map((pair) => ({ ...pair, prompt: 1 }))]);
    expect(both).toMatchObject({
      n: 80,
      clusters: 40,
      prompts: [0, 1],
      test: 'permutation',
      intervalMethod: 'clustered',
    });
    // The second prompt repeats the first: it may not make the interval narrower.
    expect(both.difference.upper - both.difference.lower).toBeGreaterThan(one.difference.upper - one.difference.lower);
    expect(both.difference.estimate).toBeCloseTo(one.difference.estimate, 12);
    expect(() => comparePairs([])).toThrow(/share no item/);
  });

  it('does not take twin results for a certain tie', () => {
    const pairs = Array.from({ length: 12 }, (_, item) => ({
      item: String(item),
      prompt: 0,
      cluster: item % 4,
      baseline: true,
      candidate: true,
    }));
    const { lower, upper } = clusteredDifferenceInterval(pairs);
    expect(lower).toBeLessThan(-0.3);
    expect(upper).toBeGreaterThan(0.3);
  });
});

describe('power', () => {
  it('needs the numbers of items that the reference lists for a discordance of 0.2', () => {
    const sizes = [0.1, 0.05, 0.03, 0.02].map((difference) => pairedSampleSize(difference, { discordance: 0.2 }));
    for (const [place, expected] of [155, 626, 1_742, 3_923].entries())
      expect(Math.abs((sizes[place] ?? 0) - expected)).toBeLessThanOrEqual(3);
  });

  it('turns back: so many items find that difference with that power', () => {
    const n = pairedSampleSize(0.05, { discordance: 0.2, designEffect: 2 });
    expect(pairedPower(n, 0.05, { discordance: 0.2, designEffect: 2 })).toBeCloseTo(0.8, 2);
    expect(smallestDetectableDifference(n, { discordance: 0.2, designEffect: 2 })).toBeCloseTo(0.05, 3);
    expect(smallestDetectableDifference(5, { discordance: 0.1 })).toBeUndefined();
    expect(() => pairedSampleSize(0.3, { discordance: 0.2 })).toThrow(/at most the discordance/);
  });
});

describe('the gate', () => {
  it('passes on the lower end, fails on the upper end, and otherwise asks for more', () => {
    expect(gate({ lower: -0.02, upper: 0.03 }, 0.02)).toBe('pass');
    expect(gate({ lower: -0.09, upper: -0.021 }, 0.02)).toBe('regression');
    expect(gate({ lower: -0.09, upper: -0.02 }, 0.02)).toBe('inconclusive');
    expect(gate({ lower: -0.09, upper: 0.2 }, 0.02)).toBe('inconclusive');
    expect(() => gate({ lower: 0, upper: 0 }, -0.1)).toThrow(/0 or more/);
  });
});
