/** Reads what a chat completion has used, from servers that say much, little or nothing. */

import type { CompletionUsage } from 'openai/resources/completions';
import { unknownUsage, type Usage } from '../../src/request/index.js';

/** Servers leave out what they do not count, and some add to it. */
export type ReportedUsage = Partial<Omit<CompletionUsage, 'prompt_tokens_details' | 'completion_tokens_details'>> & {
  readonly prompt_tokens_details?: Readonly<Record<string, unknown>> | null;
  readonly completion_tokens_details?: Readonly<Record<string, unknown>> | null;
};

/** The convention of Chat Completions: the prompt includes cached tokens, the completion includes reasoning. */
export function toUsage(reported: ReportedUsage | null | undefined): Usage {
  if (reported === null || reported === undefined) return unknownUsage;
  const prompt = reported.prompt_tokens_details ?? {};
  const byModality = modalities(prompt);
  return {
    inputTokens: count(reported.prompt_tokens),
    cacheReadTokens: count(prompt['cached_tokens']),
    cacheWriteTokens: count(prompt['cache_write_tokens']),
    outputTokens: count(reported.completion_tokens),
    reasoningTokens: count(reported.completion_tokens_details?.['reasoning_tokens']),
    ...(byModality === undefined ? {} : { byModality }),
    estimated: false,
  };
}

/** `openai` 7.x types name text, image and audio tokens of the prompt; 0 for audio alone is what everyone sends and says nothing. */
function modalities(prompt: Readonly<Record<string, unknown>>): Usage['byModality'] {
  const text = count(prompt['text_tokens']);
  const image = count(prompt['image_tokens']);
  const audio = count(prompt['audio_tokens']);
  if (text === undefined && image === undefined) return undefined;
  return {
    ...(text === undefined ? {} : { text }),
    ...(image === undefined ? {} : { image }),
    ...(audio === undefined ? {} : { audio }),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
