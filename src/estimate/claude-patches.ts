/** Claude's rule: 28-px patches of the largest size of the same shape that keeps to a side and a token limit. */

import type { ClaudeRule } from '../models/index.js';
import type { Size } from './estimate-record.js';
import { longEdge, type ImageCount } from './image-count.js';

const patch = 28;

/**
 * Source: https://platform.claude.com/docs/en/build-with-claude/vision-coordinates. There is no detail on this wire. The former
 * `width * height / 750` is obsolete.
 */
export function countClaudePatches(rule: ClaudeRule, size: Size): ImageCount {
  const resizedTo = scaleForClaude(rule, size);
  const tokens = patchesOf(resizedTo);
  return { tokens, low: tokens, high: tokens, resizedTo, units: tokens, seenLongEdge: longEdge(resizedTo) };
}

/** What a longest side and a token cap still let through. */
export type ClaudeLimits = Pick<ClaudeRule, 'edge' | 'cap'>;

/** Halves the interval of possible long sides, as the page's own code does. */
export function scaleForClaude(rule: ClaudeLimits, size: Size): Size {
  if (fits(rule, size)) return size;
  const isTall = size.height > size.width;
  const long = longEdge(size);
  const aspect = long / Math.min(size.width, size.height);
  const ofLongSide = (pixels: number): Size => {
    const short = Math.max(1, roundHalfToEven(pixels / aspect));
    return isTall ? { width: short, height: pixels } : { width: pixels, height: short };
  };
  let fitting = 1;
  let tooLarge = long;
  while (tooLarge - fitting > 1) {
    const middle = Math.floor((fitting + tooLarge) / 2);
    if (fits(rule, ofLongSide(middle))) fitting = middle;
    else tooLarge = middle;
  }
  return ofLongSide(fitting);
}

function fits(rule: ClaudeLimits, size: Size): boolean {
  return Math.ceil(longEdge(size) / patch) * patch <= rule.edge && patchesOf(size) <= rule.cap;
}

function patchesOf(size: Size): number {
  return Math.ceil(size.width / patch) * Math.ceil(size.height / patch);
}

/** The page warns that `Math.round`, which takes every half up, gives other sizes. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
