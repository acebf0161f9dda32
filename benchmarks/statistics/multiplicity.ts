/** Corrections for asking several questions at once: p-values as they would be were each the only one. */

import { OcelliError } from '../../src/index.js';

/** Places of the p-values from the smallest to the largest. */
function ascending(pValues: readonly number[]): number[] {
  for (const p of pValues)
    if (!(p >= 0 && p <= 1))
      throw new OcelliError('invalid-request', `A p-value was ${p}; expected a number from 0 to 1.`);
  return pValues.map((_, place) => place).sort((one, other) => (pValues[one] as number) - (pValues[other] as number));
}

/**
 * Holm's step-down correction (1979): the chance of a single false alarm in the family stays at the level. For the headline family.
 *
 * @returns adjusted p-values in the order given
 * @throws OcelliError `invalid-request` for a p-value outside 0 to 1.
 * @example
 * holm([0.01, 0.04, 0.03]); // [0.03, 0.06, 0.06]
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => 0);
  let largest = 0;
  for (const [rank, place] of ascending(pValues).entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[place] as number)));
    adjusted[place] = largest;
  }
  return adjusted;
}

/**
 * Benjamini and Hochberg's step-up correction (1995): the expected share of false alarms among those raised stays at the level.
 * For exploratory slices.
 *
 * @returns adjusted p-values in the order given
 * @throws OcelliError `invalid-request` for a p-value outside 0 to 1.
 * @example
 * benjaminiHochberg([0.01, 0.04, 0.03]); // [0.03, 0.04, 0.04]
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => 0);
  let smallest = 1;
  const order = ascending(pValues);
  for (let rank = order.length; rank > 0; rank--) {
    const place = order[rank - 1] as number;
    smallest = Math.min(smallest, (pValues.length * (pValues[place] as number)) / rank);
    adjusted[place] = smallest;
  }
  return adjusted;
}
