/** The tiny random-weight model of test/fixtures/tiny-llava, its reference outputs, and copies of it to break. */

import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { EngineEvent, EngineMessage, EngineRequest } from '../../local-model/engine/index.js';

const root = fileURLToPath(new URL('../fixtures/tiny-llava/', import.meta.url));

export const modelFolder = join(root, 'model');

export interface ReferenceCase {
  readonly name: string;
  readonly messages: readonly {
    readonly role: 'system' | 'user' | 'assistant';
    readonly content: readonly (
      { readonly type: 'text'; readonly text: string } | { readonly type: 'image'; readonly picture: string }
    )[];
  }[];
  readonly ids: readonly number[];
  readonly greedy: readonly number[];
  readonly text: string;
  readonly logitsOffset: number;
}

/** A character that the token limit cut in half is in PyTorch's text as one replacement at the end, and not in ours. */
export const referenceCases = (
  JSON.parse(readFileSync(join(root, 'reference', 'prompts.json'), 'utf8')) as readonly ReferenceCase[]
).map((reference) => ({ ...reference, text: reference.text.replace(/\uFFFD$/, '') }));

export function referenceCase(name: string): ReferenceCase {
  const found = referenceCases.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no reference case ${name}`);
  return found;
}

export function referenceBytes(name: string): Uint8Array {
  return readFileSync(join(root, 'reference', name));
}

export function picture(name: string): Uint8Array {
  return readFileSync(join(root, 'pictures', name));
}

export function messagesOf(reference: ReferenceCase): readonly EngineMessage[] {
  return reference.messages.map((message) => ({
    role: message.role,
    content: message.content.map((part) =>
      part.type === 'text' ? part : { type: 'image', bytes: picture(part.picture) },
    ),
  }));
}

/** One user message with a picture, answered greedily for 24 tokens. */
export function pictureRequest(options: Partial<EngineRequest> = {}): EngineRequest {
  return { messages: messagesOf(referenceCase('one picture')), maxOutputTokens: 24, ...options };
}

/** A copy of a model's folder that the test may break; removed afterwards. */
export function copyOfModel(original: string = modelFolder): string {
  const folder = mkdtempSync(join(tmpdir(), 'ocelli-model-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(original, folder, { recursive: true });
  return folder;
}

export interface Answer {
  readonly text: string;
  readonly pieces: readonly string[];
  readonly finish: Extract<EngineEvent, { type: 'finish' }>;
  readonly events: readonly EngineEvent[];
}

export async function collect(events: AsyncIterable<EngineEvent>): Promise<Answer> {
  const all: EngineEvent[] = [];
  for await (const event of events) all.push(event);
  const finish = all.at(-1);
  if (finish?.type !== 'finish') throw new Error('the stream did not end in finish');
  const pieces = all.flatMap((event) => (event.type === 'text' ? [event.text] : []));
  return { text: pieces.join(''), pieces, finish, events: all };
}
