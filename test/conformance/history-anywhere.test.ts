/** A conversation begun with one provider, with its reasoning, signatures and tool calls, goes on with every other. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelReference } from '../../adapters/adapter.js';
import { anthropic } from '../../adapters/anthropic/index.js';
import { google } from '../../adapters/google/index.js';
import { openaiCompatible } from '../../adapters/openai-compatible/index.js';
import { openai } from '../../adapters/openai/index.js';
import { createOcelli, type Message } from '../../src/index.js';
import { samplePicture } from '../../src/testing/conformance/samples.js';
import { createFakeServer, type FakeServer, type WireName } from '../../src/testing/index.js';

const apiKey = 'sk-history-0123456789abcdef';
/** Ids with characters that only some wires take. */
const models: Readonly<Record<WireName, (baseURL: string) => ModelReference>> = {
  openai: (baseURL) => openai({ apiKey, baseURL }).model('gpt-5'),
  'openai-compatible': (baseURL) => openaiCompatible({ apiKey, baseURL }).model('some-model'),
  anthropic: (baseURL) => anthropic({ apiKey, baseURL }).model('claude-opus-5'),
  google: (baseURL) => google({ apiKey, baseURL }).model('gemini-3-pro-preview'),
};
const wires = Object.keys(models) as WireName[];
const pairs = wires.flatMap((from) => wires.map((to) => ({ from, to })));

const tools = [
  {
    name: 'count',
    parameters: {
      type: 'object',
      properties: { of: { type: 'string' } },
      required: ['of'],
      additionalProperties: false,
    },
  },
] as const;

/** Base64, as the wires want it; one for each provider, so that it is seen whose goes where. */
function signatureOf(wire: WireName): string {
  return Buffer.from(`the signature of ${wire}`).toString('base64');
}

describe('a history of one provider sent to another', () => {
  const servers = new Map<WireName, FakeServer>();
  const ocelli = createOcelli({ environment: {} });
  const picture = samplePicture(9, 20);

  beforeAll(async () => {
    for (const wire of wires) servers.set(wire, await createFakeServer({ wire, strict: true }));
  });
  afterAll(async () => {
    await Promise.all([...servers.values()].map((server) => server.close()));
  });

  function server(wire: WireName): FakeServer {
    const found = servers.get(wire);
    if (found === undefined) throw new Error(`No server for ${wire}.`);
    found.reset();
    return found;
  }

  /** A turn in which the provider thinks, says something and calls a tool twice, and the tool's answers. */
  async function history(wire: WireName): Promise<readonly Message[]> {
    const from = server(wire);
    from.script({
      reply: {
        reasoning: { text: 'Coins first.', signature: signatureOf(wire) },
        text: 'I count.',
        toolCalls: [
          { id: 'call:1/a', name: 'count', arguments: { of: 'coins' } },
          { id: 'call:2/b', name: 'count', arguments: { of: 'notes' } },
        ],
      },
    });
    const question: Message = {
      role: 'user',
      content: [
        { type: 'image', source: picture.bytes },
        { type: 'text', text: 'How much money?' },
      ],
    };
    const reply = await ocelli.generate({
      model: models[wire](from.url),
      messages: [question],
      tools,
      reasoning: 'low',
    });
    expect(reply.toolCalls).toHaveLength(2);
    const results: Message = {
      role: 'tool',
      content: reply.toolCalls.map(({ id }, index) => ({ type: 'tool-result', id, content: `${index + 3}` })),
    };
    return [question, ...reply.messages, results];
  }

  it.each(pairs)('from $from to $to', async ({ from, to }) => {
    const messages = await history(from);
    const target = server(to);
    target.script({ reply: { text: 'Seven.' } });
    const reply = await ocelli.generate({ model: models[to](target.url), messages, tools, reasoning: 'low' });
    expect(reply.text).toBe('Seven.');
    const body = JSON.stringify(target.requests[0]?.body);
    for (const said of ['How much money?', 'I count.', 'coins', 'notes', picture.base64]) expect(body).toContain(said);
    // Chat Completions has no signatures at all.
    const goesBack = from === to && from !== 'openai-compatible';
    expect(body.includes(signatureOf(from))).toBe(goesBack);
    const dropped = reply.warnings.filter((warning) => warning.type === 'dropped-provider-data');
    expect(dropped.length > 0).toBe(from !== to);
  });
});
