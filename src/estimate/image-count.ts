/** What an image rule answers, and the small arithmetic that the rules share. */

import type { Rejection, Size } from './estimate-record.js';

/** Tokens of a picture by one rule. */
export interface ImageCount {
  readonly tokens: number;
  readonly low: number;
  readonly high: number;
  /** Size after the vendor's scaling; the same as sent when it does none. */
  readonly resizedTo: Size;
  readonly units?: number;
  readonly seenLongEdge: number;
  readonly rejected?: Rejection;
}

/** Binary fractions make 768 out of 767.9999999: a size that is whole but for noise is taken as whole. */
export function wholePixels(pixels: number): number {
  return Math.max(1, Math.floor(pixels + 1e-9));
}

/** Binary fractions make 1229.0000000001 out of 1024 patches of 1.2 tokens: the noise is cut before rounding up. */
export function wholeTokens(tokens: number): number {
  return Math.ceil(Number(tokens.toFixed(6)));
}

/** Scales a size down until its long side is at most `maxSide`, rounding with `round`; never up. */
export function fitLongSide(size: Size, maxSide: number, round: (pixels: number) => number): Size {
  const long = Math.max(size.width, size.height);
  if (long <= maxSide) return size;
  const scale = maxSide / long;
  return { width: Math.max(1, round(size.width * scale)), height: Math.max(1, round(size.height * scale)) };
}

/** The longer side of a size. */
export function longEdge(size: Size): number {
  return Math.max(size.width, size.height);
}
