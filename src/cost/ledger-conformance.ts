/** What every ledger must do, as cases that any test runner can run: for stores of your own as for the two that come with ocelli. */

import { OcelliError } from '../errors/index.js';
import type { LedgerState, LedgerStore, ReservationResult } from './ledger-store.js';

export interface LedgerConformanceOptions {
  /** A new, empty ledger. */
  readonly create: () => Promise<LedgerStore>;
  /** Another store on the same ledger, as a second process would make it. Without it the cases about sharing are left out. */
  readonly reopen?: (store: LedgerStore) => Promise<LedgerStore>;
}

export interface LedgerConformanceCase {
  readonly name: string;
  /** Rejects with what is wrong. */
  readonly run: () => Promise<void>;
}

/**
 * The cases.
 *
 * @example
 * for (const { name, run } of ledgerConformance({ create: async () => createMyLedger() })) it(name, run);
 */
export function ledgerConformance(options: LedgerConformanceOptions): readonly LedgerConformanceCase[] {
  const { create, reopen } = options;
  const shared = reopen === undefined ? [] : sharedCases(create, reopen);
  return [...singleCases(create), ...shared];
}

const budget = { usd: 1, tokens: 1_000 };

function singleCases(create: () => Promise<LedgerStore>): LedgerConformanceCase[] {
  return [
    {
      name: 'is empty at first',
      run: async () => {
        const store = await create();
        const { settled, reserved, open } = await store.read();
        same(
          [settled.usd, settled.tokens, settled.calls, reserved.usd, reserved.tokens, open.length],
          Array(6).fill(0),
        );
      },
    },
    {
      name: 'keeps what is reserved, and takes no more than the budget',
      run: async () => {
        const store = await create();
        same(await store.reserve({ id: 'a', usd: 0.6, tokens: 100, budget }), { reserved: true });
        same(await store.reserve({ id: 'b', usd: 0.5, tokens: 100, budget }), refusal(0.4, 900));
        same(await store.reserve({ id: 'c', usd: 0.1, tokens: 901, budget }), refusal(0.4, 900));
        same(await store.reserve({ id: 'd', usd: 0.4, tokens: 900, budget }), { reserved: true });
        same(await store.reserve({ id: 'e', usd: 0.000000001, budget }), refusal(0, 0));
        await expectAmounts(store, { settled: [0, 0], reserved: [1, 1_000], open: ['a', 'd'] });
      },
    },
    {
      name: 'adds without the noise of binary fractions',
      run: async () => {
        const store = await create();
        for (let index = 0; index < 10; index += 1)
          same(await store.reserve({ id: `call ${index}`, usd: 0.1, budget: { usd: 1 } }), { reserved: true });
        same(await store.reserve({ id: 'more', usd: 0.000000001, budget: { usd: 1 } }), {
          reserved: false,
          remaining: { usd: 0 },
        });
        await expectAmounts(store, { settled: [0, 0], reserved: [1, 0] });
      },
    },
    {
      name: 'has no limit where the budget sets none',
      run: async () => {
        const store = await create();
        same(await store.reserve({ id: 'a', usd: 5_000, tokens: 10 ** 9, budget: {} }), { reserved: true });
        same(await store.reserve({ id: 'b', usd: 1, tokens: 1, budget: { tokens: 10 ** 9 } }), {
          reserved: false,
          remaining: { tokens: 0 },
        });
      },
    },
    {
      name: 'replaces a reservation by what was spent, less or more',
      run: async () => {
        const store = await create();
        await store.reserve({ id: 'less', usd: 0.5, tokens: 500, budget });
        await store.reserve({ id: 'more', usd: 0.2, tokens: 100, budget });
        await store.settle('less', { usd: 0.125, tokens: 50, estimated: false });
        await store.settle('more', { usd: 0.25, tokens: 150, estimated: true });
        const { settled } = await expectAmounts(store, { settled: [0.375, 200], reserved: [0, 0], open: [] });
        same([settled.calls, settled.estimatedCalls, settled.unpricedCalls], [2, 1, 0]);
        same(await store.reserve({ id: 'next', usd: 0.625, tokens: 800, budget }), { reserved: true });
      },
    },
    {
      name: 'settles once, however often it is told',
      run: async () => {
        const store = await create();
        await store.reserve({ id: 'a', usd: 0.5, tokens: 500, budget });
        await store.settle('a', { usd: 0.25, tokens: 10, estimated: false });
        await store.settle('a', { usd: 0.5, tokens: 20, estimated: false });
        await store.release('a');
        await expectAmounts(store, { settled: [0.25, 10], reserved: [0, 0] });
      },
    },
    {
      name: 'gives back what is released, once',
      run: async () => {
        const store = await create();
        await store.reserve({ id: 'a', usd: 0.5, tokens: 500, budget });
        await store.release('a');
        await store.release('a');
        const { settled } = await expectAmounts(store, { settled: [0, 0], reserved: [0, 0], open: [] });
        same(settled.calls, 0);
      },
    },
    {
      name: 'books what is settled after it was released: the money is gone',
      run: async () => {
        const store = await create();
        await store.reserve({ id: 'a', usd: 0.5, tokens: 500, budget });
        await store.release('a');
        await store.settle('a', { usd: 0.5, tokens: 500, estimated: false });
        await expectAmounts(store, { settled: [0.5, 500], reserved: [0, 0] });
      },
    },
    {
      name: 'counts calls without a known price',
      run: async () => {
        const store = await create();
        await store.reserve({ id: 'a', tokens: 500, budget: { tokens: 500 } });
        await store.settle('a', { tokens: 400, estimated: false });
        const { settled } = await expectAmounts(store, { settled: [0, 400], reserved: [0, 0] });
        same(settled.unpricedCalls, 1);
      },
    },
    {
      name: 'refuses what cannot be',
      run: async () => {
        const store = await create();
        await store.reserve({ id: 'a', usd: 0.1, budget });
        await refused(store.reserve({ id: 'a', usd: 0.1, budget }), 'an id that was used before');
        await refused(store.reserve({ id: 'b', usd: -1, budget }), 'a negative amount');
        await refused(store.reserve({ id: 'c', usd: Number.NaN, budget }), 'no number');
        await refused(store.reserve({ id: 'd', tokens: 1.5, budget }), 'half a token');
        await refused(store.reserve({ id: 'e', usd: 1, budget: { usd: -1 } }), 'a negative budget');
        await refused(store.settle('a', { usd: Number.POSITIVE_INFINITY, estimated: false }), 'no amount');
        await refused(store.settle('never', { usd: 1, estimated: false }), 'settling what was never reserved');
        await refused(store.release('never'), 'releasing what was never reserved');
        await expectAmounts(store, { settled: [0, 0], reserved: [0.1, 0], open: ['a'] });
      },
    },
    {
      name: 'takes a hundred reservations at once as far as the budget goes',
      run: async () => {
        const store = await create();
        const results = await Promise.all(
          Array.from({ length: 100 }, (_, index) => store.reserve({ id: `call ${index}`, usd: 0.03, budget })),
        );
        same(results.filter(({ reserved }) => reserved).length, 33);
        await expectAmounts(store, { settled: [0, 0], reserved: [0.99, 0] });
      },
    },
  ];
}

function sharedCases(
  create: () => Promise<LedgerStore>,
  reopen: (store: LedgerStore) => Promise<LedgerStore>,
): LedgerConformanceCase[] {
  return [
    {
      name: 'is there again when it is opened again',
      run: async () => {
        const store = await create();
        await store.reserve({ id: 'a', usd: 0.5, tokens: 500, model: 'openai:gpt-4o', budget });
        await store.reserve({ id: 'b', usd: 0.25, budget });
        await store.settle('b', { usd: 0.125, tokens: 7, estimated: true });
        const again = await reopen(store);
        const { open } = await expectAmounts(again, { settled: [0.125, 7], reserved: [0.5, 500], open: ['a'] });
        same(open[0]?.model, 'openai:gpt-4o');
        await again.settle('a', { usd: 0.5, tokens: 500, estimated: false });
        await expectAmounts(store, { settled: [0.625, 507], reserved: [0, 0] });
      },
    },
    {
      name: 'is one budget for all who share it',
      run: async () => {
        const first = await create();
        const stores = [first, await reopen(first), await reopen(first)];
        const results = await Promise.all(
          Array.from({ length: 60 }, (_, index) =>
            (stores[index % stores.length] ?? first).reserve({ id: `call ${index}`, usd: 0.03, budget }),
          ),
        );
        same(results.filter(({ reserved }) => reserved).length, 33);
        for (const store of stores) await expectAmounts(store, { settled: [0, 0], reserved: [0.99, 0] });
      },
    },
  ];
}

function refusal(usd: number, tokens: number): ReservationResult {
  return { reserved: false, remaining: { usd, tokens } };
}

interface Expected {
  readonly settled: readonly [usd: number, tokens: number];
  readonly reserved: readonly [usd: number, tokens: number];
  readonly open?: readonly string[];
}

async function expectAmounts(store: LedgerStore, expected: Expected): Promise<LedgerState> {
  const state = await store.read();
  same([state.settled.usd, state.settled.tokens], expected.settled);
  same([state.reserved.usd, state.reserved.tokens], expected.reserved);
  const ids = state.open.map(({ id }) => id).toSorted();
  if (expected.open !== undefined) same(ids, expected.open);
  return state;
}

async function refused(work: Promise<unknown>, what: string): Promise<void> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!OcelliError.isInstance(outcome) || outcome.kind !== 'invalid-request')
    throw new Error(`${what} must be refused with an OcelliError of kind "invalid-request"`);
}

/** Amounts that stand for the same number of billionths are the same. */
function same(found: unknown, expected: unknown): void {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'number' ? Number(inner.toFixed(9)) : inner));
  if (text(found) !== text(expected)) throw new Error(`expected ${text(expected)}, found ${text(found)}`);
}
