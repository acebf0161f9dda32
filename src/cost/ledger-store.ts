/** What a ledger is: the book in which money is reserved before a call and settled or released after it. */

import type { Budget } from '../request/index.js';

export type { Budget };

/** A sum of money and tokens. */
export interface Amount {
  readonly usd: number;
  readonly tokens: number;
}

/** What a call may cost at most. */
export interface ReservationRequest {
  /** Unique among all calls of the ledger, for example a UUID. */
  readonly id: string;
  /** Absent: the price is not known. */
  readonly usd?: number;
  readonly tokens?: number;
  /** Everything that is settled or reserved stays within it. */
  readonly budget: Budget;
  /** `provider:model-id`, for whoever looks at the ledger. */
  readonly model?: string;
}

/** `remaining` holds what is left of the limits that the budget sets. */
export type ReservationResult =
  | { readonly reserved: true }
  | { readonly reserved: false; readonly remaining: { readonly usd?: number; readonly tokens?: number } };

/** What a call came to. */
export interface Spent {
  /** Absent: the price is not known. */
  readonly usd?: number;
  readonly tokens?: number;
  /** Not what the provider reported in full, but the most that it may have been. */
  readonly estimated: boolean;
}

/** Who reserved. */
export interface LedgerOwner {
  readonly pid: number;
  readonly host: string;
  /** Whether the process still runs; `undefined` when that cannot be told from here. */
  readonly alive?: boolean;
}

/** A reservation that is neither settled nor released. */
export interface OpenReservation {
  readonly id: string;
  readonly usd?: number;
  readonly tokens?: number;
  readonly model?: string;
  /** ISO time. */
  readonly at: string;
  readonly owner?: LedgerOwner;
}

/** What stands in a ledger. */
export interface LedgerState {
  readonly settled: Amount & {
    readonly calls: number;
    /** Calls among them whose amount is an upper bound, not what the provider reported. */
    readonly estimatedCalls: number;
    /** Calls among them whose price was not known. */
    readonly unpricedCalls: number;
  };
  readonly reserved: Amount;
  readonly open: readonly OpenReservation[];
}

/**
 * Where a budget is kept. Implementations must be atomic over everybody who uses the same ledger: two reservations that fit alone but not
 * together are never both taken. What a method did must survive the end of the process once its promise is fulfilled, where the ledger
 * outlives processes at all. Check an implementation of your own with `ledgerConformance`.
 */
export interface LedgerStore {
  /**
   * Takes the reservation if everything settled and reserved, with it, stays within the budget; changes nothing otherwise.
   *
   * @throws OcelliError `invalid-request` when the id was used before, or the ledger cannot be read or written
   */
  reserve(reservation: ReservationRequest): Promise<ReservationResult>;
  /**
   * Replaces a reservation by what was spent, which may be more or less. Settling again changes nothing. A reservation that was released
   * meanwhile is booked all the same: the money is gone.
   *
   * @throws OcelliError `invalid-request` for an id that was never reserved
   */
  settle(id: string, spent: Spent): Promise<void>;
  /**
   * Gives a reservation back as if it had not been made. One that is settled or released already stays so.
   *
   * @throws OcelliError `invalid-request` for an id that was never reserved
   */
  release(id: string): Promise<void>;
  read(): Promise<LedgerState>;
}
