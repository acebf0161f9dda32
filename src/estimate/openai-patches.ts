/** OpenAI's patch rule (GPT-5.2 and later, the mini and nano models): 32-px patches within a side limit and a patch budget. */

import type { Detail } from '../request/index.js';
import type { OpenaiPatchesRule, PatchLimits } from '../models/index.js';
import type { Size } from './estimate-record.js';
import { fitLongSide, longEdge, wholePixels, wholeTokens, type ImageCount } from './image-count.js';

const patch = 32;

/**
 * Source: https://developers.openai.com/api/docs/guides/images-vision and …/image-cost-calculator. There is no `medium`: `high` is sent
 * for it. The guide warns that a bill may differ by one token; no bill was seen that did.
 */
export function countPatches(rule: OpenaiPatchesRule, size: Size, detail: Detail): ImageCount {
  const limits = limitsFor(rule, detail);
  const resizedTo = shrink(size, limits);
  const units = patchesOf(resizedTo);
  const tokens = wholeTokens(units * rule.multiplier);
  const others = limits === rule.high && rule.highConflict !== undefined ? [shrink(size, rule.highConflict)] : [];
  const readings = [tokens, ...others.map((other) => wholeTokens(patchesOf(other) * rule.multiplier))];
  const count = {
    tokens,
    low: Math.min(...readings),
    high: Math.max(...readings),
    resizedTo,
    units,
    seenLongEdge: longEdge(resizedTo),
  };
  if (rule.rejectAbove === undefined || units <= rule.rejectAbove) return count;
  const nearest = shrinkToBudget(resizedTo, rule.rejectAbove);
  return {
    ...count,
    low: 0,
    rejected: {
      reason: `The picture has ${units} patches after scaling, more than the ${rule.rejectAbove} that are taken; send at most ${nearest.width}x${nearest.height}, or detail "high".`,
      nearest,
    },
  };
}

function limitsFor(rule: OpenaiPatchesRule, detail: Detail): PatchLimits {
  const meant = detail === 'auto' ? rule.autoMeans : detail;
  if (meant === 'low') return rule.low;
  if (meant === 'original') return rule.original ?? rule.high;
  return rule.high;
}

function shrink(size: Size, limits: PatchLimits): Size {
  const fitted = limits.maxSide === undefined ? size : fitLongSide(size, limits.maxSide, Math.round);
  return limits.budget === undefined ? fitted : shrinkToBudget(fitted, limits.budget);
}

/** Scales down until the patches keep to the budget, and a little more so that they are whole along one side. */
function shrinkToBudget(size: Size, budget: number): Size {
  if (patchesOf(size) <= budget) return size;
  const scale = Math.sqrt((patch * patch * budget) / (size.width * size.height));
  const across = (size.width * scale) / patch;
  const down = (size.height * scale) / patch;
  if (Math.min(across, down) < 1) {
    // The published step would make a side of 0 out of a strip thinner than a patch: one row of patches is the least.
    return fitLongSide(size, patch * budget, wholePixels);
  }
  const whole = scale * Math.min(Math.floor(across) / across, Math.floor(down) / down);
  return { width: wholePixels(size.width * whole), height: wholePixels(size.height * whole) };
}

function patchesOf(size: Size): number {
  return Math.ceil(size.width / patch) * Math.ceil(size.height / patch);
}
