/** What tokens cost by a row's prices on a day: the one place with this arithmetic, for estimates before a call and costs after it. */

import type { Money } from '../request/index.js';
import type { ModelRow } from './model-row.js';
import { currentPrice, roundPrice, type PriceTier } from './price-interval.js';

export type { Money };

/** Tokens as they are billed: the kinds are apart, and `input` holds only what is in none of the others. */
export interface BilledTokens {
  readonly input: number;
  readonly cacheRead?: number;
  readonly cacheWriteShort?: number;
  readonly cacheWriteLong?: number;
  readonly audioInput?: number;
  readonly output: number;
}

export interface PriceQuery {
  readonly row: ModelRow;
  /** ISO date in UTC on which the tokens are or were used. */
  readonly day: string;
  readonly tokens: BilledTokens;
  /** Fewest and most that it may be. Default: `tokens`. */
  readonly low?: BilledTokens;
  readonly high?: BilledTokens;
  /** Sent as a batch. */
  readonly batch?: boolean;
}

/**
 * The price of tokens. The tier is chosen by all input tokens and holds for the whole request. When the price has expired and the
 * vendor had named the one before its promotion, the range reaches to that.
 *
 * @returns `undefined` when any price that is needed is not known
 */
export function priceOf(query: PriceQuery): Money | undefined {
  const { row, day, tokens, low = tokens, high = tokens } = query;
  const price = currentPrice(row.prices, day);
  if (price === undefined) return undefined;
  const { interval, expired } = price;
  const factor = query.batch === true ? row.batchFactor : 1;
  const [middle, least, most] = [tokens, low, high].map((billed) => usdOf(interval.tiers, billed));
  // A price of 0 stays 0 in a batch, also where there is no batch price.
  if (middle === undefined || least === undefined || most === undefined) return undefined;
  if (factor === undefined && most !== 0) return undefined;
  const amounts = [least, middle, most];
  if (expired && interval.afterwards !== undefined)
    for (const billed of [low, high]) amounts.push(usdOf(interval.afterwards, billed) ?? middle);
  const times = (usd: number): number => roundPrice(usd * (factor ?? 1));
  return {
    usd: times(middle),
    low: times(Math.min(...amounts)),
    high: times(Math.max(...amounts)),
    priceAsOf: checkedOn(row) ?? day,
    ...(expired && interval.until !== undefined ? { priceExpiredOn: interval.until } : {}),
  };
}

function usdOf(tiers: readonly PriceTier[], billed: BilledTokens): number | undefined {
  const { cacheRead = 0, cacheWriteShort = 0, cacheWriteLong = 0, audioInput = 0 } = billed;
  const allInput = billed.input + cacheRead + cacheWriteShort + cacheWriteLong + audioInput;
  const tier = tiers.findLast((candidate) => candidate.aboveInput === 0 || allInput > candidate.aboveInput);
  if (tier === undefined) return undefined;
  if (cacheWriteShort > 0 && tier.cacheWriteShort === undefined) return undefined;
  if (cacheWriteLong > 0 && tier.cacheWriteLong === undefined) return undefined;
  const perMillion =
    billed.input * tier.input +
    cacheRead * (tier.cacheRead ?? tier.input) +
    cacheWriteShort * (tier.cacheWriteShort ?? 0) +
    cacheWriteLong * (tier.cacheWriteLong ?? 0) +
    audioInput * (tier.audioInput ?? tier.input) +
    billed.output * tier.output;
  return perMillion / 1_000_000;
}

/** The day on which the oldest source of a row was looked at. */
export function checkedOn(row: ModelRow): string | undefined {
  return row.sources.map((source) => source.checkedOn).sort()[0];
}
