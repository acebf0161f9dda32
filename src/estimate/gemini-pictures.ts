/** Gemini's two rules: crop units for 2.x and older, a fixed budget per picture for 3.x. Both go by shape rather than by size. */

import type { Detail } from '../request/index.js';
import type { GeminiBudgetRule, GeminiCropRule, TokenRange } from '../models/index.js';
import type { Size } from './estimate-record.js';
import { longEdge, type ImageCount } from './image-count.js';

const singleUnitSide = 384;
/** Each crop unit is scaled to this many pixels. */
const unitPixels = 768;
/** A soft token stands for 3 x 3 patches of 16 px in the open Gemma 4 processor, which has the same rule. */
const softTokenPixels = 48;

/**
 * Source: https://ai.google.dev/gemini-api/docs/image-understanding. The documents contradict each other: one gives 258 for any
 * picture, the 1.5 text kept the crop unit between 256 and 768 px, another gives fixed numbers for the lower details. All are in the range.
 */
export function countCropUnits(rule: GeminiCropRule, size: Size, detail: Detail): ImageCount {
  const fixed: TokenRange | undefined = detail === 'low' || detail === 'medium' ? rule.byDetail?.[detail] : undefined;
  const columns = unitsAlong(size, size.width, 1, Infinity);
  const rows = unitsAlong(size, size.height, 1, Infinity);
  const clamped = unitsAlong(size, size.width, 256, 768) * unitsAlong(size, size.height, 256, 768);
  const tokens = rule.perTile * columns * rows;
  const seen = fixed === undefined ? Math.max(columns, rows) * unitPixels : unitPixels;
  return {
    ...(fixed ?? { tokens, low: rule.perTile, high: Math.max(tokens, rule.perTile * clamped) }),
    resizedTo: size,
    units: fixed === undefined ? columns * rows : 1,
    seenLongEdge: Math.min(longEdge(size), seen),
  };
}

function unitsAlong(size: Size, side: number, least: number, most: number): number {
  if (longEdge(size) <= singleUnitSide) return 1;
  const unit = Math.min(most, Math.max(least, Math.floor(Math.min(size.width, size.height) / 1.5)));
  return Math.ceil(side / unit);
}

/**
 * Source: https://ai.google.dev/gemini-api/docs/media-resolution gives maxima; the formula agrees with every bill that was seen, and
 * the maximum is the range's upper end.
 */
export function countBudget(rule: GeminiBudgetRule, size: Size, detail: Detail): ImageCount {
  const budget = rule.budgets[detail];
  const along = (side: number, other: number): number =>
    Math.max(1, Math.floor(Math.sqrt((budget * side) / other) + 1e-9));
  const columns = along(size.width, size.height);
  const rows = along(size.height, size.width);
  // A strip so thin that one side would have no token still has one there, and the other side no more than the budget.
  const tokens = Math.min(budget, columns * rows);
  const seen = Math.min(budget, Math.max(columns, rows)) * softTokenPixels;
  return { tokens, low: tokens, high: budget, resizedTo: size, seenLongEdge: Math.min(longEdge(size), seen) };
}
