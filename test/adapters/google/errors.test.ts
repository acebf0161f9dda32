import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { google } from '../../../adapters/google/index.js';
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
import { end, sse, text } from './sse.js';

const apiKey = 'plain-secret-0123';
let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

async function fail(signal = new AbortController().signal, baseURL = server.url) {
  const adapter = google({ environment: {}, apiKey, baseURL });
  const { body } = adapter.toWire(prepared(), adapter.defaultDescription);
  const { thrown, parts } = await collect(adapter.stream(body, { signal }));
  if (!OcelliError.isInstance(thrown)) throw new Error(`not an OcelliError: ${String(thrown)}`);
  return { error: thrown, parts };
}
const body = (code: number, status: string, message: string, ...details: object[]) => ({
  error: { code, message, status, ...(details.length === 0 ? {} : { details }) },
});
const info = (reason: string) => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'googleapis.com',
});
const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'generate_content_requests', quotaId, quotaValue: '50' }],
});
const wait = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });

describe('a failed answer', () => {
  test.each([
    [
      400,
      body(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', info('API_KEY_INVALID')),
      'authentication',
    ],
    [400, body(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'), 'invalid-request'],
    [
      400,
      body(
        400,
        'INVALID_ARGUMENT',
        'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      ),
      'context-length',
    ],
    [400, body(400, 'INVALID_ARGUMENT', 'Unable to process input image. Please retry.'), 'image-unreadable'],
    [400, body(400, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'), 'image-too-large'],
    [400, body(400, 'INVALID_ARGUMENT', 'Unsupported MIME type: image/tiff'), 'unsupported-input'],
    [400, body(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'), 'permission'],
    [401, body(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'), 'authentication'],
    [403, body(403, 'PERMISSION_DENIED', 'The caller does not have permission'), 'permission'],
    [403, body(403, 'PERMISSION_DENIED', 'Your API key was reported as leaked.'), 'authentication'],
    [404, body(404, 'NOT_FOUND', 'models/gemini-none is not found for API version v1beta'), 'model-not-found'],
    [404, body(404, 'NOT_FOUND', 'File abc does not exist'), 'invalid-request'],
    [413, body(413, 'INVALID_ARGUMENT', 'Too much'), 'image-too-large'],
    [429, body(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'), 'rate-limit'],
    [
      429,
      body(
        429,
        'RESOURCE_EXHAUSTED',
        'You exceeded your current quota, please check your plan. Check your billing.',
        quota('GenerateRequestsPerMinutePerProjectPerModel'),
        wait('12s'),
      ),
      'rate-limit',
    ],
    [
      429,
      body(
        429,
        'RESOURCE_EXHAUSTED',
        'You exceeded your current quota',
        quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
        wait('12s'),
      ),
      'quota',
    ],
    [500, body(500, 'INTERNAL', 'An internal error has occurred.'), 'server'],
    [503, body(503, 'UNAVAILABLE', 'The model is overloaded.'), 'overloaded'],
    [504, body(504, 'DEADLINE_EXCEEDED', 'Deadline expired'), 'timeout'],
    [502, '<html>Bad gateway</html>', 'server'],
  ] as const)('%i %j is %s', async (status, sent, kind) => {
    server.requests.length = 0;
    server.answer(answerWith(status, sent));
    const { error } = await fail();
    expect([error.kind, error.status, error.provider]).toEqual([kind, status, 'google']);
    expect(error.message).not.toContain('127.0.0.1');
    expect(error.message).not.toContain('@type');
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['12s', 12_000],
    ['0.35s', 350],
    ['soon', undefined],
  ])('that asks to wait %s', async (delay, expected) => {
    server.answer(answerWith(429, body(429, 'RESOURCE_EXHAUSTED', 'slow down', wait(delay))));
    expect((await fail()).error.retryAfterMs).toBe(expected);
  });

  test('says what the server said, once', async () => {
    server.answer(answerWith(404, body(404, 'NOT_FOUND', 'models/x is not found.', info('GONE'))));
    expect((await fail()).error.message).toBe(
      'Google answered 404: models/x is not found. Check the model id, or whether the key may see it.',
    );
  });

  test('never shows the key, even where the server repeats it', async () => {
    server.answer(answerWith(400, body(400, 'INVALID_ARGUMENT', `API key not valid: ${apiKey}`)));
    const first = (await fail()).error;
    server.answer(stream(sse(body(400, 'INVALID_ARGUMENT', `API key not valid: ${apiKey}`))));
    const second = (await fail()).error;
    for (const error of [first, second]) {
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(apiKey);
      expect([error.kind, error.cause]).toEqual(['authentication', undefined]);
    }
  });

  test.each([
    ['a page', '<html><body>Welcome to the proxy</body></html>'],
    ['a JSON document', [{ candidates: [] }]],
  ])('with %s instead of events is malformed', async (_what, sent) => {
    server.answer(answerWith(200, sent));
    expect((await fail()).error.kind).toBe('malformed-response');
  });
});

describe('a failure inside a stream', () => {
  test.each([
    [503, 'UNAVAILABLE', 'overloaded'],
    [undefined, 'UNAVAILABLE', 'overloaded'],
    [undefined, 'INTERNAL', 'server'],
    [429, 'RESOURCE_EXHAUSTED', 'rate-limit'],
  ])('%s %s is %s, and what had come is kept', async (code, status, kind) => {
    server.answer(stream(sse(text('Thr'), { error: { code, status, message: 'went wrong', details: [wait('3s')] } })));
    const { error, parts } = await fail();
    expect([error.kind, error.retryAfterMs, parts]).toEqual([kind, 3_000, [{ type: 'text', text: 'Thr' }]]);
  });

  test.each([
    ['before the first byte', ''],
    ['after some text', sse(text('Thr'))],
    ['in the middle of a chunk', `${sse(text('Thr'))}data: {"candid`],
  ])('a connection that is cut %s is a network failure', async (_when, sent) => {
    server.answer(cutAfter(sent));
    expect((await fail()).error.kind).toBe('network');
  });

  test('an answer that ends politely but early is a network failure too', async () => {
    server.answer(stream(sse(text('Three'))));
    const { error, parts } = await fail();
    expect([error.kind, error.retryable, parts]).toEqual(['network', true, [{ type: 'text', text: 'Three' }]]);
  });

  test.each([
    ['no JSON', 'data: {"candidates": [}\n\n'],
    ['no object', 'data: 7\n\n'],
    ['a call without a name', sse({ candidates: [{ content: { parts: [{ functionCall: {} }] } }] })],
    ['of the wrong shape', sse({ candidates: 7 }, { candidates: [{ content: { parts: { a: 1 } } }] })],
  ])('a chunk that is %s is malformed', async (_what, sent) => {
    server.answer(stream(sent));
    expect((await fail()).error.kind).toBe('malformed-response');
  });
});

describe('a server that cannot be reached', () => {
  test('is a network failure, and a base URL that is none is a mistake of the caller', async () => {
    const gone = await startRawServer();
    await gone.close();
    expect((await fail(undefined, gone.url)).error.kind).toBe('network');
    expect((await fail(undefined, 'nowhere')).error.kind).toBe('invalid-request');
  });
});

describe('aborting', () => {
  async function withFresh(
    step: Parameters<RawServer['answer']>[0],
    during: (fresh: RawServer) => Promise<AbortSignal>,
  ) {
    const fresh = await startRawServer();
    fresh.answer(step);
    const signal = await during(fresh);
    await fresh.hungUp;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await fresh.close();
  }

  test('in the middle of an answer closes the socket and leaves nothing on the signal', async () => {
    await withFresh(hangAfter(sse(text('Thr'))), async (fresh) => {
      const controller = new AbortController();
      const adapter = google({ environment: {}, apiKey, baseURL: fresh.url });
      let thrown: unknown;
      try {
        for await (const event of adapter.stream(
          adapter.toWire(prepared(), adapter.defaultDescription).body,
          controller,
        ))
          if (event.type === 'text-delta') controller.abort();
      } catch (error) {
        thrown = error;
      }
      expect(OcelliError.isInstance(thrown) && thrown.kind).toBe('aborted');
      return controller.signal;
    });
  });

  test('while the server is silent closes the socket', async () => {
    const controller = new AbortController();
    await withFresh(
      () => controller.abort(),
      async (fresh) => {
        expect((await fail(controller.signal, fresh.url)).error.kind).toBe('aborted');
        return controller.signal;
      },
    );
  });

  test('a reader that walks away closes the socket', async () => {
    const controller = new AbortController();
    await withFresh(hangAfter(sse(text('Thr'))), async (fresh) => {
      const adapter = google({ environment: {}, apiKey, baseURL: fresh.url });
      for await (const event of adapter.stream(adapter.toWire(prepared(), adapter.defaultDescription).body, controller))
        if (event.type === 'text-delta') break;
      return controller.signal;
    });
  });

  test('before the call sends nothing', async () => {
    server.requests.length = 0;
    expect((await fail(AbortSignal.abort())).error.kind).toBe('aborted');
    expect(server.requests).toHaveLength(0);
  });

  test('many calls on one signal leave no listener behind', async () => {
    const controller = new AbortController();
    server.answer(stream(sse(text('a'), end())));
    const adapter = google({ environment: {}, apiKey, baseURL: server.url });
    for (let index = 0; index < 15; index += 1)
      await collect(adapter.stream(adapter.toWire(prepared(), adapter.defaultDescription).body, controller));
    await expect.poll(() => getEventListeners(controller.signal, 'abort').length).toBe(0);
  });
});
