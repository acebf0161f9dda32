/** Money and estimates as a reply carries them; the rooms that work them out lie above this one. */

/** An amount with its range. A price that is not known is no `Money` at all, never 0. */
export interface Money {
  /** US dollars. */
  readonly usd: number;
  readonly low: number;
  readonly high: number;
  /** ISO date on which the price was last looked up. */
  readonly priceAsOf: string;
  /** The last day of the price, when that has passed and no later price is known: it may be wrong by now. */
  readonly priceExpiredOn?: string;
}

/** Tokens with a range. */
export interface TokenEstimate {
  readonly tokens: number;
  readonly low: number;
  readonly high: number;
}

/** What was expected of a call before it was sent. */
export interface CallEstimate {
  readonly input: TokenEstimate;
  /** `tokens` is expected, `high` is the worst case. */
  readonly output: TokenEstimate;
  /** From cheapest to worst case; `undefined` when no price is known. */
  readonly money: Money | undefined;
}
