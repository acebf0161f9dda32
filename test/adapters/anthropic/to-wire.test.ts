import { describe, expect, test } from 'vitest';
import { anthropic } from '../../../adapters/anthropic/index.js';
import { toCountBody } from '../../../adapters/anthropic/to-wire.js';
import { OcelliError } from '../../../src/errors/index.js';
import type { ModelDescription } from '../../../src/models/index.js';
import type { PreparedMessage, PreparedRequest } from '../../../src/request/index.js';
import { bytesOf, png, pngBase64, prepared } from '../shared/raw-server.js';

const adapter = anthropic({ environment: {} });
const description = adapter.describe('claude-opus-5') ?? adapter.defaultDescription;
const wire = (given: Partial<PreparedRequest>, capabilities: Partial<ModelDescription['capabilities']> = {}) =>
  adapter.toWire(prepared({ modelId: 'claude-opus-5', ...given }), {
    ...description,
    capabilities: { ...description.capabilities, ...capabilities },
  });
const user = (text: string): PreparedMessage => ({ role: 'user', content: [{ type: 'text', text }] });

describe('a request on the Messages wire', () => {
  test('keeps the tool results first when the user speaks in the same turn', () => {
    const { body } = wire({
      messages: [
        user('a'),
        { role: 'assistant', content: [{ type: 'tool-call', id: 't', name: 'n', arguments: {} }] },
        user('Wait.'),
        { role: 'tool', content: [{ type: 'tool-result', id: 't', name: 'n', content: [], isError: false }] },
      ],
    });
    expect(body.messages[2]).toEqual({
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 't' },
        { type: 'text', text: 'Wait.' },
      ],
    });
  });

  test('leaves out texts that the API refuses, and messages that become empty', () => {
    const { body } = wire({ messages: [user(' '), user('a'), { role: 'assistant', content: [] }, user('b')] });
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ]);
  });

  test('hoists a later system message and says so', () => {
    const { body, warnings } = wire({
      messages: [user('a'), { role: 'system', content: [{ type: 'text', text: 'Stop.' }] }, user('b')],
    });
    expect(body.system).toEqual([{ type: 'text', text: 'Stop.' }]);
    expect(warnings).toEqual([expect.objectContaining({ type: 'adjusted-option', subject: 'messages[1]' }) as unknown]);
  });

  test('drops what the current API answers with 400, each with a warning', () => {
    const { body, warnings } = wire({ temperature: 0, topP: 0.5, topK: 3, seed: 1, metadata: { trace: 'x' } });
    expect(body).not.toHaveProperty('temperature');
    expect(body).not.toHaveProperty('metadata');
    expect(warnings.map(({ type, subject }) => [type, subject])).toEqual([
      ['unsupported-option', 'temperature'],
      ['unsupported-option', 'topP'],
      ['unsupported-option', 'topK'],
      ['unsupported-option', 'seed'],
      ['unsupported-option', 'metadata'],
    ]);
  });

  test('sends sampling options to a target that is said to take them', () => {
    const { body, warnings } = wire(
      { temperature: 1.5, topP: 0.5, topK: 3 },
      { temperature: true, topP: true, topK: true },
    );
    expect(body).toMatchObject({ temperature: 1, top_p: 0.5, top_k: 3 });
    expect(warnings.map(({ type }) => type)).toEqual(['adjusted-option']);
  });

  test.each([
    ['required', { type: 'any' }],
    ['none', { type: 'none' }],
    [{ name: 'zoom' }, { type: 'tool', name: 'zoom' }],
    ['auto', undefined],
  ] as const)('writes tool choice %j', (toolChoice, expected) => {
    const { body } = wire({ toolChoice, tools: [{ name: 'zoom', parameters: {} }] });
    expect(body.tool_choice).toEqual(expected);
    expect(body.tools).toEqual([{ name: 'zoom', input_schema: { type: 'object' } }]);
  });

  test('writes no tool choice where there are no tools', () => {
    expect(wire({ toolChoice: 'required' }).body).not.toHaveProperty('tool_choice');
  });
});

describe('reasoning on the Messages wire', () => {
  test('is steered by effort from Claude 4.6 on', () => {
    const { body } = wire({ reasoning: 'low' });
    expect([body.thinking, body.output_config]).toEqual([
      { type: 'adaptive', display: 'summarized' },
      { effort: 'low' },
    ]);
  });

  test('is a share of the answer on models that know only a budget', () => {
    const { body } = wire({ modelId: 'claude-haiku-4-5-20251001', reasoning: 'high', maxOutputTokens: 10_000 });
    expect([body.thinking, body.output_config]).toEqual([{ type: 'enabled', budget_tokens: 8_000 }, undefined]);
    expect(wire({ modelId: 'claude-sonnet-4-5', reasoning: 'low', maxOutputTokens: 2_000 }).body.thinking).toEqual({
      type: 'enabled',
      budget_tokens: 1_024,
    });
  });

  test('is left out with a warning where the budget does not fit', () => {
    const { body, warnings } = wire({ modelId: 'claude-haiku-4-5', reasoning: 'high', maxOutputTokens: 1_024 });
    expect(body).not.toHaveProperty('thinking');
    expect(warnings).toMatchObject([{ type: 'unsupported-option', subject: 'reasoning' }]);
  });

  test('can be switched off where the model allows it', () => {
    expect(wire({ reasoning: 'none' }, { reasoning: 'levels' }).body.thinking).toEqual({ type: 'disabled' });
    const always = wire({ reasoning: 'none' }, { reasoning: 'levels-without-none' });
    expect(always.body).not.toHaveProperty('thinking');
    expect(always.warnings).toMatchObject([{ type: 'unsupported-option', subject: 'reasoning' }]);
    const never = wire({ reasoning: 'none' }, { reasoning: 'none' });
    expect([never.body.thinking, never.warnings]).toEqual([undefined, []]);
    expect(wire({ reasoning: 'low' }, { reasoning: 'none' }).warnings).toMatchObject([{ subject: 'reasoning' }]);
  });

  test('steps back before a tool that must be called', () => {
    const { body, warnings } = wire({
      reasoning: 'low',
      tools: [{ name: 'zoom', parameters: {} }],
      toolChoice: 'required',
    });
    expect(body).not.toHaveProperty('thinking');
    expect(body.output_config).toEqual({ effort: 'low' });
    expect(warnings).toMatchObject([{ type: 'adjusted-option', subject: 'reasoning' }]);
  });

  test('of other providers stays behind, reported once for the whole conversation', () => {
    const { body, warnings } = wire({
      messages: [
        user('a'),
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm.', providerData: { openai: { id: 'rs_1' } } },
            { type: 'reasoning', text: 'Cut before its signature.' },
            { type: 'text', text: 'b', providerData: { google: { thoughtSignature: 'x' } } },
          ],
        },
        user('c'),
      ],
    });
    expect(body.messages[1]).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'b' }] });
    expect(warnings).toEqual([
      {
        type: 'dropped-provider-data',
        subject: 'messages[1].content[0]',
        message: expect.stringContaining('google, openai') as string,
      },
    ]);
  });
});

describe('cache marks', () => {
  test('stand after the tools when there is no system text, and after the last thing the user said', () => {
    const { body } = wire({
      cache: 'short',
      tools: [
        { name: 'a', parameters: {} },
        { name: 'b', parameters: {} },
      ],
    });
    const mark = { type: 'ephemeral', ttl: '5m' };
    expect(body.tools).toMatchObject([{ name: 'a' }, { name: 'b', cache_control: mark }]);
    expect(body.tools?.[0]).not.toHaveProperty('cache_control');
    expect(body.messages[0]?.content).toMatchObject([{ text: 'How many coins?', cache_control: mark }]);
  });

  test('are absent unless asked for', () => {
    expect(JSON.stringify(wire({ cache: 'none' }).body)).not.toContain('cache_control');
    expect(JSON.stringify(wire({}).body)).not.toContain('cache_control');
  });
});

describe('what the wire cannot carry is refused by name', () => {
  test.each([
    ['audio', bytesOf('audio/wav', 'RIFF')],
    ['video', bytesOf('video/mp4', 'ftyp')],
    ['image', bytesOf('image/tiff', 'II*')],
    ['document', bytesOf('application/zip', 'PK')],
  ] as const)('%s', (type, media) => {
    const messages: PreparedMessage[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type, media },
        ],
      },
    ];
    let thrown: unknown;
    try {
      wire({ messages });
    } catch (error) {
      thrown = error;
    }
    expect(OcelliError.isInstance(thrown) && thrown.kind).toBe('unsupported-input');
    expect((thrown as Error).message).toContain('messages[0].content[1]');
  });

  test('an output schema on a model without structured output', () => {
    const { body, warnings } = wire({ output: { name: 'a', schema: { type: 'object' } } }, { structuredOutput: false });
    expect(body).not.toHaveProperty('output_config');
    expect(warnings).toMatchObject([{ type: 'unsupported-option', subject: 'output' }]);
  });
});

describe('the body for the count endpoint', () => {
  test('has only what that endpoint takes', () => {
    const { body } = wire({ reasoning: 'low', stop: ['x'], metadata: { user_id: 'u' } });
    expect(Object.keys(toCountBody(body)).toSorted()).toEqual(['messages', 'model', 'output_config', 'thinking']);
  });

  test('is refused for pictures that would have to be fetched, also inside tool results', () => {
    const content = [{ type: 'image', media: { type: 'url', url: 'https://example.org/a.png' } }] as const;
    const inResult: PreparedMessage = {
      role: 'tool',
      content: [{ type: 'tool-result', id: 't', name: 'n', content, isError: false }],
    };
    for (const messages of [[{ role: 'user', content }], [inResult]] as PreparedMessage[][])
      expect(() => toCountBody(wire({ messages }).body)).toThrow(/only pictures and documents that are sent as bytes/);
    expect(
      JSON.stringify(
        toCountBody(wire({ messages: [{ role: 'user', content: [{ type: 'image', media: png }] }] }).body),
      ),
    ).toContain(pngBase64);
  });
});
