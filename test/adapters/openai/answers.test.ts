/** Answers of the Responses API, read through the real SDK from a real server. */

import { describe, expect, it } from 'vitest';
import { openai } from '../../../adapters/openai/index.js';
import type { AdapterEvent } from '../../../src/request/index.js';
import { collect, partsOf, preparedRequest, textOf } from '../shared/requests.js';
import * as say from './response-events.js';
import { drippedStreamOf, endlessStreamOf, jsonAnswer, serverOfThisFile, streamOf } from '../shared/vendor-server.js';

const server = serverOfThisFile();

const adapter = (): ReturnType<typeof openai> =>
  openai({ apiKey: 'test-key', baseURL: server.baseURL, environment: {} });

async function ask(signal = new AbortController().signal): Promise<AdapterEvent[]> {
  const target = adapter();
  const { body } = target.toWire(preparedRequest(), target.defaultDescription);
  return collect(target.stream(body, { signal }));
}

describe('an answer of the Responses API', () => {
  it('becomes a start, text deltas and one finish with usage', async () => {
    server.answer(streamOf(say.plainAnswer('There are ', 'three coins.')));
    expect(await ask()).toEqual([
      { type: 'response-start', responseId: 'resp_1', responseModel: 'gpt-4o-2024-11-20' },
      { type: 'text-delta', text: 'There are ' },
      { type: 'text-delta', text: 'three coins.' },
      {
        type: 'finish',
        reason: 'stop',
        usage: {
          inputTokens: 812,
          cacheReadTokens: 256,
          cacheWriteTokens: 0,
          outputTokens: 60,
          reasoningTokens: 32,
          estimated: false,
        },
      },
    ]);
    expect(server.requests.at(-1)).toMatchObject({
      path: '/v1/responses',
      headers: { authorization: 'Bearer test-key' },
      body: { model: 'gpt-4o', stream: true, store: false },
    });
  });

  it('is read right when every TCP chunk cuts characters in half', async () => {
    server.answer(drippedStreamOf(say.plainAnswer('drei Münzen 🪙🪙🪙', ' ≈ 三枚'), 3));
    expect(textOf(await ask())).toBe('drei Münzen 🪙🪙🪙 ≈ 三枚');
  });

  it('keeps parallel calls apart whose arguments are interleaved', async () => {
    server.answer(
      streamOf([
        say.created(),
        say.itemAdded(0, say.call('call_a', 'crop', '', 'in_progress')),
        say.itemAdded(1, say.call('call_b', 'count', '', 'in_progress')),
        say.argumentsDelta(0, '{"x":'),
        say.argumentsDelta(1, '{"what":"co'),
        say.argumentsDelta(0, '12}'),
        say.argumentsDelta(1, 'ins"}'),
        say.itemDone(1, say.call('call_b', 'count', '{"what":"coins"}')),
        say.itemDone(0, say.call('call_a', 'crop', '{"x":12}')),
        say.completed(),
      ]),
    );
    const events = await ask();
    expect(events.filter((event) => event.type.startsWith('tool-call'))).toEqual([
      { type: 'tool-call-start', id: 'call_a', name: 'crop' },
      { type: 'tool-call-start', id: 'call_b', name: 'count' },
      { type: 'tool-call-delta', id: 'call_a', argumentsText: '{"x":' },
      { type: 'tool-call-delta', id: 'call_b', argumentsText: '{"what":"co' },
      { type: 'tool-call-delta', id: 'call_a', argumentsText: '12}' },
      { type: 'tool-call-delta', id: 'call_b', argumentsText: 'ins"}' },
      { type: 'tool-call-end', id: 'call_b', name: 'count', arguments: { what: 'coins' } },
      { type: 'tool-call-end', id: 'call_a', name: 'crop', arguments: { x: 12 } },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
  });

  it('takes a call without parameters, sent without deltas', async () => {
    server.answer(
      streamOf([
        say.created(),
        say.itemAdded(0, say.call('call_a', 'now', '', 'in_progress')),
        say.itemDone(0, say.call('call_a', 'now', '')),
        say.completed(),
      ]),
    );
    expect(partsOf(await ask())).toEqual([{ type: 'tool-call', id: 'call_a', name: 'now', arguments: {} }]);
  });

  it('joins the pieces of one reasoning item and keeps what goes back with it', async () => {
    server.answer(
      streamOf([
        say.created(),
        say.summaryDelta('First ', 0, 0),
        say.summaryDelta('look.', 0, 0),
        say.summaryDelta('Then count.', 0, 1),
        say.itemDone(0, {
          type: 'reasoning',
          id: 'rs_0',
          summary: [
            { type: 'summary_text', text: 'First look.' },
            { type: 'summary_text', text: 'Then count.' },
          ],
          encrypted_content: 'sealed-0',
        }),
        say.itemDone(1, { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed-1' }),
        say.textDelta('Three.', 2),
        say.completed(),
      ]),
    );
    expect(partsOf(await ask())).toEqual([
      {
        type: 'reasoning',
        text: 'First look.\n\nThen count.',
        providerData: { openai: { id: 'rs_0', encrypted_content: 'sealed-0' } },
      },
      { type: 'reasoning', text: '', providerData: { openai: { id: 'rs_1', encrypted_content: 'sealed-1' } } },
      { type: 'text', text: 'Three.' },
    ]);
  });

  it('begins a new part for a second message and keeps its phase', async () => {
    server.answer(
      streamOf([
        say.created(),
        say.textDelta('Let me look.', 0),
        say.itemDone(0, say.message('Let me look.', { phase: 'commentary' })),
        say.textDelta('Three.', 1),
        say.itemDone(1, say.message('Three.', { phase: 'final_answer' })),
        say.completed(),
      ]),
    );
    expect(partsOf(await ask())).toEqual([
      { type: 'text', text: 'Let me look.', providerData: { openai: { phase: 'commentary' } } },
      { type: 'text', text: 'Three.', providerData: { openai: { phase: 'final_answer' } } },
    ]);
  });

  it('finishes with content-filter when the model refuses', async () => {
    server.answer(streamOf([say.created(), say.refusalDelta('I cannot help with that.'), say.completed()]));
    const events = await ask();
    expect(textOf(events)).toBe('I cannot help with that.');
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'content-filter' });
  });

  it.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content-filter'],
    ['something_new', 'other'],
  ])('finishes with the reason for %s', async (reason, expected) => {
    server.answer(streamOf([say.created(), say.textDelta('Thr'), say.incomplete(reason)]));
    expect((await ask()).at(-1)).toMatchObject({ type: 'finish', reason: expected });
  });

  it('leaves out a call that the token limit cut', async () => {
    server.answer(
      streamOf([
        say.created(),
        say.itemAdded(0, say.call('call_a', 'crop', '', 'in_progress')),
        say.argumentsDelta(0, '{"x":1'),
        say.itemDone(0, say.call('call_a', 'crop', '{"x":1', 'incomplete')),
        say.incomplete('max_output_tokens'),
      ]),
    );
    const events = await ask();
    expect(partsOf(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
  });

  it('ignores repeated events, the last one among them', async () => {
    const [first, ...rest] = say.plainAnswer('Three.');
    const events = [first, ...rest.flatMap((event) => [event, event])];
    server.answer(streamOf([...events, ...events.slice(-1)]));
    const answer = await ask();
    expect(textOf(answer)).toBe('Three.');
    expect(answer.filter((event) => event.type === 'finish')).toHaveLength(1);
  });

  it('reads what a server lists only in its last event', async () => {
    server.answer(
      streamOf([say.completed({ output: [say.message('Three.'), say.call('call_a', 'crop', '{"x":1}')] })]),
    );
    const events = await ask();
    expect(partsOf(events)).toEqual([
      { type: 'text', text: 'Three.' },
      { type: 'tool-call', id: 'call_a', name: 'crop', arguments: { x: 1 } },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
  });

  it('says nothing of usage that the server did not say', async () => {
    server.answer(streamOf([say.created(), say.textDelta('Three.'), say.completed({ usage: null })]));
    expect((await ask()).at(-1)).toMatchObject({
      type: 'finish',
      usage: { inputTokens: undefined, outputTokens: undefined, reasoningTokens: undefined },
    });
  });
});

describe('the connection', () => {
  it('is used again after a complete answer', async () => {
    server.answer(streamOf(say.plainAnswer('one')), streamOf(say.plainAnswer('two')));
    const target = adapter();
    const { body } = target.toWire(preparedRequest(), target.defaultDescription);
    const { signal } = new AbortController();
    const before = server.requests.length;
    for (const _ of [1, 2]) {
      await collect(target.stream(body, { signal }));
      // The end-of-body mark is read in the background.
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    const [first, second] = server.requests.slice(before);
    expect(first?.port).toBeDefined();
    expect(second?.port).toBe(first?.port);
  });

  it('is closed when the caller stops reading', async () => {
    server.answer(endlessStreamOf([say.created(), say.textDelta('one, two, ')]));
    const target = adapter();
    const { body } = target.toWire(preparedRequest(), target.defaultDescription);
    for await (const event of target.stream(body, { signal: new AbortController().signal }))
      if (event.type === 'text-delta') break;
    await server.requests.at(-1)?.closedEarly;
  });

  it('is closed when a server does not end a complete answer', async () => {
    server.answer(endlessStreamOf(say.plainAnswer('done')));
    expect(textOf(await ask())).toBe('done');
    await server.requests.at(-1)?.closedEarly;
  });
});

describe('counting tokens', () => {
  it('asks the count endpoint with the fields that the model reads', async () => {
    server.answer(jsonAnswer(200, { object: 'response.input_tokens', input_tokens: 777 }));
    const target = adapter();
    const { body } = target.toWire(preparedRequest({ temperature: 0 }), target.defaultDescription);
    expect(await target.countTokens?.(body, { signal: new AbortController().signal })).toBe(777);
    const seen = server.requests.at(-1);
    expect(seen?.path).toBe('/v1/responses/input_tokens');
    expect(Object.keys(seen?.body ?? {}).sort()).toEqual(['input', 'model']);
  });
});
