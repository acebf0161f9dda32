import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anthropic } from '../../../adapters/anthropic/index.js';
import { OcelliError } from '../../../src/errors/index.js';
import {
  answerWith,
  collect,
  cutAfter,
  hangAfter,
  prepared,
  startRawServer,
  stream,
  type RawServer,
} from '../shared/raw-server.js';
import { answer, piece, open, sse, start, text } from './sse.js';

const apiKey = 'plain-secret-0123';
const now = Date.parse('2026-11-24T08:00:00Z');
let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

async function fail(signal = new AbortController().signal) {
  const adapter = anthropic({ environment: {}, apiKey, baseURL: server.url, now: () => now });
  const { body } = adapter.toWire(prepared(), adapter.defaultDescription);
  const { thrown, parts } = await collect(adapter.stream(body, { signal }));
  if (!OcelliError.isInstance(thrown)) throw new Error(`not an OcelliError: ${String(thrown)}`);
  return { error: thrown, parts };
}
const body = (type: string, message: string, details?: object) => ({
  type: 'error',
  error: { type, message, ...(details === undefined ? {} : { details }) },
});

describe('a failed answer', () => {
  test.each([
    [400, body('invalid_request_error', 'messages: at least one message is required'), 'invalid-request'],
    [400, body('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'), 'context-length'],
    [
      400,
      body('invalid_request_error', 'messages.0.content.1.image.source.base64: image exceeds 10 MB maximum'),
      'image-too-large',
    ],
    [
      400,
      body('invalid_request_error', 'too large', {
        error_code: 'image_dimensions_too_large',
        max_side_length_pixels: 2000,
        paths: ['messages.0.content.1'],
      }),
      'image-too-large',
    ],
    [400, body('invalid_request_error', 'Could not process image'), 'image-unreadable'],
    [400, body('invalid_request_error', 'Output blocked by content filtering policy'), 'content-filter'],
    [400, body('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), 'quota'],
    [401, body('authentication_error', 'invalid x-api-key'), 'authentication'],
    [402, body('billing_error', 'Payment required'), 'quota'],
    [403, body('permission_error', 'no access'), 'permission'],
    [404, body('not_found_error', 'model: claude-none'), 'model-not-found'],
    [404, body('not_found_error', 'File file_1 was not found'), 'invalid-request'],
    [413, body('request_too_large', 'Request exceeds the maximum size'), 'image-too-large'],
    [429, body('rate_limit_error', 'Number of request tokens has exceeded your per-minute rate limit'), 'rate-limit'],
    [429, body('rate_limit_error', 'limit reached', { error_code: 'enforced_spend_limit_reached' }), 'quota'],
    [500, body('api_error', 'Internal server error'), 'server'],
    [504, body('timeout_error', 'Timed out'), 'timeout'],
    [529, body('overloaded_error', 'Overloaded'), 'overloaded'],
    [502, '<html>Bad gateway</html>', 'server'],
  ] as const)('%i %j is %s', async (status, sent, kind) => {
    server.requests.length = 0;
    server.answer(answerWith(status, sent));
    const { error } = await fail();
    expect([error.kind, error.status, error.provider]).toEqual([kind, status, 'anthropic']);
    // Retrying is the router's affair alone.
    expect(server.requests).toHaveLength(1);
  });

  test.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after-ms': '350', 'retry-after': '12' }, 350],
    [{ 'retry-after': new Date(now + 30_000).toUTCString() }, 30_000],
    [{}, undefined],
  ])('with %j asks to wait %s ms', async (headers, expected) => {
    server.answer(answerWith(429, body('rate_limit_error', 'slow down'), headers));
    expect((await fail()).error.retryAfterMs).toBe(expected);
  });

  test('never shows the key, even where the server repeats it', async () => {
    server.answer(answerWith(401, body('authentication_error', `invalid x-api-key ${apiKey}`)));
    const { error } = await fail();
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(apiKey);
    expect(error.cause).toBeUndefined();
  });

  test('with a page instead of events is malformed', async () => {
    server.answer(answerWith(200, '<html><body>Welcome to the proxy</body></html>'));
    expect((await fail()).error.kind).toBe('malformed-response');
  });
});

describe('a failure inside a stream', () => {
  test.each([
    ['overloaded_error', 'overloaded'],
    ['api_error', 'server'],
    ['rate_limit_error', 'rate-limit'],
    ['invalid_request_error', 'invalid-request'],
  ])('%s is %s, and what had come is kept', async (type, kind) => {
    const before = sse(start(), open(0, { type: 'text', text: '' }), piece(0, { type: 'text_delta', text: 'Thr' }));
    server.answer(stream(`${before}event: error\ndata: ${JSON.stringify(body(type, 'went wrong'))}\n\n`));
    const { error, parts } = await fail();
    expect([error.kind, parts]).toEqual([kind, [{ type: 'text', text: 'Thr' }]]);
  });

  test.each([
    ['before the first byte', ''],
    ['after the start', sse(start())],
    ['in the middle of an event', `${sse(start(), open(0, { type: 'text', text: '' }))}event: content_bl`],
  ])('a connection that is cut %s is a network failure', async (_when, sent) => {
    server.answer(cutAfter(sent));
    expect((await fail()).error.kind).toBe('network');
  });

  test('an answer that ends politely but early is a network failure too', async () => {
    server.answer(stream(sse(start(), ...text(0, 'Three'))));
    const { error, parts } = await fail();
    expect([error.kind, error.retryable, parts]).toEqual(['network', true, [{ type: 'text', text: 'Three' }]]);
  });

  test('a chunk that is no JSON is malformed', async () => {
    server.answer(stream(`${sse(start())}event: content_block_start\ndata: {"type": "content_bl\n\n`));
    expect((await fail()).error.kind).toBe('malformed-response');
  });

  test('a chunk of the wrong shape is malformed', async () => {
    server.answer(stream(`event: message_start\ndata: {"type":"message_start"}\n\n`));
    expect((await fail()).error.kind).toBe('malformed-response');
  });
});

describe('a server that cannot be reached', () => {
  test('is a network failure', async () => {
    const gone = await startRawServer();
    await gone.close();
    const adapter = anthropic({ environment: {}, apiKey, baseURL: gone.url });
    const { thrown } = await collect(
      adapter.stream(adapter.toWire(prepared(), adapter.defaultDescription).body, {
        signal: new AbortController().signal,
      }),
    );
    expect(OcelliError.isInstance(thrown) && thrown.kind).toBe('network');
  });
});

describe('aborting', () => {
  test('in the middle of an answer closes the socket and leaves nothing on the signal', async () => {
    const fresh = await startRawServer();
    fresh.answer(
      hangAfter(sse(start(), open(0, { type: 'text', text: '' }), piece(0, { type: 'text_delta', text: 'Thr' }))),
    );
    const controller = new AbortController();
    const adapter = anthropic({ environment: {}, apiKey, baseURL: fresh.url });
    const seen: string[] = [];
    let thrown: unknown;
    try {
      for await (const event of adapter.stream(
        adapter.toWire(prepared(), adapter.defaultDescription).body,
        controller,
      )) {
        seen.push(event.type);
        if (event.type === 'text-delta') controller.abort();
      }
    } catch (error) {
      thrown = error;
    }
    expect(OcelliError.isInstance(thrown) && thrown.kind).toBe('aborted');
    expect(seen).toEqual(['response-start', 'usage', 'text-delta']);
    await fresh.hungUp;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    await fresh.close();
  });

  test('before the call sends nothing', async () => {
    server.requests.length = 0;
    expect((await fail(AbortSignal.abort())).error.kind).toBe('aborted');
    expect(server.requests).toHaveLength(0);
  });

  test('while the server is silent closes the socket', async () => {
    const fresh = await startRawServer();
    const controller = new AbortController();
    fresh.answer(() => controller.abort());
    const adapter = anthropic({ environment: {}, apiKey, baseURL: fresh.url });
    const { thrown } = await collect(
      adapter.stream(adapter.toWire(prepared(), adapter.defaultDescription).body, controller),
    );
    expect(OcelliError.isInstance(thrown) && thrown.kind).toBe('aborted');
    await fresh.hungUp;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    await fresh.close();
  });

  test('a reader that walks away closes the socket', async () => {
    const fresh = await startRawServer();
    fresh.answer(hangAfter(sse(start())));
    const controller = new AbortController();
    const adapter = anthropic({ environment: {}, apiKey, baseURL: fresh.url });
    for await (const event of adapter.stream(adapter.toWire(prepared(), adapter.defaultDescription).body, controller))
      if (event.type === 'usage') break;
    await fresh.hungUp;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    await fresh.close();
  });

  test('many calls on one signal leave no listener behind', async () => {
    const controller = new AbortController();
    server.answer(stream(answer(...text(0, 'a'))));
    for (let index = 0; index < 15; index += 1) {
      const adapter = anthropic({ environment: {}, apiKey, baseURL: server.url });
      await collect(adapter.stream(adapter.toWire(prepared(), adapter.defaultDescription).body, controller));
    }
    await expect.poll(() => getEventListeners(controller.signal, 'abort').length).toBe(0);
  });
});
