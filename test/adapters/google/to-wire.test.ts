import { describe, expect, test } from 'vitest';
import { google } from '../../../adapters/google/index.js';
import { OcelliError } from '../../../src/errors/index.js';
import type { ModelDescription } from '../../../src/models/index.js';
import type { Detail, PreparedMessage, PreparedRequest } from '../../../src/request/index.js';
import { bytesOf, png, prepared } from '../shared/raw-server.js';

const adapter = google({ environment: {} });
const wire = (given: Partial<PreparedRequest>, capabilities: Partial<ModelDescription['capabilities']> = {}) => {
  const request = prepared({ modelId: 'gemini-3.5-flash', ...given });
  const description = adapter.describe(request.modelId) ?? adapter.defaultDescription;
  return adapter.toWire(request, { ...description, capabilities: { ...description.capabilities, ...capabilities } });
};
const user = (text: string): PreparedMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const picture = (detail: Detail = 'high') => ({ type: 'image', media: png, detail }) as const;
const zoom = { name: 'zoom', description: 'Looks closer', parameters: { $schema: 'x', type: 'object' } };
const called = (...ids: string[]): PreparedMessage => ({
  role: 'assistant',
  content: ids.map((id) => ({ type: 'tool-call' as const, id, name: 'zoom', arguments: {} })),
});
const result = (id: string, ...content: Extract<PreparedMessage, { role: 'user' }>['content'][number][]) =>
  ({ type: 'tool-result', id, name: 'zoom', content, isError: false }) as const;

describe('a request on the generateContent wire', () => {
  test('hoists a later system message and says so', () => {
    const { body, warnings } = wire({
      messages: [user('a'), { role: 'system', content: [{ type: 'text', text: 'Stop.' }] }, user('b')],
    });
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'Stop.' }] });
    expect(warnings).toMatchObject([{ type: 'adjusted-option', subject: 'messages[1]' }]);
  });

  test('warns of what has no place there', () => {
    const { body, warnings } = wire({
      cache: 'short',
      metadata: { trace: 'x' },
      stop: ['1', '2', '3', '4', '5', '6'],
    });
    expect(body.generationConfig.stopSequences).toHaveLength(5);
    expect(warnings.map(({ type, subject }) => [type, subject])).toEqual([
      ['unsupported-option', 'stop'],
      ['unsupported-option', 'cache'],
      ['unsupported-option', 'metadata'],
    ]);
    expect(wire({ cache: 'none', metadata: {} }).warnings).toEqual([]);
  });

  test('leaves out sampling options that a model does not take', () => {
    const { body, warnings } = wire({ temperature: 1, seed: 1 }, { temperature: false, seed: false });
    expect(body.generationConfig).toEqual({ maxOutputTokens: 4_096 });
    expect(warnings.map(({ subject }) => subject)).toEqual(['temperature', 'seed']);
  });

  test.each([
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    ['auto', undefined],
  ] as const)('writes tool choice %s', (toolChoice, config) => {
    expect(wire({ toolChoice, tools: [zoom] }).body.toolConfig?.functionCallingConfig).toEqual(config);
  });
});

describe('tool results', () => {
  test('of several messages go together, in the order of the calls', () => {
    const { body } = wire({
      messages: [
        user('a'),
        called('one', 'two', 'three'),
        {
          role: 'tool',
          content: [result('three', { type: 'text', text: '3' }), result('one', { type: 'text', text: '1' })],
        },
        { role: 'tool', content: [result('two', { type: 'text', text: '2' })] },
        user('b'),
      ],
    });
    expect(body.contents.map(({ role, parts }) => [role, parts.length])).toEqual([
      ['user', 1],
      ['model', 3],
      ['user', 3],
      ['user', 1],
    ]);
    expect(body.contents[2]?.parts.map((part) => part.functionResponse?.response)).toEqual([
      { output: '1' },
      { output: '2' },
      { output: '3' },
    ]);
  });

  test('move their pictures behind all results where the model is older than Gemini 3, never as text', () => {
    const messages: PreparedMessage[] = [
      user('a'),
      called('one', 'two'),
      { role: 'tool', content: [result('one', picture()), result('two', { type: 'text', text: '2' })] },
    ];
    const { body, warnings } = wire({ modelId: 'gemini-2.5-flash', messages });
    expect(body.contents[2]?.parts).toEqual([
      { functionResponse: { name: 'zoom', response: { output: '' } } },
      { functionResponse: { name: 'zoom', response: { output: '2' } } },
      { text: 'Media that the tool "zoom" returned:' },
      { inlineData: { mimeType: 'image/png', data: png.base64 } },
    ]);
    expect(warnings).toMatchObject([{ type: 'moved-media', subject: 'messages[2].content[0].content[0]' }]);
  });

  test('move what is not bytes on any model', () => {
    const byUrl = { type: 'image', media: { type: 'url', url: 'https://example.org/a.png' }, detail: 'auto' } as const;
    const { body, warnings } = wire({
      messages: [user('a'), called('one'), { role: 'tool', content: [result('one', byUrl)] }],
    });
    expect(body.contents[2]?.parts.at(-1)).toEqual({ fileData: { fileUri: 'https://example.org/a.png' } });
    expect(warnings).toMatchObject([{ type: 'moved-media' }]);
  });
});

describe('calls that another model made', () => {
  const messages: PreparedMessage[] = [
    user('a'),
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm.', providerData: { anthropic: { signature: 's' } } },
        { type: 'tool-call', id: 'toolu_1', name: 'zoom', arguments: {} },
        { type: 'tool-call', id: 'toolu_2', name: 'zoom', arguments: {} },
      ],
    },
  ];

  test('get the word that Gemini 3 takes for a missing signature, on the first of a turn', () => {
    const { body, warnings } = wire({ messages });
    expect(body.contents[1]?.parts).toEqual([
      { functionCall: { name: 'zoom', args: {} }, thoughtSignature: 'skip_thought_signature_validator' },
      { functionCall: { name: 'zoom', args: {} } },
    ]);
    expect(warnings).toMatchObject([{ type: 'dropped-provider-data', subject: 'messages[1].content[0]' }]);
  });

  test('go as they are to older models', () => {
    expect(JSON.stringify(wire({ modelId: 'gemini-2.5-pro', messages }).body)).not.toContain('thoughtSignature');
  });
});

describe('detail', () => {
  test.each<[Detail, string | undefined]>([
    ['low', 'MEDIA_RESOLUTION_LOW'],
    ['medium', 'MEDIA_RESOLUTION_MEDIUM'],
    ['high', 'MEDIA_RESOLUTION_HIGH'],
    ['original', 'MEDIA_RESOLUTION_ULTRA_HIGH'],
    ['auto', undefined],
  ])('%s is set on the picture from Gemini 3 on', (detail, level) => {
    const { body } = wire({ messages: [{ role: 'user', content: [picture(detail)] }] });
    expect(body.contents[0]?.parts[0]?.mediaResolution?.level).toBe(level);
    expect(body.generationConfig).not.toHaveProperty('mediaResolution');
  });

  test.each<[Detail[], string | undefined, number]>([
    [['low'], 'MEDIA_RESOLUTION_LOW', 0],
    [['low', 'high'], 'MEDIA_RESOLUTION_HIGH', 1],
    [['original'], 'MEDIA_RESOLUTION_HIGH', 0],
    [['auto', 'low'], undefined, 1],
    [[], undefined, 0],
  ])('%j is one setting for all pictures on Gemini 2', (details, resolution, warned) => {
    const content = [...details.map((detail) => picture(detail)), { type: 'text', text: 'a' } as const];
    const { body, warnings } = wire({ modelId: 'gemini-2.5-flash', messages: [{ role: 'user', content }] });
    expect(body.generationConfig.mediaResolution).toBe(resolution);
    expect(JSON.stringify(body.contents)).not.toContain('mediaResolution');
    expect(warnings).toHaveLength(warned);
  });

  test.each([
    ['gemini-flash-latest', true],
    ['models/gemini-4-argon', true],
    ['gemma-4-27b', false],
  ])('on %s is understood: %s', (modelId, understood) => {
    const { body } = wire({ modelId, messages: [{ role: 'user', content: [picture()] }] });
    expect(JSON.stringify(body).includes('mediaResolution')).toBe(understood);
  });
});

describe('reasoning', () => {
  test.each([
    ['gemini-3.5-flash', 'low', { thinkingLevel: 'low', includeThoughts: true }],
    ['gemini-3.5-flash', 'none', { thinkingLevel: 'minimal' }],
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }],
    ['gemini-2.5-flash', 'low', { thinkingBudget: 1_024, includeThoughts: true }],
    // Of 4,096 tokens of output, some must be left for the answer.
    ['gemini-2.5-flash', 'high', { thinkingBudget: 3_276, includeThoughts: true }],
  ] as const)('on %s at %s', (modelId, reasoning, thinkingConfig) => {
    const { body, warnings } = wire({ modelId, reasoning });
    expect([body.generationConfig.thinkingConfig, warnings]).toEqual([thinkingConfig, []]);
  });

  test('is left out with a warning where it cannot be had, or cannot be switched off', () => {
    for (const [modelId, reasoning] of [
      ['gemini-2.5-pro', 'none'],
      ['gemini-2.0-flash', 'low'],
    ] as const) {
      const { body, warnings } = wire({ modelId, reasoning });
      expect(body.generationConfig).not.toHaveProperty('thinkingConfig');
      expect(warnings).toMatchObject([{ type: 'unsupported-option', subject: 'reasoning' }]);
    }
  });
});

describe('an output schema', () => {
  const output = { name: 'a', schema: { type: 'object' } };

  test('goes with tools on Gemini 3, and gives way to them before', () => {
    expect(wire({ output, tools: [zoom] }).body.generationConfig.responseJsonSchema).toEqual({ type: 'object' });
    const older = wire({ modelId: 'gemini-2.5-flash', output, tools: [zoom] });
    expect(older.body.generationConfig).not.toHaveProperty('responseJsonSchema');
    expect(older.warnings).toMatchObject([{ type: 'unsupported-option', subject: 'output' }]);
  });

  test('is left out where the model takes none', () => {
    expect(wire({ output }, { structuredOutput: false }).warnings).toMatchObject([{ subject: 'output' }]);
  });
});

describe('what the model does not take', () => {
  test('is refused by name', () => {
    const messages: PreparedMessage[] = [
      { role: 'user', content: [{ type: 'audio', media: bytesOf('audio/wav', 'RIFF') }] },
    ];
    let thrown: unknown;
    try {
      wire({ messages }, { input: ['text', 'image'] });
    } catch (error) {
      thrown = error;
    }
    expect(OcelliError.isInstance(thrown) && [thrown.kind, thrown.message]).toEqual([
      'unsupported-input',
      'messages[0].content[0]: gemini-3.5-flash does not take audio parts.',
    ]);
  });
});
