/** Money as whole billionths of a dollar, so that sums are exact whatever their order and a budget holds to the last digit. */

import { OcelliError } from '../errors/index.js';

/** The dearest single token costs 180,000 of these, the cheapest cached one 5. */
const nanosPerUsd = 1_000_000_000;
/** Binary fractions make 300000000.00000006 out of 0.1 + 0.2 dollars. */
const noise = 1e-3;
/** Above this a double no longer holds every whole number. */
const mostUsd = 9_000_000;

/** What is spent or might be: never less than was given. */
export function nanosUp(usd: number): number {
  return Math.max(0, Math.ceil(usd * nanosPerUsd - noise));
}

/** What may be spent: never more than was given. */
export function nanosDown(usd: number): number {
  return Math.max(0, Math.floor(usd * nanosPerUsd + noise));
}

export function usdOfNanos(nanos: number): number {
  return nanos / nanosPerUsd;
}

/** @throws OcelliError `invalid-request` for what is no amount of money */
export function checkUsd(name: string, usd: number | undefined): void {
  if (usd !== undefined && !(usd >= 0 && usd <= mostUsd))
    throw new OcelliError('invalid-request', `\`${name}\` is ${String(usd)}; USD from 0 to ${mostUsd} are needed.`);
}

/** @throws OcelliError `invalid-request` for what is no number of tokens */
export function checkTokens(name: string, tokens: number | undefined): void {
  if (tokens !== undefined && !(Number.isSafeInteger(tokens) && tokens >= 0))
    throw new OcelliError(
      'invalid-request',
      `\`${name}\` is ${String(tokens)}; a whole number of at least 0 is needed.`,
    );
}
