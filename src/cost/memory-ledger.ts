/** A ledger for one process: the budget of a program that keeps nothing. */

import { LedgerBooks, reservationOf } from './ledger-books.js';
import type { LedgerStore } from './ledger-store.js';

/**
 * A ledger in memory.
 *
 * @example
 * const ledger = createMemoryLedger();
 * await ledger.reserve({ id: 'call-1', usd: 0.02, budget: { usd: 5 } }); // { reserved: true }
 */
export function createMemoryLedger(options: { readonly now?: () => Date } = {}): LedgerStore {
  const now = options.now ?? (() => new Date());
  const books = new LedgerBooks();
  const at = (): string => now().toISOString();
  return {
    reserve: async (request) => {
      const result = books.admit(request);
      if (result.reserved) books.apply({ type: 'reserve', ...reservationOf(request, at()) });
      return result;
    },
    settle: async (id, spent) => {
      const record = books.settlement(id, spent, at());
      if (record !== undefined) books.apply(record);
    },
    release: async (id) => {
      const record = books.releasing(id, at());
      if (record !== undefined) books.apply(record);
    },
    read: async () => books.view(),
  };
}
