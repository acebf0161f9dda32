/** Turns Gemini's token counts into ours: its output leaves thoughts out, ours includes them. */

import type { Usage } from '../../src/request/index.js';
import type { WireUsage } from './wire.js';

type Modality = keyof NonNullable<Usage['byModality']>;

const modalities: Readonly<Record<string, Modality>> = {
  TEXT: 'text',
  IMAGE: 'image',
  AUDIO: 'audio',
  VIDEO: 'video',
  DOCUMENT: 'document',
};

/** `promptTokenCount` includes what was cached; `thoughtsTokenCount` is billed as output and stands beside the candidates' count. */
export function toUsage(wire: WireUsage): Usage {
  const thoughts = wire.thoughtsTokenCount;
  const candidates = wire.candidatesTokenCount;
  const byModality = modalitiesOf(wire);
  return {
    inputTokens: sum(wire.promptTokenCount, wire.toolUsePromptTokenCount),
    cacheReadTokens: wire.cachedContentTokenCount,
    cacheWriteTokens: undefined,
    outputTokens: sum(candidates, thoughts),
    reasoningTokens: thoughts,
    ...(byModality === undefined ? {} : { byModality }),
    estimated: false,
  };
}

function sum(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined && second === undefined ? undefined : (first ?? 0) + (second ?? 0);
}

function modalitiesOf({ promptTokensDetails }: WireUsage): Usage['byModality'] {
  const counts: Partial<Record<Modality, number>> = {};
  for (const { modality, tokenCount } of promptTokensDetails ?? []) {
    const name = modalities[modality ?? ''];
    if (name !== undefined && tokenCount !== undefined) counts[name] = (counts[name] ?? 0) + tokenCount;
  }
  return Object.keys(counts).length === 0 ? undefined : counts;
}
