import { describe, expect, it } from 'vitest';
import {
  createOcelli,
  OcelliError,
  type ErrorKind,
  type GenerateRequest,
  type Ocelli,
  type StreamEvent,
} from '../../src/index.js';
import { createScriptedAdapter, everything, type ScriptedAdapterAnswer } from '../../src/testing/index.js';
import { createVirtualClock } from './virtual-clock.js';

function setUp(
  scripts: Readonly<Record<string, readonly ScriptedAdapterAnswer[]>>,
  options: Parameters<typeof createOcelli>[0] = {},
) {
  const clock = createVirtualClock();
  const adapters = Object.fromEntries(
    Object.entries(scripts).map(([provider, script]) => [provider, createScriptedAdapter({ provider, script })]),
  );
  const ocelli = createOcelli({
    adapters: Object.values(adapters),
    environment: {},
    clock,
    random: () => 0.5,
    ...options,
  });
  const model = Object.keys(scripts).map((provider) => `${provider}:m`);
  return { ocelli, clock, adapters, model };
}

async function events(ocelli: Ocelli, request: GenerateRequest): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of ocelli.stream(request)) seen.push(event);
  return seen;
}

async function failureOf(promise: Promise<unknown>): Promise<OcelliError> {
  try {
    await promise;
  } catch (error) {
    if (OcelliError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const reply = (text: string): ScriptedAdapterAnswer => ({ reply: { text } });
const fails = (kind: ErrorKind, more: { retryAfterMs?: number } = {}): ScriptedAdapterAnswer => ({
  error: { kind, ...more },
});

describe('one candidate', () => {
  it('is tried three times when it is busy, with waits that grow', async () => {
    const { ocelli, clock, model } = setUp({ a: [fails('overloaded'), fails('server'), reply('three')] });
    const answer = await clock.drive(ocelli.generate({ model, prompt: 'How many?' }));
    expect(answer.text).toBe('three');
    expect(
      answer.attempts.map(({ outcome, try: tries, errorKind, waitedMs }) => ({ outcome, tries, errorKind, waitedMs })),
    ).toEqual([
      { outcome: 'failed', tries: 1, errorKind: 'overloaded', waitedMs: undefined },
      { outcome: 'failed', tries: 2, errorKind: 'server', waitedMs: 250 },
      { outcome: 'answered', tries: 3, errorKind: undefined, waitedMs: 500 },
    ]);
  });

  it('fails with its own last error and all attempts', async () => {
    const { ocelli, clock, model } = setUp({ a: [fails('server'), fails('server'), fails('overloaded')] });
    const error = await failureOf(clock.drive(ocelli.generate({ model, prompt: 'x' })));
    expect(error).toMatchObject({ kind: 'overloaded', model: 'a:m', provider: 'a' });
    expect(error.attempts).toHaveLength(3);
  });

  it.each<ErrorKind>([
    'quota',
    'authentication',
    'invalid-request',
    'content-filter',
    'context-length',
    'model-not-found',
  ])('is not tried again after %s', async (kind) => {
    const { ocelli, clock, model, adapters } = setUp({ a: [fails(kind), reply('never')] });
    const error = await failureOf(clock.drive(ocelli.generate({ model, prompt: 'x' })));
    expect(error.kind).toBe(kind);
    expect(adapters['a']?.calls).toHaveLength(1);
  });

  it('is waited for as long as it asks when nobody else is left', async () => {
    const { ocelli, clock, model } = setUp({ a: [fails('rate-limit', { retryAfterMs: 45_000 }), reply('late')] });
    const answer = await clock.drive(ocelli.generate({ model, prompt: 'x' }));
    expect(answer.attempts[1]).toMatchObject({ outcome: 'answered', waitedMs: 45_000 });
  });

  it('is given up when its wait would pass the minute allowed for retries', async () => {
    const { ocelli, clock, model } = setUp({ a: [fails('rate-limit', { retryAfterMs: 61_000 }), reply('never')] });
    const error = await failureOf(clock.drive(ocelli.generate({ model, prompt: 'x' })));
    expect(error).toMatchObject({ kind: 'rate-limit', retryAfterMs: 61_000 });
    expect(error.attempts[0]?.reason).toMatch(/would pass the 60 s allowed/);
  });
});

describe('a list of candidates', () => {
  it('goes on at once when one asks for a longer wait than ten seconds', async () => {
    const { ocelli, clock, model, adapters } = setUp({
      a: [fails('rate-limit', { retryAfterMs: 120_000 }), reply('never')],
      b: [reply('from b')],
    });
    const answer = await clock.drive(ocelli.generate({ model, prompt: 'x' }));
    expect(answer).toMatchObject({ text: 'from b', model: 'b:m' });
    expect(adapters['a']?.calls).toHaveLength(1);
    // The wait that was asked for is kept for the next call too.
    const second = await clock.drive(
      ocelli.generate({ model: ['a:m', reference(adapters['b'])], prompt: 'x' }).catch((error: unknown) => error),
    );
    expect(adapters['a']?.calls).toHaveLength(1);
    expect(second).toBeDefined();
  });

  it('names every reason when nobody could answer', async () => {
    const { ocelli, clock, model } = setUp({ a: [fails('authentication')], b: [fails('quota')] });
    const error = await failureOf(clock.drive(ocelli.generate({ model, prompt: 'x' })));
    expect(error.kind).toBe('no-candidate');
    expect(error.message).toMatch(/a:m: .* — b:m: /);
    expect(error.attempts.map((attempt) => attempt.errorKind)).toEqual(['authentication', 'quota']);
  });

  it('ends at a mistake of the request', async () => {
    const { ocelli, clock, model, adapters } = setUp({ a: [fails('invalid-request')], b: [reply('never')] });
    const error = await failureOf(clock.drive(ocelli.generate({ model, prompt: 'x' })));
    expect(error.kind).toBe('invalid-request');
    expect(adapters['b']?.calls).toHaveLength(0);
  });

  it('falls back only on the kinds that the caller allows', async () => {
    const { ocelli, clock, model } = setUp({ a: [fails('content-filter')], b: [reply('never')] });
    const error = await failureOf(clock.drive(ocelli.generate({ model, prompt: 'x', fallbackOn: ['quota'] })));
    expect(error.kind).toBe('content-filter');
  });

  it('skips who cannot take the request, and says why', async () => {
    const blind = createScriptedAdapter({
      provider: 'blind',
      description: { ...everything, capabilities: { ...everything.capabilities, input: ['text'] } },
    });
    const { ocelli, clock } = setUp({ b: [reply('seen')] });
    const answer = await clock.drive(
      ocelli.generate({ model: [blind.model('m'), 'b:m'], prompt: 'x', images: [onePixel] }),
    );
    expect(answer.text).toBe('seen');
    expect(answer.attempts[0]).toMatchObject({
      model: 'blind:m',
      outcome: 'skipped',
      errorKind: 'unsupported-input',
      try: 0,
    });
    expect(answer.attempts[0]?.reason).toMatch(/does not take image parts/);
    expect(blind.calls).toHaveLength(0);
  });

  it('skips who has too short a context', async () => {
    const short = createScriptedAdapter({ provider: 'short' });
    const rows = [
      { id: 'short:m', like: 'openai:gpt-4o', limits: { contextTokens: 100 } },
      { id: 'b:m', like: 'openai:gpt-4o' },
    ];
    const long = createScriptedAdapter({ provider: 'b', script: [reply('read')] });
    const ocelli = createOcelli({ adapters: [short, long], environment: {}, models: rows });
    const answer = await ocelli.generate({ model: ['short:m', 'b:m'], prompt: 'many words '.repeat(500) });
    expect(answer.text).toBe('read');
    expect(answer.attempts[0]).toMatchObject({ outcome: 'skipped', errorKind: 'context-length' });
  });

  it('skips who has no key, naming the variable', async () => {
    const locked = createScriptedAdapter({ provider: 'locked', missingVariable: 'LOCKED_API_KEY' });
    const { ocelli, clock } = setUp({ b: [reply('ok')] });
    const answer = await clock.drive(ocelli.generate({ model: [locked.model('m'), 'b:m'], prompt: 'x' }));
    expect(answer.attempts[0]?.reason).toMatch(/LOCKED_API_KEY/);
  });

  it('stays on this machine when the policy says so', async () => {
    const { ocelli, clock, adapters } = setUp({ a: [reply('never')], local: [reply('here')] });
    const answer = await clock.drive(
      ocelli.generate({ model: { candidates: ['a:m', 'local:m'], policy: 'local-only' }, prompt: 'x' }),
    );
    expect(answer.model).toBe('local:m');
    expect(adapters['a']?.calls).toHaveLength(0);
  });

  it('prepares options for each candidate anew', async () => {
    const cold = createScriptedAdapter({
      provider: 'cold',
      description: { ...everything, capabilities: { ...everything.capabilities, temperature: false } },
      script: [fails('quota')],
    });
    const { ocelli, clock, adapters } = setUp({ b: [reply('ok')] });
    const answer = await clock.drive(
      ocelli.generate({
        model: [cold.model('m'), 'b:m'],
        prompt: 'x',
        temperature: 1,
        providerOptions: { cold: { only: 'here' } },
      }),
    );
    expect(cold.calls[0]?.request.temperature).toBeUndefined();
    expect(cold.calls[0]?.request.providerOptions).toEqual({ only: 'here' });
    expect(adapters['b']?.calls[0]?.request).toMatchObject({ temperature: 1, providerOptions: {} });
    // Warnings about a candidate that did not answer are not the reply's.
    expect(answer.warnings).toEqual([]);
  });
});

describe('a broken answer', () => {
  it('is tried again when nothing of it was seen', async () => {
    const { ocelli, clock, model } = setUp({
      a: [{ reply: { text: ['a', 'b'] }, failAfterEvents: 1 }, reply('whole')],
    });
    const answer = await clock.drive(ocelli.generate({ model, prompt: 'x' }));
    expect(answer.text).toBe('whole');
  });

  it('is never sent again once text was seen, and ends in an error with what had come', async () => {
    const { ocelli, clock, model, adapters } = setUp({
      a: [{ reply: { text: ['one ', 'two ', 'three'] }, failAfterEvents: 3 }],
      b: [reply('never')],
    });
    const seen = await clock.drive(events(ocelli, { model, prompt: 'x' }));
    expect(seen.map((event) => event.type)).toEqual(['start', 'text-delta', 'text-delta', 'error']);
    const last = seen.at(-1);
    expect(last).toMatchObject({
      type: 'error',
      error: { kind: 'network' },
      reply: { text: 'one two ', finishReason: undefined },
    });
    expect(last?.type === 'error' && last.usage.estimated).toBe(true);
    expect(adapters['b']?.calls).toHaveLength(0);
  });

  it('makes `text` throw, so that a cut answer is not taken for a whole one', async () => {
    const { ocelli, clock, model } = setUp({ a: [{ reply: { text: ['one ', 'two'] }, failAfterEvents: 2 }] });
    const read = async (): Promise<void> => {
      for await (const _text of ocelli.stream({ model, prompt: 'x' }).text);
    };
    expect(await failureOf(clock.drive(read()))).toMatchObject({ kind: 'network', partialReply: { text: 'one ' } });
  });
});

function reference(adapter: ReturnType<typeof createScriptedAdapter> | undefined): string {
  return `${adapter?.provider ?? ''}:m`;
}

const onePixel = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);
