import betaQuantileOracle from '@stdlib/stats-base-dists-beta-quantile';
import binomialCdfOracle from '@stdlib/stats-base-dists-binomial-cdf';
import normalQuantileOracle from '@stdlib/stats-base-dists-normal-quantile';
import padjust from '@stdlib/stats-padjust';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  benjaminiHochberg,
  betaQuantile,
  binomialCdf,
  clopperPearson,
  holm,
  normalCdf,
  normalQuantile,
  seededRandom,
  studentQuantile,
  wilson,
} from '../../benchmarks/statistics/index.js';

/** Equal to ten digits, or both below anything that matters. */
function agrees(ours: number, oracle: number): boolean {
  return Math.abs(ours - oracle) <= 1e-10 * Math.abs(oracle) + 1e-13;
}

const share = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });

describe('the distributions agree with @stdlib', () => {
  it('in the quantiles of the normal distribution', () => {
    fc.assert(fc.property(share, (p) => agrees(normalQuantile(p), normalQuantileOracle(p, 0, 1))));
    for (const p of [1e-300, 1e-20, 1 - 1e-12])
      expect(agrees(normalQuantile(p), normalQuantileOracle(p, 0, 1))).toBe(true);
  });

  it('in the quantiles of the beta distribution, for intervals of up to a million items', () => {
    const shape = fc.oneof(fc.double({ min: 0.5, max: 50, noNaN: true }), fc.integer({ min: 1, max: 1_000_000 }));
    fc.assert(
      fc.property(share, shape, shape, (p, a, b) => {
        // The oracle's own error grows with the shapes, to about 1e-9 at a million.
        const ours = betaQuantile(p, a, b);
        const oracle = betaQuantileOracle(p, a, b);
        return Math.abs(ours - oracle) <= 1e-8 * oracle + 1e-12;
      }),
    );
  });

  it('in the binomial distribution', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), share, share, (n, at, p) => {
        const k = Math.floor(at * n);
        return Math.abs(binomialCdf(k, n, p) - binomialCdfOracle(k, n, p)) <= 1e-10;
      }),
    );
  });

  it('in the corrections for many tests', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }), (ps) => {
        const same = (ours: number[], oracle: number[]): boolean =>
          ours.every((p, place) => agrees(p, oracle[place] as number));
        return same(holm(ps), padjust([...ps], 'holm')) && same(benjaminiHochberg(ps), padjust([...ps], 'bh'));
      }),
    );
  });
});

describe('the distributions', () => {
  it('turn back what their quantiles give', () => {
    fc.assert(fc.property(share, (p) => Math.abs(normalCdf(normalQuantile(p)) - p) < 1e-13));
  });

  it('give the t quantiles of the tables', () => {
    expect(studentQuantile(0.975, 1)).toBeCloseTo(12.7062, 3);
    expect(studentQuantile(0.975, 29)).toBeCloseTo(2.04523, 5);
    expect(studentQuantile(0.05, 10)).toBeCloseTo(-1.81246, 5);
    expect(studentQuantile(0.975, Infinity)).toBeCloseTo(1.959964, 6);
  });
});

describe('intervals of one share', () => {
  it('give the textbook values for 17 of 20', () => {
    expect(clopperPearson(17, 20).lower).toBeCloseTo(0.6211, 4);
    expect(clopperPearson(17, 20).upper).toBeCloseTo(0.9679, 4);
    expect(wilson(17, 20).lower).toBeCloseTo(0.6396, 4);
    expect(wilson(17, 20).upper).toBeCloseTo(0.9476, 4);
  });

  it('have the half-widths of the reference at an accuracy of 0.7', () => {
    for (const [n, half] of [
      [50, 0.12],
      [100, 0.09],
      [300, 0.05],
      [1000, 0.03],
    ] as const) {
      const { lower, upper } = wilson(0.7 * n, n);
      expect(Math.abs((upper - lower) / 2 - half)).toBeLessThan(0.006);
    }
  });

  it('keep an open end where nothing failed: 0 of 50 means below 6 % one-sided', () => {
    expect(clopperPearson(0, 50).lower).toBe(0);
    expect(clopperPearson(0, 50, 0.9).upper).toBeCloseTo(1 - 0.05 ** (1 / 50), 10);
    expect(wilson(0, 50).lower).toBe(0);
    expect(wilson(50, 50).upper).toBe(1);
  });

  it('refuse what is no count and no confidence', () => {
    expect(() => wilson(3, 2)).toThrow(/no more successes than trials/);
    expect(() => clopperPearson(0, 0)).toThrow(/at least one trial/);
    expect(() => wilson(1, 2, 95)).toThrow(/between 0 and 1/);
  });
});

describe('the seeded generator', () => {
  it('repeats itself and depends on the seed', () => {
    const draws = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, () => random.bits());
    };
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
    expect(() => seededRandom(-1)).toThrow(/whole number/);
  });

  it('is even: chi-squared of 60,000 throws of a die stays under its 99.99 % point', () => {
    const random = seededRandom(3);
    const counts = [0, 0, 0, 0, 0, 0];
    for (let throws = 0; throws < 60_000; throws++) {
      const side = random.below(6);
      counts[side] = (counts[side] ?? 0) + 1;
    }
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(25.7);
  });
});
