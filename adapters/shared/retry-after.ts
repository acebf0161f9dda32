/** Reads how long a server asked to wait, in every form that servers use. */

/** The part of `Headers` that is needed here. */
export interface HeaderReader {
  get(name: string): string | null;
}

/**
 * Milliseconds to wait by `retry-after-ms`, else by `Retry-After` in seconds (whole or not) or as an HTTP date.
 * A moment that has passed is 0; what cannot be read is `undefined`, never a guess.
 *
 * @param now milliseconds since the epoch; a date is measured against it
 */
export function parseRetryAfter(headers: HeaderReader | undefined, now: number): number | undefined {
  const milliseconds = readNumber(headers?.get('retry-after-ms'));
  if (milliseconds !== undefined) return Math.round(milliseconds);
  const text = headers?.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  const seconds = readNumber(text);
  if (seconds !== undefined) return Math.round(seconds * 1_000);
  const date = httpDate.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** RFC 9110 dates name the month; without this check `Date.parse` reads a date into almost anything, `-5` for one. */
const httpDate = /^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/;

function readNumber(text: string | null | undefined): number | undefined {
  return text !== null && text !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
