import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { google } from '../../../adapters/google/index.js';
import { OcelliError } from '../../../src/errors/index.js';
import type { AdapterEvent, PreparedMessage, PreparedRequest, ToolCallPart } from '../../../src/request/index.js';
import { byteByByte, collect, prepared, startRawServer, stream, type RawServer } from '../shared/raw-server.js';
import { end, parts, sse, text, usage } from './sse.js';

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

const adapter = () => google({ environment: { GOOGLE_API_KEY: 'test-key', GOOGLE_GEMINI_BASE_URL: `${server.url}/` } });
const signal = new AbortController().signal;
const ask = (given: Partial<PreparedRequest> = {}) => {
  const { body } = adapter().toWire(prepared({ modelId: 'gemini-3.5-flash', ...given }), adapter().defaultDescription);
  return collect(adapter().stream(body, { signal }));
};
const textOf = (events: readonly AdapterEvent[]): string =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');

describe('an answer from generateContent', () => {
  test('comes as text with what the server says about itself and the usage', async () => {
    server.answer(
      stream(sse({ ...text('Three '), ...usage({ candidatesTokenCount: undefined }) }, text('coins.'), end())),
    );
    const { events, thrown } = await ask();
    expect(thrown).toBeUndefined();
    const counts = {
      inputTokens: 115,
      cacheReadTokens: undefined,
      cacheWriteTokens: undefined,
      outputTokens: undefined,
      reasoningTokens: undefined,
      estimated: false,
    };
    expect(events).toEqual([
      { type: 'response-start', responseId: 'r1', responseModel: 'gemini-3.5-flash-001' },
      { type: 'text-delta', text: 'Three ' },
      { type: 'usage', usage: counts },
      { type: 'text-delta', text: 'coins.' },
      { type: 'usage', usage: { ...counts, outputTokens: 20 } },
      { type: 'finish', reason: 'stop', usage: { ...counts, outputTokens: 20 } },
    ]);
  });

  test('is asked for with the key in its header, streaming, the model in the address alone', async () => {
    server.requests.length = 0;
    server.answer(stream(sse(text('a'), end())));
    const messages: PreparedMessage[] = [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
    ];
    const { body } = adapter().toWire(
      prepared({ modelId: 'gemini-3.5-flash', messages, seed: 3 }),
      adapter().defaultDescription,
    );
    const before = structuredClone(body);
    await collect(adapter().stream(body, { signal }));
    expect(body).toEqual(before);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      path: '/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse',
      headers: { 'x-goog-api-key': 'test-key' },
      body: {
        generationConfig: { seed: 3, maxOutputTokens: 4_096 },
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
      },
    });
    expect(server.requests[0]?.body).not.toHaveProperty('model');
  });

  test('survives a server that sends one byte at a time', async () => {
    server.answer(byteByByte(sse(text('Grüße, 世界 🪙'), end())));
    const { events, thrown } = await ask();
    expect(thrown).toBeUndefined();
    expect(textOf(events)).toBe('Grüße, 世界 🪙');
  });

  test('keeps a connection for the next call', async () => {
    server.answer(stream(sse(text('a'), end())));
    await ask();
    const before = server.connections();
    for (let index = 0; index < 5; index += 1) await ask();
    expect(server.connections()).toBe(before);
  });

  test('counts thoughts as output, the cache as part of the input, and knows what each kind of part took', async () => {
    server.answer(
      stream(
        sse(
          text('a'),
          end(
            'STOP',
            usage({
              promptTokenCount: 1_200,
              cachedContentTokenCount: 1_000,
              thoughtsTokenCount: 70,
              promptTokensDetails: [
                { modality: 'TEXT', tokenCount: 111 },
                { modality: 'IMAGE', tokenCount: 1_089 },
                { modality: 'SMELL', tokenCount: 5 },
              ],
            }),
          ),
        ),
      ),
    );
    expect((await ask()).events.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: {
        inputTokens: 1_200,
        cacheReadTokens: 1_000,
        cacheWriteTokens: undefined,
        outputTokens: 90,
        reasoningTokens: 70,
        byModality: { text: 111, image: 1_089 },
        estimated: false,
      },
    });
  });

  test("holds parallel calls, with Google's ids or ids of our own", async () => {
    server.answer(
      stream(
        sse(
          parts(
            { functionCall: { name: 'zoom', args: { x: 1 } } },
            { functionCall: { id: 'fc-9', name: 'zoom', args: { x: 2 } } },
          ),
          parts({ functionCall: { name: 'look' } }),
          end(),
        ),
      ),
    );
    const { events, parts: answered } = await ask();
    expect(answered).toEqual([
      { type: 'tool-call', id: 'call_0', name: 'zoom', arguments: { x: 1 } },
      {
        type: 'tool-call',
        id: 'fc-9',
        name: 'zoom',
        arguments: { x: 2 },
        providerData: { google: { functionCallId: 'fc-9' } },
      },
      { type: 'tool-call', id: 'call_2', name: 'look', arguments: {} },
    ]);
    expect(events.slice(1, 4)).toEqual([
      { type: 'tool-call-start', id: 'call_0', name: 'zoom' },
      { type: 'tool-call-delta', id: 'call_0', argumentsText: '{"x":1}' },
      { type: 'tool-call-end', id: 'call_0', name: 'zoom', arguments: { x: 1 } },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
  });

  test.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['LANGUAGE', 'other'],
    ['OTHER', 'other'],
    ['INVENTED_LATER', 'other'],
  ])('that stops by %s after some text finishes as %s', async (wireReason, reason) => {
    server.answer(stream(sse(text('a'), end(wireReason))));
    const { events, thrown } = await ask();
    expect(thrown).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason });
  });

  test.each([
    ['SAFETY', sse(end('SAFETY', {}, { finishMessage: 'Blocked.' }))],
    ['IMAGE_SAFETY', sse(end('IMAGE_SAFETY'))],
    ['BLOCKLIST', sse({ promptFeedback: { blockReason: 'BLOCKLIST' }, ...usage() })],
    ['SAFETY', sse({ promptFeedback: { blockReason: 'OTHER' }, ...usage() })],
  ])('of which a filter (%s) left nothing is an error', async (reason, sent) => {
    server.answer(stream(sent));
    const { thrown, events } = await ask();
    expect(OcelliError.isInstance(thrown) && thrown.kind).toBe('content-filter');
    expect((thrown as Error).message).toContain(`(${reason})`);
    expect(events).toContainEqual(expect.objectContaining({ type: 'usage' }));
  });

  test('with a call that the model botched is malformed', async () => {
    server.answer(stream(sse(end('MALFORMED_FUNCTION_CALL', {}, { finishMessage: 'print(zoom(' }))));
    const { thrown } = await ask();
    expect(OcelliError.isInstance(thrown) && [thrown.kind, thrown.retryable]).toEqual(['malformed-response', true]);
  });

  test('says once what parts it had no place for', async () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    server.answer(stream(sse(parts(image), parts(image, { text: 'a' }), end())));
    const { events } = await ask();
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      { type: 'warning', warning: expect.objectContaining({ subject: 'inlineData' }) as unknown },
    ]);
    expect(textOf(events)).toBe('a');
  });
});

describe('two turns with thoughts and tools', () => {
  test('send every signature back on the part it came with', async () => {
    server.requests.length = 0;
    server.answer(
      stream(
        sse(
          parts({ text: 'Coins, ', thought: true }),
          parts({ text: 'I think.', thought: true }),
          parts({ text: 'I ' }),
          parts({ text: 'look.' }),
          parts({ text: '', thoughtSignature: 'ZW1wdHk=' }),
          parts({ text: 'More.' }),
          parts(
            { functionCall: { name: 'zoom', args: { x: 1 } }, thoughtSignature: 'Y2FsbA==' },
            { functionCall: { name: 'zoom', args: { x: 2 } } },
          ),
          end(),
        ),
      ),
      stream(sse(parts({ functionCall: { name: 'zoom', args: {} } }), end())),
    );
    const first = await ask({ tools: [{ name: 'zoom', parameters: {} }] });
    const calls = first.parts.filter((part): part is ToolCallPart => part.type === 'tool-call');
    expect(first.parts[0]).toEqual({
      type: 'reasoning',
      text: 'Coins, I think.',
      providerData: { google: { thought: true } },
    });
    const second = await ask({
      tools: [{ name: 'zoom', parameters: {} }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'How many?' }] },
        { role: 'assistant', content: first.parts },
        {
          role: 'tool',
          content: calls.map(({ id, name, arguments: given }) => ({
            type: 'tool-result' as const,
            id,
            name,
            content: [{ type: 'text' as const, text: JSON.stringify(given) }],
            isError: false,
          })),
        },
      ],
    });
    // Ids of our own never repeat those of the history.
    expect(second.parts).toMatchObject([{ type: 'tool-call', id: 'call_2' }]);
    const { contents } = (server.requests[1]?.body ?? {}) as { contents?: unknown[] };
    expect(contents?.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { text: 'I look.' },
          { text: '', thoughtSignature: 'ZW1wdHk=' },
          { text: 'More.' },
          { functionCall: { name: 'zoom', args: { x: 1 } }, thoughtSignature: 'Y2FsbA==' },
          { functionCall: { name: 'zoom', args: { x: 2 } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'zoom', response: { output: '{"x":1}' } } },
          { functionResponse: { name: 'zoom', response: { output: '{"x":2}' } } },
        ],
      },
    ]);
  });
});

describe('connecting', () => {
  test('says which variables are missing, and refuses to call without them', async () => {
    const lone = google({ environment: {} });
    expect(lone.missingCredential()?.variables).toEqual(['GEMINI_API_KEY', 'GOOGLE_API_KEY']);
    const { thrown } = await collect(lone.stream(lone.toWire(prepared(), lone.defaultDescription).body, { signal }));
    expect(OcelliError.isInstance(thrown) && thrown.kind).toBe('authentication');
  });

  test('prefers GEMINI_API_KEY, and code to both', () => {
    const both = { GEMINI_API_KEY: 'one', GOOGLE_API_KEY: 'two' };
    const keyOf = (given: Parameters<typeof google>[0]) => google(given).cooldownKey;
    expect(keyOf({ environment: both })).toBe(keyOf({ environment: { GEMINI_API_KEY: 'one' } }));
    expect(keyOf({ environment: both, apiKey: 'two' })).toBe(keyOf({ environment: { GOOGLE_API_KEY: 'two' } }));
    expect(keyOf({ environment: both })).not.toBe(keyOf({ environment: both, apiKey: 'two' }));
  });

  test('sends headers given in code, through an injected client too', async () => {
    const { GoogleGenerativeAI } = await import('@google/generative-ai');
    const injected = google({
      client: new GoogleGenerativeAI('k'),
      baseURL: server.url,
      headers: { 'x-team': 'eyes' },
    });
    expect([injected.acceptsUnknownModels, injected.missingCredential()]).toEqual([true, undefined]);
    server.requests.length = 0;
    server.answer(stream(sse(text('a'), end())));
    await collect(injected.stream(injected.toWire(prepared(), injected.defaultDescription).body, { signal }));
    expect(server.requests[0]?.headers).toMatchObject({ 'x-team': 'eyes', 'x-goog-api-key': 'k' });
  });
});

describe('counting', () => {
  test('asks the count endpoint with the whole request', async () => {
    server.requests.length = 0;
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"totalTokens": 42}');
    });
    const { body } = adapter().toWire(prepared({ modelId: 'gemini-3.5-flash' }), adapter().defaultDescription);
    expect(await adapter().countTokens?.(body, { signal })).toBe(42);
    expect(server.requests[0]).toMatchObject({
      path: '/v1beta/models/gemini-3.5-flash:countTokens',
      body: { generateContentRequest: { model: 'models/gemini-3.5-flash', contents: body.contents } },
    });
  });
});
