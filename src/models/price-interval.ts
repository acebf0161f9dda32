/** Prices as dated intervals with tiers, since vendors change them on a day and by the length of the input. */

/** USD for a million tokens. */
export interface PriceTier {
  /** The tier holds for the **whole** request when its input, cached tokens included, is over this many tokens; 0 for the first tier. */
  readonly aboveInput: number;
  readonly input: number;
  /** Absent: reading from the cache costs the full input price. */
  readonly cacheRead?: number;
  /** Price of tokens written to the short cache (minutes), in place of `input`. Absent: not known. */
  readonly cacheWriteShort?: number;
  /** The same for the long cache (an hour or more). */
  readonly cacheWriteLong?: number;
  readonly output: number;
  /** Absent: audio costs what text does. */
  readonly audioInput?: number;
}

/** What a model costs from one day to another. */
export interface PriceInterval {
  /** First day, ISO date in UTC. Absent: since the model came out. */
  readonly from?: string;
  /** Last day, ISO date in UTC. Absent: no end announced. */
  readonly until?: string;
  /** At least one, in rising order of `aboveInput`. */
  readonly tiers: readonly PriceTier[];
  /** The price that may hold after `until`, where the vendor said only "at least until". It widens the range. */
  readonly afterwards?: readonly PriceTier[];
}

/** The interval that holds on a day. */
export interface CurrentPrice {
  readonly interval: PriceInterval;
  /** The interval's last day has passed and no later one is known: the price may have changed. */
  readonly expired: boolean;
}

/**
 * The price on a day; after the last known day the last interval, marked expired; before the first, the first.
 *
 * @param date ISO date in UTC
 * @returns `undefined` when no price is known
 */
export function currentPrice(prices: readonly PriceInterval[], date: string): CurrentPrice | undefined {
  const begun = prices.filter((interval) => interval.from === undefined || interval.from <= date);
  const interval = begun.at(-1) ?? prices[0];
  if (interval === undefined) return undefined;
  return { interval, expired: interval.until !== undefined && interval.until < date };
}

/** Takes the noise of binary fractions off a price that was worked out. */
export const roundPrice = (usd: number): number => Number(usd.toFixed(12));
