import { describe, expect, it } from 'vitest';
import {
  simulateClusteredCoverage,
  simulateFalseAlarms,
  simulateGate,
  simulateIndependentCoverage,
} from '../../benchmarks/statistics/simulation.js';

/**
 * The full grid is `node benchmarks/statistics/simulate.mjs`. With 400 replicates the standard error of a coverage of 95 % is 1.1 points:
 * the bounds here are wider by about three of those, and the methods that the harness does not use fall outside them.
 */
const options = { replicates: 400, seed: 11, resamples: 199 };
const design = { clusters: 60, itemsPerCluster: 4, correlation: 0.2, alike: 0.3 };

describe('on simulated benchmarks whose truth is known', () => {
  for (const p of [0.1, 0.5, 0.9]) {
    it(`intervals of independent answers cover an accuracy of ${p}`, () => {
      const { wilson, clopperPearson } = simulateIndependentCoverage(p, 120, options);
      expect(wilson).toBeGreaterThanOrEqual(0.92);
      expect(wilson).toBeLessThanOrEqual(0.985);
      expect(clopperPearson).toBeGreaterThanOrEqual(0.92);
    });

    it(`intervals of clustered answers cover an accuracy of ${p}, and one that ignores clusters does not`, () => {
      const { clustered, bca, naive } = simulateClusteredCoverage({ ...design, p }, options);
      for (const coverage of [clustered, bca]) {
        expect(coverage).toBeGreaterThanOrEqual(0.905);
        expect(coverage).toBeLessThanOrEqual(0.985);
      }
      expect(naive).toBeLessThan(0.92);
    });

    it(`the permutation test raises a false alarm in about one of twenty at ${p}, McNemar's does more often on clusters`, () => {
      const { permutation, mcnemar } = simulateFalseAlarms({ ...design, correlation: 0.6, alike: 0, p }, options);
      expect(permutation).toBeGreaterThanOrEqual(0.015);
      expect(permutation).toBeLessThanOrEqual(0.085);
      expect(mcnemar).toBeGreaterThan(0.085);
    });

    it(`the gate seldom passes a candidate that is worse by the margin at ${p}`, () => {
      const { passes, covers } = simulateGate({ ...design, p }, 0.05, options);
      expect(passes).toBeLessThanOrEqual(0.055);
      expect(covers).toBeGreaterThanOrEqual(0.91);
    });
  }

  it("McNemar's exact test raises a false alarm at most in one of twenty on independent pairs", () => {
    const { mcnemar } = simulateFalseAlarms(
      { clusters: 200, itemsPerCluster: 1, correlation: 0, alike: 0.3, p: 0.6 },
      options,
    );
    expect(mcnemar).toBeLessThanOrEqual(0.07);
  });
});
