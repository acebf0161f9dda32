import { describe, expect, test } from 'vitest';
import { google } from '../../../adapters/google/index.js';
import type { Detail, PreparedMessage, PreparedRequest, PreparedUserPart } from '../../../src/request/index.js';
import { bytesOf, png, prepared } from '../shared/raw-server.js';

const adapter = google({ environment: {} });
const wire = (given: Partial<PreparedRequest>) =>
  adapter.toWire(
    prepared({ modelId: 'gemini-3.5-flash', ...given }),
    adapter.describe('gemini-3.5-flash') ?? adapter.defaultDescription,
  );
const user = (text: string): PreparedMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const picture = (detail: Detail = 'high') => ({ type: 'image', media: png, detail }) as const;
const zoom = { name: 'zoom', description: 'Looks closer', parameters: { $schema: 'x', type: 'object' } };
const result = (id: string, ...content: PreparedUserPart[]) =>
  ({ type: 'tool-result', id, name: 'zoom', content, isError: false }) as const;

describe('a request on the generateContent wire', () => {
  test('carries every part, tool, schema and option where the API wants it', () => {
    const { body, warnings } = wire({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            picture('original'),
            {
              type: 'image',
              media: { type: 'url', url: 'https://example.org/a.jpg', mediaType: 'image/jpeg' },
              detail: 'low',
            },
            { type: 'image', media: { type: 'file-id', fileId: 'files/abc', mediaType: 'image/png' }, detail: 'auto' },
            { type: 'audio', media: bytesOf('audio/wav', 'RIFF') },
            {
              type: 'video',
              media: { type: 'file-id', fileId: 'https://host/v1beta/files/v', mediaType: 'video/mp4' },
            },
            { type: 'document', media: bytesOf('application/pdf', '%PDF-1.7'), filename: 'a.pdf' },
            { type: 'text', text: 'Compare.' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm.', providerData: { google: { thought: true, thoughtSignature: 'dA==' } } },
            { type: 'reasoning', text: 'A summary.', providerData: { google: { thought: true } } },
            { type: 'text', text: 'I look closer.' },
            { type: 'text', text: '', providerData: { google: { thoughtSignature: 'ZW1wdHk=' } } },
            {
              type: 'tool-call',
              id: 'fc-1',
              name: 'zoom',
              arguments: { x: 1 },
              providerData: { google: { functionCallId: 'fc-1', thoughtSignature: 'Y2FsbA==' } },
            },
            { type: 'tool-call', id: 'call_1', name: 'zoom', arguments: { x: 2 } },
          ],
        },
        {
          role: 'tool',
          content: [
            { ...result('call_1', { type: 'text', text: 'Out of range.' }), isError: true },
            result('fc-1', { type: 'text', text: 'Here.' }, picture()),
          ],
        },
        user('And now?'),
      ],
      maxOutputTokens: 1_000,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      seed: 7,
      stop: ['END'],
      tools: [zoom],
      toolChoice: { name: 'zoom' },
      output: { name: 'answer', schema: { $schema: 'x', type: 'object', properties: { n: { type: 'integer' } } } },
      reasoning: 'medium',
      providerOptions: { safetySettings: [], generationConfig: { candidateCount: 1 } },
    });
    expect(warnings).toEqual([]);
    expect(body).toMatchInlineSnapshot(`
      {
        "contents": [
          {
            "parts": [
              {
                "inlineData": {
                  "data": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                  "mimeType": "image/png",
                },
                "mediaResolution": {
                  "level": "MEDIA_RESOLUTION_ULTRA_HIGH",
                },
              },
              {
                "fileData": {
                  "fileUri": "https://example.org/a.jpg",
                  "mimeType": "image/jpeg",
                },
                "mediaResolution": {
                  "level": "MEDIA_RESOLUTION_LOW",
                },
              },
              {
                "fileData": {
                  "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/abc",
                  "mimeType": "image/png",
                },
              },
              {
                "inlineData": {
                  "data": "UklGRg==",
                  "mimeType": "audio/wav",
                },
              },
              {
                "fileData": {
                  "fileUri": "https://host/v1beta/files/v",
                  "mimeType": "video/mp4",
                },
              },
              {
                "inlineData": {
                  "data": "JVBERi0xLjc=",
                  "mimeType": "application/pdf",
                },
              },
              {
                "text": "Compare.",
              },
            ],
            "role": "user",
          },
          {
            "parts": [
              {
                "text": "Hm.",
                "thought": true,
                "thoughtSignature": "dA==",
              },
              {
                "text": "I look closer.",
              },
              {
                "text": "",
                "thoughtSignature": "ZW1wdHk=",
              },
              {
                "functionCall": {
                  "args": {
                    "x": 1,
                  },
                  "id": "fc-1",
                  "name": "zoom",
                },
                "thoughtSignature": "Y2FsbA==",
              },
              {
                "functionCall": {
                  "args": {
                    "x": 2,
                  },
                  "name": "zoom",
                },
              },
            ],
            "role": "model",
          },
          {
            "parts": [
              {
                "functionResponse": {
                  "id": "fc-1",
                  "name": "zoom",
                  "parts": [
                    {
                      "inlineData": {
                        "data": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                        "mimeType": "image/png",
                      },
                    },
                  ],
                  "response": {
                    "output": "Here.",
                  },
                },
              },
              {
                "functionResponse": {
                  "name": "zoom",
                  "response": {
                    "error": "Out of range.",
                  },
                },
              },
            ],
            "role": "user",
          },
          {
            "parts": [
              {
                "text": "And now?",
              },
            ],
            "role": "user",
          },
        ],
        "generationConfig": {
          "candidateCount": 1,
          "maxOutputTokens": 1000,
          "responseJsonSchema": {
            "properties": {
              "n": {
                "type": "integer",
              },
            },
            "type": "object",
          },
          "responseMimeType": "application/json",
          "seed": 7,
          "stopSequences": [
            "END",
          ],
          "temperature": 0.5,
          "thinkingConfig": {
            "includeThoughts": true,
            "thinkingLevel": "medium",
          },
          "topK": 40,
          "topP": 0.9,
        },
        "model": "gemini-3.5-flash",
        "safetySettings": [],
        "systemInstruction": {
          "parts": [
            {
              "text": "Be brief.",
            },
          ],
        },
        "toolConfig": {
          "functionCallingConfig": {
            "allowedFunctionNames": [
              "zoom",
            ],
            "mode": "ANY",
          },
        },
        "tools": [
          {
            "functionDeclarations": [
              {
                "description": "Looks closer",
                "name": "zoom",
                "parametersJsonSchema": {
                  "type": "object",
                },
              },
            ],
          },
        ],
      }
    `);
  });
});
