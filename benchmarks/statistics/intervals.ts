/** Confidence intervals of one proportion whose observations are independent. */

import { OcelliError } from '../../src/index.js';
import { betaQuantile, normalQuantile } from './distributions.js';

/** An estimate with the interval that holds the truth in the stated share of repetitions. */
export interface Interval {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  /** Such as 0.95. */
  readonly confidence: number;
}

/** Refuses shares that are no confidence, such as 95 for 0.95. */
export function checkConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1))
    throw new OcelliError('invalid-request', `The confidence was ${confidence}; expected a number between 0 and 1.`);
}

function checkCounts(successes: number, trials: number, confidence: number): void {
  checkConfidence(confidence);
  if (!(trials > 0) || !(successes >= 0 && successes <= trials))
    throw new OcelliError(
      'invalid-request',
      `There were ${successes} successes in ${trials} trials; expected at least one trial and no more successes than trials.`,
    );
}

/**
 * Wilson's score interval (Wilson 1927; Brown, Cai and DasGupta 2001): what to print beside an accuracy.
 *
 * `trials` may be an effective number that is not whole; `quantile` replaces the normal one where it had to be estimated.
 *
 * @throws OcelliError `invalid-request` for no trials, or more successes than trials.
 * @example
 * wilson(17, 20); // { estimate: 0.85, lower: 0.64, upper: 0.948, confidence: 0.95 }
 */
export function wilson(
  successes: number,
  trials: number,
  confidence = 0.95,
  quantile = normalQuantile((1 + confidence) / 2),
): Interval {
  checkCounts(successes, trials, confidence);
  const share = successes / trials;
  const square = (quantile * quantile) / trials;
  const centre = (share + square / 2) / (1 + square);
  const half = (quantile * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials))) / (1 + square);
  return {
    estimate: share,
    lower: successes === 0 ? 0 : Math.max(0, centre - half),
    upper: successes === trials ? 1 : Math.min(1, centre + half),
    confidence,
  };
}

/**
 * Clopper and Pearson's interval (1934): covers at least as often as stated, at the price of width. With no success in n
 * its upper end is near 3.7 / n (3 / n one-sided: the rule of three).
 *
 * @throws OcelliError `invalid-request` for no trials, or more successes than trials.
 * @example
 * clopperPearson(17, 20); // { estimate: 0.85, lower: 0.621, upper: 0.968, confidence: 0.95 }
 */
export function clopperPearson(successes: number, trials: number, confidence = 0.95): Interval {
  checkCounts(successes, trials, confidence);
  const tail = (1 - confidence) / 2;
  return {
    estimate: successes / trials,
    lower: successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1),
    upper: successes === trials ? 1 : betaQuantile(1 - tail, successes + 1, trials - successes),
    confidence,
  };
}
