/** What a call cost, from what it used and the prices of its day. */

import { dayOf, priceOf, type BilledTokens, type ModelRow, type Money } from '../models/index.js';
import type { Usage } from '../request/index.js';

export interface CostOptions {
  /** The call was part of a batch. */
  readonly batch?: boolean;
  /** Which cache was written to. Default `short`. */
  readonly cache?: 'short' | 'long';
}

/**
 * The price of a call. Cached tokens are inside `inputTokens` and reasoning inside `outputTokens`, on every provider, so each token is
 * billed once: cache reads and writes at their own price, the rest of the input at the input price, all output at the output price.
 *
 * @param row the model's row; its interval of that day is used, so that old records can be worked out again
 * @param date the day of the call
 * @returns `undefined` when the usage or a price that is needed is not known: never 0
 * @example
 * costOf(reply.usage, row, '2026-11-24')?.usd;
 */
export function costOf(usage: Usage, row: ModelRow, date: string | Date, options: CostOptions = {}): Money | undefined {
  const day = dayOf(date);
  const tokens = billedTokens(usage, options) ?? (isFree(row, day) ? { input: 0, output: 0 } : undefined);
  if (tokens === undefined) return undefined;
  return priceOf({ row, day, tokens, batch: options.batch === true });
}

function billedTokens(usage: Usage, { cache = 'short' }: CostOptions): BilledTokens | undefined {
  const { inputTokens, outputTokens, byModality } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const cacheRead = Math.min(usage.cacheReadTokens ?? 0, inputTokens);
  const cacheWrite = Math.min(usage.cacheWriteTokens ?? 0, inputTokens - cacheRead);
  const uncached = inputTokens - cacheRead - cacheWrite;
  // Which of the cached tokens are sound is not said; sound is rarely cached.
  const audioInput = Math.min(byModality?.audio ?? 0, uncached);
  return {
    input: uncached - audioInput,
    cacheRead,
    ...(cache === 'long' ? { cacheWriteLong: cacheWrite } : { cacheWriteShort: cacheWrite }),
    audioInput,
    output: outputTokens,
  };
}

/** What costs nothing costs nothing however much of it was used. */
function isFree(row: ModelRow, day: string): boolean {
  const one: BilledTokens = { input: 1, cacheRead: 1, cacheWriteShort: 1, cacheWriteLong: 1, audioInput: 1, output: 1 };
  return priceOf({ row, day, tokens: one })?.high === 0;
}
