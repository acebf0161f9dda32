/** One request object, four wires, streaming and not: pictures, tools, a schema and two turns of tool use give equal events. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterWithModels, ModelReference } from '../../adapters/adapter.js';
import { anthropic } from '../../adapters/anthropic/index.js';
import { google } from '../../adapters/google/index.js';
import { openaiCompatible } from '../../adapters/openai-compatible/index.js';
import { openai } from '../../adapters/openai/index.js';
import {
  createOcelli,
  type GenerateRequest,
  type Message,
  type Ocelli,
  type Reply,
  type StreamEvent,
  type ToolResultPart,
} from '../../src/index.js';
import { samplePicture } from '../../src/testing/conformance/samples.js';
import { createFakeServer, type FakeServer, type ScriptedReply, type WireName } from '../../src/testing/index.js';

const pictures = [samplePicture(1, 40), samplePicture(2, 40)] as const;
const closeUp = samplePicture(3, 20);

/** The one request. Nothing in it is about any provider. */
const request = {
  system: 'You count things in pictures.',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Here are two pictures 📷.' },
        { type: 'image', source: pictures[0].bytes },
        { type: 'image', source: pictures[1].bytes },
        { type: 'text', text: 'How many coins are in both?' },
      ],
    },
  ],
  detail: 'high',
  maxOutputTokens: 500,
  tools: [
    {
      name: 'look_closer',
      description: 'Returns a part of a picture, larger.',
      parameters: {
        type: 'object',
        properties: { picture: { type: 'integer' }, box: { type: 'array', items: { type: 'number' } } },
        required: ['picture', 'box'],
        additionalProperties: false,
      },
    },
    {
      name: 'add',
      description: 'Adds numbers.',
      parameters: {
        type: 'object',
        properties: { numbers: { type: 'array', items: { type: 'number' } } },
        required: ['numbers'],
        additionalProperties: false,
      },
    },
  ],
} as const satisfies GenerateRequest;

const schema = {
  type: 'object',
  properties: { count: { type: 'integer' } },
  required: ['count'],
  additionalProperties: false,
} as const;

/** What the model says in three calls: two tools at once, one more tool, the answer. */
const script: readonly ScriptedReply[] = [
  {
    text: ['I look ', 'closer at both 🔍.'],
    toolCalls: [
      { id: 'call_1', name: 'look_closer', arguments: { picture: 0, box: [0, 0, 10.5, 20] } },
      { id: 'call_2', name: 'look_closer', arguments: { picture: 1, box: [5, 5, 10, 10] } },
    ],
  },
  { toolCalls: [{ id: 'call_3', name: 'add', arguments: { numbers: [3, 4] } }] },
  { text: ['There are ', 'sieben → 7', ' coins.'], usage: { inputTokens: 900, outputTokens: 12 } },
];

interface Target {
  readonly name: string;
  readonly wire: WireName;
  readonly streams: boolean;
  model(url: string): ModelReference;
}

const apiKey = 'sk-same-request-0123456789';
const targets: readonly Target[] = [
  { name: 'openai', wire: 'openai', streams: true, model: (baseURL) => bind(openai({ apiKey, baseURL }), 'gpt-4o') },
  {
    name: 'openai-compatible',
    wire: 'openai-compatible',
    streams: true,
    model: (baseURL) => bind(openaiCompatible({ apiKey, baseURL }), 'some-vision-model'),
  },
  {
    name: 'openai-compatible, stream: false',
    wire: 'openai-compatible',
    streams: false,
    model: (baseURL) => bind(openaiCompatible({ apiKey, baseURL, compat: { stream: false } }), 'some-vision-model'),
  },
  {
    name: 'anthropic',
    wire: 'anthropic',
    streams: true,
    model: (baseURL) => bind(anthropic({ apiKey, baseURL }), 'claude-opus-5'),
  },
  {
    name: 'google',
    wire: 'google',
    streams: true,
    model: (baseURL) => bind(google({ apiKey, baseURL }), 'gemini-2.5-flash'),
  },
];

function bind<Body>(adapter: AdapterWithModels<Body>, modelId: string): ModelReference {
  return adapter.model(modelId);
}

/** How one call is made: as events, or collected. */
type Mode = 'stream' | 'generate';

interface Turn {
  /** Events without ids, times and usage; pieces of one text or of one call's arguments joined. */
  readonly events: readonly unknown[];
  readonly reply: Reply;
}

class Conversation {
  readonly turns: Turn[] = [];
  readonly #ocelli: Ocelli = createOcelli({ environment: {} });
  readonly #model: ModelReference;
  readonly #mode: Mode;
  #messages: readonly Message[] = request.messages;

  constructor(model: ModelReference, mode: Mode) {
    this.#model = model;
    this.#mode = mode;
  }

  async ask(more: Partial<GenerateRequest> = {}): Promise<Reply> {
    const whole: GenerateRequest = { ...request, ...more, model: this.#model, messages: this.#messages };
    const events: StreamEvent[] = [];
    let reply: Reply | undefined;
    if (this.#mode === 'generate') reply = await this.#ocelli.generate(whole);
    else
      for await (const event of this.#ocelli.stream(whole)) {
        if (event.type === 'error') throw event.error;
        if (event.type === 'finish') reply = event.reply;
        events.push(event);
      }
    if (reply === undefined) throw new Error('The stream ended without finish.');
    this.turns.push({ events: comparable(events), reply });
    this.#messages = [...this.#messages, ...reply.messages];
    return reply;
  }

  answerTools(results: readonly ToolResultPart[]): void {
    this.#messages = [...this.#messages, { role: 'tool', content: results }];
  }
}

async function talk(model: ModelReference, mode: Mode): Promise<Conversation> {
  const conversation = new Conversation(model, mode);
  const first = await conversation.ask();
  const [one, two] = first.toolCalls;
  if (one === undefined || two === undefined) throw new Error('Two tool calls were expected.');
  conversation.answerTools([
    {
      type: 'tool-result',
      id: one.id,
      content: [
        { type: 'text', text: 'Three coins here:' },
        { type: 'image', source: closeUp.bytes },
      ],
    },
    {
      type: 'tool-result',
      id: two.id,
      content: 'The box is outside of the picture; four coins at its edge.',
      isError: true,
    },
  ]);
  const second = await conversation.ask();
  const [add] = second.toolCalls;
  if (add === undefined) throw new Error('One tool call was expected.');
  conversation.answerTools([{ type: 'tool-result', id: add.id, content: '7' }]);
  await conversation.ask();
  return conversation;
}

/** What must be equal: everything but ids, times, usage, names of models, and into how many pieces a wire cuts things. */
function comparable(events: readonly StreamEvent[]): readonly unknown[] {
  const kept: Record<string, unknown>[] = [];
  const numbers = new Map<string, number>();
  const number = (id: string): number => {
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return numbers.get(id) ?? -1;
  };
  for (const event of events) {
    const last = kept.at(-1);
    switch (event.type) {
      case 'start':
        kept.push({ type: 'start' });
        break;
      case 'text-delta':
        if (last?.['type'] === 'text-delta') last['text'] = `${String(last['text'])}${event.text}`;
        else kept.push({ type: 'text-delta', text: event.text });
        break;
      case 'tool-call-start':
        kept.push({ type: event.type, call: number(event.id), name: event.name });
        break;
      case 'tool-call-delta':
        if (last?.['type'] === event.type && last['call'] === number(event.id))
          last['text'] = `${String(last['text'])}${event.argumentsText}`;
        else kept.push({ type: event.type, call: number(event.id), text: event.argumentsText });
        break;
      case 'tool-call-end':
        kept.push({ type: event.type, call: number(event.id), name: event.name, arguments: event.arguments });
        break;
      case 'finish':
        kept.push({ type: 'finish', reason: event.reason, reply: comparableReply(event.reply) });
        break;
      case 'warning':
        // Where a wire carries no picture in a tool result, it says that it moved it. Nothing else may be warned of.
        if (event.warning.type !== 'moved-media') kept.push({ type: 'warning', warning: event.warning });
        break;
      case 'reasoning-delta':
      case 'attempt':
      case 'error':
        kept.push({ ...event });
        break;
      default: {
        const unknown: never = event;
        throw new TypeError(`Unknown event ${JSON.stringify(unknown)}`);
      }
    }
  }
  return kept;
}

function comparableReply(reply: Reply): unknown {
  return {
    text: reply.text,
    object: reply.object,
    reasoning: reply.reasoning,
    finishReason: reply.finishReason,
    content: reply.content.map((part) =>
      part.type === 'tool-call'
        ? { type: part.type, name: part.name, arguments: part.arguments }
        : { type: part.type, text: part.text },
    ),
    // Every model counts a picture by its own rule.
    images: reply.images.map(({ tokens: _tokens, ...image }) => image),
    attempts: reply.attempts.map((attempt) => attempt.outcome),
  };
}

describe('the same request through four wires', () => {
  const running = new Map<string, FakeServer>();

  beforeAll(async () => {
    for (const { name, wire } of targets) running.set(name, await createFakeServer({ wire, strict: true }));
  });
  afterAll(async () => {
    await Promise.all([...running.values()].map((server) => server.close()));
  });

  async function converse(target: Target, mode: Mode): Promise<{ conversation: Conversation; server: FakeServer }> {
    const server = running.get(target.name);
    if (server === undefined) throw new Error(`No server for ${target.name}.`);
    server.reset();
    server.script(...script.map((reply) => ({ reply })));
    return { conversation: await talk(target.model(server.url), mode), server };
  }

  it.each(targets)('$name gives the events that were scripted, in two turns of tool use', async (target) => {
    const { conversation, server } = await converse(target, 'stream');
    const [first, second, third] = conversation.turns;
    expect(first?.events.slice(0, 5)).toEqual([
      { type: 'start' },
      { type: 'text-delta', text: 'I look closer at both 🔍.' },
      { type: 'tool-call-start', call: 0, name: 'look_closer' },
      { type: 'tool-call-delta', call: 0, text: '{"picture":0,"box":[0,0,10.5,20]}' },
      { type: 'tool-call-end', call: 0, name: 'look_closer', arguments: { picture: 0, box: [0, 0, 10.5, 20] } },
    ]);
    expect(first?.events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
    expect(second?.events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' });
    expect(third?.reply).toMatchObject({ text: 'There are sieben → 7 coins.', finishReason: 'stop' });
    expect(server.requests.map((sent) => sent.stream)).toEqual([target.streams, target.streams, target.streams]);
  });

  it.each(['stream', 'generate'] as const)('%s: every wire gives the same as the first', async (mode) => {
    const all: { name: string; events: unknown; replies: unknown }[] = [];
    for (const target of targets) {
      const { turns } = (await converse(target, mode)).conversation;
      all.push({
        name: target.name,
        events: turns.map((turn) => turn.events),
        replies: turns.map((turn) => comparableReply(turn.reply)),
      });
    }
    const [first, ...others] = all;
    for (const other of others) {
      expect(other.events, other.name).toEqual(first?.events);
      expect(other.replies, other.name).toEqual(first?.replies);
    }
  });

  it.each(targets)('$name is sent every picture byte for byte, the one in the tool result too', async (target) => {
    const { server } = await converse(target, 'stream');
    const bodies = server.requests.map((sent) => JSON.stringify(sent.body));
    expect(bodies.map((body) => pictures.every((picture) => body.includes(picture.base64)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(bodies.map((body) => body.includes(closeUp.base64))).toEqual([false, true, true]);
  });

  it.each(targets)('$name gives the object of a schema', async (target) => {
    const server = running.get(target.name);
    if (server === undefined) throw new Error(`No server for ${target.name}.`);
    for (const mode of ['stream', 'generate'] as const) {
      server.reset();
      server.script({ reply: { text: ['{"co', 'unt": 7', '}'] } });
      const conversation = new Conversation(target.model(server.url), mode);
      const reply = await conversation.ask({ output: schema, tools: [] });
      expect(reply.object).toEqual({ count: 7 });
      expect(reply.attempts).toMatchObject([{ outcome: 'answered' }]);
      expect(JSON.stringify(server.requests[0]?.body)).toContain('"count"');
    }
  });
});
