/** Days as ISO dates in UTC, the unit in which prices change. */

import { OcelliError } from '../errors/index.js';

/**
 * The ISO date of a moment or of an ISO text, for example `2026-12-01`.
 *
 * @param date default: now, the one thing here that is not repeatable; give a date to be so
 * @throws OcelliError `invalid-request` for what is no date
 */
export function dayOf(date: string | Date = new Date()): string {
  const time = typeof date === 'string' ? Date.parse(date) : date.getTime();
  if (Number.isNaN(time))
    throw new OcelliError('invalid-request', `"${String(date)}" is no date. Write it as 2026-12-01 or give a Date.`);
  return new Date(time).toISOString().slice(0, 10);
}
