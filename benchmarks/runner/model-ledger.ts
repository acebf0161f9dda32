/** Keeps a model within the run's budget and its own, and books a call only when its answer is on the disk. */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Budget, LedgerStore, ReservationResult, Spent } from '../../src/index.js';
import type { ResponseRecord } from '../scoring/index.js';

/** One book and the limit that is kept in it. */
export interface Account {
  readonly store: LedgerStore;
  readonly budget: Budget;
}

export type Reservations = NonNullable<ResponseRecord['reservations']>;

/** Settlements of one call that wait for its answer to be kept. */
interface Pending {
  readonly settlements: { readonly id: string; readonly spent: Spent }[];
  open: boolean;
}

/** A call's books. */
export interface CallBooks<T> {
  readonly result: T;
  /** What the call's attempts came to. */
  readonly reservations: Reservations;
  /** Books it; nothing is booked before. */
  settle(): Promise<void>;
}

/**
 * A ledger over several accounts, all of which must have room. Between the end of a call and its line in the responses the process may be
 * killed: what is settled late stays reserved until then, and a resumed run books what the line says.
 */
export class ModelLedger {
  readonly #accounts: readonly Account[];
  readonly #calls = new AsyncLocalStorage<Pending>();

  constructor(accounts: readonly Account[]) {
    this.#accounts = accounts;
  }

  /** Carries out a call whose settlements are held back. */
  async during<T>(work: () => Promise<T>): Promise<CallBooks<T>> {
    const pending: Pending = { settlements: [], open: true };
    const settle = async (): Promise<void> => {
      pending.open = false;
      for (const { id, spent } of pending.settlements.splice(0)) await this.#settle(id, spent);
    };
    try {
      const result = await this.#calls.run(pending, work);
      const reservations = pending.settlements.map(({ id, spent }) => ({ id, ...spent }));
      return { result, reservations, settle };
    } catch (error) {
      // There will be no answer to wait for.
      await settle();
      throw error;
    }
  }

  /** What to give `createOcelli`; it takes the budgets of the accounts in place of the reservation's own. */
  store(): LedgerStore {
    return {
      reserve: async (request): Promise<ReservationResult> => {
        const done: Account[] = [];
        for (const account of this.#accounts) {
          const result = await account.store.reserve({ ...request, budget: account.budget });
          if (!result.reserved) {
            for (const { store } of done) await store.release(request.id);
            return result;
          }
          done.push(account);
        }
        return { reserved: true };
      },
      settle: async (id, spent) => {
        const pending = this.#calls.getStore();
        if (pending?.open === true) pending.settlements.push({ id, spent });
        else await this.#settle(id, spent);
      },
      release: async (id) => {
        for (const { store } of this.#accounts) await store.release(id);
      },
      read: () => {
        const [first] = this.#accounts;
        if (first === undefined) throw new TypeError('A ledger needs an account.');
        return first.store.read();
      },
    };
  }

  async #settle(id: string, spent: Spent): Promise<void> {
    for (const { store } of this.#accounts) await store.settle(id, spent);
  }
}

/** Books what a killed process had recorded but not settled; returns how many reservations of it stay open. */
export async function settleRecorded(store: LedgerStore, responses: readonly ResponseRecord[]): Promise<number> {
  const open = new Set((await store.read()).open.map(({ id }) => id));
  for (const { id, ...spent } of responses.flatMap(({ reservations = [] }) => reservations)) {
    if (!open.delete(id)) continue;
    await store.settle(id, spent);
  }
  return open.size;
}
