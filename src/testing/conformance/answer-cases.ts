/** What an answer must be: text in order, tool calls with parsed arguments, one meaning of usage, one finish. */

import assert from 'node:assert/strict';
import { ContentBuilder, type AdapterEvent, type FinishReason, type PreparedTool } from '../../request/index.js';
import type { ScriptedReply, ScriptedToolCall } from '../scripted-reply.js';
import { textOf, userMessage, type ConformanceCase, type Subject } from './subject.js';

export const sampleTools: readonly PreparedTool[] = [
  {
    name: 'count_things',
    description: 'Counts things of one kind.',
    parameters: {
      type: 'object',
      properties: { kind: { type: 'string' } },
      required: ['kind'],
      additionalProperties: false,
    },
  },
  {
    name: 'look_closer',
    description: 'Looks at a part of the picture.',
    parameters: {
      type: 'object',
      properties: { box: { type: 'array', items: { type: 'number' } } },
      required: ['box'],
      additionalProperties: false,
    },
  },
];

export const sampleCalls: readonly ScriptedToolCall[] = [
  { id: 'call_one', name: 'count_things', arguments: { kind: 'coins "🪙"' } },
  { id: 'call_two', name: 'look_closer', arguments: { box: [1, 2.5, 30, 40] } },
];

/** A signature that is valid base64, as wires want it. */
export const sampleSignature = Buffer.from('signature of the conformance suite').toString('base64');

/** Cases about answers that go well. */
export function answerCases(subject: Subject): readonly ConformanceCase[] {
  if (!subject.canAnswer) return [];
  return [
    ...textCases(subject),
    ...toolCases(subject),
    ...usageCases(subject),
    ...reasoningCases(subject),
    ...finishCases(subject),
  ];
}

function textCases(subject: Subject): readonly ConformanceCase[] {
  return [
    {
      name: 'text arrives whole and in order',
      run: async () => {
        const deltas = ['Grüße', ', ', 'zwei 🦋 und\n', '三', '.'];
        assert.equal(textOf(await subject.answer({ text: deltas })), deltas.join(''));
      },
    },
    {
      name: 'a second call with the same adapter is independent of the first',
      run: async () => {
        await subject.answer({ text: 'first' });
        assert.equal(textOf(await subject.answer({ text: 'second' })), 'second');
      },
    },
    {
      name: 'two calls at once do not mix',
      run: async () => {
        subject.script({ text: ['a', 'a', 'a'] });
        subject.script({ text: ['b', 'b', 'b'] });
        const both = await Promise.all([subject.call(), subject.call()]);
        assert.deepEqual(both.map((outcome) => textOf(outcome.events)).toSorted(), ['aaa', 'bbb']);
      },
    },
    {
      name: 'nothing comes after finish',
      run: async () => {
        subject.script({ text: 'done' });
        const stream = subject.adapter.stream(subject.toWire().body, { signal: new AbortController().signal });
        const iterator = stream[Symbol.asyncIterator]();
        let last = await iterator.next();
        while (last.done !== true && last.value.type !== 'finish') last = await iterator.next();
        assert.equal(last.done, false, 'The stream ended without finish.');
        assert.equal((await iterator.next()).done, true, 'Something came after finish.');
      },
    },
    {
      name: 'the answer says which model and which response it is',
      run: async () => {
        if (!subject.hasServer) return;
        const events = await subject.answer({ text: 'x', model: 'model-of-the-server', id: 'response-7' });
        const start = events.find((event) => event.type === 'response-start');
        assert.equal(start?.responseModel, 'model-of-the-server');
        assert.equal(start?.responseId, 'response-7');
      },
    },
  ];
}

function toolCases(subject: Subject): readonly ConformanceCase[] {
  if (subject.features.tools === 'unsupported') return [];
  const check = async (reply: ScriptedReply, calls: readonly ScriptedToolCall[]): Promise<void> => {
    const events = await subject.answer(reply, { tools: sampleTools });
    const ends = events.filter((event) => event.type === 'tool-call-end');
    assert.deepEqual(
      ends.map(({ name, arguments: given }) => ({ name, arguments: given })),
      calls.map(({ name, arguments: given }) => ({ name, arguments: given })),
    );
    assert.equal(new Set(ends.map((event) => event.id)).size, calls.length, 'Ids of tool calls are not unique.');
    for (const end of ends) {
      const text = events.map((event) => (isDeltaOf(event, end.id) ? event.argumentsText : '')).join('');
      assert.deepEqual(JSON.parse(text), end.arguments, 'The deltas are not the JSON text of the arguments.');
    }
    assert.equal(finishOf(events).reason, 'tool-calls');
  };
  return [
    {
      name: 'a tool call comes with parsed arguments',
      run: () => check({ text: 'Let me count.', toolCalls: sampleCalls.slice(0, 1) }, sampleCalls.slice(0, 1)),
    },
    {
      name: 'a tool call without arguments has an empty object',
      run: async () => {
        const call = { id: 'call_none', name: 'count_things', arguments: {}, argumentChunks: ['{}'] };
        await check({ toolCalls: [call] }, [call]);
      },
    },
    {
      name: 'arguments in many small pieces are put together',
      run: async () => {
        const call = sampleCalls[0];
        assert.ok(call !== undefined);
        const argumentChunks = JSON.stringify(call.arguments).split('');
        await check({ toolCalls: [{ ...call, argumentChunks }] }, [call]);
      },
    },
    ...(subject.features['parallel-tools'] === 'unsupported'
      ? []
      : [
          {
            name: 'parallel tool calls stay in order',
            run: () => check({ toolCalls: sampleCalls }, sampleCalls),
          },
          {
            name: 'parallel tool calls with interleaved arguments are told apart',
            run: () => check({ toolCalls: sampleCalls, interleaved: true }, sampleCalls),
          },
        ]),
  ];
}

function isDeltaOf(event: AdapterEvent, id: string): event is Extract<AdapterEvent, { type: 'tool-call-delta' }> {
  return event.type === 'tool-call-delta' && event.id === id;
}

function usageCases(subject: Subject): readonly ConformanceCase[] {
  // An engine in the process counts its own tokens; only a server can be told what to say.
  if (!subject.hasServer) return [];
  return [
    {
      name: 'usage: input includes cached, output includes reasoning',
      run: async () => {
        const usage = { inputTokens: 100, cacheReadTokens: 40, outputTokens: 30, reasoningTokens: 10 };
        const given = finishOf(await subject.answer({ text: 'x', usage })).usage;
        const expected =
          subject.features['cache-usage'] === 'unsupported' ? { ...usage, cacheReadTokens: undefined } : usage;
        assert.deepEqual(
          {
            inputTokens: given.inputTokens,
            cacheReadTokens: given.cacheReadTokens,
            outputTokens: given.outputTokens,
            reasoningTokens: given.reasoningTokens,
          },
          expected,
        );
        assert.equal(given.estimated, false);
      },
    },
    {
      name: 'usage that the server does not say is undefined, never 0',
      run: async () => {
        const { usage } = finishOf(await subject.answer({ text: 'x', usage: 'none' }));
        assert.equal(usage.inputTokens, undefined);
        assert.equal(usage.outputTokens, undefined);
      },
    },
  ];
}

function reasoningCases(subject: Subject): readonly ConformanceCase[] {
  if (subject.features['reasoning-text'] === 'unsupported') return [];
  const reply: ScriptedReply = {
    reasoning: { text: ['I see ', 'three.'], signature: sampleSignature },
    text: 'Three.',
  };
  return [
    {
      name: 'reasoning is told apart from text',
      run: async () => {
        const events = await subject.answer(reply, { reasoning: 'low' });
        const reasoning = events.map((event) => (event.type === 'reasoning-delta' ? event.text : '')).join('');
        assert.equal(reasoning, 'I see three.');
        assert.equal(textOf(events), 'Three.');
      },
    },
    ...(subject.features['reasoning-round-trip'] === 'unsupported'
      ? []
      : [
          {
            name: 'reasoning goes back to the provider that made it',
            run: async () => {
              const calls = sampleCalls.slice(0, 1);
              const options = { tools: sampleTools, reasoning: 'low' as const };
              const builder = new ContentBuilder();
              for (const event of await subject.answer({ ...reply, toolCalls: calls }, options))
                if (isContent(event)) builder.add(event);
              const content = builder.parts();
              const call = content.find((part) => part.type === 'tool-call');
              assert.ok(call !== undefined, 'The tool call is missing.');
              const { body, warnings } = subject.toWire({
                ...options,
                messages: [
                  userMessage('How many?'),
                  { role: 'assistant', content },
                  {
                    role: 'tool',
                    content: [
                      {
                        type: 'tool-result',
                        id: call.id,
                        name: call.name,
                        content: [{ type: 'text', text: '3' }],
                        isError: false,
                      },
                    ],
                  },
                ],
              });
              assert.ok(JSON.stringify(body).includes(sampleSignature), 'The signature did not go back.');
              assert.deepEqual(
                warnings.filter((warning) => warning.type === 'dropped-provider-data'),
                [],
              );
            },
          },
        ]),
  ];
}

function isContent(event: AdapterEvent): event is Parameters<ContentBuilder['add']>[0] {
  return event.type.endsWith('-delta') || event.type.startsWith('tool-call-');
}

function finishCases(subject: Subject): readonly ConformanceCase[] {
  const reasons: readonly FinishReason[] = subject.hasServer
    ? ['stop', 'length', 'content-filter', 'other']
    : ['stop', 'length'];
  return reasons.map((finishReason) => ({
    name: `an answer that ends by ${finishReason} says so`,
    run: async () => {
      const events = await subject.answer({ text: 'So far', finishReason });
      assert.equal(finishOf(events).reason, finishReason);
      assert.equal(textOf(events), 'So far');
    },
  }));
}

function finishOf(events: readonly AdapterEvent[]): Extract<AdapterEvent, { type: 'finish' }> {
  const last = events.at(-1);
  assert.ok(last?.type === 'finish', 'There is no finish.');
  return last;
}
