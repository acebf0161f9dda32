import { describe, expect, it } from 'vitest';
import { createOcelli, type OcelliError, type RowOverride } from '../../src/index.js';
import { createMemoryLedger } from '../../src/cost/index.js';
import { createScriptedAdapter, type ScriptedAdapterAnswer } from '../../src/testing/index.js';
import { createVirtualClock } from './virtual-clock.js';

/** A model of a scripted provider, priced in dollars a million tokens. */
function row(id: string, input: number, output: number): RowOverride {
  return {
    id,
    like: 'openai:gpt-4o',
    prices: [
      { from: '2026-01-01', tiers: [{ aboveInput: 0, input, output, cacheRead: input, cacheWriteShort: input }] },
    ],
  };
}

const models = [row('cheap:m', 1, 2), row('dear:m', 10, 20)];
const usage = { inputTokens: 1_000, outputTokens: 500, cacheReadTokens: 0, cacheWriteTokens: 0 };
const answers = (text: string): ScriptedAdapterAnswer => ({ reply: { text, usage } });

function setUp(
  cheap: readonly ScriptedAdapterAnswer[],
  dear: readonly ScriptedAdapterAnswer[],
  options: Parameters<typeof createOcelli>[0] = {},
) {
  const adapters = [
    createScriptedAdapter({ provider: 'cheap', script: cheap }),
    createScriptedAdapter({ provider: 'dear', script: dear }),
  ];
  const clock = createVirtualClock();
  return {
    ocelli: createOcelli({ adapters, models, environment: {}, clock, random: () => 0, ...options }),
    adapters,
    clock,
  };
}

describe('a reply', () => {
  it('says what it cost and what was expected', async () => {
    const { ocelli } = setUp([answers('three')], []);
    const reply = await ocelli.generate({ model: 'cheap:m', prompt: 'How many?' });
    expect(reply.cost?.usd).toBeCloseTo((1_000 * 1 + 500 * 2) / 1e6, 12);
    expect(reply.estimate?.input.tokens).toBeGreaterThan(0);
    expect(reply.estimate?.output.high).toBe(4_096);
  });

  it('of a model without a price has no cost, never 0', async () => {
    const adapter = createScriptedAdapter({ provider: 'other', script: [answers('x')] });
    const reply = await createOcelli({ adapters: [adapter], environment: {} }).generate({
      model: 'other:m',
      prompt: 'x',
    });
    expect(reply.cost).toBeUndefined();
    expect(reply.estimate).toBeUndefined();
  });
});

describe('a budget', () => {
  it('stops calls before they are sent, and says what it would have cost', async () => {
    const { ocelli, adapters } = setUp([answers('never')], [], { budget: { usd: 0.000_001 } });
    const error = (await ocelli
      .generate({ model: 'cheap:m', prompt: 'x' })
      .catch((failure: unknown) => failure)) as OcelliError;
    expect(error.kind).toBe('budget-exceeded');
    expect(error.message).toMatch(/could cost up to .* USD/);
    expect(error.attempts).toMatchObject([{ outcome: 'skipped', errorKind: 'budget-exceeded' }]);
    expect(adapters[0]?.calls).toHaveLength(0);
  });

  it('caps an answer to what is affordable, with a warning', async () => {
    const { ocelli, adapters } = setUp([answers('short')], [], { budget: { usd: 0.002 } });
    const reply = await ocelli.generate({ model: 'cheap:m', prompt: 'x' });
    const sent = adapters[0]?.calls[0]?.request.maxOutputTokens ?? 0;
    expect(sent).toBeGreaterThan(500);
    expect(sent).toBeLessThan(1_000);
    expect(reply.warnings).toMatchObject([{ type: 'adjusted-option', subject: 'maxOutputTokens' }]);
  });

  it('goes on to a candidate that still fits', async () => {
    const { ocelli, adapters } = setUp([answers('cheap')], [answers('never')], { budget: { usd: 0.01 } });
    const reply = await ocelli.generate({ model: ['dear:m', 'cheap:m'], prompt: 'x', maxOutputTokens: 1_000 });
    expect(reply.model).toBe('cheap:m');
    expect(adapters[1]?.calls).toHaveLength(0);
  });

  it('books what was used, not what was reserved, before the reply is seen', async () => {
    const ledger = createMemoryLedger();
    const { ocelli } = setUp([answers('a'), answers('b')], [], { budget: { usd: 1 }, ledger });
    await ocelli.generate({ model: 'cheap:m', prompt: 'x' });
    const state = await ledger.read();
    expect(state.settled.usd).toBeCloseTo(0.002, 9);
    expect(state.open).toEqual([]);
  });

  it('gives back what was refused by status and keeps the worst case of what was cut', async () => {
    const ledger = createMemoryLedger();
    const { ocelli, clock } = setUp(
      [{ error: { kind: 'rate-limit', status: 429 } }, { reply: { text: ['one ', 'two'] }, failAfterEvents: 2 }],
      [],
      { budget: { usd: 1 }, ledger },
    );
    await clock.drive(
      ocelli.generate({ model: 'cheap:m', prompt: 'x', maxOutputTokens: 1_000 }).catch(() => undefined),
    );
    const state = await ledger.read();
    expect(state.open).toEqual([]);
    // The refused attempt is free; the cut one may have been billed up to its limit.
    expect(state.settled.usd).toBeGreaterThan(0.001);
    expect(state.settled.usd).toBeLessThan(0.01);
  });

  it('of one request holds its retries together', async () => {
    const { ocelli, clock } = setUp(
      [{ error: { kind: 'server' } }, { error: { kind: 'server' } }, answers('never')],
      [],
    );
    const error = await clock.drive(
      ocelli
        .generate({ model: 'cheap:m', prompt: 'x', maxOutputTokens: 1_000, budget: { usd: 0.003 } })
        .catch((failure: unknown) => failure),
    );
    expect(error).toMatchObject({ kind: 'budget-exceeded' });
  });

  it('is kept by calls that run at the same time', async () => {
    const ledger = createMemoryLedger();
    const { ocelli } = setUp(
      Array.from({ length: 20 }, () => ({ reply: { text: 'x', usage: { ...usage, inputTokens: 5 } } })),
      [],
      { budget: { usd: 0.0101 }, ledger },
    );
    const calls = Array.from({ length: 20 }, () =>
      ocelli.generate({ model: 'cheap:m', prompt: 'x', maxOutputTokens: 500 }).then(
        () => 'answered',
        (error: OcelliError) => error.kind,
      ),
    );
    const outcomes = await Promise.all(calls);
    expect(outcomes).toContain('budget-exceeded');
    expect((await ledger.read()).settled.usd).toBeLessThanOrEqual(0.0101);
  });
});

describe('the policy cheapest', () => {
  it('asks the cheapest first, whatever the order', async () => {
    const { ocelli } = setUp([answers('cheap')], [answers('dear')]);
    const model = { candidates: ['dear:m', 'cheap:m'], policy: 'cheapest' } as const;
    expect((await ocelli.generate({ model, prompt: 'x' })).text).toBe('cheap');
  });

  it('falls back to the next in price', async () => {
    const { ocelli } = setUp([{ error: { kind: 'quota' } }], [answers('dear')]);
    const model = { candidates: ['dear:m', 'cheap:m'], policy: 'cheapest' } as const;
    const reply = await ocelli.generate({ model, prompt: 'x' });
    expect(reply.attempts.map((attempt) => attempt.model)).toEqual(['cheap:m', 'dear:m']);
  });
});

describe('ocelli.estimate', () => {
  it('prices every named model without a key', async () => {
    const ocelli = createOcelli({ environment: {} });
    const estimates = await ocelli.estimate({
      model: ['openai:gpt-4o', 'anthropic:claude-opus-5', 'local:tiny'],
      prompt: 'How many?',
    });
    expect(estimates.map(({ model, status }) => [model, status])).toEqual([
      ['openai:gpt-4o', 'estimated'],
      ['anthropic:claude-opus-5', 'estimated'],
      ['local:tiny', 'estimated'],
    ]);
    expect(estimates[2]).toMatchObject({ estimate: { money: { usd: 0, high: 0 } } });
  });

  it('asks the count endpoint for the exact input', async () => {
    const adapter = createScriptedAdapter({ provider: 'cheap', countTokens: 77 });
    const ocelli = createOcelli({ adapters: [adapter], models, environment: {} });
    const [estimate] = await ocelli.estimate({ model: 'cheap:m', prompt: 'x' }, { exact: true });
    expect(estimate).toMatchObject({ exactInputTokens: 77 });
    expect(adapter.calls).toHaveLength(0);
  });
});
