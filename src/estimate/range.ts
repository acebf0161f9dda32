/** A likeliest number between a low and a high one, and the sums of such. */

import type { TokenRange } from '../models/index.js';

export type Range = TokenRange;

/** Nothing, surely. */
export const zeroRange: Range = { tokens: 0, low: 0, high: 0 };

/** Whole tokens: the low end rounded down, the high end up. */
export function roundedRange({ tokens, low, high }: Range): Range {
  return { tokens: Math.round(tokens), low: Math.floor(low), high: Math.ceil(high) };
}

export function sumOf(ranges: readonly Range[]): Range {
  let { tokens, low, high } = zeroRange;
  for (const range of ranges) {
    tokens += range.tokens;
    low += range.low;
    high += range.high;
  }
  return { tokens, low, high };
}

/** The same thing so many times over. */
export function times(range: Range, count: number): Range {
  return { tokens: range.tokens * count, low: range.low * count, high: range.high * count };
}
