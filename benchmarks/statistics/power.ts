/** How many items a comparison takes, and what a comparison of so many items can find. */

import { OcelliError } from '../../src/index.js';
import { normalCdf, normalQuantile } from './distributions.js';

export interface PowerOptions {
  /** Share of items on which the two models disagree, such as 0.2; at least as large as the difference. */
  readonly discordance: number;
  /** Chance of a false alarm, two-sided. Default 0.05. */
  readonly level?: number;
  /** Chance of finding a difference that is there. Default 0.8. */
  readonly power?: number;
  /** How many times more items clusters take (see `clusteredStandardError`). Default 1. */
  readonly designEffect?: number;
}

function checkShare(name: string, value: number): void {
  if (!(value > 0 && value < 1))
    throw new OcelliError('invalid-request', `The ${name} was ${value}; expected a number between 0 and 1.`);
}

function checked({ discordance, level = 0.05, power = 0.8, designEffect = 1 }: PowerOptions) {
  if (!(discordance > 0 && discordance <= 1))
    throw new OcelliError('invalid-request', `The discordance was ${discordance}; expected a number from 0 to 1.`);
  checkShare('level', level);
  checkShare('power', power);
  if (!(designEffect > 0))
    throw new OcelliError('invalid-request', `The design effect was ${designEffect}; expected a number above 0.`);
  return { discordance, level, power, designEffect };
}

/**
 * Items needed to find a difference in accuracy with McNemar's test (Connor 1987).
 *
 * @param difference such as 0.05 for five points
 * @throws OcelliError `invalid-request` for a difference that is zero or exceeds the discordance.
 * @example
 * pairedSampleSize(0.05, { discordance: 0.2 }); // 626
 */
export function pairedSampleSize(difference: number, options: PowerOptions): number {
  const { discordance, level, power, designEffect } = checked(options);
  const size = Math.abs(difference);
  if (!(size > 0 && size <= discordance))
    throw new OcelliError(
      'invalid-request',
      `The difference was ${difference} at a discordance of ${discordance}; expected one above 0 and at most the discordance.`,
    );
  const root =
    normalQuantile(1 - level / 2) * Math.sqrt(discordance) +
    normalQuantile(power) * Math.sqrt(discordance - size * size);
  return Math.ceil((designEffect * root * root) / (size * size));
}

/**
 * The chance that McNemar's test on `n` items finds a difference (Connor 1987).
 *
 * @example
 * pairedPower(626, 0.05, { discordance: 0.2 }); // 0.8
 */
export function pairedPower(n: number, difference: number, options: PowerOptions): number {
  const { discordance, level, designEffect } = checked(options);
  const size = Math.min(Math.abs(difference), discordance);
  const reach = size * Math.sqrt(n / designEffect) - normalQuantile(1 - level / 2) * Math.sqrt(discordance);
  return normalCdf(reach / Math.sqrt(Math.max(1e-12, discordance - size * size)));
}

/**
 * The smallest difference in accuracy that `n` items find with the wanted power: print it beside "no difference found".
 *
 * @returns undefined where even the largest difference that the discordance allows would be missed
 * @example
 * smallestDetectableDifference(1_742, { discordance: 0.2 }); // 0.03
 */
export function smallestDetectableDifference(n: number, options: PowerOptions): number | undefined {
  const { discordance, power } = checked(options);
  if (pairedPower(n, discordance, options) < power) return undefined;
  let low = 0;
  let high = discordance;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (pairedPower(n, middle, options) < power) low = middle;
    else high = middle;
  }
  return high;
}
