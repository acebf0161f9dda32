import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likeliest, sample, samplingOptions, seededRandom } from '../../local-model/engine/sampler.js';

const logits = Float32Array.of(1, 3, 2, -1, 0);
const draw = (options: Parameters<typeof samplingOptions>[0], count = 400, seed = 1): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => sample(logits, samplingOptions(options), random));
};

describe('sampling', () => {
  it('is greedy without options, and where the temperature is 0', () => {
    expect(new Set(draw({}))).toEqual(new Set([1]));
    expect(new Set(draw({ temperature: 0, topP: 0.9 }))).toEqual(new Set([1]));
  });

  it('follows the probabilities', () => {
    const counts = draw({ temperature: 1 }, 20_000).reduce(
      (all, id) => all.with(id, (all[id] ?? 0) + 1),
      [0, 0, 0, 0, 0],
    );
    const weights = [...logits].map(Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // The generator is seeded: these counts are always the same; four deviations leave room for another generator.
    counts.forEach((count, id) => {
      const share = (weights[id] ?? 0) / total;
      expect(Math.abs(count / 20_000 - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / 20_000));
    });
  });

  it('keeps to the k likeliest, and to the fewest that hold topP', () => {
    expect(new Set(draw({ topK: 2 }))).toEqual(new Set([1, 2]));
    // The likeliest holds 0.63, two hold 0.87.
    expect(new Set(draw({ topP: 0.6 }))).toEqual(new Set([1]));
    expect(new Set(draw({ topP: 0.7 }))).toEqual(new Set([1, 2]));
    expect(new Set(draw({ topP: 0.9 }))).toEqual(new Set([1, 2, 0]));
    expect(new Set(draw({ topP: 1, temperature: 1 }, 4_000)).size).toBe(5);
  });

  it('topP finds the same few tokens as sorting all of them would', () => {
    const values = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.05, max: 0.99, noNaN: true }), fc.nat(), (given, topP, seed) => {
        const array = Float32Array.from(given);
        const weights = [...array].map((logit) => Math.exp(logit - Math.max(...array)));
        const order = weights.map((_, id) => id).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const allowed = new Set<number>();
        let mass = 0;
        for (const id of order) {
          if (allowed.size > 0 && mass >= topP * total * (1 + 1e-12)) break;
          allowed.add(id);
          mass += weights[id] ?? 0;
        }
        expect(allowed.has(sample(array, samplingOptions({ topP }), seededRandom(seed)))).toBe(true);
      }),
    );
  });

  it('repeats with a seed and differs with another', () => {
    expect(draw({ temperature: 1 }, 50, 3)).toEqual(draw({ temperature: 1 }, 50, 3));
    expect(draw({ temperature: 1 }, 50, 3)).not.toEqual(draw({ temperature: 1 }, 50, 4));
    expect(draw({ temperature: 1 }, 50, 2 ** 40)).not.toEqual(draw({ temperature: 1 }, 50, 0));
    const random = seededRandom(-5);
    for (let round = 0; round < 1_000; round++) {
      const value = random();
      expect(value >= 0 && value < 1).toBe(true);
    }
  });

  it('refuses logits that are not numbers', () => {
    expect(() => likeliest(Float32Array.of(1, NaN))).toThrow(/not numbers/);
    expect(() => likeliest(Float32Array.of(NaN, NaN))).toThrow(/not numbers/);
    expect(() => likeliest(Float32Array.of(1, Infinity))).toThrow(/not numbers/);
    expect(() => likeliest(Float32Array.of(-Infinity, -Infinity))).toThrow(/not numbers/);
    expect(likeliest(Float32Array.of(-Infinity, -3))).toBe(1);
  });
});
