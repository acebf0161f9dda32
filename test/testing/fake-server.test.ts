/** The fake servers satisfy the vendors' real SDKs, and their faults are what they say. */

import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenerativeAI, type GoogleGenerativeAIFetchError } from '@google/generative-ai';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createFakeServer,
  serverErrorKinds,
  type FakeServer,
  type ScriptedReply,
  type ServerAnswer,
  type WireName,
} from '../../src/testing/index.js';

const key = 'sk-secret-key-of-a-test';
const reply: ScriptedReply = {
  reasoning: { text: ['I look', ' closely.'], signature: 'c2lnbmF0dXJl' },
  text: ['Grüße: ', 'zwei 🦋.'],
  toolCalls: [
    { id: 'call_a', name: 'count', arguments: { of: 'coins', near: '🪙' } },
    { id: 'call_b', name: 'look', arguments: { at: [1, 2] } },
  ],
  interleaved: true,
  usage: { inputTokens: 100, cacheReadTokens: 40, outputTokens: 30, reasoningTokens: 10 },
};

const servers: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(wire: WireName, ...script: ServerAnswer[]): Promise<FakeServer> {
  const server = await createFakeServer({ wire, script });
  servers.push(server);
  return server;
}

function openaiClient(server: FakeServer): OpenAI {
  return new OpenAI({ apiKey: key, baseURL: server.url, maxRetries: 0 });
}

function anthropicClient(server: FakeServer): Anthropic {
  return new Anthropic({ apiKey: key, baseURL: server.url, maxRetries: 0 });
}

function googleModel(server: FakeServer, model = 'gemini-2.5-flash') {
  return new GoogleGenerativeAI(key).getGenerativeModel({ model }, { baseUrl: server.url });
}

const chat = {
  model: 'any',
  messages: [{ role: 'user' as const, content: 'Hi' }],
};
const ask = { model: 'claude-any', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };

describe('a fake OpenAI', () => {
  it('streams Responses events that the SDK assembles into the whole response', async () => {
    const server = await serve('openai', { reply });
    const stream = openaiClient(server).responses.stream({ model: 'gpt-4o', input: 'Hi' });
    const numbers: number[] = [];
    stream.on('event', (event) => numbers.push(event.sequence_number));
    const response = await stream.finalResponse();
    expect(response.output_text).toBe('Grüße: zwei 🦋.');
    expect(response.output.map((item) => item.type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'function_call',
    ]);
    expect(response.usage).toMatchObject({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens_details: { reasoning_tokens: 10 },
    });
    expect(numbers).toEqual(numbers.map((_, index) => index));
  });

  it('answers a document without stream, and counts', async () => {
    const server = await serve('openai', { reply: { text: 'whole', finishReason: 'length' } });
    const response = await openaiClient(server).responses.create({ model: 'gpt-4o', input: 'Hi' });
    expect(response).toMatchObject({ output_text: 'whole', status: 'incomplete', model: 'gpt-4o' });
    const count = await openaiClient(server).responses.inputTokens.count({ model: 'gpt-4o', input: 'Hi' });
    expect(count.input_tokens).toBe(42);
  });
});

describe('a fake OpenAI-compatible server', () => {
  it('streams chunks that the SDK assembles, with usage only when asked for', async () => {
    const server = await serve('openai-compatible', { reply }, { reply: { text: 'plain' } });
    const runner = openaiClient(server).chat.completions.stream({ ...chat, stream_options: { include_usage: true } });
    const completion = await runner.finalChatCompletion();
    const message = completion.choices[0]?.message;
    expect(message?.content).toBe('Grüße: zwei 🦋.');
    expect(message?.tool_calls?.map((call) => (call.type === 'function' ? call.function.arguments : ''))).toEqual([
      '{"of":"coins","near":"🪙"}',
      '{"at":[1,2]}',
    ]);
    expect(completion.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 30 });
    const plain = await openaiClient(server).chat.completions.stream(chat).finalChatCompletion();
    expect(plain.usage).toBeUndefined();
  });

  it('answers a document when stream is not asked for', async () => {
    const server = await serve('openai-compatible', { reply });
    const completion = await openaiClient(server).chat.completions.create(chat);
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { role: 'assistant' } });
    expect(completion.usage?.prompt_tokens_details?.cached_tokens).toBe(40);
  });
});

describe('a fake Anthropic', () => {
  it('streams events that the SDK assembles into the whole message', async () => {
    const server = await serve('anthropic', { reply });
    const message = await anthropicClient(server).messages.stream(ask).finalMessage();
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'I look closely.', signature: 'c2lnbmF0dXJl' },
      { type: 'text', text: 'Grüße: zwei 🦋.' },
      { type: 'tool_use', id: 'call_a', name: 'count', input: { of: 'coins', near: '🪙' } },
      { type: 'tool_use', id: 'call_b', name: 'look', input: { at: [1, 2] } },
    ]);
    expect(message).toMatchObject({
      stop_reason: 'tool_use',
      usage: { input_tokens: 60, cache_read_input_tokens: 40, output_tokens: 30 },
    });
  });

  it('answers a document without stream, and counts', async () => {
    const server = await serve('anthropic', { reply });
    const message = await anthropicClient(server).messages.create(ask);
    expect(message.content.map((block) => block.type)).toEqual(['thinking', 'text', 'tool_use', 'tool_use']);
    const count = await anthropicClient(server).messages.countTokens({ model: ask.model, messages: ask.messages });
    expect(count.input_tokens).toBe(42);
  });
});

describe('a fake Google', () => {
  it('streams chunks that the SDK reads', async () => {
    const server = await serve('google', { reply });
    const result = await googleModel(server).generateContentStream('Hi');
    const texts: string[] = [];
    for await (const chunk of result.stream) texts.push(chunk.text());
    const response = await result.response;
    expect(texts.join('')).toContain('Grüße: zwei 🦋.');
    expect(response.functionCalls()?.map((call) => call.name)).toEqual(['count', 'look']);
    expect(response.usageMetadata).toMatchObject({
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 10,
    });
  });

  it('answers a document without stream, counts, and reports a blocked prompt as it does', async () => {
    const server = await serve('google', { reply: { text: 'whole' } }, { error: 'content-filter' });
    expect((await googleModel(server).generateContent('Hi')).response.text()).toBe('whole');
    expect((await googleModel(server).countTokens('Hi')).totalTokens).toBe(42);
    const blocked = await googleModel(server).generateContentStream('Hi');
    expect((await blocked.response).promptFeedback?.blockReason).toBe('PROHIBITED_CONTENT');
  });

  it('gives a wrong key as 400 and a wait as RetryInfo', async () => {
    const server = await serve('google', { error: 'authentication' }, { error: 'rate-limit', retryAfterMs: 7_500 });
    const failure = async (): Promise<GoogleGenerativeAIFetchError> =>
      googleModel(server)
        .generateContent('Hi')
        .then(
          () => expect.fail('answered'),
          (error: GoogleGenerativeAIFetchError) => error,
        );
    expect(await failure()).toMatchObject({ status: 400, errorDetails: [{ reason: 'API_KEY_INVALID' }] });
    expect((await failure()).errorDetails?.at(-1)).toMatchObject({ retryDelay: '7.5s' });
  });
});

describe.each(['openai', 'openai-compatible', 'anthropic', 'google'] as const)('every fault over %s', (wire) => {
  const paths: Record<WireName, string> = {
    openai: '/v1/responses',
    'openai-compatible': '/v1/chat/completions',
    anthropic: '/v1/messages',
    google: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&key=AIzaSySecret',
  };
  const post = (server: FakeServer, init: RequestInit = {}): Promise<Response> =>
    fetch(`${server.origin}${paths[wire]}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'x-goog-api-key': key, 'x-api-key': key },
      body: JSON.stringify({ model: 'any', stream: true }),
      ...init,
    });
  const text: ScriptedReply = { text: ['one 🦋', ' two', ' three'] };

  it('cuts the connection after the first text', async () => {
    const server = await serve(wire, { reply: text, cutAfterEvents: 'first-text' });
    const response = await post(server);
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) seen.push(Buffer.from(chunk as Uint8Array).toString());
    };
    await expect(read()).rejects.toThrow();
    expect(seen.join('')).toContain('one 🦋');
    expect(seen.join('')).not.toContain(' two');
    expect(await server.requests[0]?.ended).toBe('cut');
  });

  it('ends properly without the last event, or repeats it', async () => {
    const server = await serve(
      wire,
      { reply: text },
      { reply: text, endAfterEvents: -1 },
      { reply: text, repeatLastEvent: true },
    );
    const [whole, short, long] = [await blocks(server), await blocks(server), await blocks(server)];
    expect(short).toEqual(
      whole.slice(0, -1).map((block) => block.replaceAll(/_1|-1\b/g, (id) => id.replace('1', '2'))),
    );
    expect(long).toHaveLength(whole.length + 1);
  });

  async function blocks(server: FakeServer): Promise<string[]> {
    return (await (await post(server)).text()).split(/\r?\n\r?\n/).slice(0, -1);
  }

  it('breaks one chunk, and puts an error into the stream', async () => {
    const server = await serve(
      wire,
      { reply: text, malformedChunkAt: 'first-text' },
      { reply: text, errorInStreamAfterEvents: 'first-text', errorInStream: 'overloaded' },
    );
    const broken = await (await post(server)).text();
    expect(broken).toContain('data: {"broken": ');
    expect(broken).not.toMatch(/"(?:delta|content|text)":" two"/);
    expect(broken).toContain(' three');
    const failed = await (await post(server)).text();
    expect(failed).toMatch(/overloaded/i);
    expect(failed).not.toContain(' two');
  });

  it('cuts writes inside characters and drips bytes without changing what is said', async () => {
    const server = await serve(
      wire,
      { reply: text },
      { reply: text, splitUtf8: true },
      { reply: text, chunkBytes: [1, 7] },
    );
    const whole = Buffer.from(await (await post(server)).arrayBuffer()).toString();
    const response = await post(server);
    const pieces: Buffer[] = [];
    for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece as Uint8Array));
    expect(pieces.some((piece) => piece.toString().includes('\uFFFD'))).toBe(true);
    expect(Buffer.concat(pieces).toString()).toBe(whole.replaceAll(/([_-])1\b/g, '$12'));
    expect(await (await post(server)).text()).toContain('one 🦋');
  });

  it('drips single bytes', async () => {
    const body = 'drip by drip';
    const server = await serve(wire, { body, dripMs: 2 });
    const response = await post(server);
    const pieces: string[] = [];
    for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece as Uint8Array).toString());
    expect(pieces.join('')).toBe(body);
    // A busy machine may read two bytes at once; an answer in one piece was not dripped.
    expect(pieces.length).toBeGreaterThan(body.length / 2);
  });

  it('closes at once, answers HTML, and hangs until the caller aborts', async () => {
    const server = await serve(
      wire,
      { closeImmediately: true },
      { status: 200, body: '<html>Busy</html>', contentType: 'text/html' },
      { reply: text, neverEnd: 'before-last', keepAliveMs: 5 },
    );
    await expect(post(server)).rejects.toThrow();
    const html = await post(server);
    expect(html.headers.get('content-type')).toBe('text/html');
    expect(await html.text()).toBe('<html>Busy</html>');
    const controller = new AbortController();
    const hanging = await post(server, { signal: controller.signal });
    const reading = hanging.text();
    expect(server.openRequests).toBe(1);
    controller.abort();
    await expect(reading).rejects.toThrow();
    expect(await server.requests[2]?.ended).toBe('aborted');
    expect(server.requests[2]?.aborted).toBe(true);
    expect(server.openRequests).toBe(0);
  });

  it('answers every kind of error with a status and a message, and records no key', async () => {
    const server = await serve(wire, ...serverErrorKinds.map((error) => ({ error, message: `because ${error}` })));
    for (const kind of serverErrorKinds) {
      const response = await post(server);
      const blockedPrompt = wire === 'google' && kind === 'content-filter';
      if (blockedPrompt) expect(response.status).toBe(200);
      else expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.text()).toContain(blockedPrompt ? 'PROHIBITED_CONTENT' : `because ${kind}`);
    }
    const recorded = JSON.stringify(server.requests);
    expect(recorded).toContain('[key removed]');
    expect(recorded).not.toContain(key);
    expect(recorded).not.toContain('AIzaSySecret');
  });

  it('answers by a function of the request, and by the default when the script is used up', async () => {
    const server = await serve(wire, (request) => ({ reply: { text: `for ${request.model}` } }));
    server.setDefault({ reply: { text: 'default' } });
    expect(await (await post(server)).text()).toContain(wire === 'google' ? 'for gemini-2.5-flash' : 'for any');
    expect(await (await post(server)).text()).toContain('default');
    const nowhere = await fetch(`${server.origin}/elsewhere`, { method: 'POST', body: '{}' });
    expect(nowhere.status).toBe(404);
    expect(server.requests.map((request) => request.endpoint)).toEqual(['generate', 'generate', 'unknown']);
  });
});
