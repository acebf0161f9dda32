import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anthropic } from '../../../adapters/anthropic/index.js';
import { OcelliError } from '../../../src/errors/index.js';
import type { AdapterEvent, PreparedMessage, PreparedRequest, ToolCallPart } from '../../../src/request/index.js';
import { byteByByte, collect, prepared, startRawServer, stream, type RawServer } from '../shared/raw-server.js';
import { answer, call, end, open, piece, shut, sse, start, stop, text } from './sse.js';

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

const adapter = () => anthropic({ environment: { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url } });
const signal = new AbortController().signal;
const ask = (given: Partial<PreparedRequest> = {}) => {
  const { body } = adapter().toWire(prepared({ modelId: 'claude-opus-5', ...given }), adapter().defaultDescription);
  return collect(adapter().stream(body, { signal }));
};
const textOf = (events: readonly AdapterEvent[]): string =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');

describe('an answer from the Messages API', () => {
  test('comes as text with what the server says about itself and the usage', async () => {
    server.answer(stream(answer(...text(0, 'Three ', 'coins.'))));
    const { events, thrown } = await ask();
    expect(thrown).toBeUndefined();
    const input = { inputTokens: 115, cacheReadTokens: 100, cacheWriteTokens: 5, estimated: false };
    const before = { ...input, outputTokens: undefined, reasoningTokens: undefined };
    const after = { ...input, outputTokens: 20, reasoningTokens: undefined };
    expect(events).toEqual([
      { type: 'response-start', responseId: 'msg_1', responseModel: 'claude-opus-5-20260801' },
      { type: 'usage', usage: before },
      { type: 'text-delta', text: 'Three ' },
      { type: 'text-delta', text: 'coins.' },
      { type: 'usage', usage: after },
      { type: 'finish', reason: 'stop', usage: after },
    ]);
  });

  test('is asked for with the key in its header, streaming, once', async () => {
    server.requests.length = 0;
    server.answer(stream(answer(...text(0, 'a'))));
    await ask();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      path: '/v1/messages',
      headers: { authorization: 'Bearer test-key', 'anthropic-version': expect.any(String) as string },
      body: { model: 'claude-opus-5', stream: true, max_tokens: 4_096 },
    });
  });

  test('survives a server that sends one byte at a time', async () => {
    server.answer(byteByByte(answer(...text(0, 'Grüße, 世界 🪙'))));
    const { events, thrown } = await ask();
    expect(thrown).toBeUndefined();
    expect(textOf(events)).toBe('Grüße, 世界 🪙');
  });

  test('keeps a connection for the next call', async () => {
    server.answer(stream(answer(...text(0, 'a'))));
    await ask();
    const before = server.connections();
    for (let index = 0; index < 5; index += 1) await ask();
    expect(server.connections()).toBe(before);
  });

  test('holds parallel tool calls whose arguments are interleaved', async () => {
    const [openA, ...restA] = call(1, 'toolu_a', 'zoom', '{"x":', '1}');
    const [openB, ...restB] = call(2, 'toolu_b', 'zoom');
    server.answer(
      stream(
        sse(
          start(),
          ...text(0, 'Looking.'),
          ...[openA, openB, restA[0], ...restB, restA[1], restA[2]].filter((event) => event !== undefined),
          end('tool_use'),
          stop,
        ),
      ),
    );
    const { events, parts, thrown } = await ask();
    expect(thrown).toBeUndefined();
    expect(parts).toEqual([
      { type: 'text', text: 'Looking.' },
      { type: 'tool-call', id: 'toolu_b', name: 'zoom', arguments: {} },
      { type: 'tool-call', id: 'toolu_a', name: 'zoom', arguments: { x: 1 } },
    ]);
    expect(events.filter(({ type }) => type.startsWith('tool-call')).map((event) => event.type)).toEqual([
      'tool-call-start',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-end',
      'tool-call-delta',
      'tool-call-end',
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
  });

  test('takes arguments that come whole with the start of a call', async () => {
    server.answer(
      stream(
        sse(
          start(),
          open(0, { type: 'tool_use', id: 't', name: 'n', input: { x: 1 } }),
          shut(0),
          end('tool_use'),
          stop,
        ),
      ),
    );
    const { events, parts } = await ask();
    expect(parts).toEqual([{ type: 'tool-call', id: 't', name: 'n', arguments: { x: 1 } }]);
    expect(events).toContainEqual({ type: 'tool-call-delta', id: 't', argumentsText: '{"x":1}' });
  });

  test('separates two texts in a row, and passes over blocks of server tools', async () => {
    server.answer(
      stream(
        answer(
          ...text(0, 'one'),
          open(1, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
          piece(1, { type: 'input_json_delta', partial_json: '{"q":1}' }),
          shut(1),
          ...text(2, 'two'),
          { type: 'something_new', index: 3 },
        ),
      ),
    );
    const { parts, thrown } = await ask();
    expect(thrown).toBeUndefined();
    expect(parts).toEqual([
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ]);
  });

  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
    ['invented_later', 'other'],
  ])('that stops by %s finishes as %s', async (wireReason, reason) => {
    server.answer(stream(sse(start(), ...text(0, 'a'), end(wireReason), stop)));
    expect((await ask()).events.at(-1)).toMatchObject({ type: 'finish', reason });
  });

  test('counts thinking as part of the output', async () => {
    server.answer(
      stream(
        sse(
          start(),
          ...text(0, 'a'),
          end('end_turn', { output_tokens: 90, output_tokens_details: { thinking_tokens: 70 } }),
          stop,
        ),
      ),
    );
    expect((await ask()).events.at(-1)).toMatchObject({
      usage: { outputTokens: 90, reasoningTokens: 70, inputTokens: 115 },
    });
  });

  test('leaves unknown what the server did not say', async () => {
    server.answer(
      stream(
        sse(
          start({ input_tokens: 7, cache_creation_input_tokens: null, cache_read_input_tokens: null }),
          ...text(0, 'a'),
          end('end_turn'),
          stop,
        ),
      ),
    );
    expect((await ask()).events.at(-1)).toMatchObject({
      usage: { inputTokens: 7, cacheReadTokens: undefined, cacheWriteTokens: undefined },
    });
  });

  test('that was refused before anything came is an error with the reason', async () => {
    server.answer(
      stream(
        sse(
          start(),
          end('refusal', {}, { stop_details: { type: 'refusal', category: 'bio', explanation: 'Too risky.' } }),
          stop,
        ),
      ),
    );
    const { thrown } = await ask();
    expect(OcelliError.isInstance(thrown) && [thrown.kind, thrown.message]).toEqual([
      'content-filter',
      'Claude refused to answer: Too risky.',
    ]);
  });

  test('with arguments that are no JSON is malformed, unless the token limit cut them', async () => {
    server.answer(stream(sse(start(), ...call(0, 't', 'n', '{"x":'), end('tool_use'), stop)));
    const broken = await ask();
    expect(OcelliError.isInstance(broken.thrown) && broken.thrown.kind).toBe('malformed-response');
    server.answer(stream(sse(start(), ...call(0, 't', 'n', '{"x":'), end('max_tokens'), stop)));
    const cut = await ask();
    expect(cut.thrown).toBeUndefined();
    expect(cut.parts).toEqual([]);
    expect(cut.events.at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
  });

  test('ends at its last event, however often that is repeated', async () => {
    server.answer(stream(sse(start(), ...text(0, 'a'), end('end_turn'), stop, stop, stop)));
    const { events } = await ask();
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
  });
});

describe('two turns with thinking and tools', () => {
  test('send the thoughts back exactly as they came', async () => {
    server.requests.length = 0;
    server.answer(
      stream(
        sse(
          start(),
          open(0, { type: 'thinking', thinking: '', signature: '' }),
          piece(0, { type: 'thinking_delta', thinking: 'Coins, ' }),
          piece(0, { type: 'thinking_delta', thinking: 'I think.' }),
          piece(0, { type: 'signature_delta', signature: 'c2lnbmF0dXJl' }),
          shut(0),
          open(1, { type: 'redacted_thinking', data: 'b3BhcXVl' }),
          shut(1),
          open(2, { type: 'thinking', thinking: '', signature: '' }),
          piece(2, { type: 'signature_delta', signature: 'b21pdHRlZA==' }),
          shut(2),
          ...text(3, 'I look.'),
          ...call(4, 'toolu_1', 'zoom', '{"x":1}'),
          end('tool_use'),
          stop,
        ),
      ),
      stream(answer(...text(0, 'Three.'))),
    );
    const tools = [{ name: 'zoom', parameters: { type: 'object' } }];
    const first = await ask({ tools });
    const question: PreparedMessage = { role: 'user', content: [{ type: 'text', text: 'How many?' }] };
    const calls = first.parts.filter((part): part is ToolCallPart => part.type === 'tool-call');
    const second = await ask({
      tools,
      messages: [
        question,
        { role: 'assistant', content: first.parts },
        {
          role: 'tool',
          content: calls.map(({ id, name }) => ({
            type: 'tool-result' as const,
            id,
            name,
            content: [{ type: 'text' as const, text: 'closer' }],
            isError: false,
          })),
        },
      ],
    });
    expect(textOf(second.events)).toBe('Three.');
    const { messages } = (server.requests[1]?.body ?? {}) as { messages?: unknown[] };
    expect(messages?.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Coins, I think.', signature: 'c2lnbmF0dXJl' },
          { type: 'redacted_thinking', data: 'b3BhcXVl' },
          { type: 'thinking', thinking: '', signature: 'b21pdHRlZA==' },
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'toolu_1', name: 'zoom', input: { x: 1 } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'closer' }] }],
      },
    ]);
  });
});

describe('connecting', () => {
  test('says which variable is missing, and refuses to call without it', async () => {
    const lone = anthropic({ environment: {} });
    expect(lone.missingCredential()?.variables).toEqual(['ANTHROPIC_API_KEY']);
    const { body } = lone.toWire(prepared(), lone.defaultDescription);
    const { thrown } = await collect(lone.stream(body, { signal }));
    expect(OcelliError.isInstance(thrown) && thrown.kind).toBe('authentication');
  });

  test('prefers what is given in code, and reads the environment at the time of the call', () => {
    const environment: Record<string, string> = {};
    const late = anthropic({ environment });
    const before = late.cooldownKey;
    environment['ANTHROPIC_API_KEY'] = 'secret-one';
    expect(late.missingCredential()).toBeUndefined();
    expect(late.cooldownKey).not.toBe(before);
    expect(late.cooldownKey).not.toContain('secret-one');
    expect(anthropic({ environment, apiKey: 'secret-two' }).cooldownKey).not.toBe(late.cooldownKey);
    expect(anthropic({ environment }).cooldownKey).toBe(late.cooldownKey);
  });

  test('follows a key that changes between two calls', async () => {
    const environment: Record<string, string> = { ANTHROPIC_API_KEY: 'one', ANTHROPIC_BASE_URL: server.url };
    const changing = anthropic({ environment, headers: { 'x-team': 'eyes' } });
    const { body } = changing.toWire(prepared(), changing.defaultDescription);
    server.requests.length = 0;
    server.answer(stream(answer(...text(0, 'a'))));
    for (const key of ['one', 'two', 'two']) {
      environment['ANTHROPIC_API_KEY'] = key;
      await collect(changing.stream(body, { signal }));
    }
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer one',
      'Bearer two',
      'Bearer two',
    ]);
    expect(server.requests[0]?.headers['x-team']).toBe('eyes');
  });

  test('uses an injected client of the SDK, for any model id', async () => {
    const { default: Anthropic } = await import('@anthropic-ai/sdk');
    const injected = anthropic({ client: new Anthropic({ apiKey: 'k', baseURL: server.url }), environment: {} });
    expect([injected.acceptsUnknownModels, injected.missingCredential()]).toEqual([true, undefined]);
    server.answer(stream(answer(...text(0, 'a'))));
    const { body } = injected.toWire(prepared({ modelId: 'anthropic.claude-x' }), injected.defaultDescription);
    expect(textOf((await collect(injected.stream(body, { signal }))).events)).toBe('a');
  });

  test('binds a model to itself', () => {
    const one = adapter();
    expect(one.model('claude-opus-5')).toEqual({ adapter: one, modelId: 'claude-opus-5' });
    expect(one.describe('claude-opus-5')?.capabilities.temperature).toBe(false);
    expect(one.describe('claude-none')).toBeUndefined();
  });
});

describe('counting', () => {
  test('asks the count endpoint', async () => {
    server.requests.length = 0;
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"input_tokens": 42}');
    });
    const { body } = adapter().toWire(prepared({ modelId: 'claude-opus-5' }), adapter().defaultDescription);
    expect(await adapter().countTokens?.(body, { signal })).toBe(42);
    expect(server.requests[0]).toMatchObject({ path: '/v1/messages/count_tokens' });
    expect(server.requests[0]?.body).not.toHaveProperty('max_tokens');
  });
});
