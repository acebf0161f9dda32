/** Turns Anthropic's token counts into ours: its input leaves the cache out, ours includes it. */

import type { Usage } from '../../src/request/index.js';

/** The fields that both `message_start` and `message_delta` may carry; each is cumulative, and null when not known. */
export interface AnthropicCounts {
  readonly input_tokens?: number | null | undefined;
  readonly cache_creation_input_tokens?: number | null | undefined;
  readonly cache_read_input_tokens?: number | null | undefined;
  readonly output_tokens?: number | null | undefined;
  readonly output_tokens_details?: { readonly thinking_tokens?: number | null | undefined } | null | undefined;
}

/** Later counts over earlier ones; what the later do not say stays. */
export function mergeCounts(earlier: AnthropicCounts, later: AnthropicCounts | null | undefined): AnthropicCounts {
  return {
    input_tokens: later?.input_tokens ?? earlier.input_tokens,
    cache_creation_input_tokens: later?.cache_creation_input_tokens ?? earlier.cache_creation_input_tokens,
    cache_read_input_tokens: later?.cache_read_input_tokens ?? earlier.cache_read_input_tokens,
    output_tokens: later?.output_tokens ?? earlier.output_tokens,
    output_tokens_details: later?.output_tokens_details ?? earlier.output_tokens_details,
  };
}

/** Total input is the sum of the three input counts (SDK 1.12, doc comment of `Message.usage`). */
export function toUsage(counts: AnthropicCounts): Usage {
  const cacheReadTokens = counts.cache_read_input_tokens ?? undefined;
  const cacheWriteTokens = counts.cache_creation_input_tokens ?? undefined;
  const uncached = counts.input_tokens ?? undefined;
  return {
    inputTokens: uncached === undefined ? undefined : uncached + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0),
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: counts.output_tokens ?? undefined,
    reasoningTokens: counts.output_tokens_details?.thinking_tokens ?? undefined,
    estimated: false,
  };
}
