/** What to book once a call is over: what the provider reported, the most that it may have been, or nothing where nothing can be billed. */

import type { OcelliError } from '../errors/index.js';
import type { ModelRow } from '../models/index.js';
import type { Usage } from '../request/index.js';
import { costOf } from './cost-of.js';
import type { Spent } from './ledger-store.js';
import { worstCase } from './worst-case.js';

/** How an attempt ended. */
export interface CallOutcome {
  /** What the provider reported, also when the call failed; `unknownUsage` when nothing. */
  readonly usage: Usage;
  /** Absent: the answer came to its end. */
  readonly error?: OcelliError;
  /** False when surely nothing was sent. Default true. */
  readonly sent?: boolean;
  /** An answer had begun before the error: the status of the error is then that of a part of it. Default false. */
  readonly began?: boolean;
}

/** What the call was reserved for. */
export interface ReservedCall {
  /** Absent: a model that is not in the catalogue. */
  readonly row?: ModelRow | undefined;
  readonly day: string;
  /** The high end of the estimated input. */
  readonly inputTokens: number;
  /** What the request allowed the answer. */
  readonly maxOutputTokens: number;
  readonly audio: boolean;
  readonly cache?: 'none' | 'short' | 'long' | undefined;
}

/**
 * Codes with which a server or something before it gives up waiting for an answer that may be made all the same, and billed:
 * request time-out, client gone, and what proxies say of a server behind them.
 */
const maybeBilled: ReadonlySet<number> = new Set([408, 499, 502, 504, 520, 524]);

/** The connection was never made. The adapters end the message of a network error with its code, in brackets. */
const neverConnected = /\((?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)\)/;

/**
 * What to settle at, or `undefined` to release.
 *
 * Released is only what was never sent or what was refused by status. A call that was aborted or cut is booked at its reported input and
 * at all the output that it was allowed, since what the provider had made when the line broke is not known and is billed.
 */
export function settlementOf(call: ReservedCall, outcome: CallOutcome): Spent | undefined {
  const { usage, error } = outcome;
  if (outcome.sent === false || isUnbilled(outcome)) return undefined;
  const isCut = error !== undefined && error.kind !== 'invalid-output';
  const inputTokens = usage.inputTokens ?? call.inputTokens;
  const reportedOutput = isCut || usage.estimated ? undefined : usage.outputTokens;
  const outputTokens = reportedOutput ?? Math.max(call.maxOutputTokens, usage.outputTokens ?? 0);
  const estimated = usage.inputTokens === undefined || reportedOutput === undefined;
  return {
    ...usdOf(call, { ...usage, inputTokens, outputTokens }, estimated),
    tokens: inputTokens + outputTokens,
    estimated,
  };
}

function isUnbilled({ error, began = false }: CallOutcome): boolean {
  if (error === undefined || began) return false;
  if (error.status !== undefined) return error.status >= 400 && !maybeBilled.has(error.status);
  return error.kind === 'network' && neverConnected.test(error.message);
}

/** The high end: a price that may have changed is booked at the dearer one. */
function usdOf(call: ReservedCall, usage: Usage, estimated: boolean): { usd?: number } {
  const { row, day, audio, cache } = call;
  if (row === undefined) return {};
  const known = costOf(usage, row, day, cache === 'long' ? { cache } : {})?.high;
  const worst = worstCase({
    row,
    day,
    inputTokens: usage.inputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    audio,
    ...(cache === undefined ? {} : { cache }),
  });
  const usd = estimated ? worst : (known ?? worst);
  return usd === undefined ? {} : { usd };
}
