/** Reads what a response of the Responses API has used. */

import type { ResponseUsage } from 'openai/resources/responses/responses';
import { unknownUsage, type Usage } from '../../src/request/index.js';

/** Servers between us and OpenAI leave fields out, so nothing of the type is taken for granted. */
type ReportedUsage = Partial<{
  readonly [Field in keyof ResponseUsage]: ResponseUsage[Field] extends number
    ? number | null
    : Partial<ResponseUsage[Field]> | null;
}>;

/** OpenAI's own totals already include what was read from the cache and what was thought (`openai` 6.49, `ResponseUsage`). */
export function toUsage(reported: ReportedUsage | null | undefined): Usage {
  if (reported === null || reported === undefined) return unknownUsage;
  return {
    inputTokens: count(reported.input_tokens),
    cacheReadTokens: count(reported.input_tokens_details?.cached_tokens),
    cacheWriteTokens: count(reported.input_tokens_details?.cache_write_tokens),
    outputTokens: count(reported.output_tokens),
    reasoningTokens: count(reported.output_tokens_details?.reasoning_tokens),
    estimated: false,
  };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
