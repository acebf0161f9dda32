/** What our own words for detail come to under each rule: what the vendor is told, and to which size we scale before sending. */

import type { Detail } from '../request/index.js';
import type { ClaudeRule, ImageRule, OpenaiPatchesRule } from '../models/index.js';
import { scaleForClaude, type ClaudeLimits } from './claude-patches.js';
import type { Size } from './estimate-record.js';
import { fitLongSide, wholePixels } from './image-count.js';

/** How a detail is carried out for one rule. */
export interface PortableDetail {
  /** The detail that goes on the wire in the vendor's own word; absent where its wire has none. */
  readonly wire?: Detail;
  /** The size that a picture of this upright size is scaled to before it is sent; absent where the vendor does all that is needed. */
  readonly scale?: (size: Size) => Size;
}

/** What OpenAI's newer models scale to at `low`; the same long side is meant by `low` wherever we scale ourselves. */
const lowSide = 512;
/** 32 x 32 patches, or two tiles. */
const mediumSide = 1_024;
const tileSide = 512;
/** 18 x 18 patches of 28 px: what fits into `lowSide` without a row of patches for its last few pixels. */
const claudeLow = { edge: 504, cap: 324 };
/** What models before the high-resolution tier see of a picture. Source: https://platform.claude.com/docs/en/build-with-claude/vision */
const claudeStandard = { edge: 1_568, cap: 1_568 };

/**
 * `high` is what the model sees when it is not told to be cheap, `original` the most that it can, `auto` the vendor's own default; only
 * `low` and `medium` are scaled here, where the vendor has no such word or its own is not cheaper.
 *
 * @param rule `undefined` where nothing is known of the model, which is then taken for one that charges by size
 * @example
 * portableDetailOf(findModel('anthropic:claude-opus-5')?.imageRule, 'low').scale?.({ width: 4032, height: 3024 }); // 504 x 378
 */
export function portableDetailOf(rule: ImageRule | undefined, detail: Detail): PortableDetail {
  switch (rule?.rule) {
    case 'openai-tiles':
      if (detail === 'medium') return { wire: 'high', scale: (size) => fitInto(size, mediumSide, tileSide) };
      return { wire: detail === 'original' ? 'high' : detail };
    case 'openai-patches':
      return portablePatches(rule, detail);
    case 'claude':
      return portableClaude(rule, detail);
    case 'gemini-crop':
      // ultra_high came with Gemini 3.
      return { wire: detail === 'original' ? 'high' : detail };
    case 'gemini-budget':
      return { wire: detail };
    case 'fixed':
    case 'none':
      return {};
    case 'own':
    case 'unknown':
    case undefined:
      if (detail === 'low') return { wire: detail, scale: (size) => fitInto(size, lowSide, lowSide) };
      if (detail === 'medium') return { wire: detail, scale: (size) => fitInto(size, mediumSide, mediumSide) };
      return { wire: detail };
    default: {
      const unknown: never = rule;
      throw new TypeError(`Unknown image rule ${JSON.stringify(unknown)}`);
    }
  }
}

/** The size that a picture is sent at for its detail, before anything that the vendor or a limit does to it. */
export function scaleForDetail(rule: ImageRule | undefined, size: Size, detail: Detail): Size {
  return portableDetailOf(rule, detail).scale?.(size) ?? size;
}

/** gpt-5.4's own `low` (2048 px, no budget) costs up to 4,916 tokens where `high` costs 3,000, and older models know no difference. */
function portablePatches(rule: OpenaiPatchesRule, detail: Detail): PortableDetail {
  switch (detail) {
    case 'low': {
      const isSmall = rule.low.maxSide !== undefined && rule.low.maxSide <= lowSide;
      return isSmall ? { wire: 'low' } : { wire: 'low', scale: (size) => fitLongSide(size, lowSide, Math.round) };
    }
    case 'medium':
      return { wire: 'high', scale: (size) => fitLongSide(size, mediumSide, Math.round) };
    case 'original':
      return { wire: rule.original === undefined ? 'high' : 'original' };
    case 'high':
    case 'auto':
      return { wire: detail };
    default: {
      const unknown: never = detail;
      throw new TypeError(`Unknown detail ${String(unknown)}`);
    }
  }
}

/** Claude's wire has no detail: its cost is set by the size alone. */
function portableClaude(rule: ClaudeRule, detail: Detail): PortableDetail {
  if (detail !== 'low' && detail !== 'medium') return {};
  const limits = detail === 'low' ? claudeLow : mediumOf(rule);
  const edge = Math.min(limits.edge, rule.edge);
  const cap = Math.min(limits.cap, rule.cap);
  return { scale: (size) => scaleForClaude({ edge, cap }, size) };
}

/** The standard tier on high-resolution models, half of the tokens on standard ones. */
function mediumOf({ edge, cap }: ClaudeRule): ClaudeLimits {
  return cap > claudeStandard.cap ? claudeStandard : { edge, cap: Math.floor(cap / 2) };
}

function fitInto(size: Size, longSide: number, shortSide: number): Size {
  const { width, height } = size;
  const scale = Math.min(longSide / Math.max(width, height), shortSide / Math.min(width, height));
  return scale >= 1 ? size : { width: wholePixels(width * scale), height: wholePixels(height * scale) };
}
