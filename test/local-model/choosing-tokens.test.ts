import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookUp, PromptLookup } from '../../local-model/engine/lookup.js';
import { logprobsOf } from '../../local-model/engine/logprobs.js';
import { penalised, penaltiesOf } from '../../local-model/engine/penalties.js';
import { sample, samplingOptions, seededRandom } from '../../local-model/engine/sampler.js';

const logits = Float32Array.of(2, 1, 0, -1, -2);

describe('penalties', () => {
  const none = new Map<number, number>();

  it('change nothing where none is set: the same numbers, not a copy', () => {
    expect(penalised(logits, penaltiesOf({}), new Set([0]), new Map([[1, 3]]))).toBe(logits);
  });

  it('repetition divides what speaks for a token and multiplies what speaks against it, in prompt and answer alike', () => {
    const changed = penalised(logits, penaltiesOf({ repetitionPenalty: 2 }), new Set([0, 4]), new Map([[1, 7]]));
    expect([...changed]).toEqual([1, 0.5, 0, -1, -4]);
    expect([...logits]).toEqual([2, 1, 0, -1, -2]);
  });

  it('presence counts once and frequency every time, in the answer only', () => {
    const options = penaltiesOf({ presencePenalty: 0.5, frequencyPenalty: 0.25 });
    expect([...penalised(logits, options, new Set([0, 3]), new Map([[1, 2]]))]).toEqual([2, 0, 0, -1, -2]);
  });

  it('bias is added, and ids that the model does not have are no matter', () => {
    const options = penaltiesOf({ logitBias: { 2: 5, 0: -100, 99: 1 } });
    expect([...penalised(logits, options, new Set(), none)]).toEqual([-98, 1, 5, -1, -2]);
  });

  it('a forbidden token is never drawn', () => {
    const options = penaltiesOf({ logitBias: { 0: -100 } });
    const random = seededRandom(1);
    for (let count = 0; count < 200; count++) {
      expect(sample(penalised(logits, options, new Set(), none), samplingOptions({ temperature: 1 }), random)).not.toBe(
        0,
      );
    }
  });
});

describe('minP', () => {
  it('draws only tokens that are at least so likely as a part of the likeliest one', () => {
    const seen = new Set<number>();
    const random = seededRandom(3);
    // exp(-1) is 0.37 of the likeliest, exp(-2) 0.14.
    for (let count = 0; count < 500; count++) seen.add(sample(logits, samplingOptions({ minP: 0.3 }), random));
    expect(seen).toEqual(new Set([0, 1]));
  });

  it('alone means sampling, and 1 means greedy', () => {
    expect(samplingOptions({ minP: 0.1 }).temperature).toBe(1);
    const random = seededRandom(5);
    for (let count = 0; count < 50; count++) expect(sample(logits, samplingOptions({ minP: 1 }), random)).toBe(0);
  });
});

describe('log probabilities', () => {
  it('are those of the softmax, likeliest first', () => {
    const { chosen, top } = logprobsOf(logits, 3, 2);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    expect(chosen).toEqual({ id: 3, logprob: expect.closeTo(Math.log(Math.exp(-1) / sum), 10) as number });
    expect(top.map(({ id }) => id)).toEqual([0, 1]);
    expect(logprobsOf(logits, 3, 0).top).toEqual([]);
    expect(logprobsOf(logits, 0, 20).top).toHaveLength(5);
  });

  it('the likeliest are found as by sorting', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -50, max: 50 }), { minLength: 1, maxLength: 40 }),
        fc.nat(10),
        (list, count) => {
          const values = Float32Array.from(list);
          const sorted = [...values.keys()].sort(
            (first, second) => (values[second] ?? 0) - (values[first] ?? 0) || first - second,
          );
          expect(logprobsOf(values, 0, count).top.map(({ id }) => id)).toEqual(sorted.slice(0, count));
        },
      ),
    );
  });
});

describe('guessing from earlier text', () => {
  it('takes what came after the latest place that ended alike, the longest ending first', () => {
    expect(lookUp([1, 2, 3, 4, 9, 2, 3], 4)).toEqual([4, 9, 2, 3]);
    expect(lookUp([1, 2, 5, 1, 2, 6, 1, 2], 1)).toEqual([6]);
    expect(lookUp([8, 1, 2, 5, 7, 1, 2, 6, 8, 1, 2], 1)).toEqual([5]);
    expect(lookUp([1, 2, 3, 4], 4)).toEqual([]);
    expect(lookUp([], 4)).toEqual([]);
  });

  it('never guesses more than there is room for', () => {
    const lookup = new PromptLookup();
    expect(lookup.draft([1, 2, 3, 4, 1, 2], 1)).toEqual([3]);
    expect(lookup.draft([1, 2, 3, 4, 1, 2], 0)).toEqual([]);
  });

  it('pauses after wrong guesses, longer each time, until one is right', () => {
    const lookup = new PromptLookup();
    const pauseAfterMisses = (): number => {
      for (let count = 0; count < 3; count++) lookup.report(0);
      let pause = 0;
      while (lookup.draft([1, 2, 3, 1, 2], 4).length === 0) pause++;
      return pause;
    };
    expect([pauseAfterMisses(), pauseAfterMisses()]).toEqual([16, 32]);
    lookup.report(2);
    expect(pauseAfterMisses()).toBe(16);
  });
});
