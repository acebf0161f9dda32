/** Both ledgers keep what every ledger must keep, and the suite that says so finds broken ones. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileLedger, createMemoryLedger, ledgerConformance, type LedgerStore } from '../../src/cost/index.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-ledger-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a ledger in memory', () => {
  for (const { name, run } of ledgerConformance({ create: async () => createMemoryLedger() })) it(name, run);
});

describe('a ledger in a file', () => {
  let count = 0;
  const paths = new Map<LedgerStore, string>();
  const open = (path: string): LedgerStore => {
    const store = createFileLedger(path);
    paths.set(store, path);
    return store;
  };
  const cases = ledgerConformance({
    create: async () => open(join(folder, `${(count += 1)}.ledger`)),
    reopen: async (store) => open(paths.get(store) ?? ''),
  });
  for (const { name, run } of cases) it(name, run);
});

describe('the suite', () => {
  const failures = async (create: () => LedgerStore): Promise<string[]> => {
    const failed: string[] = [];
    for (const { name, run } of ledgerConformance({ create: async () => create() }))
      await run().catch(() => failed.push(name));
    return failed;
  };

  it('finds a ledger that looks and writes in two steps', async () => {
    const create = (): LedgerStore => {
      const store = createMemoryLedger();
      let shown = store.read();
      return {
        ...store,
        reserve: async (reservation) => {
          const { settled, reserved } = await shown;
          await new Promise((resolve) => setImmediate(resolve));
          const used = settled.usd + reserved.usd;
          const limit = reservation.budget.usd;
          if (limit !== undefined && used + (reservation.usd ?? 0) > limit)
            return { reserved: false, remaining: { usd: limit - used } };
          await store.reserve({ ...reservation, budget: {} });
          shown = store.read();
          return { reserved: true };
        },
      };
    };
    expect(await failures(create)).toContain('takes a hundred reservations at once as far as the budget goes');
  });

  it('finds a ledger that settles twice, and one that forgets late bills', async () => {
    const twice = (): LedgerStore => {
      const store = createMemoryLedger();
      let extra = 0;
      return {
        ...store,
        settle: async (id, spent) => {
          extra += 1;
          await store.settle(id, spent);
          await store.reserve({ id: `extra ${extra}`, budget: {} });
          await store.settle(`extra ${extra}`, { usd: 0, tokens: 1, estimated: false });
        },
      };
    };
    expect(await failures(twice)).toContain('settles once, however often it is told');
    const forgetful = (): LedgerStore => {
      const store = createMemoryLedger();
      const released = new Set<string>();
      return {
        ...store,
        release: async (id) => store.release(id).then(() => void released.add(id)),
        settle: async (id, spent) => (released.has(id) ? undefined : store.settle(id, spent)),
      };
    };
    expect(await failures(forgetful)).toEqual(['books what is settled after it was released: the money is gone']);
  });
});
