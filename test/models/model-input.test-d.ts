/** Checked by the compiler alone: audio for a known Claude model does not compile, unknown ids stay open. */

import type { UserMessage, UserPart } from '../../src/request/index.js';
import type { KnownModelId, UserPartKindsOf, UserPartOf } from '../../src/models/index.js';

type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Each entry is the type `true` or the assignment does not compile. */
export const kinds: [
  Equal<UserPartKindsOf<'anthropic:claude-opus-5'>, 'text' | 'image' | 'document'>,
  Equal<UserPartKindsOf<'openai:gpt-4o-2024-08-06'>, 'text' | 'image' | 'document'>,
  Equal<UserPartKindsOf<'openai:gpt-3.5-turbo'>, 'text'>,
  Equal<UserPartKindsOf<'local:tiny'>, 'text' | 'image'>,
  Equal<UserPartKindsOf<'google:gemini-2.5-flash'>, UserPart['type']>,
  Equal<UserPartKindsOf<'anthropic:claude-of-next-year'>, UserPart['type']>,
  Equal<UserPartKindsOf<string>, UserPart['type']>,
  // Several candidates: one that takes it is enough, the router passes over the others.
  Equal<UserPartKindsOf<'anthropic:claude-opus-5' | 'google:gemini-2.5-flash'>, UserPart['type']>,
] = [true, true, true, true, true, true, true, true];

/** A stand-in for `generate`, to see what a caller would see. */
declare function ask<const M extends KnownModelId | (string & {})>(request: {
  readonly model: M;
  readonly messages: readonly UserMessage<UserPartOf<M>>[];
}): void;

export function calls(): void {
  ask({
    model: 'google:gemini-2.5-flash',
    messages: [{ role: 'user', content: [{ type: 'audio', source: 'a.wav' }] }],
  });
  ask({ model: 'vllm:anything', messages: [{ role: 'user', content: [{ type: 'audio', source: 'a.wav' }] }] });
  ask({
    model: 'anthropic:claude-opus-5',
    messages: [{ role: 'user', content: [{ type: 'image', source: 'a.png' }] }],
  });
  ask({
    model: 'anthropic:claude-opus-5',
    // @ts-expect-error Claude takes no audio.
    messages: [{ role: 'user', content: [{ type: 'audio', source: 'a.wav' }] }],
  });
  ask({
    model: 'openai:gpt-4o',
    // @ts-expect-error GPT-4o takes no video.
    messages: [{ role: 'user', content: [{ type: 'video', source: 'a.mp4' }] }],
  });
  ask({
    model: 'local:tiny',
    // @ts-expect-error The local model takes no documents.
    messages: [{ role: 'user', content: [{ type: 'document', source: 'a.pdf' }] }],
  });
}
