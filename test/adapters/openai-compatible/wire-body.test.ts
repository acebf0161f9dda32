/** What the openai-compatible adapter sends for every part, option and flag. */

import { describe, expect, it } from 'vitest';
import { openaiCompatible, type Compatibility } from '../../../adapters/openai-compatible/index.js';
import { presetFor, presets } from '../../../adapters/openai-compatible/compat.js';
import type { PreparedMediaPart, PreparedMessage, PreparedRequest } from '../../../src/request/index.js';
import { mediaBytes, picture, pixelBase64, preparedRequest } from '../shared/requests.js';

type Wire = ReturnType<ReturnType<typeof openaiCompatible>['toWire']>;

function wire(changes: Partial<PreparedRequest>, compat: Partial<Compatibility> = {}): Wire {
  const target = openaiCompatible({ name: 'mine', baseURL: 'http://127.0.0.1:9/v1', compat, environment: {} });
  return target.toWire(preparedRequest({ modelId: 'qwen', ...changes }), target.defaultDescription);
}

const kinds = ({ warnings }: Wire): string[] => warnings.map(({ type, subject }) => `${type} ${subject}`);
const userMessage = (...content: readonly PreparedMediaPart[]): PreparedMessage => ({ role: 'user', content });
const media = (part: PreparedMediaPart): unknown => wire({ messages: [userMessage(part)] }).body.messages[0]?.content;

const coinSchema = {
  type: 'object',
  properties: { count: { type: 'integer' } },
  required: ['count'],
  additionalProperties: false,
};

const toolTurn: readonly PreparedMessage[] = [
  { role: 'user', content: [{ type: 'text', text: 'Count.' }] },
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Zoom.', providerData: { mine: {} } },
      { type: 'tool-call', id: 'call_a', name: 'crop', arguments: { x: 1 } },
      { type: 'tool-call', id: 'call_b', name: 'crop', arguments: { x: 2 } },
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
    ],
  },
  {
    role: 'tool',
    content: [
      { type: 'tool-result', id: 'call_b', name: 'crop', isError: true, content: [{ type: 'text', text: 'too far' }] },
    ],
  },
  { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
];

describe('the body for Chat Completions', () => {
  it('says a whole request', () => {
    const { body, warnings } = wire(
      {
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'Be exact.' }] },
          { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
          ...toolTurn,
          {
            role: 'user',
            content: [
              picture('low'),
              { type: 'audio', media: mediaBytes('UklGRg==', 'audio/wav') },
              { type: 'document', filename: 'list.pdf', media: mediaBytes('JVBERi0=', 'application/pdf') },
              { type: 'text', text: 'Compare.' },
            ],
          },
        ],
        maxOutputTokens: 300,
        temperature: 0.2,
        topP: 0.9,
        topK: 40,
        seed: 7,
        stop: ['END'],
        reasoning: 'low',
        output: { name: 'coins', schema: coinSchema },
        tools: [{ name: 'crop', description: 'Cuts a part out.', parameters: { type: 'object', properties: {} } }],
        toolChoice: 'required',
        metadata: { run: '7' },
        providerOptions: { min_p: 0.1 },
      },
      { topK: true },
    );
    expect(warnings.map(({ type, subject }) => [type, subject])).toEqual([
      ['moved-media', expect.any(String)],
      ['unsupported-option', 'metadata'],
    ]);
    expect(body).not.toHaveProperty('metadata');
    expect(body).toMatchInlineSnapshot(`
      {
        "max_tokens": 300,
        "messages": [
          {
            "content": "Be exact.

      Be brief.",
            "role": "system",
          },
          {
            "content": "Count.",
            "role": "user",
          },
          {
            "content": null,
            "role": "assistant",
            "tool_calls": [
              {
                "function": {
                  "arguments": "{"x":1}",
                  "name": "crop",
                },
                "id": "call_a",
                "type": "function",
              },
              {
                "function": {
                  "arguments": "{"x":2}",
                  "name": "crop",
                },
                "id": "call_b",
                "type": "function",
              },
            ],
          },
          {
            "content": "Cropped:
      The file of this result can be seen in the next user message.",
            "role": "tool",
            "tool_call_id": "call_a",
          },
          {
            "content": "Error: too far",
            "role": "tool",
            "tool_call_id": "call_b",
          },
          {
            "content": [
              {
                "text": "From the result of crop (call_a):",
                "type": "text",
              },
              {
                "image_url": {
                  "detail": "high",
                  "url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                },
                "type": "image_url",
              },
              {
                "text": "Go on.",
                "type": "text",
              },
            ],
            "role": "user",
          },
          {
            "content": [
              {
                "image_url": {
                  "detail": "low",
                  "url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                },
                "type": "image_url",
              },
              {
                "input_audio": {
                  "data": "UklGRg==",
                  "format": "wav",
                },
                "type": "input_audio",
              },
              {
                "file": {
                  "file_data": "data:application/pdf;base64,JVBERi0=",
                  "filename": "list.pdf",
                },
                "type": "file",
              },
              {
                "text": "Compare.",
                "type": "text",
              },
            ],
            "role": "user",
          },
        ],
        "min_p": 0.1,
        "model": "qwen",
        "reasoning_effort": "low",
        "response_format": {
          "json_schema": {
            "name": "coins",
            "schema": {
              "additionalProperties": false,
              "properties": {
                "count": {
                  "type": "integer",
                },
              },
              "required": [
                "count",
              ],
              "type": "object",
            },
            "strict": true,
          },
          "type": "json_schema",
        },
        "seed": 7,
        "stop": [
          "END",
        ],
        "stream": true,
        "stream_options": {
          "include_usage": true,
        },
        "temperature": 0.2,
        "tool_choice": "required",
        "tools": [
          {
            "function": {
              "description": "Cuts a part out.",
              "name": "crop",
              "parameters": {
                "properties": {},
                "type": "object",
              },
            },
            "type": "function",
          },
        ],
        "top_k": 40,
        "top_p": 0.9,
      }
    `);
  });

  it('puts pictures into the tool message where the server takes them', () => {
    const result = wire({ messages: toolTurn }, { imageInToolResult: true });
    expect(kinds(result)).toEqual([]);
    expect(result.body.messages.filter(({ role }) => role === 'tool')[0]).toEqual({
      role: 'tool',
      tool_call_id: 'call_a',
      content: [
        { type: 'text', text: 'Cropped:' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelBase64}`, detail: 'high' } },
      ],
    });
  });

  it('never puts the bytes of a picture into a text', () => {
    for (const imageInToolResult of [true, false]) {
      const text = JSON.stringify(wire({ messages: toolTurn }, { imageInToolResult }).body.messages);
      expect(text.split(pixelBase64)).toHaveLength(2);
      expect(text).toContain(`"url":"data:image/png;base64,${pixelBase64}"`);
    }
  });

  it('returns reasoning only to the server that made it, and only if it wants it', () => {
    const assistant = (compat: Partial<Compatibility>): unknown =>
      wire({ messages: toolTurn }, compat).body.messages[1];
    expect(assistant({})).not.toHaveProperty('reasoning_content');
    expect(assistant({ returnReasoning: true })).toHaveProperty('reasoning_content', 'Zoom.');
    expect(assistant({ returnReasoning: true, reasoningField: 'reasoning' })).toHaveProperty('reasoning', 'Zoom.');
    const foreign: PreparedMessage = {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm', providerData: { anthropic: { signature: 's' } } },
        { type: 'text', text: 'Three.' },
      ],
    };
    const result = wire({ messages: [foreign] }, { returnReasoning: true });
    expect(result.body.messages).toEqual([{ role: 'assistant', content: 'Three.' }]);
    expect(kinds(result)).toEqual(['dropped-provider-data messages[0].content[0]']);
  });

  it('says how many tokens in the field that the server knows', () => {
    expect(wire({}).body.max_tokens).toBe(4_096);
    const { body } = wire({}, { maxTokensField: 'max_completion_tokens' });
    expect([body.max_tokens, body.max_completion_tokens]).toEqual([undefined, 4_096]);
  });

  it('asks for a schema as the server can, in words where it cannot', () => {
    const output = { name: 'coins', schema: coinSchema };
    expect(wire({ output }).body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'coins', schema: coinSchema, strict: true },
    });
    const object = wire({ output }, { jsonSchema: 'json_object' });
    expect(object.body.response_format).toEqual({ type: 'json_object' });
    const none = wire({ output }, { jsonSchema: 'none' });
    expect(none.body.response_format).toBeUndefined();
    for (const result of [object, none]) {
      expect(result.body.messages[0]).toMatchObject({ role: 'system' });
      expect(result.body.messages[0]?.content).toContain(JSON.stringify(coinSchema));
      expect(kinds(result)).toEqual(['adjusted-option output']);
    }
  });

  it('leaves out what the server does not take, and says so', () => {
    const result = wire(
      {
        topK: 3,
        seed: 7,
        stop: ['END'],
        reasoning: 'high',
        cache: 'long',
        tools: [{ name: 'crop', parameters: { type: 'object' } }],
        toolChoice: 'required',
        messages: [userMessage(picture('low'), picture('high'))],
      },
      { seed: false, stop: false, reasoningEffort: false, toolChoiceRequired: false, detail: false },
    );
    expect(kinds(result)).toEqual([
      'adjusted-option detail',
      'unsupported-option topK',
      'unsupported-option seed',
      'unsupported-option reasoning',
      'adjusted-option toolChoice',
      'unsupported-option cache',
    ]);
    expect(Object.keys(result.body).sort()).toEqual([
      'max_tokens',
      'messages',
      'model',
      'stream',
      'stream_options',
      'tools',
    ]);
    expect(JSON.stringify(result.body)).not.toContain('detail');
  });

  it('warns of a detail only where the picture was not scaled to it', () => {
    const kindsOf = (detail: 'low' | 'medium', hasDetail: boolean, given: Partial<PreparedMediaPart>): unknown[] =>
      kinds(wire({ messages: [userMessage({ ...picture(detail), ...given })] }, { detail: hasDetail }));
    const scaled = { scaledToDetail: true } as const;
    expect(kindsOf('low', false, {})).toEqual(['adjusted-option detail']);
    expect(kindsOf('low', false, scaled)).toEqual([]);
    expect(kindsOf('medium', true, {})).toEqual(['adjusted-option detail']);
    expect(kindsOf('medium', true, scaled)).toEqual([]);
  });

  it('sends no tools where they are forbidden and the server cannot be told', () => {
    const tools = [{ name: 'crop', parameters: { type: 'object' } }];
    expect(wire({ tools, toolChoice: 'none' }, { toolChoiceRequired: false }).body.tools).toBeUndefined();
    expect(wire({ tools, toolChoice: 'none' }).body.tool_choice).toBe('none');
  });

  it('carries audio, documents and URLs in the forms the wire has', () => {
    expect(media({ type: 'audio', media: mediaBytes('SUQz', 'audio/mpeg') })).toEqual([
      { type: 'input_audio', input_audio: { data: 'SUQz', format: 'mp3' } },
    ]);
    expect(media({ type: 'document', media: { type: 'file-id', fileId: 'file-1' } })).toEqual([
      { type: 'file', file: { file_id: 'file-1' } },
    ]);
    const image: PreparedMediaPart = {
      type: 'image',
      detail: 'auto',
      media: { type: 'url', url: 'https://a.example/b.png' },
    };
    expect(wire({ messages: [userMessage(image)] }, { imageUrls: true }).body.messages[0]?.content).toEqual([
      { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'auto' } },
    ]);
  });

  it.each<[string, PreparedMediaPart]>([
    ['a video', { type: 'video', media: mediaBytes('AAAA', 'video/mp4') }],
    ['a picture by file id', { type: 'image', media: { type: 'file-id', fileId: 'file-1' } }],
    ['a picture by URL', { type: 'image', media: { type: 'url', url: 'https://a.example/b.png' } }],
    ['audio/flac', { type: 'audio', media: mediaBytes('ZkxhQw==', 'audio/flac') }],
    ['audio by URL', { type: 'audio', media: { type: 'url', url: 'https://a.example/b.wav' } }],
    ['a document by URL', { type: 'document', media: { type: 'url', url: 'https://a.example/b.pdf' } }],
  ])('refuses %s and names the part', (what, part) => {
    expect(() => media(part)).toThrow(
      expect.objectContaining({
        kind: 'unsupported-input',
        provider: 'mine',
        message: expect.stringContaining(`messages[0].content[0] is ${what}`),
      }),
    );
  });
});

describe('the flags of a server', () => {
  it.each([
    ['http://localhost:11434/v1', 'ollama'],
    ['http://127.0.0.1:1234/v1', 'lmStudio'],
    ['http://192.168.0.7:8080/v1', 'llamaCpp'],
    ['http://gpu-box:8000/v1', 'vllm'],
    ['https://openrouter.ai/api/v1', 'openRouter'],
    ['https://api.groq.com/openai/v1', 'groq'],
    ['https://api.openai.com/v1', 'openai'],
    ['https://llm.example.com:8000/v1', 'unknown'],
    ['https://openrouter.ai.evil.example/v1', 'unknown'],
    ['no url', 'unknown'],
    [undefined, 'unknown'],
  ] as const)('are guessed from %s', (baseURL, preset) => {
    expect(presetFor(baseURL)).toBe(preset);
  });

  it('can be changed one by one, and make what is assumed of a model', () => {
    const target = openaiCompatible({
      baseURL: 'http://localhost:11434/v1',
      compat: { audio: true, imageUrls: true },
      environment: {},
    });
    const { capabilities } = target.defaultDescription;
    expect(capabilities.input).toEqual(['text', 'image', 'audio']);
    expect(capabilities.urls).toEqual(['image']);
    expect(capabilities.mediaTypes).toEqual([...presets.ollama.imageTypes, 'audio/wav', 'audio/mpeg']);
  });
});
