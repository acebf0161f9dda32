/** Tokens as the engine counted them: exact, and free of charge. */

import type { Usage } from '../../src/request/index.js';

/** Tokens of a prompt, pictures included and apart. */
export interface PromptCount {
  readonly inputTokens: number;
  readonly imageTokens: number;
}

/** While the answer is under way: the prompt is known, the answer is not. */
export function promptUsage(count: PromptCount): Usage {
  return usageOf(count, undefined);
}

/** Of a whole answer. */
export function finalUsage(count: PromptCount, outputTokens: number): Usage {
  return usageOf(count, outputTokens);
}

/** Nothing is cached between requests and nothing is thought: known zeros. */
function usageOf(count: PromptCount, outputTokens: number | undefined): Usage {
  return {
    inputTokens: count.inputTokens,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens,
    reasoningTokens: 0,
    byModality: { text: count.inputTokens - count.imageTokens, image: count.imageTokens },
    estimated: false,
  };
}
