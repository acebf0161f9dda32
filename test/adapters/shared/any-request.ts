/** Any prepared request that the types allow, sensible or not: what `toWire` has to be total for. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Adapter } from '../../../adapters/adapter.js';
import { OcelliError } from '../../../src/errors/index.js';
import type { AssistantPart, PreparedMessage, PreparedRequest, PreparedUserPart } from '../../../src/request/index.js';
import { bytesOf, prepared } from './raw-server.js';

const words = fc.constantFrom('', ' ', 'a', 'Grüße', '🪙');
const providerData = fc.constantFrom(
  undefined,
  { anthropic: { signature: 's' } },
  { anthropic: { redactedThinking: 'r' } },
  { google: { thoughtSignature: 't', thought: true } },
  { openai: { id: 'rs_1' } },
);
const withData = <T extends object>(part: T, data: NonNullable<AssistantPart['providerData']> | undefined) =>
  data === undefined ? part : { ...part, providerData: data };
const mediaType = fc.constantFrom('image/png', 'image/tiff', 'audio/wav', 'video/mp4', 'application/pdf', 'text/plain');
const media = fc.oneof(
  mediaType.map((type) => bytesOf(type, 'x')),
  fc.constant({ type: 'url' as const, url: 'https://example.org/a' }),
  fc.constant({ type: 'file-id' as const, fileId: 'files/1' }),
);
const text = fc.tuple(words, providerData).map(([said, data]) => withData({ type: 'text' as const, text: said }, data));
const userPart: fc.Arbitrary<PreparedUserPart> = fc.oneof(
  text,
  fc.record({
    type: fc.constantFrom('image' as const, 'audio' as const, 'video' as const, 'document' as const),
    media,
    detail: fc.constantFrom('low', 'medium', 'high', 'original', 'auto'),
  }),
);
const call = fc
  .tuple(fc.constantFrom('call.1', 'toolu_2', ''), providerData)
  .map(([id, data]) => withData({ type: 'tool-call' as const, id, name: 'n', arguments: { x: 1 } }, data));
const reasoning = fc
  .tuple(words, providerData)
  .map(([said, data]) => withData({ type: 'reasoning' as const, text: said }, data));
const result = fc.record({
  type: fc.constant('tool-result' as const),
  id: fc.constantFrom('call.1', 'toolu_2', 'nobody'),
  name: fc.constant('n'),
  content: fc.array(userPart, { maxLength: 2 }),
  isError: fc.boolean(),
});
const message: fc.Arbitrary<PreparedMessage> = fc.oneof(
  fc.record({ role: fc.constant('system' as const), content: fc.array(text, { maxLength: 2 }) }),
  fc.record({ role: fc.constant('user' as const), content: fc.array(userPart, { maxLength: 3 }) }),
  fc.record({
    role: fc.constant('assistant' as const),
    content: fc.array(fc.oneof<fc.Arbitrary<AssistantPart>[]>(text, call, reasoning), { maxLength: 4 }),
  }),
  fc.record({ role: fc.constant('tool' as const), content: fc.array(result, { maxLength: 3 }) }),
);

export const anyRequest: fc.Arbitrary<PreparedRequest> = fc
  .record(
    {
      modelId: fc.constantFrom('claude-opus-5', 'claude-haiku-4-5', 'gemini-2.5-flash', 'gemini-3.5-flash', 'gemma-4'),
      messages: fc.array(message, { maxLength: 6 }),
      maxOutputTokens: fc.integer({ min: 1, max: 100_000 }),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      seed: fc.integer(),
      stop: fc.array(words, { maxLength: 7 }),
      tools: fc.constantFrom([], [{ name: 'n', parameters: { type: 'object' } }]),
      toolChoice: fc.constantFrom('auto' as const, 'none' as const, 'required' as const, { name: 'n' }),
      output: fc.constant({
        name: 'o',
        schema: { type: 'object', properties: { a: { type: 'string', minLength: 1 } } },
      }),
      reasoning: fc.constantFrom('none' as const, 'low' as const, 'medium' as const, 'high' as const),
      cache: fc.constantFrom('none' as const, 'short' as const, 'long' as const),
      metadata: fc.constantFrom({}, { userId: 'u' }, { trace: 't' }),
    },
    { requiredKeys: ['modelId', 'messages'] },
  )
  .map((given) => prepared(given));

/** The test every adapter's `toWire` has to pass, whatever it is asked to write. */
export function testThatAnyRequestIsWrittenOrRefused(adapter: Adapter): void {
  test('any request becomes the same body twice, or is refused by the name of the part, and is left as it was', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const description = adapter.describe(request.modelId) ?? adapter.defaultDescription;
        const before = structuredClone(request);
        try {
          const first = adapter.toWire(request, description);
          expect(JSON.stringify(adapter.toWire(request, description))).toBe(JSON.stringify(first));
        } catch (error) {
          expect(OcelliError.isInstance(error) && error.kind).toBe('unsupported-input');
          expect((error as Error).message).toMatch(/messages\[\d+\]\.content\[\d+\]/);
        }
        expect(request).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });
}
