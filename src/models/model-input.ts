/** Which parts a known model takes, as types alone: audio for Claude is then a compile error, while unknown ids stay open. */

import type { UserPart } from '../request/index.js';

type KnownOpenaiId =
  | 'openai:gpt-6-astra'
  | 'openai:gpt-6.1-sol'
  | 'openai:gpt-6.1-terra'
  | 'openai:gpt-6-sol'
  | 'openai:gpt-6-luna'
  | 'openai:gpt-5.6-sol'
  | 'openai:gpt-5.6-terra'
  | 'openai:gpt-5.6-luna'
  | 'openai:gpt-5.5'
  | 'openai:gpt-5.5-pro'
  | 'openai:gpt-5.4'
  | 'openai:gpt-5.4-mini'
  | 'openai:gpt-5.4-mini-2026-03-17'
  | 'openai:gpt-5.4-nano'
  | 'openai:gpt-5.4-nano-2026-03-17'
  | 'openai:gpt-5.2'
  | 'openai:gpt-5.2-2025-12-11'
  | 'openai:gpt-5.1'
  | 'openai:gpt-5.1-2025-11-13'
  | 'openai:gpt-5'
  | 'openai:gpt-5-2025-08-07'
  | 'openai:gpt-5-chat-latest'
  | 'openai:gpt-5-mini'
  | 'openai:gpt-5-mini-2025-08-07'
  | 'openai:gpt-5-nano'
  | 'openai:gpt-5-nano-2025-08-07'
  | 'openai:gpt-4.1'
  | 'openai:gpt-4.1-2025-04-14'
  | 'openai:gpt-4.1-mini'
  | 'openai:gpt-4.1-mini-2025-04-14'
  | 'openai:gpt-4.1-nano'
  | 'openai:gpt-4.1-nano-2025-04-14'
  | 'openai:gpt-4o'
  | 'openai:gpt-4o-2024-08-06'
  | 'openai:gpt-4o-2024-11-20'
  | 'openai:gpt-4o-2024-05-13'
  | 'openai:gpt-4o-mini'
  | 'openai:gpt-4o-mini-2024-07-18'
  | 'openai:gpt-4.5-preview'
  | 'openai:gpt-4.5'
  | 'openai:gpt-4-vision-preview'
  | 'openai:gpt-4v'
  | 'openai:gpt-4-turbo'
  | 'openai:gpt-4'
  | 'openai:gpt-3.5-turbo'
  | 'openai:o1'
  | 'openai:o1-2024-12-17'
  | 'openai:o1-pro'
  | 'openai:o1-pro-2025-03-19'
  | 'openai:o3'
  | 'openai:o3-2025-04-16'
  | 'openai:o4-mini'
  | 'openai:o4-mini-2025-04-16'
  | 'openai:codex-mini-latest'
  | 'openai:computer-use-preview';

type KnownAnthropicId =
  | 'anthropic:claude-fable-5-2'
  | 'anthropic:claude-fable-5-1'
  | 'anthropic:claude-fable-5'
  | 'anthropic:claude-mythos-5-2'
  | 'anthropic:claude-mythos-5-1'
  | 'anthropic:claude-mythos-5'
  | 'anthropic:claude-mythos-preview'
  | 'anthropic:claude-opus-5-5'
  | 'anthropic:claude-opus-5'
  | 'anthropic:claude-opus-4-8'
  | 'anthropic:claude-opus-4-7'
  | 'anthropic:claude-opus-4-6'
  | 'anthropic:claude-opus-4-5'
  | 'anthropic:claude-opus-4-5-20251101'
  | 'anthropic:claude-sonnet-5-5'
  | 'anthropic:claude-sonnet-5'
  | 'anthropic:claude-sonnet-4-6'
  | 'anthropic:claude-sonnet-4-5'
  | 'anthropic:claude-sonnet-4-5-20250929'
  | 'anthropic:claude-haiku-5-5'
  | 'anthropic:claude-haiku-4-5'
  | 'anthropic:claude-haiku-4-5-20251001'
  | 'anthropic:claude-3-7-sonnet-20250219'
  | 'anthropic:claude-3-7-sonnet-latest'
  | 'anthropic:claude-3-7-sonnet';

type KnownGoogleId =
  | 'google:gemini-4-argon'
  | 'google:gemini-4-carbon'
  | 'google:gemini-3.8-flash'
  | 'google:gemini-3.7-flash'
  | 'google:gemini-3.6-flash'
  | 'google:gemini-3.5-flash'
  | 'google:gemini-3.5-flash-lite'
  | 'google:gemini-3.1-pro-preview'
  | 'google:gemini-3.1-flash-lite'
  | 'google:gemini-3-flash-preview'
  | 'google:gemini-2.5-pro'
  | 'google:gemini-2.5-flash'
  | 'google:gemini-2.5-flash-lite'
  | 'google:gemini-2.0-flash'
  | 'google:gemini-2.0-flash-001';

type KnownLocalId = 'local:tiny';

/** Every id and alias of the built-in catalogue, for completion in an editor; any other text is a model id too. */
export type KnownModelId = KnownOpenaiId | KnownAnthropicId | KnownGoogleId | KnownLocalId;

type TextOnlyId = 'openai:gpt-4' | 'openai:gpt-3.5-turbo';
type WithoutDocumentsId = 'openai:gpt-4-vision-preview' | 'openai:gpt-4v' | 'openai:gpt-4-turbo' | KnownLocalId;

/**
 * The kinds of part that a user message for this model may hold. For several candidates: what at least one of them takes.
 *
 * @example
 * type Kinds = UserPartKindsOf<'anthropic:claude-opus-5'>; // 'text' | 'image' | 'document'
 */
export type UserPartKindsOf<M extends string> = M extends TextOnlyId
  ? 'text'
  : M extends WithoutDocumentsId
    ? 'text' | 'image'
    : M extends KnownOpenaiId | KnownAnthropicId
      ? 'text' | 'image' | 'document'
      : UserPart['type'];

/** The parts themselves. */
export type UserPartOf<M extends string> = Extract<UserPart, { readonly type: UserPartKindsOf<M> }>;
