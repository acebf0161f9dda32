/** Reads a count. */

import { numbersIn } from './numbers.js';
import { readingOf, type Reader } from './reading.js';

/** Sentences that say "none": only where no number is said. */
const nothing =
  /^\W*(?:none|no one|nothing)\b|\bthere (?:are|is|were|was) (?:no|not any|none)\b(?! (?:way|doubt|image|picture|photo|information))|\b(?:i|we) (?:see|count|can see|find|found|detect) no\b|\b(?:contains|shows|has) no\b|\bzero\b/i;
const single = /\ba single (?!number|digit|word|integer|value|answer)/i;

/**
 * The one number of a text. A number given as a bound ("at least 3") or a range is no single number, so it is ambiguous.
 *
 * @example
 * readInteger('There are three circles.'); // value 3
 */
export const readInteger: Reader<number> = (text) => {
  const found = numbersIn(text);
  if (found.length === 0) {
    if (nothing.test(text)) return { kind: 'value', value: 0 };
    return single.test(text) ? { kind: 'value', value: 1 } : { kind: 'none' };
  }
  // "The two lines do not cross" names no count; beside another number it makes the reply ambiguous.
  if (found.every(({ definite }) => definite)) return { kind: 'none' };
  const reading = readingOf(found.map(({ value }) => value));
  if (reading.kind === 'value' && found.every(({ bound }) => bound))
    return { kind: 'ambiguous', candidates: [reading.value] };
  return reading;
};
