/** The scenes' only source of chance: a small integer generator whose numbers are the same on every machine. */

import { createHash } from 'node:crypto';

/** Draws that depend on nothing but the key the generator was made from. */
export interface Random {
  /** An integer from 0 to `count - 1`. `count` is at least 1. */
  below(count: number): number;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True in `percent` of a hundred draws. */
  chance(percent: number): boolean;
  /** One entry of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** A new list with the same entries in another order. */
  shuffle<T>(list: readonly T[]): T[];
  /** `count` different entries; all of them, shuffled, where the list is shorter. */
  sample<T>(list: readonly T[], count: number): T[];
}

/**
 * The generator of a key. Integer arithmetic only (sfc32, public domain, by Chris Doty-Humphrey), seeded by SHA-256.
 *
 * @example
 * createRandom('counting@1|level 2|seed 7').between(1, 6);
 */
export function createRandom(key: string): Random {
  const next = smallFastCounter(key);
  const below = (count: number): number => Math.floor((next() / 4_294_967_296) * count);
  const pick = <T>(list: readonly T[]): T => {
    const value = list[below(list.length)];
    if (value === undefined) throw new RangeError('pick() was given an empty list.');
    return value;
  };
  const shuffle = <T>(list: readonly T[]): T[] => {
    const result = [...list];
    for (let last = result.length - 1; last > 0; last--) {
      const other = below(last + 1);
      const held = result[last] as T;
      result[last] = result[other] as T;
      result[other] = held;
    }
    return result;
  };
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (percent) => below(100) < percent,
    pick,
    shuffle,
    sample: (list, count) => shuffle(list).slice(0, count),
  };
}

/** The first four bytes of the SHA-256 of a text as an unsigned integer: for splits that never change. */
export function hashNumber(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}

function smallFastCounter(key: string): () => number {
  const digest = createHash('sha256').update(key).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = 1;
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
}
