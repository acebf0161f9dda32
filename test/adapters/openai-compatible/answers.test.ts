/** Answers of Chat Completions, streamed and whole, as differing servers send them. */

import { describe, expect, it } from 'vitest';
import { openaiCompatible, type OpenaiCompatibleOptions } from '../../../adapters/openai-compatible/index.js';
import type { AdapterEvent } from '../../../src/request/index.js';
import { collect, partsOf, preparedRequest, textOf } from '../shared/requests.js';
import { drippedStreamOf, endlessStreamOf, jsonAnswer, serverOfThisFile, streamOf } from '../shared/vendor-server.js';
import * as say from './chat-events.js';

const server = serverOfThisFile();

async function ask(options: OpenaiCompatibleOptions = {}): Promise<AdapterEvent[]> {
  const target = openaiCompatible({ name: 'mine', baseURL: server.baseURL, environment: {}, ...options });
  const { body } = target.toWire(preparedRequest({ modelId: 'qwen' }), target.defaultDescription);
  return collect(target.stream(body, { signal: new AbortController().signal }));
}

const threeCoins: readonly AdapterEvent[] = [
  { type: 'response-start', responseId: 'chatcmpl-1', responseModel: 'qwen2.5-vl' },
  { type: 'reasoning-delta', text: 'Look.', providerData: { mine: {} } },
  { type: 'text-delta', text: 'Three coins.' },
  { type: 'tool-call-start', id: 'call_a', name: 'crop' },
  { type: 'tool-call-delta', id: 'call_a', argumentsText: '{"x":1}' },
  { type: 'tool-call-end', id: 'call_a', name: 'crop', arguments: { x: 1 } },
  {
    type: 'finish',
    reason: 'tool-calls',
    usage: {
      inputTokens: 812,
      cacheReadTokens: 256,
      cacheWriteTokens: undefined,
      outputTokens: 60,
      reasoningTokens: 32,
      estimated: false,
    },
  },
];

const wholeMessage = {
  content: 'Three coins.',
  reasoning_content: 'Look.',
  tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'crop', arguments: '{"x":1}' } }],
};

describe('a chat completion', () => {
  it('is streamed as events', async () => {
    server.answer(
      streamOf(
        [
          say.chunk({ role: 'assistant', content: null, reasoning_content: 'Look.' }),
          say.text('Three coins.'),
          say.call(0, { id: 'call_a', function: { name: 'crop', arguments: '{"x":1}' } }),
          say.last('tool_calls'),
          say.usageChunk(),
        ],
        say.done,
      ),
    );
    expect(await ask()).toEqual(threeCoins);
    expect(server.requests.at(-1)).toMatchObject({
      path: '/v1/chat/completions',
      body: { model: 'qwen', stream: true, stream_options: { include_usage: true } },
    });
  });

  it('is the same events when it comes whole because `stream` is off', async () => {
    server.answer(jsonAnswer(200, say.wholeAnswer(wholeMessage, 'tool_calls')));
    expect(await ask({ compat: { stream: false } })).toEqual(threeCoins);
    const body = server.requests.at(-1)?.body;
    expect(body?.['stream']).toBe(false);
    expect(body?.['stream_options']).toBeUndefined();
  });

  it('is the same events when the server answers whole although a stream was asked for', async () => {
    server.answer(jsonAnswer(200, say.wholeAnswer(wholeMessage, 'stop')));
    expect(await ask()).toEqual(threeCoins);
  });

  it('is read right when every TCP chunk cuts characters in half', async () => {
    server.answer(drippedStreamOf(say.plainAnswer('drei Münzen 🪙🪙🪙', ' ≈ 三枚'), 3));
    expect(textOf(await ask())).toBe('drei Münzen 🪙🪙🪙 ≈ 三枚');
  });

  it('keeps parallel calls apart whose arguments are interleaved', async () => {
    server.answer(
      streamOf([
        say.call(0, { id: 'call_a', function: { name: 'crop', arguments: '' } }),
        say.call(1, { id: 'call_b', function: { name: 'count', arguments: '' } }),
        say.call(0, { function: { arguments: '{"x":' } }),
        say.call(1, { function: { arguments: '{"what":"co' } }),
        say.call(0, { function: { arguments: '12}' } }),
        say.call(1, { function: { arguments: 'ins"}' } }),
        say.last('tool_calls'),
      ]),
    );
    const events = await ask();
    expect(partsOf(events)).toEqual([
      { type: 'tool-call', id: 'call_a', name: 'crop', arguments: { x: 12 } },
      { type: 'tool-call', id: 'call_b', name: 'count', arguments: { what: 'coins' } },
    ]);
    expect(events.filter((event) => event.type === 'tool-call-delta').map((event) => event.id)).toEqual([
      'call_a',
      'call_b',
      'call_a',
      'call_b',
    ]);
  });

  it.each([
    ['one index for all', 0, ['call_a', 'call_b']],
    ['no index', undefined, ['call_a', 'call_b']],
    ['neither index nor id', undefined, [undefined, undefined]],
    ['one index for all and no id', 0, [undefined, undefined]],
  ])('keeps whole calls apart with %s', async (_title, index, ids) => {
    server.answer(
      streamOf([
        ...ids.map((id, place) =>
          say.call(index, {
            ...(id === undefined ? {} : { id }),
            function: { name: 'crop', arguments: `{"x":${place}}` },
          }),
        ),
        say.last('stop'),
      ]),
    );
    const events = await ask();
    const parts = partsOf(events);
    expect(parts.map((part) => (part.type === 'tool-call' ? part.arguments : part))).toEqual([{ x: 0 }, { x: 1 }]);
    expect(new Set(parts.map((part) => (part.type === 'tool-call' ? part.id : ''))).size).toBe(2);
    expect(events.at(-1)).toMatchObject({ reason: 'tool-calls' });
  });

  it('takes arguments that come as an object, and calls that repeat their id', async () => {
    server.answer(
      streamOf([
        say.call(0, { id: 'call_a', function: { name: 'crop', arguments: { x: 1 } } }),
        say.call(1, { id: 'call_b', function: { name: 'crop', arguments: '{"x":' } }),
        say.call(1, { id: 'call_b', function: { name: 'crop', arguments: '2}' } }),
        say.last('tool_calls'),
      ]),
    );
    expect(partsOf(await ask())).toMatchObject([{ arguments: { x: 1 } }, { arguments: { x: 2 } }]);
  });

  it.each(['reasoning', 'reasoning_content'])('reads reasoning from `%s`', async (field) => {
    server.answer(
      streamOf([say.chunk({ [field]: 'Look' }), say.chunk({ [field]: ' closer.' }), say.text('Three.'), say.last()]),
    );
    expect(partsOf(await ask())).toEqual([
      { type: 'reasoning', text: 'Look closer.', providerData: { mine: {} } },
      { type: 'text', text: 'Three.' },
    ]);
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['eos', 'other'],
  ])('ends with %s as %s', async (reason, expected) => {
    server.answer(streamOf([say.text('Three.'), say.last(reason)]));
    expect((await ask()).at(-1)).toMatchObject({ type: 'finish', reason: expected });
  });

  it('leaves out a call that the token limit cut', async () => {
    server.answer(
      streamOf([say.call(0, { id: 'call_a', function: { name: 'crop', arguments: '{"x":1' } }), say.last('length')]),
    );
    const events = await ask();
    expect(partsOf(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ reason: 'length' });
  });

  it('says nothing of usage that the server did not say', async () => {
    server.answer(streamOf([say.text('Three.'), say.last()], say.done));
    expect((await ask()).at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: {
        inputTokens: undefined,
        cacheReadTokens: undefined,
        cacheWriteTokens: undefined,
        outputTokens: undefined,
        reasoningTokens: undefined,
        estimated: false,
      },
    });
  });

  it('takes the last usage where every chunk has some', async () => {
    const counted = (content: string, outputTokens: number): unknown =>
      say.chunk({ content }, null, { usage: { prompt_tokens: 5, completion_tokens: outputTokens } });
    server.answer(streamOf([counted('Three', 1), counted(' coins.', 2), say.last(), say.usageChunk()]));
    expect((await ask()).at(-1)).toMatchObject({ usage: { inputTokens: 812, outputTokens: 60 } });
  });

  it("reads usage from Groq's place, and tokens by kind where they are told", async () => {
    const reported = { prompt_tokens: 5, prompt_tokens_details: { text_tokens: 2, image_tokens: 3 } };
    server.answer(streamOf([say.text('Three.'), say.chunk({}, 'stop', { x_groq: { usage: reported } })]));
    expect((await ask()).at(-1)).toMatchObject({
      usage: { inputTokens: 5, outputTokens: undefined, byModality: { text: 2, image: 3 } },
    });
  });

  it('ignores a repeated last chunk', async () => {
    server.answer(
      streamOf([say.text('Three.'), say.chunk({ content: ' Yes.' }, 'stop'), say.chunk({ content: ' Yes.' }, 'stop')]),
    );
    const events = await ask();
    expect(textOf(events)).toBe('Three. Yes.');
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
  });

  it('is complete with its usage, even if the server keeps the stream open', async () => {
    server.answer(endlessStreamOf(say.plainAnswer('Three.')));
    expect(textOf(await ask())).toBe('Three.');
    await server.requests.at(-1)?.closedEarly;
  });
});
