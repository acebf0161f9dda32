import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { closeLocalEngines, local, type LocalBody } from '../../../adapters/local/index.js';
import { OcelliError } from '../../../src/errors/index.js';
import type { AdapterEvent, PreparedMessage, PreparedRequest, PreparedUserPart } from '../../../src/request/index.js';

const folder = fileURLToPath(new URL('../../fixtures/tiny-llava/model', import.meta.url));
const reference = JSON.parse(readFileSync(join(folder, '../reference/prompts.json'), 'utf8')) as readonly {
  readonly name: string;
  readonly ids: readonly number[];
  readonly text: string;
}[];
function expected(name: string) {
  const found = reference.find((entry) => entry.name === name) ?? { ids: [], text: '' };
  // A character that the token limit cut in half stays out of our text.
  return { ids: found.ids, text: found.text.replace(/\uFFFD$/, '') };
}
const adapter = local({ threads: 1 });
afterAll(() => closeLocalEngines());

function picture(name: string): PreparedUserPart {
  const bytes = readFileSync(join(dirname(folder), 'pictures', name));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    type: 'image',
    media: { type: 'bytes', bytes, base64: bytes.toString('base64'), mediaType: 'image/png', sha256 },
    detail: 'high',
  };
}

const question = (name: string): readonly PreparedMessage[] => [
  { role: 'user', content: [picture(name), { type: 'text', text: 'How many circles are there?' }] },
];

function wire(changes: Partial<PreparedRequest> = {}, modelId = folder) {
  const request: PreparedRequest = {
    modelId,
    messages: question('photo.png'),
    maxOutputTokens: 24,
    stop: [],
    tools: [],
    toolChoice: 'auto',
    providerOptions: {},
    ...changes,
  };
  return adapter.toWire(request, adapter.describe(modelId) ?? adapter.defaultDescription);
}

async function answer(body: LocalBody, signal = new AbortController().signal): Promise<readonly AdapterEvent[]> {
  const events: AdapterEvent[] = [];
  for await (const event of adapter.stream(body, { signal })) events.push(event);
  return events;
}

const textOf = (events: readonly AdapterEvent[]): string =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');

async function failure(promise: Promise<unknown>): Promise<OcelliError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (OcelliError.isInstance(error)) return error;
  throw new Error(`not an OcelliError: ${String(error)}`);
}

describe('a model folder behind the adapter', () => {
  it('answers as PyTorch does, with exact usage', async () => {
    const events = await answer(wire().body);
    expect(events[0]).toEqual({ type: 'response-start' });
    expect(textOf(events)).toBe(expected('one picture').text);
    const usage = {
      inputTokens: expected('one picture').ids.length,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      byModality: { text: expected('one picture').ids.length - 16, image: 16 },
      estimated: false,
    };
    expect(events[1]).toEqual({ type: 'usage', usage: { ...usage, outputTokens: undefined } });
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'length', usage: { ...usage, outputTokens: 24 } });
  });

  it('counts the very tokens that the answer then reports', async () => {
    const { body } = wire();
    const counted = await adapter.countTokens?.(body, { signal: new AbortController().signal });
    expect(counted).toBe(expected('one picture').ids.length);
  });

  it('passes sampling options on', async () => {
    const sampled = async (seed: number) =>
      textOf(await answer(wire({ temperature: 1.5, topP: 0.95, topK: 50, seed }).body));
    expect(await sampled(1)).toBe(await sampled(1));
    expect(await sampled(1)).not.toBe(await sampled(2));
    const whole = expected('one picture').text;
    expect(textOf(await answer(wire({ stop: [whole.slice(3, 6)] }).body))).toBe(whole.slice(0, 3));
  });

  it('is described by its own JSON', () => {
    expect(adapter.describe(folder)?.limits).toEqual({ contextTokens: 640, maxOutputTokens: 640 });
    expect(adapter.describe(folder)?.capabilities.input).toEqual(['text', 'image']);
    expect(adapter.describe('no/such/folder')).toBeUndefined();
    expect(adapter.describe(dirname(folder))?.limits).toEqual({});
  });

  it('needs no key', () => {
    expect(adapter.missingCredential()).toBeUndefined();
  });

  it('settles an abort while the model is still being loaded', async () => {
    const controller = new AbortController();
    const fresh = local({ threads: 1, limitInputPixels: 999_999 });
    const events = fresh.stream(wire().body, { signal: controller.signal })[Symbol.asyncIterator]();
    const pending = failure(Promise.resolve(events.next()));
    controller.abort();
    expect(await pending).toMatchObject({ kind: 'aborted', provider: 'local' });
  });

  it('aborts in the middle, and answers the next request', async () => {
    const controller = new AbortController();
    const error = await failure(
      (async () => {
        for await (const event of adapter.stream(wire({ maxOutputTokens: 600 }).body, { signal: controller.signal }))
          if (event.type === 'text-delta') controller.abort();
      })(),
    );
    expect(error).toMatchObject({ kind: 'aborted', provider: 'local', model: `local:${folder}` });
    expect(textOf(await answer(wire().body))).toBe(expected('one picture').text);
  });

  it('loads again after its engines were closed', async () => {
    await closeLocalEngines();
    expect(textOf(await answer(wire().body))).toBe(expected('one picture').text);
  });

  it('says what is wrong with a folder, whose it is, and tries again at the next call', async () => {
    const body = wire({}, dirname(folder)).body;
    for (let round = 0; round < 2; round++) {
      expect(await failure(answer(body))).toMatchObject({
        kind: 'local-model',
        provider: 'local',
        model: `local:${dirname(folder)}`,
        retryable: false,
      });
    }
  });

  it('reports a request that is too long as context-length', async () => {
    const text = 'Is there a triangle? '.repeat(200);
    const error = await failure(answer(wire({ messages: [{ role: 'user', content: [{ type: 'text', text }] }] }).body));
    expect(error.kind).toBe('context-length');
  });
});

interface Logprobs {
  readonly logprobs: readonly { readonly logprob: number; readonly top: readonly unknown[] }[];
}

describe('what an answer is held to', () => {
  it('is the schema, or texts and patterns of this provider', () => {
    const schema = { type: 'object' };
    expect(wire({ output: { name: 'count', schema } }).body.constraint).toEqual({ type: 'json-schema', schema });
    const choices = wire({ providerOptions: { choices: ['yes', 'no'] } });
    expect(choices.body.constraint).toEqual({ type: 'choice', values: ['yes', 'no'] });
    expect(choices.warnings).toEqual([]);
    expect(wire({ providerOptions: { regex: '[0-9]+' } }).body.constraint).toEqual({
      type: 'regex',
      pattern: '[0-9]+',
    });
  });

  it('is kept, and probabilities come with the text where they are asked for', async () => {
    const providerOptions = { choices: ['yes', 'no'], logprobs: 2, minP: 0.1, repetitionPenalty: 1.1 };
    const events = await answer(wire({ providerOptions, temperature: 0 }).body);
    expect(['yes', 'no']).toContain(textOf(events));
    const data = events.find((event) => event.type === 'text-delta' && event.providerData !== undefined);
    const { logprobs } = (data as unknown as { providerData: { local: Logprobs } }).providerData.local;
    expect(logprobs.length).toBeGreaterThan(0);
    for (const entry of logprobs) {
      expect(entry.logprob).toBeLessThanOrEqual(0);
      expect(entry.top).toHaveLength(2);
    }
  });
});

describe('what the engine cannot do', () => {
  const tools = [{ name: 'look', parameters: { type: 'object' } }];

  it('is refused before anything runs', () => {
    expect(() => wire({ tools })).toThrow(/tools cannot be used/);
    const output = { name: 'count', schema: { type: 'object' } };
    expect(() => wire({ output, providerOptions: { regex: 'a' } })).toThrow(/exclude each other/);
    expect(() => wire({ tools, toolChoice: 'none' })).not.toThrow();
  });

  it('is left out with a warning where the answer is merely plainer', () => {
    const { warnings } = wire({
      reasoning: 'high',
      cache: 'long',
      metadata: { run: '7' },
      providerOptions: { mirostat: 2 },
    });
    expect(warnings.map((warning) => warning.subject)).toEqual([
      'reasoning',
      'cache',
      'metadata',
      'providerOptions.local.mirostat',
    ]);
    expect(wire({ reasoning: 'none', cache: 'none', metadata: {} }).warnings).toEqual([]);
  });
});
