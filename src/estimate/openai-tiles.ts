/** OpenAI's tile rule (GPT-4o, GPT-4.1, GPT-5, o models): 512-px tiles after two steps of scaling. */

import type { Detail } from '../request/index.js';
import type { OpenaiTilesRule } from '../models/index.js';
import type { Size } from './estimate-record.js';
import { fitLongSide, longEdge, wholePixels, type ImageCount } from './image-count.js';

const tile = 512;
const maxLongSide = 2_048;
const maxShortSide = 768;

/**
 * Source: https://developers.openai.com/api/docs/guides/images-vision. `low` costs the base, every other detail is `high`.
 * Older copies of the page can be read as enlarging a short side under 768 px too; that reading is the range's upper end.
 */
export function countTiles(rule: OpenaiTilesRule, size: Size, detail: Detail): ImageCount {
  if (detail === 'low') {
    const seen = fitLongSide(size, tile, wholePixels);
    return { tokens: rule.base, low: rule.base, high: rule.base, resizedTo: seen, seenLongEdge: longEdge(seen) };
  }
  const fitted = fitLongSide(size, maxLongSide, wholePixels);
  const resizedTo = scaled(fitted, Math.min(1, maxShortSide / shortSide(fitted)));
  const units = tilesOf(resizedTo);
  // Enlarging stays within the 2048 px of the first step, or a banner would be blown up to thousands of tiles.
  const enlarged = scaled(
    fitted,
    Math.max(1, Math.min(maxShortSide / shortSide(fitted), maxLongSide / longEdge(fitted))),
  );
  const cost = (count: number): number => rule.base + rule.perTile * count;
  return {
    tokens: cost(units),
    low: cost(units),
    high: cost(shortSide(fitted) < maxShortSide ? Math.max(units, tilesOf(enlarged)) : units),
    resizedTo,
    units,
    seenLongEdge: longEdge(resizedTo),
  };
}

function scaled(size: Size, scale: number): Size {
  return { width: wholePixels(size.width * scale), height: wholePixels(size.height * scale) };
}

function shortSide(size: Size): number {
  return Math.min(size.width, size.height);
}

function tilesOf(size: Size): number {
  return Math.ceil(size.width / tile) * Math.ceil(size.height / tile);
}
