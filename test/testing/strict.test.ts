/** A strict fake server takes what the vendor takes, and refuses what the vendor refuses, before the script is asked. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/request/index.js';
import { createFakeServer, type FakeServer, type WireName } from '../../src/testing/index.js';

interface Sample {
  readonly path: string;
  readonly good: JsonObject;
  /** Changes of the good body, each with what the refusal says. */
  readonly bad: readonly { readonly what: string; readonly changes: JsonObject; readonly says: RegExp }[];
}

const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };
const openSchema = { type: 'object', properties: { n: { type: 'integer' } } };

const samples: Readonly<Record<WireName, Sample>> = {
  openai: {
    path: '/v1/responses',
    good: {
      model: 'gpt-4o',
      stream: true,
      max_output_tokens: 16,
      input: [
        { role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,aGk=' }] },
        { type: 'reasoning', id: 'rs_1', summary: [] },
        { type: 'function_call', call_id: 'a', name: 'count', arguments: '{}' },
        { type: 'function_call_output', call_id: 'a', output: '3' },
      ],
      tools: [{ type: 'function', name: 'count', parameters: schema, strict: true }],
    },
    bad: [
      { what: 'a parameter of another API', changes: { seed: 1 }, says: /seed/ },
      { what: 'too few output tokens', changes: { max_output_tokens: 15 }, says: />= 16/ },
      { what: 'a call without an output', changes: { input: [call('a')] }, says: /No tool output found.* a/ },
      { what: 'an output without a call', changes: { input: [output('b')] }, says: /No tool call found.* b/ },
      {
        what: 'reasoning at the end',
        changes: { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] },
        says: /required following item/,
      },
      {
        what: 'a strict tool with an open schema',
        changes: { tools: [{ type: 'function', name: 'count', parameters: openSchema, strict: true }] },
        says: /additionalProperties/,
      },
      {
        what: 'bare base64 for a picture',
        changes: { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'aGk=' }] }] },
        says: /data URL/,
      },
    ],
  },
  'openai-compatible': {
    path: '/v1/chat/completions',
    good: {
      model: 'any',
      stream: true,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        { role: 'assistant', content: null, tool_calls: [chatCall('a')] },
        { role: 'tool', tool_call_id: 'a', content: '3' },
      ],
    },
    bad: [
      { what: 'no message', changes: { messages: [] }, says: /at least one message/ },
      {
        what: 'a call without an answer',
        changes: {
          messages: [
            { role: 'assistant', tool_calls: [chatCall('a')] },
            { role: 'user', content: 'Hi' },
          ],
        },
        says: /must be followed by tool messages/,
      },
      {
        what: 'an answer without a call',
        changes: { messages: [{ role: 'tool', tool_call_id: 'x', content: '3' }] },
        says: /preceding message/,
      },
      {
        what: 'arguments that are no text',
        changes: {
          messages: [{ role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'count', arguments: {} } }] }],
        },
        says: /string was expected/,
      },
    ],
  },
  anthropic: {
    path: '/v1/messages',
    good: {
      model: 'claude-opus-5',
      max_tokens: 100,
      stream: true,
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'count', input: {} }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: '3' },
            { type: 'text', text: 'So?' },
          ],
        },
      ],
    },
    bad: [
      { what: 'no limit', changes: { max_tokens: null }, says: /max_tokens/ },
      { what: 'temperature', changes: { temperature: 1 }, says: /temperature/ },
      { what: 'blank text', changes: { messages: [{ role: 'user', content: ' ' }] }, says: /non-whitespace/ },
      { what: 'an answer first', changes: { messages: [{ role: 'assistant', content: 'Hi' }] }, says: /first message/ },
      {
        what: 'a call without a result',
        changes: {
          messages: [
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'count', input: {} }] },
            { role: 'user', content: 'And?' },
          ],
        },
        says: /without `tool_result`/,
      },
      {
        what: 'a result after a text',
        changes: {
          messages: [
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'count', input: {} }] },
            {
              role: 'user',
              content: [
                { type: 'text', text: 'So?' },
                { type: 'tool_result', tool_use_id: 'a' },
              ],
            },
          ],
        },
        says: /must come first/,
      },
      {
        what: 'a TIFF',
        changes: {
          messages: [
            {
              role: 'user',
              content: [{ type: 'image', source: { type: 'base64', media_type: 'image/tiff', data: 'aGk=' } }],
            },
          ],
        },
        says: /image\/tiff/,
      },
    ],
  },
  google: {
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    good: {
      contents: [
        { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }, { text: 'Hi' }] },
        { role: 'model', parts: [{ functionCall: { name: 'count', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'count', response: { output: 3 } } }] },
      ],
      generationConfig: { seed: 1 },
    },
    bad: [
      { what: 'an unknown field', changes: { generationConfig: { colour: 1 } }, says: /colour/ },
      { what: 'an empty part', changes: { contents: [{ role: 'user', parts: [{}] }] }, says: /oneof field 'data'/ },
      {
        what: 'a wrong role',
        changes: { contents: [{ role: 'assistant', parts: [{ text: 'Hi' }] }] },
        says: /assistant/,
      },
      {
        what: 'a call without a response',
        changes: {
          contents: [
            { role: 'model', parts: [{ functionCall: { name: 'count', args: {} } }] },
            { role: 'user', parts: [{ text: 'And?' }] },
          ],
        },
        says: /number of function response parts/,
      },
      {
        what: 'a data URL for base64',
        changes: {
          contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'data:image/png;base64,aGk=' } }] }],
        },
        says: /not base64/,
      },
    ],
  },
};

function call(id: string): JsonObject {
  return { type: 'function_call', call_id: id, name: 'count', arguments: '{}' };
}

function output(id: string): JsonObject {
  return { type: 'function_call_output', call_id: id, output: '3' };
}

function chatCall(id: string): JsonObject {
  return { id, type: 'function', function: { name: 'count', arguments: '{}' } };
}

describe.each(Object.entries(samples))('a strict fake of %s', (wire, { path, good, bad }) => {
  let server: FakeServer;
  beforeAll(async () => {
    server = await createFakeServer({ wire: wire as WireName, strict: true });
  });
  afterAll(() => server.close());
  const post = (body: JsonObject): Promise<Response> =>
    fetch(`${server.origin}${path}`, { method: 'POST', body: JSON.stringify(body) });

  it('takes a good body', async () => {
    const response = await post(good);
    expect(await response.text()).toContain('Hello.');
    expect(response.status).toBe(200);
  });

  it.each(bad)('refuses $what, and keeps the script for the next request', async ({ changes, says }) => {
    server.script({ reply: { text: 'scripted' } });
    const response = await post({ ...good, ...changes });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(says);
    expect(await (await post(good)).text()).toContain('scripted');
  });
});
