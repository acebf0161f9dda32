/** What in the catalogue has become old: for the maintainers' check and for warnings on an estimate. */

import type { ModelRow } from './model-row.js';
import { currentPrice } from './price-interval.js';

export interface CatalogueProblem {
  readonly id: string;
  readonly problem: 'price-expired' | 'check-expired';
  readonly message: string;
}

const millisecondsADay = 86_400_000;

/**
 * Whether the model no longer answers.
 *
 * @param date ISO date in UTC
 */
export function isRetired(row: ModelRow, date: string): boolean {
  return row.retired === true || (row.retiresOn !== undefined && row.retiresOn < date);
}

/**
 * Rows whose price interval has ended without a successor, or whose sources were last looked at too long ago. Models that are gone
 * are left out: nothing about them changes any more.
 *
 * @param date ISO date in UTC
 * @param maxAgeDays days after which a source is to be looked at again; default 60
 */
export function catalogueProblems(rows: readonly ModelRow[], date: string, maxAgeDays = 60): CatalogueProblem[] {
  const problems: CatalogueProblem[] = [];
  for (const row of rows) {
    if (isRetired(row, date)) continue;
    const price = currentPrice(row.prices, date);
    if (price?.expired === true)
      problems.push({
        id: row.id,
        problem: 'price-expired',
        message: `The price held until ${price.interval.until ?? '?'} and no later one is known.`,
      });
    const oldest = row.sources.map((source) => source.checkedOn).toSorted()[0];
    if (oldest === undefined || daysBetween(oldest, date) > maxAgeDays)
      problems.push({
        id: row.id,
        problem: 'check-expired',
        message: `Its sources were last checked on ${oldest ?? 'no day'}, more than ${maxAgeDays} days ago.`,
      });
  }
  return problems;
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / millisecondsADay;
}
