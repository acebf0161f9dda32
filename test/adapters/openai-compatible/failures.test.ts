/** Everything that can go wrong on the way to a Chat Completions server and back. */

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openaiCompatible, type OpenaiCompatibleOptions } from '../../../adapters/openai-compatible/index.js';
import type { AdapterEvent } from '../../../src/request/index.js';
import { collectFailing, preparedRequest, textOf } from '../shared/requests.js';
import {
  cutStreamOf,
  endlessStreamOf,
  jsonAnswer,
  serverOfThisFile,
  startVendorServer,
  streamOf,
  textAnswer,
} from '../shared/vendor-server.js';
import * as say from './chat-events.js';

const key = 'a-plain-secret-without-any-prefix';
const now = Date.parse('Tue, 24 Nov 2026 08:00:00 GMT');

const server = serverOfThisFile();

function start(
  signal = new AbortController().signal,
  options: OpenaiCompatibleOptions = {},
): AsyncIterable<AdapterEvent> {
  const target = openaiCompatible({
    name: 'mine',
    baseURL: server.baseURL,
    apiKey: key,
    environment: {},
    now: () => now,
    ...options,
  });
  const { body } = target.toWire(preparedRequest({ modelId: 'qwen' }), target.defaultDescription);
  return target.stream(body, { signal });
}

describe('an HTTP error of a Chat Completions server', () => {
  it.each([
    ['OpenAI', 400, { error: { message: 'Too long.', code: 'context_length_exceeded' } }, 'context-length'],
    [
      'vLLM, older',
      400,
      { object: 'error', message: "This model's maximum context length is 2048 tokens.", code: 400 },
      'context-length',
    ],
    [
      'vLLM',
      404,
      { error: { message: 'The model `x` does not exist.', type: 'NotFoundError', code: 404 } },
      'model-not-found',
    ],
    [
      'llama.cpp',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size, try increasing it',
          type: 'exceed_context_size_error',
        },
      },
      'context-length',
    ],
    [
      'llama.cpp',
      500,
      {
        error: { code: 500, message: 'image input is not supported - hint: provide the mmproj', type: 'server_error' },
      },
      'unsupported-input',
    ],
    [
      'Ollama',
      404,
      { error: { message: 'model "qwen" not found, try pulling it first', type: 'not_found_error' } },
      'model-not-found',
    ],
    ['LM Studio', 400, { error: 'Model does not support images. Please use a model that does.' }, 'unsupported-input'],
    ['OpenRouter', 402, { error: { code: 402, message: 'Insufficient credits.' } }, 'quota'],
    [
      'OpenRouter',
      404,
      { error: { code: 404, message: 'No endpoints found that support image input' } },
      'unsupported-input',
    ],
    ['OpenRouter', 403, { error: { code: 403, message: 'Your input was flagged' } }, 'content-filter'],
    ['FastAPI', 404, { detail: 'Not Found' }, 'invalid-request'],
    [
      'Gemini',
      400,
      [{ error: { code: 400, message: 'Image is too large.', status: 'INVALID_ARGUMENT' } }],
      'image-too-large',
    ],
    ['nobody', 401, {}, 'authentication'],
    ['Groq', 413, { error: { message: 'Request Entity Too Large' } }, 'image-too-large'],
    ['a proxy', 429, { message: 'slow down' }, 'rate-limit'],
    ['a proxy', 503, { message: 'no' }, 'overloaded'],
  ])('of %s (%i) is sorted: %j', async (_server, status, body, kind) => {
    const before = server.requests.length;
    server.answer(jsonAnswer(status, body, { 'retry-after': '3' }));
    const { error } = await collectFailing(start());
    expect(error.kind).toBe(kind);
    expect(error).toMatchObject({ status, provider: 'mine', retryAfterMs: 3_000 });
    expect(server.requests.length - before).toBe(1);
  });

  it('never shows the key, however plain', async () => {
    server.answer(jsonAnswer(401, { error: { message: `The key ${key} is wrong` } }));
    const { error } = await collectFailing(start());
    expect(error.message).toContain('is wrong');
    for (const text of [JSON.stringify(error), inspect(error, { depth: 10 }), String(error.stack)])
      expect(text).not.toContain(key);
  });
});

describe('a failure inside a stream of chunks', () => {
  it.each([
    [{ error: { code: 502, message: 'Provider returned error' } }, 'server', 502],
    [{ error: { code: 429, message: 'Rate limited upstream' } }, 'rate-limit', 429],
    [{ error: { message: 'boom', type: 'server_error' } }, 'server', undefined],
    [say.chunk({}, 'error'), 'server', undefined],
  ])('%j is thrown after the text that came', async (event, kind, status) => {
    server.answer(streamOf([say.text('Thr'), event]));
    const { events, error } = await collectFailing(start());
    expect([error.kind, error.status]).toEqual([kind, status]);
    expect(textOf(events)).toBe('Thr');
  });

  it('by an end without a finish reason is a broken connection', async () => {
    server.answer(streamOf([say.text('Thr')]));
    const { events, error } = await collectFailing(start());
    expect([error.kind, textOf(events)]).toEqual(['network', 'Thr']);
  });

  it('by a destroyed socket is a broken connection, and nothing is left unhandled', async () => {
    for (let round = 0; round < 5; round += 1) {
      server.answer(cutStreamOf([say.text('Thr')]));
      expect((await collectFailing(start())).error.kind).toBe('network');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.unhandled).toEqual([]);
  });

  it('by a chunk that is no JSON is malformed', async () => {
    server.answer(streamOf([say.text('Thr')], 'data: {"choices":[{"del\n\n'));
    expect((await collectFailing(start())).error.kind).toBe('malformed-response');
  });

  it('by broken arguments is malformed and names the tool', async () => {
    server.answer(
      streamOf([say.call(0, { id: 'a', function: { name: 'crop', arguments: '[1]' } }), say.last('tool_calls')]),
    );
    const { error } = await collectFailing(start());
    expect([error.kind, error.provider]).toEqual(['malformed-response', 'mine']);
    expect(error.message).toContain('"crop"');
  });
});

describe('something else than an answer', () => {
  it.each([
    ['text/html', '<html>Welcome</html>', {}],
    ['text/html', '<html>Welcome</html>', { stream: false }],
    ['application/json', '{"status":"ok"}', {}],
    ['application/json', '{"status":"ok"}', { stream: false }],
    ['application/json', '{"choices":[', {}],
    ['application/json', 'null', { stream: false }],
  ])('%s %s with status 200 is malformed (%j)', async (contentType, text, compat) => {
    server.answer(textAnswer(200, contentType, text));
    expect((await collectFailing(start(undefined, { compat }))).error.kind).toBe('malformed-response');
  });

  it('an error in a JSON document with status 200 is that error', async () => {
    server.answer(jsonAnswer(200, { error: { code: 429, message: 'Rate limited' } }));
    expect((await collectFailing(start())).error.kind).toBe('rate-limit');
  });

  it('no server is a broken connection that names the address', async () => {
    const gone = await startVendorServer();
    await gone.close();
    const { error } = await collectFailing(start(undefined, { baseURL: gone.baseURL }));
    expect(error.kind).toBe('network');
    expect(error.message).toContain(gone.baseURL);
  });
});

describe('an abort', () => {
  it.each([{}, { stream: false }])('before the answer begins closes the socket (%j)', async (compat) => {
    const controller = new AbortController();
    server.answer(() => {
      setTimeout(() => controller.abort(), 10);
    });
    expect((await collectFailing(start(controller.signal, { compat }))).error.kind).toBe('aborted');
    await server.requests.at(-1)?.closedEarly;
  });

  it('in the middle of a stream closes the socket', async () => {
    const controller = new AbortController();
    server.answer(endlessStreamOf([say.text('one, ')]));
    const running = (async () => {
      for await (const event of start(controller.signal)) if (event.type === 'text-delta') controller.abort();
    })();
    await expect(running).rejects.toMatchObject({ kind: 'aborted', provider: 'mine' });
    await server.requests.at(-1)?.closedEarly;
    expect(server.unhandled).toEqual([]);
  });
});
