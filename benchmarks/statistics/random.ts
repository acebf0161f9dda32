/** The statistics' only source of chance: a small seeded generator, so that an interval is the same at every run. */

import { OcelliError } from '../../src/index.js';

/** Draws that depend on the seed alone. */
export interface SeededRandom {
  /** 32 random bits as an unsigned integer. */
  readonly bits: () => number;
  /** A number from 0 (included) to 1 (excluded). */
  readonly uniform: () => number;
  /** An integer from 0 to `count - 1`; `count` is at least 1 and below 2^32. */
  readonly below: (count: number) => number;
}

/**
 * xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), its state filled by splitmix32.
 *
 * @param seed an integer from 0 to 2^32 - 1
 * @throws OcelliError `invalid-request` for another seed.
 * @example
 * seededRandom(7).below(6); // the same throw of the die every time
 */
export function seededRandom(seed: number): SeededRandom {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    throw new OcelliError('invalid-request', `The seed was ${seed}; expected a whole number from 0 to 4294967295.`);
  const mix = splitMix(seed);
  let a = mix();
  let b = mix();
  let c = mix();
  let d = mix();
  const bits = (): number => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    bits,
    uniform: () => bits() / 4_294_967_296,
    // The bias of this is at most count / 2^32: below a millionth for any number of items that fits a benchmark.
    below: (count) => Math.floor((bits() / 4_294_967_296) * count),
  };
}

function splitMix(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e37_79b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0_aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a_2d97);
    return mixed ^ (mixed >>> 15);
  };
}
