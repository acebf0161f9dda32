/** Keeps calls within a budget: reserves the worst case of each before a byte is sent, and books what it came to afterwards. */

import { randomUUID } from 'node:crypto';
import { OcelliError } from '../errors/index.js';
import { dayOf, type ModelRow } from '../models/index.js';
import type { Warning } from '../request/index.js';
import { checkBudget } from './ledger-books.js';
import type { Budget, LedgerStore, ReservationRequest, Spent } from './ledger-store.js';
import { createMemoryLedger } from './memory-ledger.js';
import { settlementOf, type CallOutcome, type ReservedCall } from './settlement.js';
import { affordableOutput, worstCase, type WorstCaseQuery } from './worst-case.js';

/** The shortest answer that a budget is asked to pay for: the least that OpenAI takes as a limit. */
const leastOutputTokens = 16;

export interface BudgetKeeperOptions {
  readonly store: LedgerStore;
  readonly budget: Budget;
}

/** One attempt that is about to be sent. */
export interface CallToReserve {
  /** Unique over the ledger. Default: a UUID. */
  readonly id?: string;
  /** `provider:model-id` */
  readonly model: string;
  /** Absent: the model is in no catalogue, so its price is not known. */
  readonly row?: ModelRow | undefined;
  /** A `RequestEstimate`. */
  readonly estimate: {
    readonly input: { readonly high: number };
    readonly parts?: readonly { readonly kind: string }[];
  };
  /** Most tokens of the answer, the default filled in. */
  readonly maxOutputTokens: number;
  /** The caller set it, so that it is not lowered to what is affordable. */
  readonly maxOutputTokensGiven: boolean;
  readonly cache?: 'none' | 'short' | 'long' | undefined;
  /** Day of the price. Default: today. */
  readonly date?: string | Date;
}

export interface BudgetReservation {
  readonly reservationId: string;
  /** What to send as the limit: lower than asked for where the budget allows no more. */
  readonly maxOutputTokens: number;
  /** The most that the call can cost; absent when the price is not known. */
  readonly usd?: number;
  readonly warnings: readonly Warning[];
}

export interface BudgetKeeper {
  /**
   * Reserves the worst case of one attempt; nothing may be sent before.
   *
   * @throws OcelliError `budget-exceeded` when it does not fit or has no known price under a budget in USD; `invalid-request` when the
   * ledger cannot be used
   */
  reserve(call: CallToReserve): Promise<BudgetReservation>;
  /**
   * Books what an attempt came to, once, however it ended.
   *
   * @returns what was booked; `undefined` when the reservation was given back
   * @throws OcelliError `invalid-request` when the ledger cannot be written; the reservation then stays booked
   */
  settle(reservationId: string, outcome: CallOutcome): Promise<Spent | undefined>;
  /** A keeper for one request, whose attempts together stay within `budget` and within this keeper's. */
  forRequest(budget: Budget | undefined): BudgetKeeper;
}

/**
 * A keeper of one budget.
 *
 * @throws OcelliError `invalid-request` for a budget that is none
 * @example
 * const keeper = createBudgetKeeper({ store: createMemoryLedger(), budget: { usd: 5 } });
 * const { reservationId, maxOutputTokens } = await keeper.reserve({ model, row, estimate, maxOutputTokens: 4096, maxOutputTokensGiven: false });
 * // … send with maxOutputTokens …
 * await keeper.settle(reservationId, { usage: reply.usage });
 */
export function createBudgetKeeper(options: BudgetKeeperOptions): BudgetKeeper {
  checkBudget(options.budget);
  return new Keeper([{ ...options, name: 'budget' }]);
}

interface Account extends BudgetKeeperOptions {
  /** In messages. */
  readonly name: string;
}

interface Refusal {
  readonly account: Account;
  readonly remaining: { readonly usd?: number; readonly tokens?: number };
}

/** Others may reserve between the look at what is left and the next try; after so many times nothing usable is left anyway. */
const maxTries = 8;

class Keeper implements BudgetKeeper {
  readonly #accounts: readonly Account[];
  readonly #calls = new Map<string, ReservedCall>();

  constructor(accounts: readonly Account[]) {
    this.#accounts = accounts;
  }

  forRequest(budget: Budget | undefined): BudgetKeeper {
    if (budget === undefined) return this;
    checkBudget(budget);
    return new Keeper([{ store: createMemoryLedger(), budget, name: "request's budget" }, ...this.#accounts]);
  }

  async reserve(call: CallToReserve): Promise<BudgetReservation> {
    const reserved = reservedCallOf(call);
    this.#refuseUnpriced(call, reserved);
    const id = call.id ?? randomUUID();
    let maxOutputTokens = call.maxOutputTokens;
    for (let tries = 1; ; tries += 1) {
      // An id that was given back is used up.
      const reservationId = tries === 1 ? id : `${id}.${tries}`;
      const usd = usdOf(reserved, maxOutputTokens);
      const tokens = reserved.inputTokens + maxOutputTokens;
      const refusal = await this.#reserveEverywhere({
        id: reservationId,
        model: call.model,
        tokens,
        ...(usd === undefined ? {} : { usd }),
      });
      if (refusal === undefined) {
        this.#calls.set(reservationId, { ...reserved, maxOutputTokens });
        const warnings = maxOutputTokens < call.maxOutputTokens ? [cappedWarning(call, maxOutputTokens)] : [];
        return { reservationId, maxOutputTokens, ...(usd === undefined ? {} : { usd }), warnings };
      }
      const affordable = outputWithin(reserved, refusal.remaining);
      if (call.maxOutputTokensGiven || affordable < leastOutputTokens || tries === maxTries)
        throw exceededError(call, reserved, refusal);
      maxOutputTokens = Math.min(call.maxOutputTokens, affordable);
    }
  }

  async settle(reservationId: string, outcome: CallOutcome): Promise<Spent | undefined> {
    const call = this.#calls.get(reservationId);
    if (call === undefined)
      throw new OcelliError(
        'invalid-request',
        `The call "${reservationId}" was not reserved here, or is settled already.`,
      );
    const spent = settlementOf(call, outcome);
    const results = await Promise.allSettled(
      this.#accounts.map(({ store }) =>
        spent === undefined ? store.release(reservationId) : store.settle(reservationId, spent),
      ),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    this.#calls.delete(reservationId);
    return spent;
  }

  #refuseUnpriced(call: CallToReserve, reserved: ReservedCall): void {
    const strict = this.#accounts.find(({ budget }) => budget.usd !== undefined && budget.allowUnpriced !== true);
    if (strict === undefined || usdOf(reserved, 0) !== undefined) return;
    throw new OcelliError(
      'budget-exceeded',
      `No price of ${call.model} is known, so that the ${strict.name} of ${strict.budget.usd ?? 0} USD cannot be kept. Add its price to the catalogue, or set \`budget.allowUnpriced\`.`,
      { model: call.model },
    );
  }

  /** In all accounts or in none. */
  async #reserveEverywhere(amounts: Omit<ReservationRequest, 'budget'>): Promise<Refusal | undefined> {
    const done: Account[] = [];
    let refusal: Refusal | undefined;
    try {
      for (const account of this.#accounts) {
        const result = await account.store.reserve({ ...amounts, budget: account.budget });
        if (!result.reserved) {
          refusal = { account, remaining: result.remaining };
          return refusal;
        }
        done.push(account);
      }
      return undefined;
    } finally {
      if (done.length < this.#accounts.length) for (const { store } of done) await store.release(amounts.id);
    }
  }
}

function reservedCallOf(call: CallToReserve): ReservedCall {
  return {
    row: call.row,
    day: dayOf(call.date),
    inputTokens: call.estimate.input.high,
    maxOutputTokens: call.maxOutputTokens,
    audio: call.estimate.parts?.some(({ kind }) => kind === 'audio' || kind === 'video') ?? false,
    cache: call.cache,
  };
}

function usdOf(call: ReservedCall, outputTokens: number): number | undefined {
  const query = queryOf(call);
  return query === undefined ? undefined : worstCase({ ...query, outputTokens });
}

/** The longest answer within what is left, for prices that are known. */
function outputWithin(call: ReservedCall, remaining: Refusal['remaining']): number {
  const query = queryOf(call);
  const byUsd = remaining.usd === undefined || query === undefined ? undefined : affordableOutput(query, remaining.usd);
  const byTokens = remaining.tokens === undefined ? Infinity : remaining.tokens - call.inputTokens;
  return Math.min(byUsd ?? Infinity, byTokens);
}

function queryOf({
  row,
  day,
  inputTokens,
  audio,
  cache,
}: ReservedCall): Omit<WorstCaseQuery, 'outputTokens'> | undefined {
  if (row === undefined) return undefined;
  return { row, day, inputTokens, audio, ...(cache === undefined ? {} : { cache }) };
}

function cappedWarning(call: CallToReserve, maxOutputTokens: number): Warning {
  return {
    type: 'adjusted-option',
    subject: 'maxOutputTokens',
    message: `The budget pays for at most ${maxOutputTokens} tokens of answer from ${call.model}, in place of ${call.maxOutputTokens}.`,
  };
}

function exceededError(call: CallToReserve, reserved: ReservedCall, { account, remaining }: Refusal): OcelliError {
  const { model, maxOutputTokens } = call;
  const { inputTokens } = reserved;
  const usd = usdOf(reserved, maxOutputTokens);
  const would = usd === undefined ? '' : `${shownUsd(usd)} USD for `;
  const left = [
    ...(remaining.usd === undefined ? [] : [`${shownUsd(remaining.usd)} of ${shownUsd(account.budget.usd ?? 0)} USD`]),
    ...(remaining.tokens === undefined ? [] : [`${remaining.tokens} of ${account.budget.tokens ?? 0} tokens`]),
  ];
  return new OcelliError(
    'budget-exceeded',
    `The call to ${model} could cost up to ${would}${inputTokens} input and ${maxOutputTokens} output tokens, and only ${left.join(' and ')} of the ${account.name} are left. Raise the budget, lower maxOutputTokens, send less, or choose a cheaper model.`,
    { model },
  );
}

/** All digits that count and no more: 0.0431, not 0.043100000. */
function shownUsd(usd: number): string {
  return usd === 0 ? '0' : String(Number(usd.toPrecision(4)));
}
