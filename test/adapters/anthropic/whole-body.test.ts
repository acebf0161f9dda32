import { describe, expect, test } from 'vitest';
import { anthropic } from '../../../adapters/anthropic/index.js';
import type { PreparedMessage, PreparedRequest } from '../../../src/request/index.js';
import { bytesOf, png, prepared } from '../shared/raw-server.js';

const adapter = anthropic({ environment: {} });
const wire = (given: Partial<PreparedRequest>) =>
  adapter.toWire(
    prepared({ modelId: 'claude-opus-5', ...given }),
    adapter.describe('claude-opus-5') ?? adapter.defaultDescription,
  );
const user = (text: string): PreparedMessage => ({ role: 'user', content: [{ type: 'text', text }] });

describe('a request on the Messages wire', () => {
  test('carries every part, tool, schema and option where the API wants it', () => {
    const { body, warnings } = wire({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            { type: 'image', media: png, detail: 'high' },
            { type: 'image', media: { type: 'url', url: 'https://example.org/a.jpg' }, detail: 'high' },
            { type: 'image', media: { type: 'file-id', fileId: 'file_1' }, detail: 'high' },
            { type: 'document', media: bytesOf('application/pdf', '%PDF-1.7'), filename: 'a.pdf' },
            { type: 'document', media: bytesOf('text/plain', 'Grüße') },
            { type: 'text', text: 'Compare.' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Let me look.', providerData: { anthropic: { signature: 'c2ln' } } },
            { type: 'reasoning', text: '', providerData: { anthropic: { redactedThinking: 'hidden' } } },
            { type: 'text', text: 'I look closer.' },
            { type: 'tool-call', id: 'toolu_1', name: 'zoom', arguments: { x: 1 } },
            { type: 'tool-call', id: 'call.2', name: 'zoom', arguments: { x: 2 } },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              id: 'toolu_1',
              name: 'zoom',
              content: [
                { type: 'text', text: 'Here.' },
                { type: 'image', media: png, detail: 'high' },
              ],
              isError: false,
            },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              id: 'call.2',
              name: 'zoom',
              content: [{ type: 'text', text: 'Out of range.' }],
              isError: true,
            },
          ],
        },
        user('And now?'),
      ],
      maxOutputTokens: 1_000,
      stop: ['END'],
      tools: [
        {
          name: 'zoom',
          description: 'Looks closer',
          parameters: { type: 'object', properties: { x: { type: 'integer' } } },
        },
      ],
      output: {
        name: 'answer',
        schema: {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          type: 'object',
          properties: {
            count: { type: 'integer', minimum: 0, description: 'Coins' },
            kind: { oneOf: [{ const: 'gold' }, { type: 'null' }] },
          },
          required: ['count'],
        },
      },
      reasoning: 'high',
      cache: 'long',
      metadata: { userId: 'u-1' },
      providerOptions: { service_tier: 'standard_only', output_config: { effort: 'max' } },
    });
    expect(warnings).toEqual([]);
    expect(body).toMatchInlineSnapshot(`
      {
        "max_tokens": 1000,
        "messages": [
          {
            "content": [
              {
                "source": {
                  "data": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                  "media_type": "image/png",
                  "type": "base64",
                },
                "type": "image",
              },
              {
                "source": {
                  "type": "url",
                  "url": "https://example.org/a.jpg",
                },
                "type": "image",
              },
              {
                "source": {
                  "file_id": "file_1",
                  "type": "file",
                },
                "type": "image",
              },
              {
                "source": {
                  "data": "JVBERi0xLjc=",
                  "media_type": "application/pdf",
                  "type": "base64",
                },
                "title": "a.pdf",
                "type": "document",
              },
              {
                "source": {
                  "data": "Grüße",
                  "media_type": "text/plain",
                  "type": "text",
                },
                "type": "document",
              },
              {
                "text": "Compare.",
                "type": "text",
              },
            ],
            "role": "user",
          },
          {
            "content": [
              {
                "signature": "c2ln",
                "thinking": "Let me look.",
                "type": "thinking",
              },
              {
                "data": "hidden",
                "type": "redacted_thinking",
              },
              {
                "text": "I look closer.",
                "type": "text",
              },
              {
                "id": "toolu_1",
                "input": {
                  "x": 1,
                },
                "name": "zoom",
                "type": "tool_use",
              },
              {
                "id": "call_2",
                "input": {
                  "x": 2,
                },
                "name": "zoom",
                "type": "tool_use",
              },
            ],
            "role": "assistant",
          },
          {
            "content": [
              {
                "content": [
                  {
                    "text": "Here.",
                    "type": "text",
                  },
                  {
                    "source": {
                      "data": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                      "media_type": "image/png",
                      "type": "base64",
                    },
                    "type": "image",
                  },
                ],
                "tool_use_id": "toolu_1",
                "type": "tool_result",
              },
              {
                "content": [
                  {
                    "text": "Out of range.",
                    "type": "text",
                  },
                ],
                "is_error": true,
                "tool_use_id": "call_2",
                "type": "tool_result",
              },
              {
                "cache_control": {
                  "ttl": "1h",
                  "type": "ephemeral",
                },
                "text": "And now?",
                "type": "text",
              },
            ],
            "role": "user",
          },
        ],
        "metadata": {
          "user_id": "u-1",
        },
        "model": "claude-opus-5",
        "output_config": {
          "effort": "max",
          "format": {
            "schema": {
              "additionalProperties": false,
              "properties": {
                "count": {
                  "description": "Coins (minimum: 0)",
                  "type": "integer",
                },
                "kind": {
                  "anyOf": [
                    {
                      "const": "gold",
                    },
                    {
                      "type": "null",
                    },
                  ],
                },
              },
              "required": [
                "count",
              ],
              "type": "object",
            },
            "type": "json_schema",
          },
        },
        "service_tier": "standard_only",
        "stop_sequences": [
          "END",
        ],
        "stream": true,
        "system": [
          {
            "cache_control": {
              "ttl": "1h",
              "type": "ephemeral",
            },
            "text": "Be brief.",
            "type": "text",
          },
        ],
        "thinking": {
          "display": "summarized",
          "type": "adaptive",
        },
        "tools": [
          {
            "description": "Looks closer",
            "input_schema": {
              "properties": {
                "x": {
                  "type": "integer",
                },
              },
              "type": "object",
            },
            "name": "zoom",
          },
        ],
      }
    `);
  });
});
