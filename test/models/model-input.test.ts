/** The ids that the types know are those of the catalogue: a row that is added to one must be added to the other. */

import { expect, it } from 'vitest';
import { listModels, type KnownModelId } from '../../src/models/index.js';

/** The compiler refuses a missing id here and one too many. */
const known: Record<KnownModelId, true> = {
  'openai:gpt-6-astra': true,
  'openai:gpt-6.1-sol': true,
  'openai:gpt-6.1-terra': true,
  'openai:gpt-6-sol': true,
  'openai:gpt-6-luna': true,
  'openai:gpt-5.6-sol': true,
  'openai:gpt-5.6-terra': true,
  'openai:gpt-5.6-luna': true,
  'openai:gpt-5.5': true,
  'openai:gpt-5.5-pro': true,
  'openai:gpt-5.4': true,
  'openai:gpt-5.4-mini': true,
  'openai:gpt-5.4-mini-2026-03-17': true,
  'openai:gpt-5.4-nano': true,
  'openai:gpt-5.4-nano-2026-03-17': true,
  'openai:gpt-5.2': true,
  'openai:gpt-5.2-2025-12-11': true,
  'openai:gpt-5.1': true,
  'openai:gpt-5.1-2025-11-13': true,
  'openai:gpt-5': true,
  'openai:gpt-5-2025-08-07': true,
  'openai:gpt-5-chat-latest': true,
  'openai:gpt-5-mini': true,
  'openai:gpt-5-mini-2025-08-07': true,
  'openai:gpt-5-nano': true,
  'openai:gpt-5-nano-2025-08-07': true,
  'openai:gpt-4.1': true,
  'openai:gpt-4.1-2025-04-14': true,
  'openai:gpt-4.1-mini': true,
  'openai:gpt-4.1-mini-2025-04-14': true,
  'openai:gpt-4.1-nano': true,
  'openai:gpt-4.1-nano-2025-04-14': true,
  'openai:gpt-4o': true,
  'openai:gpt-4o-2024-08-06': true,
  'openai:gpt-4o-2024-11-20': true,
  'openai:gpt-4o-2024-05-13': true,
  'openai:gpt-4o-mini': true,
  'openai:gpt-4o-mini-2024-07-18': true,
  'openai:gpt-4.5-preview': true,
  'openai:gpt-4.5': true,
  'openai:gpt-4-vision-preview': true,
  'openai:gpt-4v': true,
  'openai:gpt-4-turbo': true,
  'openai:gpt-4': true,
  'openai:gpt-3.5-turbo': true,
  'openai:o1': true,
  'openai:o1-2024-12-17': true,
  'openai:o1-pro': true,
  'openai:o1-pro-2025-03-19': true,
  'openai:o3': true,
  'openai:o3-2025-04-16': true,
  'openai:o4-mini': true,
  'openai:o4-mini-2025-04-16': true,
  'openai:codex-mini-latest': true,
  'openai:computer-use-preview': true,
  'anthropic:claude-fable-5-2': true,
  'anthropic:claude-fable-5-1': true,
  'anthropic:claude-fable-5': true,
  'anthropic:claude-mythos-5-2': true,
  'anthropic:claude-mythos-5-1': true,
  'anthropic:claude-mythos-5': true,
  'anthropic:claude-mythos-preview': true,
  'anthropic:claude-opus-5-5': true,
  'anthropic:claude-opus-5': true,
  'anthropic:claude-opus-4-8': true,
  'anthropic:claude-opus-4-7': true,
  'anthropic:claude-opus-4-6': true,
  'anthropic:claude-opus-4-5': true,
  'anthropic:claude-opus-4-5-20251101': true,
  'anthropic:claude-sonnet-5-5': true,
  'anthropic:claude-sonnet-5': true,
  'anthropic:claude-sonnet-4-6': true,
  'anthropic:claude-sonnet-4-5': true,
  'anthropic:claude-sonnet-4-5-20250929': true,
  'anthropic:claude-haiku-5-5': true,
  'anthropic:claude-haiku-4-5': true,
  'anthropic:claude-haiku-4-5-20251001': true,
  'anthropic:claude-3-7-sonnet-20250219': true,
  'anthropic:claude-3-7-sonnet-latest': true,
  'anthropic:claude-3-7-sonnet': true,
  'google:gemini-4-argon': true,
  'google:gemini-4-carbon': true,
  'google:gemini-3.8-flash': true,
  'google:gemini-3.7-flash': true,
  'google:gemini-3.6-flash': true,
  'google:gemini-3.5-flash': true,
  'google:gemini-3.5-flash-lite': true,
  'google:gemini-3.1-pro-preview': true,
  'google:gemini-3.1-flash-lite': true,
  'google:gemini-3-flash-preview': true,
  'google:gemini-2.5-pro': true,
  'google:gemini-2.5-flash': true,
  'google:gemini-2.5-flash-lite': true,
  'google:gemini-2.0-flash': true,
  'google:gemini-2.0-flash-001': true,
  'local:tiny': true,
};

it('has the same ids in the types as in the rows', () => {
  const ids = listModels().flatMap((row) => [row.id, ...row.aliases]);
  expect(Object.keys(known).toSorted()).toEqual(ids.toSorted());
});

it('lets the types allow exactly the kinds of part that the rows allow', () => {
  const textOnly = listModels().filter((row) => !row.capabilities.input.includes('image'));
  expect(textOnly.map((row) => row.id)).toEqual(['openai:gpt-4', 'openai:gpt-3.5-turbo']);
  const withoutDocuments = listModels().filter(
    (row) => row.capabilities.input.includes('image') && !row.capabilities.input.includes('document'),
  );
  expect(withoutDocuments.map((row) => row.id)).toEqual([
    'openai:gpt-4-vision-preview',
    'openai:gpt-4-turbo',
    'local:tiny',
  ]);
  const withAudio = listModels().filter((row) => row.capabilities.input.includes('audio'));
  expect(new Set(withAudio.map((row) => row.id.split(':')[0]))).toEqual(new Set(['google']));
});
