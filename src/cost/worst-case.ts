/** The most that a call can cost, and the longest answer that a sum of money buys. */

import { currentPrice, type ModelRow, type PriceTier } from '../models/index.js';
import { nanosDown, nanosUp, usdOfNanos } from './amount.js';

export interface WorstCaseQuery {
  readonly row: ModelRow;
  /** ISO date in UTC. */
  readonly day: string;
  /** The high end of the estimated input. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Some of the input is sound, which may cost more. Default false. */
  readonly audio?: boolean;
  /** The cache that the request asks for; writing to it may cost more than plain input. */
  readonly cache?: 'none' | 'short' | 'long';
}

/**
 * USD that the call cannot cost more than: all input at the dearest price that input can have, all output that may come, at the dearest
 * tier that the input can reach. A price that has expired counts together with the one that may hold since.
 *
 * @returns `undefined` when no price is known
 */
export function worstCase(query: WorstCaseQuery): number | undefined {
  const prices = pricesOf(query);
  if (prices.length === 0) return undefined;
  const { inputTokens, outputTokens } = query;
  return usdOfNanos(
    nanosUp(Math.max(...prices.map(({ input, output }) => usd(inputTokens, input, outputTokens, output)))),
  );
}

/**
 * Output tokens that `usd` pays for after the input; `Infinity` where output is free, below 0 where the input alone costs more.
 *
 * @returns `undefined` when no price is known
 */
export function affordableOutput(query: Omit<WorstCaseQuery, 'outputTokens'>, usd: number): number | undefined {
  const prices = pricesOf(query);
  if (prices.length === 0) return undefined;
  const most = prices.map(({ input, output }) => {
    const left = nanosDown(usd) - nanosUp((query.inputTokens * input) / million);
    if (left < 0) return -1;
    return output === 0 ? Infinity : Math.floor((left * million) / (nanosUp(1) * output));
  });
  return Math.min(...most);
}

const million = 1_000_000;

function usd(inputTokens: number, input: number, outputTokens: number, output: number): number {
  return (inputTokens * input + outputTokens * output) / million;
}

/** USD for a million tokens of input and output at every tier that the call may be billed by. */
function pricesOf(query: Omit<WorstCaseQuery, 'outputTokens'>): { input: number; output: number }[] {
  const price = currentPrice(query.row.prices, query.day);
  if (price === undefined) return [];
  const { interval, expired } = price;
  const tiers = [...interval.tiers, ...(expired ? (interval.afterwards ?? []) : [])];
  return tiers
    .filter((tier) => tier.aboveInput === 0 || tier.aboveInput < query.inputTokens)
    .map((tier) => ({ input: dearestInput(tier, query), output: tier.output }));
}

/** Vendors write to their short cache unasked, so its price always counts. */
function dearestInput(tier: PriceTier, { audio = false, cache }: Omit<WorstCaseQuery, 'outputTokens'>): number {
  // Where the price of the long cache is not known: twice the input, as every vendor with a known one has it.
  const long = cache === 'long' ? (tier.cacheWriteLong ?? 2 * tier.input) : 0;
  return Math.max(tier.input, tier.cacheWriteShort ?? 0, long, audio ? (tier.audioInput ?? 0) : 0);
}
