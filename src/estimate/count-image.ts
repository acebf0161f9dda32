/** Picks the arithmetic that belongs to a model's image rule. */

import { OcelliError } from '../errors/index.js';
import type { Detail } from '../request/index.js';
import type { ImageRule, OwnRule } from '../models/index.js';
import { countClaudePatches } from './claude-patches.js';
import type { Size } from './estimate-record.js';
import { countBudget, countCropUnits } from './gemini-pictures.js';
import { longEdge, type ImageCount } from './image-count.js';
import { countPatches } from './openai-patches.js';
import { countTiles } from './openai-tiles.js';

/** Where nothing is known: from a thumbnail's worth to the dearest picture that any known rule makes of a photo. */
const unknownRange = { tokens: 1_100, low: 64, high: 15_000 };

export function countImage(rule: ImageRule, size: Size, detail: Detail): ImageCount {
  switch (rule.rule) {
    case 'openai-tiles':
      return countTiles(rule, size, detail);
    case 'openai-patches':
      return countPatches(rule, size, detail);
    case 'claude':
      return countClaudePatches(rule, size);
    case 'gemini-crop':
      return countCropUnits(rule, size, detail);
    case 'gemini-budget':
      return countBudget(rule, size, detail);
    case 'fixed': {
      const { tokens, seenSide = Infinity } = rule.byDetail?.[detail] ?? rule;
      return {
        tokens,
        low: tokens,
        high: tokens,
        resizedTo: size,
        seenLongEdge: Math.min(longEdge(size), seenSide),
      };
    }
    case 'own':
      return countByItself(rule, size, detail);
    case 'unknown':
      return { ...unknownRange, resizedTo: size, seenLongEdge: longEdge(size) };
    case 'none':
      return {
        tokens: 0,
        low: 0,
        high: 0,
        resizedTo: size,
        seenLongEdge: 0,
        rejected: { reason: 'The model takes no pictures; choose one that does.' },
      };
    default: {
      const unknown: never = rule;
      throw new TypeError(`Unknown image rule ${JSON.stringify(unknown)}`);
    }
  }
}

/** A model's own rule may refuse a shape. */
function countByItself(rule: OwnRule, size: Size, detail: Detail): ImageCount {
  try {
    const tokens = rule.tokensOf(size, detail);
    return { tokens, low: tokens, high: tokens, resizedTo: size, seenLongEdge: longEdge(size) };
  } catch (error) {
    if (!OcelliError.isInstance(error)) throw error;
    return { tokens: 0, low: 0, high: 0, resizedTo: size, seenLongEdge: 0, rejected: { reason: error.message } };
  }
}
