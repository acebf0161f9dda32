/** Everything that can go wrong on the way to OpenAI and back. */

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openai } from '../../../adapters/openai/index.js';
import type { AdapterEvent } from '../../../src/request/index.js';
import { collect, collectFailing, picture, preparedRequest, textOf } from '../shared/requests.js';
import * as say from './response-events.js';
import {
  cutStreamOf,
  endlessStreamOf,
  jsonAnswer,
  serverOfThisFile,
  startVendorServer,
  streamOf,
  textAnswer,
} from '../shared/vendor-server.js';

const key = 'sk-proj-0123456789abcdefghij';
const now = Date.parse('Tue, 24 Nov 2026 08:00:00 GMT');

const server = serverOfThisFile();

const adapter = (): ReturnType<typeof openai> =>
  openai({ apiKey: key, baseURL: server.baseURL, environment: {}, now: () => now });

function start(signal = new AbortController().signal): AsyncIterable<AdapterEvent> {
  const target = adapter();
  const { body } = target.toWire(preparedRequest(), target.defaultDescription);
  return target.stream(body, { signal });
}

const errorBody = (code: string | null, message: string, type = 'invalid_request_error'): unknown => ({
  error: { message, type, param: null, code },
});

describe('an HTTP error', () => {
  it.each([
    [400, 'context_length_exceeded', 'Your input exceeds the context window of this model.', 'context-length'],
    [400, null, "This model's maximum context length is 128000 tokens.", 'context-length'],
    [400, null, "Invalid value: 'foo'.", 'invalid-request'],
    [400, 'image_too_large', 'The image is too large.', 'image-too-large'],
    [400, null, 'The image exceeds the maximum of 30000 patches.', 'image-too-large'],
    [400, 'invalid_image_format', 'You uploaded an unsupported image.', 'image-unreadable'],
    [400, 'content_policy_violation', 'Rejected by our safety system.', 'content-filter'],
    [401, 'invalid_api_key', `Incorrect API key provided: ${key}.`, 'authentication'],
    [403, null, 'Project has no access to the endpoint.', 'permission'],
    [404, 'model_not_found', "The model 'gpt-9' does not exist.", 'model-not-found'],
    [404, null, 'Invalid URL (POST /v1/v1/responses)', 'invalid-request'],
    [408, null, 'Took too long.', 'timeout'],
    [409, null, 'Conflict.', 'server'],
    [413, null, 'Payload too large.', 'image-too-large'],
    [429, 'rate_limit_exceeded', 'Rate limit reached for gpt-4o.', 'rate-limit'],
    [429, 'insufficient_quota', 'You exceeded your current quota.', 'quota'],
    [500, null, 'The server had an error.', 'server'],
    [502, null, 'Bad gateway.', 'server'],
    [503, null, 'Slow down.', 'overloaded'],
    [504, null, 'Gateway time-out.', 'timeout'],
  ])('%i %s is sorted by code, words and status: "%s"', async (status, code, message, kind) => {
    const before = server.requests.length;
    server.answer(jsonAnswer(status, errorBody(code, message)));
    const { error } = await collectFailing(start());
    expect(error.kind).toBe(kind);
    expect(error.status).toBe(status);
    expect(error.provider).toBe('openai');
    // The package's own retries are off.
    expect(server.requests.length - before).toBe(1);
  });

  it.each([
    [{ 'retry-after-ms': '1500' }, 1_500],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Tue, 24 Nov 2026 08:00:42 GMT' }, 42_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 07:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{}, undefined],
  ])('with %j says how long to wait', async (headers, expected) => {
    server.answer(jsonAnswer(429, errorBody('rate_limit_exceeded', 'Too many.'), headers));
    expect((await collectFailing(start())).error.retryAfterMs).toBe(expected);
  });

  it('for a single request over the rate limit is not worth a retry', async () => {
    server.answer(jsonAnswer(429, errorBody('rate_limit_exceeded', 'Request too large for gpt-4o: Limit 30000.')));
    const { error } = await collectFailing(start());
    expect([error.kind, error.retryable]).toEqual(['rate-limit', false]);
  });

  it('with a page of HTML is quoted within bounds', async () => {
    server.answer(textAnswer(502, 'text/html', `<html>${'<p>Bad gateway</p>'.repeat(5_000)}</html>`));
    const { error } = await collectFailing(start());
    expect(error.kind).toBe('server');
    expect(error.message.length).toBeLessThan(600);
  });

  it('never shows the key, whole or starred, nor the picture', async () => {
    const target = adapter();
    const { body } = target.toWire(
      preparedRequest({ messages: [{ role: 'user', content: [picture()] }] }),
      target.defaultDescription,
    );
    server.answer((response, request) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      const echo = `Bad key ${key} or sk-proj-********ghij for ${JSON.stringify(request.body).repeat(50)}`;
      response.end(JSON.stringify(errorBody('invalid_api_key', echo)));
    });
    const { error } = await collectFailing(target.stream(body, { signal: new AbortController().signal }));
    for (const text of [JSON.stringify(error), inspect(error, { depth: 10 }), String(error.stack)]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain('ghij');
      expect(text.length).toBeLessThan(16_000);
    }
    expect(error.cause).toBeUndefined();
  });
});

describe('a failure inside a stream', () => {
  it.each([
    ['rate_limit_exceeded', 'Rate limit reached.', 'rate-limit'],
    ['insufficient_quota', 'You exceeded your current quota.', 'quota'],
    ['server_error', 'An error occurred.', 'server'],
    ['context_length_exceeded', 'Your input exceeds the context window.', 'context-length'],
    ['invalid_prompt', 'The prompt was flagged.', 'content-filter'],
    ['image_file_too_large', 'Too large.', 'image-too-large'],
  ])('%s in response.failed is sorted, after the text that came', async (code, message, kind) => {
    server.answer(streamOf([say.created(), say.textDelta('Thr'), say.failed(code, message)]));
    const { events, error } = await collectFailing(start());
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(message);
    expect(textOf(events)).toBe('Thr');
    expect(events.at(-1)).toMatchObject({ type: 'usage', usage: { inputTokens: 812 } });
  });

  it.each([
    [{ type: 'error', code: 'server_error', message: 'Boom.', param: null, sequence_number: 9 }, 'server'],
    [{ type: 'error', error: { type: 'rate_limit_error', code: null, message: 'Slow.' } }, 'rate-limit'],
    [{ type: 'error', code: null, message: 'Something unknown.', param: null, sequence_number: 9 }, 'server'],
  ])('as an error event is sorted: %j', async (event, kind) => {
    server.answer(streamOf([say.created(), event]));
    expect((await collectFailing(start())).error.kind).toBe(kind);
  });

  it('by the end of the stream before its last event is a broken connection', async () => {
    server.answer(streamOf([say.created(), say.textDelta('Thr')]));
    const { events, error } = await collectFailing(start());
    expect([error.kind, error.retryable]).toEqual(['network', true]);
    expect(textOf(events)).toBe('Thr');
  });

  it('by a destroyed socket is a broken connection, and nothing is left unhandled', async () => {
    for (let round = 0; round < 5; round += 1) {
      server.answer(cutStreamOf([say.created(), say.textDelta('Thr')]));
      expect((await collectFailing(start())).error.kind).toBe('network');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.unhandled).toEqual([]);
  });

  it('by a chunk that is no JSON is malformed', async () => {
    server.answer(streamOf([say.created()], 'data: {"type":"response.output_text.delta","del\n\n'));
    expect((await collectFailing(start())).error.kind).toBe('malformed-response');
  });

  it('by broken tool arguments is malformed and names the tool', async () => {
    server.answer(streamOf([say.created(), say.itemDone(0, say.call('call_a', 'crop', '{"x":')), say.completed()]));
    const { error } = await collectFailing(start());
    expect(error.kind).toBe('malformed-response');
    expect(error.message).toContain('"crop"');
  });
});

describe('something else than an answer', () => {
  it.each([
    ['text/html', '<html>Welcome to nginx</html>'],
    ['application/json', '{"hello":"world"}'],
  ])('%s with status 200 is malformed', async (contentType, text) => {
    server.answer(textAnswer(200, contentType, text));
    const { error } = await collectFailing(start());
    expect(error.kind).toBe('malformed-response');
    expect(error.message).toContain(contentType);
  });

  it('a server that closes at once is a broken connection', async () => {
    server.answer((response) => {
      response.socket?.destroy();
    });
    expect((await collectFailing(start())).error.kind).toBe('network');
  });

  it('no server at all is a broken connection', async () => {
    const gone = await startVendorServer();
    await gone.close();
    const target = openai({ apiKey: key, baseURL: gone.baseURL, environment: {} });
    const { body } = target.toWire(preparedRequest(), target.defaultDescription);
    const { error } = await collectFailing(target.stream(body, { signal: new AbortController().signal }));
    expect(error.kind).toBe('network');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('an address that is no URL is an invalid request', async () => {
    const target = openai({ apiKey: key, baseURL: 'not a url', environment: {} });
    const { body } = target.toWire(preparedRequest(), target.defaultDescription);
    const { error } = await collectFailing(target.stream(body, { signal: new AbortController().signal }));
    expect(error.kind).toBe('invalid-request');
  });

  it('a missing key is told before and after the call is tried', async () => {
    const target = openai({ environment: {} });
    expect(target.missingCredential()?.variables).toEqual(['OPENAI_API_KEY']);
    const { body } = target.toWire(preparedRequest(), target.defaultDescription);
    const { error } = await collectFailing(target.stream(body, { signal: new AbortController().signal }));
    expect(error.kind).toBe('authentication');
  });
});

describe('an abort', () => {
  it('before the answer begins closes the socket', async () => {
    const controller = new AbortController();
    server.answer(() => {
      setTimeout(() => controller.abort(), 10);
    });
    const { error } = await collectFailing(start(controller.signal));
    expect([error.kind, error.retryable]).toEqual(['aborted', false]);
    await server.requests.at(-1)?.closedEarly;
  });

  it('in the middle of a stream closes the socket and keeps what had come', async () => {
    const controller = new AbortController();
    server.answer(endlessStreamOf([say.created(), say.textDelta('one, '), say.textDelta('two, ')]));
    const texts: string[] = [];
    const running = (async () => {
      for await (const event of start(controller.signal))
        if (event.type === 'text-delta' && texts.push(event.text) === 2) controller.abort(new Error('enough'));
    })();
    await expect(running).rejects.toMatchObject({ kind: 'aborted' });
    expect(texts).toEqual(['one, ', 'two, ']);
    await server.requests.at(-1)?.closedEarly;
    expect(server.unhandled).toEqual([]);
  });

  it('that came before the call sends nothing', async () => {
    const before = server.requests.length;
    server.answer(streamOf(say.plainAnswer('never')));
    const { error } = await collectFailing(start(AbortSignal.abort()));
    expect(error.kind).toBe('aborted');
    expect(server.requests.length).toBe(before);
  });

  it('leaves no listener on a signal that many calls share', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = new Set<unknown>();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.add(args[1]);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.delete(args[1]);
      remove(...args);
    };
    server.answer(streamOf(say.plainAnswer('one')));
    await collect(start(signal));
    server.answer(jsonAnswer(500, errorBody(null, 'no')));
    await collectFailing(start(signal));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(listeners.size).toBe(0);
  });
});
