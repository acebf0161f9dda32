/** What the openai adapter sends for every part and option. */

import { describe, expect, it } from 'vitest';
import { openai } from '../../../adapters/openai/index.js';
import type { ModelDescription } from '../../../src/models/index.js';
import type { PreparedMediaPart, PreparedMessage, PreparedRequest } from '../../../src/request/index.js';
import { mediaBytes, picture, pixelBase64, preparedRequest } from '../shared/requests.js';

const adapter = openai({ environment: {} });

function describeKnown(modelId: string): ModelDescription {
  const description = adapter.describe(modelId);
  if (description === undefined) throw new Error(`${modelId} is not in the catalogue`);
  return description;
}

function wire(changes: Partial<PreparedRequest>, modelId = 'gpt-4o'): ReturnType<typeof adapter.toWire> {
  return adapter.toWire(preparedRequest({ modelId, ...changes }), describeKnown(modelId));
}

const userMessage = (...content: readonly PreparedMediaPart[]): PreparedMessage => ({ role: 'user', content });
const warned = (changes: Partial<PreparedRequest>, modelId?: string): (string | undefined)[][] =>
  wire(changes, modelId).warnings.map(({ type, subject }) => [type, subject]);

const coinSchema = {
  type: 'object',
  properties: { count: { type: 'integer' }, kinds: { type: 'array', items: { type: 'string' } } },
  required: ['count', 'kinds'],
  additionalProperties: false,
};

describe('the body for the Responses API', () => {
  it('says a whole request', () => {
    const { body, warnings } = wire(
      {
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'Be exact.' }] },
          { role: 'system', content: [{ type: 'text', text: 'Answer in English.' }] },
          { role: 'user', content: [picture('low'), { type: 'text', text: 'How many coins?' }] },
          {
            role: 'assistant',
            content: [
              {
                type: 'reasoning',
                text: 'I should zoom in.',
                providerData: { openai: { id: 'rs_1', encrypted_content: 'sealed' } },
              },
              { type: 'text', text: 'Let me zoom in.', providerData: { openai: { phase: 'commentary' } } },
              { type: 'tool-call', id: 'call_a', name: 'crop', arguments: { x: 12 } },
              { type: 'tool-call', id: 'call_b', name: 'crop', arguments: {} },
            ],
          },
          {
            role: 'tool',
            content: [
              {
                type: 'tool-result',
                id: 'call_a',
                name: 'crop',
                isError: false,
                content: [{ type: 'text', text: 'Cropped:' }, picture()],
              },
              {
                type: 'tool-result',
                id: 'call_b',
                name: 'crop',
                isError: true,
                content: [{ type: 'text', text: 'x is missing' }],
              },
            ],
          },
          { role: 'system', content: [{ type: 'text', text: 'Now be brief.' }] },
          {
            role: 'user',
            content: [
              { type: 'document', filename: 'list.pdf', media: mediaBytes('JVBERi0=', 'application/pdf') },
              { type: 'text', text: 'Compare with the list.' },
            ],
          },
        ],
        maxOutputTokens: 300,
        temperature: 0.2,
        topP: 0.9,
        reasoning: 'medium',
        output: { name: 'coins', schema: coinSchema },
        tools: [{ name: 'crop', description: 'Cuts a part out.', parameters: { type: 'object', properties: {} } }],
        toolChoice: { name: 'crop' },
        cache: 'long',
        metadata: { run: '7' },
        providerOptions: { service_tier: 'flex' },
      },
      'gpt-5.4',
    );
    expect(warnings).toEqual([]);
    expect(body).toMatchInlineSnapshot(`
      {
        "include": [
          "reasoning.encrypted_content",
        ],
        "input": [
          {
            "content": [
              {
                "detail": "low",
                "image_url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                "type": "input_image",
              },
              {
                "text": "How many coins?",
                "type": "input_text",
              },
            ],
            "role": "user",
          },
          {
            "encrypted_content": "sealed",
            "id": "rs_1",
            "summary": [
              {
                "text": "I should zoom in.",
                "type": "summary_text",
              },
            ],
            "type": "reasoning",
          },
          {
            "content": "Let me zoom in.",
            "phase": "commentary",
            "role": "assistant",
          },
          {
            "arguments": "{"x":12}",
            "call_id": "call_a",
            "name": "crop",
            "type": "function_call",
          },
          {
            "arguments": "{}",
            "call_id": "call_b",
            "name": "crop",
            "type": "function_call",
          },
          {
            "call_id": "call_a",
            "output": [
              {
                "text": "Cropped:",
                "type": "input_text",
              },
              {
                "detail": "high",
                "image_url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                "type": "input_image",
              },
            ],
            "type": "function_call_output",
          },
          {
            "call_id": "call_b",
            "output": "Error: x is missing",
            "type": "function_call_output",
          },
          {
            "content": "Now be brief.",
            "role": "developer",
          },
          {
            "content": [
              {
                "file_data": "data:application/pdf;base64,JVBERi0=",
                "filename": "list.pdf",
                "type": "input_file",
              },
              {
                "text": "Compare with the list.",
                "type": "input_text",
              },
            ],
            "role": "user",
          },
        ],
        "instructions": "Be exact.

      Answer in English.",
        "max_output_tokens": 300,
        "metadata": {
          "run": "7",
        },
        "model": "gpt-5.4",
        "prompt_cache_retention": "24h",
        "reasoning": {
          "effort": "medium",
        },
        "service_tier": "flex",
        "store": false,
        "stream": true,
        "temperature": 0.2,
        "text": {
          "format": {
            "name": "coins",
            "schema": {
              "additionalProperties": false,
              "properties": {
                "count": {
                  "type": "integer",
                },
                "kinds": {
                  "items": {
                    "type": "string",
                  },
                  "type": "array",
                },
              },
              "required": [
                "count",
                "kinds",
              ],
              "type": "object",
            },
            "strict": true,
            "type": "json_schema",
          },
        },
        "tool_choice": {
          "name": "crop",
          "type": "function",
        },
        "tools": [
          {
            "description": "Cuts a part out.",
            "name": "crop",
            "parameters": {
              "properties": {},
              "type": "object",
            },
            "strict": false,
            "type": "function",
          },
        ],
        "top_p": 0.9,
      }
    `);
  });

  it('puts pictures as data, URL and file id, documents likewise', () => {
    const { body } = wire({
      messages: [
        userMessage(
          picture(),
          { type: 'image', detail: 'auto', media: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'image', detail: 'low', media: { type: 'file-id', fileId: 'file-1' } },
          { type: 'document', media: mediaBytes('JVBERi0=', 'application/pdf') },
          { type: 'document', media: { type: 'url', url: 'https://example.com/a.pdf' } },
          { type: 'document', media: { type: 'file-id', fileId: 'file-2' } },
        ),
      ],
    });
    expect(body.input).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_image', detail: 'high', image_url: `data:image/png;base64,${pixelBase64}` },
          { type: 'input_image', detail: 'auto', image_url: 'https://example.com/a.png' },
          { type: 'input_image', detail: 'low', file_id: 'file-1' },
          { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
          { type: 'input_file', file_url: 'https://example.com/a.pdf' },
          { type: 'input_file', file_id: 'file-2' },
        ],
      },
    ]);
  });

  it('keeps system texts as input where nothing else is', () => {
    const { body } = wire({ messages: [{ role: 'system', content: [{ type: 'text', text: 'Say hello.' }] }] });
    expect(body.instructions).toBeUndefined();
    expect(body.input).toEqual([{ role: 'developer', content: 'Say hello.' }]);
  });

  it.each(['audio', 'video'] as const)('refuses %s and names the part', (type) => {
    const media = mediaBytes('UklGRg==', type === 'audio' ? 'audio/wav' : 'video/mp4');
    expect(() => wire({ messages: [userMessage(picture(), { type, media })] })).toThrow(
      expect.objectContaining({
        kind: 'unsupported-input',
        message: expect.stringContaining('messages[0].content[1]'),
      }),
    );
  });

  it('sends `original` only to models that have it, and `medium` to none', () => {
    const detailOf = (modelId: string, detail: 'original' | 'medium'): unknown =>
      wire({ messages: [userMessage(picture(detail))] }, modelId).body.input;
    const sent = (detail: string): unknown => [{ content: [{ detail }] }];
    expect(detailOf('gpt-5.6-sol', 'original')).toMatchObject(sent('original') as object);
    expect(detailOf('gpt-4o', 'original')).toMatchObject(sent('high') as object);
    expect(detailOf('gpt-5.6-sol', 'medium')).toMatchObject(sent('high') as object);
    expect(warned({ messages: [userMessage(picture('original'), picture('original'))] })).toEqual([
      ['adjusted-option', 'detail'],
    ]);
  });

  it('asks strictly only where the schema keeps to the strict rules', () => {
    const strictOf = (schema: PreparedRequest['tools'][number]['parameters']): unknown[] => {
      const { body } = wire({ output: { name: 'x', schema }, tools: [{ name: 'x', parameters: schema }] });
      const format = body.text?.format;
      const tool = body.tools?.[0];
      return [
        format?.type === 'json_schema' ? format.strict : 'none',
        tool?.type === 'function' ? tool.strict : 'none',
      ];
    };
    expect(strictOf(coinSchema)).toEqual([true, true]);
    expect(strictOf({ ...coinSchema, required: ['count'] })).toEqual([false, false]);
    expect(strictOf({ type: 'object', properties: {} })).toEqual([false, false]);
    const nested = { ...coinSchema, properties: { ...coinSchema.properties, kinds: { type: 'object' } } };
    expect(strictOf(nested)).toEqual([false, false]);
    const url = { ...coinSchema, properties: { ...coinSchema.properties, count: { type: 'string', format: 'uri' } } };
    expect(strictOf(url)).toEqual([false, false]);
    expect(strictOf({ type: 'array', items: coinSchema })).toEqual([false, false]);
  });

  it('leaves out what the wire or the model does not take, and says so', () => {
    const { body, warnings } = wire(
      { temperature: 0, topP: 0.5, topK: 3, seed: 7, stop: ['END'], cache: 'none' },
      'gpt-5-mini',
    );
    expect(warnings.map(({ type, subject }) => `${type} ${subject}`)).toEqual([
      'unsupported-option temperature',
      'unsupported-option topP',
      'unsupported-option topK',
      'unsupported-option seed',
      'unsupported-option cache',
    ]);
    expect(Object.keys(body).sort()).toEqual(['include', 'input', 'max_output_tokens', 'model', 'store', 'stream']);
  });

  it('asks for reasoning as the model can', () => {
    expect(wire({ reasoning: 'high' }, 'gpt-5.4').body).toMatchObject({
      reasoning: { effort: 'high' },
      include: ['reasoning.encrypted_content'],
    });
    expect(wire({ reasoning: 'none' }, 'gpt-5.4').body).toMatchObject({ reasoning: { effort: 'none' } });
    expect(wire({ reasoning: 'none' }, 'o3').body).toMatchObject({ reasoning: { effort: 'low' } });
    expect(warned({ reasoning: 'none' }, 'o3')).toEqual([['adjusted-option', 'reasoning']]);
    expect(wire({ reasoning: 'none' }).body.reasoning).toBeUndefined();
    expect(warned({ reasoning: 'none' })).toEqual([]);
    expect(warned({ reasoning: 'low' })).toEqual([['unsupported-option', 'reasoning']]);
    // A gpt-4o under an unknown name would answer 400 to it.
    expect(
      adapter.toWire(preparedRequest({ modelId: 'mine' }), adapter.defaultDescription).body.include,
    ).toBeUndefined();
  });

  it('raises an output limit that OpenAI would refuse', () => {
    expect(wire({ maxOutputTokens: 1 }).body.max_output_tokens).toBe(16);
    expect(warned({ maxOutputTokens: 1 })).toEqual([['adjusted-option', 'maxOutputTokens']]);
  });

  it('keeps a long cache only where the model has one', () => {
    for (const id of ['gpt-4.1', 'gpt-4.1-2025-04-14', 'gpt-5', 'gpt-5-2025-08-07', 'gpt-5.5'])
      expect(wire({ cache: 'long' }, id).body.prompt_cache_retention, id).toBe('24h');
    // The guide's list leaves these out; from GPT-5.6 on there is only one time, which is the default.
    for (const id of ['gpt-5-mini', 'gpt-5-chat-latest', 'gpt-5.4-mini', 'gpt-4.1-nano', 'gpt-5.6-sol', 'gpt-6-astra'])
      expect(wire({ cache: 'long' }, id).body, id).not.toHaveProperty('prompt_cache_retention');
    expect(warned({ cache: 'long' })).toEqual([['unsupported-option', 'cache']]);
    expect(warned({ cache: 'short' })).toEqual([]);
  });

  it('drops reasoning and signatures of other providers with one warning', () => {
    const { body, warnings } = wire(
      {
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'reasoning', text: 'hm', providerData: { anthropic: { signature: 's' } } },
              { type: 'tool-call', id: 'a', name: 'crop', arguments: {}, providerData: { google: { thought: 't' } } },
            ],
          },
          { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
        ],
      },
      'gpt-5.4',
    );
    expect(body.input).toEqual([
      { type: 'function_call', call_id: 'a', name: 'crop', arguments: '{}' },
      { role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] },
    ]);
    expect(warnings.map(({ type }) => type)).toEqual(['dropped-provider-data']);
  });

  it('lets provider options win, except over streaming', () => {
    const providerOptions = { max_output_tokens: 99, stream: false, reasoning: { summary: 'auto' } };
    const { body } = wire({ reasoning: 'low', providerOptions }, 'gpt-5.4');
    expect(body).toMatchObject({
      max_output_tokens: 99,
      stream: true,
      reasoning: { effort: 'low', summary: 'auto' },
    });
  });
});
