/** Tokens as the engine counted them: exact, and free of charge. */

import type { Usage } from '../../src/request/index.js';

/** Tokens of a prompt, pictures included and apart. */
export interface PromptCount {
  readonly inputTokens: number;
  readonly imageTokens: number;
}

/** While the answer is under way: the prompt is known, the answer is not. */
export function promptUsage(count: PromptCount): Usage {
  return usageOf(count, undefined, 0);
}

/** Of a whole answer. */
export function finalUsage(count: PromptCount, outputTokens: number, cachedTokens = 0): Usage {
  return usageOf(count, outputTokens, cachedTokens);
}

/** What was remembered from earlier requests was read from memory; nothing is thought. */
function usageOf(count: PromptCount, outputTokens: number | undefined, cachedTokens: number): Usage {
  return {
    inputTokens: count.inputTokens,
    cacheReadTokens: cachedTokens,
    cacheWriteTokens: 0,
    outputTokens,
    reasoningTokens: 0,
    byModality: { text: count.inputTokens - count.imageTokens, image: count.imageTokens },
    estimated: false,
  };
}
