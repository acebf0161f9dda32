/** The arithmetic of every ledger: what is settled, what is reserved, and whether something more still fits. */

import { OcelliError } from '../errors/index.js';
import { checkTokens, checkUsd, nanosDown, nanosUp, usdOfNanos } from './amount.js';
import type { LedgerState, OpenReservation, ReservationRequest, ReservationResult, Spent } from './ledger-store.js';

/** Something that happened, as it is written down. */
export type LedgerRecord =
  | ({ readonly type: 'reserve' } & OpenReservation)
  | ({ readonly type: 'settle'; readonly id: string; readonly at: string } & Spent)
  | { readonly type: 'release'; readonly id: string; readonly at: string };

export class LedgerBooks {
  readonly #open = new Map<string, OpenReservation>();
  readonly #closed = new Map<string, 'settled' | 'released'>();
  #settledNanos = 0;
  #settledTokens = 0;
  #reservedNanos = 0;
  #reservedTokens = 0;
  #calls = 0;
  #estimatedCalls = 0;
  #unpricedCalls = 0;

  /**
   * Whether a reservation fits; changes nothing.
   *
   * @throws OcelliError `invalid-request` for a used id or amounts that are none
   */
  admit(request: ReservationRequest): ReservationResult {
    const { id, usd, tokens, budget } = request;
    if (id === '' || this.#open.has(id) || this.#closed.has(id))
      throw new OcelliError('invalid-request', `The ledger has seen the id "${id}" before; each call needs its own.`);
    checkUsd('usd', usd);
    checkTokens('tokens', tokens);
    checkBudget(budget);
    const nanosLeft =
      budget.usd === undefined ? Infinity : nanosDown(budget.usd) - this.#settledNanos - this.#reservedNanos;
    const tokensLeft =
      budget.tokens === undefined ? Infinity : budget.tokens - this.#settledTokens - this.#reservedTokens;
    if (nanosUp(usd ?? 0) <= nanosLeft && (tokens ?? 0) <= tokensLeft) return { reserved: true };
    return {
      reserved: false,
      remaining: {
        ...(budget.usd === undefined ? {} : { usd: usdOfNanos(Math.max(0, nanosLeft)) }),
        ...(budget.tokens === undefined ? {} : { tokens: Math.max(0, tokensLeft) }),
      },
    };
  }

  /** What settling an id would change: `undefined` when it is settled already. */
  settlement(id: string, spent: Spent, at: string): LedgerRecord | undefined {
    checkUsd('usd', spent.usd);
    checkTokens('tokens', spent.tokens);
    const { usd, tokens, estimated } = spent;
    if (this.#stateOf(id) === 'settled') return undefined;
    return {
      type: 'settle',
      id,
      ...(usd === undefined ? {} : { usd: usdOfNanos(nanosUp(usd)) }),
      ...(tokens === undefined ? {} : { tokens }),
      estimated,
      at,
    };
  }

  /** What releasing an id would change: `undefined` when it is no longer open. */
  releasing(id: string, at: string): LedgerRecord | undefined {
    return this.#stateOf(id) === 'open' ? { type: 'release', id, at } : undefined;
  }

  /** @throws OcelliError `invalid-request` for a record that cannot follow what is there */
  apply(record: LedgerRecord): void {
    if (record.type === 'reserve') {
      if (this.#open.has(record.id) || this.#closed.has(record.id))
        throw new OcelliError('invalid-request', `"${record.id}" is reserved twice.`);
      const { type: _type, ...reservation } = record;
      this.#open.set(record.id, reservation);
      this.#reserve(reservation, 1);
      return;
    }
    const state = this.#stateOf(record.id);
    const reservation = this.#open.get(record.id);
    if (reservation !== undefined) this.#reserve(reservation, -1);
    this.#open.delete(record.id);
    if (record.type === 'release') {
      if (state === 'open') this.#closed.set(record.id, 'released');
      return;
    }
    if (state === 'settled') return;
    this.#closed.set(record.id, 'settled');
    this.#settledNanos += nanosUp(record.usd ?? 0);
    this.#settledTokens += record.tokens ?? 0;
    this.#calls += 1;
    if (record.estimated) this.#estimatedCalls += 1;
    if (record.usd === undefined) this.#unpricedCalls += 1;
  }

  view(): LedgerState {
    return {
      settled: {
        usd: usdOfNanos(this.#settledNanos),
        tokens: this.#settledTokens,
        calls: this.#calls,
        estimatedCalls: this.#estimatedCalls,
        unpricedCalls: this.#unpricedCalls,
      },
      reserved: { usd: usdOfNanos(this.#reservedNanos), tokens: this.#reservedTokens },
      open: [...this.#open.values()],
    };
  }

  #reserve({ usd = 0, tokens = 0 }: OpenReservation, sign: 1 | -1): void {
    this.#reservedNanos += sign * nanosUp(usd);
    this.#reservedTokens += sign * tokens;
  }

  #stateOf(id: string): 'open' | 'settled' | 'released' {
    const state = this.#open.has(id) ? 'open' : this.#closed.get(id);
    if (state === undefined)
      throw new OcelliError('invalid-request', `The ledger knows no reservation "${id}"; it was never made here.`);
    return state;
  }
}

/** A reservation as it is written down. */
export function reservationOf(request: ReservationRequest, at: string): OpenReservation {
  const { id, usd, tokens, model } = request;
  return {
    id,
    ...(usd === undefined ? {} : { usd: usdOfNanos(nanosUp(usd)) }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(model === undefined ? {} : { model }),
    at,
  };
}

const budgetFields: readonly string[] = ['usd', 'tokens', 'allowUnpriced'];

/**
 * Checks a budget as a caller wrote it.
 *
 * @throws OcelliError `invalid-request` naming the field and what is allowed
 */
export function checkBudget(budget: object): void {
  for (const name of Object.keys(budget))
    if (!budgetFields.includes(name))
      throw new OcelliError(
        'invalid-request',
        `Unknown field \`budget.${name}\`; a budget has ${budgetFields.join(', ')}.`,
      );
  const { usd, tokens, allowUnpriced } = budget as Record<string, unknown>;
  if (usd !== undefined) checkUsd('budget.usd', usd as number);
  if (tokens !== undefined) checkTokens('budget.tokens', tokens as number);
  if (allowUnpriced !== undefined && typeof allowUnpriced !== 'boolean')
    throw new OcelliError('invalid-request', '`budget.allowUnpriced` must be true or false.');
}
