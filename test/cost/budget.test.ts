/** A budget holds whatever a call turns out to cost, and says what it did and why. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  affordableOutput,
  costOf,
  createBudgetKeeper,
  createMemoryLedger,
  worstCase,
  type Budget,
  type CallOutcome,
  type CallToReserve,
  type LedgerStore,
} from '../../src/cost/index.js';
import { OcelliError, type ErrorKind, type OcelliErrorOptions } from '../../src/errors/index.js';
import { estimateRequest } from '../../src/estimate/index.js';
import { createCatalogue, listModels, type ModelRow } from '../../src/models/index.js';
import { unknownUsage, type Usage } from '../../src/request/index.js';

const date = '2026-11-24';
const catalogue = createCatalogue({
  rows: [
    { id: 'my:cheap', like: 'openai:gpt-4o', prices: [{ tiers: [{ aboveInput: 0, input: 1, output: 10 }] }] },
    { id: 'my:unpriced', like: 'openai:gpt-4o', prices: [] },
  ],
});
const row = (id: string): ModelRow => {
  const found = catalogue.findModel(id);
  if (found === undefined) throw new Error(`No row ${id}`);
  return found;
};
/** 1,000 tokens of input cost 0.001 USD at most, 100 of output 0.001. */
const call = (more: Partial<CallToReserve> = {}): CallToReserve => ({
  model: 'my:cheap',
  row: row('my:cheap'),
  estimate: { input: { high: 1_000 } },
  maxOutputTokens: 400,
  maxOutputTokensGiven: false,
  date,
  ...more,
});
const usage = (inputTokens: number, outputTokens: number, more: Partial<Usage> = {}): Usage => ({
  ...unknownUsage,
  inputTokens,
  outputTokens,
  ...more,
});
const keeperOf = (budget: Budget, store: LedgerStore = createMemoryLedger()) => ({
  store,
  keeper: createBudgetKeeper({ store, budget }),
});
const failed = (kind: ErrorKind, options: OcelliErrorOptions = {}, message = 'It failed.') =>
  new OcelliError(kind, message, options);

describe('before a call', () => {
  it('reserves its worst case', async () => {
    const { store, keeper } = keeperOf({ usd: 1 });
    const reservation = await keeper.reserve(call({ id: 'one' }));
    expect(reservation).toEqual({ reservationId: 'one', maxOutputTokens: 400, usd: 0.005, warnings: [] });
    const { reserved, open } = await store.read();
    expect(reserved).toEqual({ usd: 0.005, tokens: 1_400 });
    expect(open[0]).toMatchObject({ id: 'one', model: 'my:cheap' });
  });

  it('lowers an answer that nobody limited to what is affordable, with a warning', async () => {
    const { store, keeper } = keeperOf({ usd: 0.004 });
    const reservation = await keeper.reserve(call());
    expect(reservation.maxOutputTokens).toBe(300);
    expect(reservation.warnings).toEqual([
      {
        type: 'adjusted-option',
        subject: 'maxOutputTokens',
        message: 'The budget pays for at most 300 tokens of answer from my:cheap, in place of 400.',
      },
    ]);
    expect((await store.read()).reserved.usd).toBe(0.004);
  });

  it('does the same for a budget of tokens', async () => {
    const { keeper } = keeperOf({ tokens: 1_250 });
    expect((await keeper.reserve(call())).maxOutputTokens).toBe(250);
  });

  it('never lowers what the caller set, and says what it would have cost', async () => {
    const { store, keeper } = keeperOf({ usd: 0.004 });
    await expect(keeper.reserve(call({ maxOutputTokensGiven: true }))).rejects.toMatchObject({
      kind: 'budget-exceeded',
      model: 'my:cheap',
      message:
        'The call to my:cheap could cost up to 0.005 USD for 1000 input and 400 output tokens, and only 0.004 of 0.004 USD of the budget are left. Raise the budget, lower maxOutputTokens, send less, or choose a cheaper model.',
    });
    expect((await store.read()).open).toEqual([]);
  });

  it('refuses an answer that would be too short to be of use', async () => {
    await expect(keeperOf({ usd: 0.001159 }).keeper.reserve(call())).rejects.toMatchObject({ kind: 'budget-exceeded' });
    expect((await keeperOf({ usd: 0.00116 }).keeper.reserve(call())).maxOutputTokens).toBe(16);
    await expect(keeperOf({ usd: 0 }).keeper.reserve(call())).rejects.toMatchObject({ kind: 'budget-exceeded' });
  });

  it('refuses a model without a known price under a budget in USD, unless that is allowed', async () => {
    const unpriced = { model: 'my:unpriced', row: row('my:unpriced') };
    await expect(keeperOf({ usd: 5 }).keeper.reserve(call(unpriced))).rejects.toMatchObject({
      kind: 'budget-exceeded',
      message: expect.stringMatching(
        /^No price of my:unpriced is known, so that the budget of 5 USD cannot be kept\./,
      ) as string,
    });
    const unknown = { model: 'my:nobody', row: undefined };
    await expect(keeperOf({ usd: 5 }).keeper.reserve(call(unknown))).rejects.toMatchObject({ kind: 'budget-exceeded' });
    expect((await keeperOf({ tokens: 5_000 }).keeper.reserve(call(unknown))).usd).toBeUndefined();
    const { store, keeper } = keeperOf({ usd: 5, tokens: 5_000, allowUnpriced: true });
    const { reservationId } = await keeper.reserve(call(unknown));
    await keeper.settle(reservationId, { usage: usage(900, 80) });
    expect((await store.read()).settled).toMatchObject({ usd: 0, tokens: 980, unpricedCalls: 1 });
  });

  it('lets a free model through an empty budget in USD', async () => {
    const local = { model: 'local:tiny', row: row('local:tiny') };
    expect((await keeperOf({ usd: 0 }).keeper.reserve(call(local))).usd).toBe(0);
  });

  it.each([[{ usd: -1 }], [{ usd: Number.NaN }], [{ tokens: 1.5 }], [{ euro: 5 }], [{ allowUnpriced: 'yes' }]])(
    'refuses the budget %j',
    (budget) => {
      expect(() => createBudgetKeeper({ store: createMemoryLedger(), budget: budget as Budget })).toThrow(/budget/);
    },
  );
});

describe('a budget for one request', () => {
  it('holds over its attempts, within the one for all', async () => {
    const { store, keeper } = keeperOf({ usd: 1 });
    const request = keeper.forRequest({ usd: 0.006 });
    const first = await request.reserve(call());
    await request.settle(first.reservationId, { usage: unknownUsage, error: failed('timeout') });
    await expect(request.reserve(call())).rejects.toThrow(/only 0\.001 of 0\.006 USD of the request's budget are left/);
    expect((await keeper.reserve(call())).maxOutputTokens).toBe(400);
    expect((await store.read()).settled.usd).toBe(0.005);
  });

  it('is given back when the one for all has no room, and the answer is lowered to the smaller of both', async () => {
    const { store, keeper } = keeperOf({ usd: 0.003 });
    const request = keeper.forRequest({ usd: 0.004 });
    const { maxOutputTokens, reservationId } = await request.reserve(call());
    expect(maxOutputTokens).toBe(200);
    await request.settle(reservationId, { usage: usage(1_000, 100) });
    expect((await store.read()).settled.usd).toBe(0.002);
    // 0.002 of its own are left, but only 0.001 for all.
    await expect(request.reserve(call())).rejects.toThrow(/only 0\.001 of 0\.003 USD of the budget are left/);
    expect((await store.read()).reserved.usd).toBe(0);
  });

  it('is the one for all when there is none', () => {
    const { keeper } = keeperOf({ usd: 1 });
    expect(keeper.forRequest(undefined)).toBe(keeper);
  });
});

describe('after a call', () => {
  const settled = async (outcome: CallOutcome, more: Partial<CallToReserve> = {}) => {
    const { store, keeper } = keeperOf({ usd: 1 });
    const { reservationId } = await keeper.reserve(call(more));
    await keeper.settle(reservationId, outcome);
    const state = await store.read();
    expect(state.open).toEqual([]);
    return { ...state.settled };
  };
  const nothing = { usd: 0, tokens: 0, calls: 0, estimatedCalls: 0, unpricedCalls: 0 };
  const worst = { usd: 0.005, tokens: 1_400, calls: 1, estimatedCalls: 1, unpricedCalls: 0 };

  it('books what the provider reported', async () => {
    const booked = await settled({ usage: usage(800, 50) });
    expect(booked).toEqual({ usd: 0.0013, tokens: 850, calls: 1, estimatedCalls: 0, unpricedCalls: 0 });
  });

  it('books what was reported for an answer that did not fit the schema: it came to its end', async () => {
    expect(await settled({ usage: usage(800, 50), error: failed('invalid-output'), began: true })).toMatchObject({
      usd: 0.0013,
      estimatedCalls: 0,
    });
  });

  it('books the worst case when a server reports nothing', async () => {
    expect(await settled({ usage: unknownUsage })).toEqual(worst);
    expect(await settled({ usage: usage(800, 50, { estimated: true }) })).toMatchObject({
      usd: 0.0048,
      estimatedCalls: 1,
    });
  });

  it.each([
    ['aborted', failed('aborted')],
    ['cut', failed('network')],
    ['timed out', failed('timeout')],
    ['given up by a gateway', failed('server', { status: 504 })],
  ])('books the most that it can be when it was %s', async (_name, error) => {
    expect(await settled({ usage: unknownUsage, error })).toEqual(worst);
    // The input that the provider reported counts; the output of the beginning says nothing of the rest.
    expect(await settled({ usage: usage(700, 1), error, began: true })).toMatchObject({ usd: 0.0047, tokens: 1_100 });
  });

  it('gives back what was never sent or was refused by status', async () => {
    expect(await settled({ usage: unknownUsage, error: failed('aborted'), sent: false })).toEqual(nothing);
    for (const status of [400, 401, 404, 413, 429, 500, 503, 529])
      expect(await settled({ usage: unknownUsage, error: failed('server', { status }) })).toEqual(nothing);
    const refused = failed('network', {}, 'The connection to Anthropic failed (ECONNREFUSED).');
    expect(await settled({ usage: unknownUsage, error: refused })).toEqual(nothing);
    const reset = failed('network', {}, 'The connection to Anthropic failed (ECONNRESET).');
    expect(await settled({ usage: unknownUsage, error: reset })).toEqual(worst);
  });

  it('takes a status within an answer that had begun for a cut', async () => {
    expect(await settled({ usage: unknownUsage, error: failed('overloaded', { status: 529 }), began: true })).toEqual(
      worst,
    );
  });

  it('is done once', async () => {
    const { keeper } = keeperOf({ usd: 1 });
    const { reservationId } = await keeper.reserve(call());
    expect(await keeper.settle(reservationId, { usage: usage(1_000, 0) })).toEqual({
      usd: 0.001,
      tokens: 1_000,
      estimated: false,
    });
    await expect(keeper.settle(reservationId, { usage: usage(1_000, 0) })).rejects.toThrow(/is settled already/);
  });

  it('stays booked when the ledger cannot be written, and can be settled later', async () => {
    const inner = createMemoryLedger();
    let isFull = true;
    const store: LedgerStore = {
      ...inner,
      settle: async (id, spent) => {
        if (isFull) throw failed('invalid-request', {}, 'The disk is full.');
        await inner.settle(id, spent);
      },
    };
    const { keeper } = keeperOf({ usd: 1 }, store);
    const { reservationId } = await keeper.reserve(call());
    await expect(keeper.settle(reservationId, { usage: usage(800, 50) })).rejects.toThrow('The disk is full.');
    expect((await store.read()).reserved.usd).toBe(0.005);
    isFull = false;
    await keeper.settle(reservationId, { usage: usage(800, 50) });
    expect((await store.read()).settled.usd).toBe(0.0013);
  });
});

describe('the worst case', () => {
  const priced = listModels().filter((model) => model.prices.length > 0);
  const tokens = fc.nat(400_000);

  it('is never less than any bill within it', () => {
    fc.assert(
      fc.property(
        fc.record({
          model: fc.constantFrom(...priced),
          input: tokens,
          output: tokens,
          share: fc.double({ min: 0, max: 1, noNaN: true }),
          read: tokens,
          written: tokens,
          cache: fc.constantFrom('short' as const, 'long' as const),
          audio: fc.boolean(),
        }),
        ({ model, input, output, share, read, written, cache, audio }) => {
          const used = usage(Math.floor(input * share), Math.floor(output * share), {
            cacheReadTokens: read,
            cacheWriteTokens: written,
            ...(audio ? { byModality: { audio: input } } : {}),
          });
          const cost = costOf(used, model, date, { cache });
          const worst = worstCase({ row: model, day: date, inputTokens: input, outputTokens: output, cache, audio });
          // Without a price for what was written to the cache there is no bill to compare with.
          if (cost !== undefined) expect(worst).toBeGreaterThanOrEqual(cost.high);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('of the longest affordable answer is within the money, and one token more is not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...priced),
        tokens,
        fc.integer({ min: 0, max: 2_000_000 }),
        (model, input, micros) => {
          const usd = micros / 1_000_000;
          const query = { row: model, day: date, inputTokens: input };
          const output = affordableOutput(query, usd);
          if (output === undefined || output < 0 || output === Infinity) return;
          expect(worstCase({ ...query, outputTokens: output })).toBeLessThanOrEqual(usd);
          expect(worstCase({ ...query, outputTokens: output + 1 })).toBeGreaterThan(usd);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('takes a real estimate as it is', async () => {
    const model = 'openai:gpt-5.4';
    const estimate = estimateRequest({ model, prompt: 'How many?', images: [{ width: 1024, height: 768 }], date });
    const { keeper } = keeperOf({ usd: 1 });
    const reserved = await keeper.reserve(call({ model, row: row(model), estimate, maxOutputTokens: 4_096 }));
    expect(reserved.usd).toBeGreaterThanOrEqual(estimate.money?.high ?? Infinity);
    expect(reserved.usd).toBeCloseTo(estimate.money?.high ?? 0, 6);
  });
});
