/** Reads a count. */

import { numbersIn } from './numbers.js';
import { readingOf, type Reader } from './reading.js';

/** Sentences that say "none": only where no number is said. */
const nothing = [
  /^\W*(?:none|no one|nothing)\b|\bzero\b/i,
  /^\W*no (?!idea|way|answer|image|picture|one\b|doubt)\w+(?: \w+){0,4}[.!]?$/i,
  /\bthere (?:are|is|were|was) (?:no|not any|none)\b(?! (?:way|doubt|image|picture|photo|information))/i,
  /\bthere (?:aren't|isn't|are not|is not) any\b|\b(?:do not|don't|cannot|can't) (?:see|find|count|detect) any\b/i,
  /\b(?:i|we) (?:see|count|can see|find|found|detect) no\b|\b(?:contains|shows|has) no\b/i,
];
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
    if (nothing.some((pattern) => pattern.test(text))) return { kind: 'value', value: 0 };
    return single.test(text) ? { kind: 'value', value: 1 } : { kind: 'none' };
  }
  // "The two lines do not cross" names no count; beside another number it makes the reply ambiguous.
  if (found.every(({ definite }) => definite)) return { kind: 'none' };
  // "Two dogs and two cats" may be asked for as four.
  const added = found.some(({ start }, place) => {
    const before = found[place - 1];
    return (
      before !== undefined && start - before.end <= 60 && /\band\b|\bplus\b|\+/i.test(text.slice(before.end, start))
    );
  });
  if (added && new Set(found.map(({ value }) => value)).size === 1)
    return { kind: 'ambiguous', candidates: found.slice(0, 1).map(({ value }) => value) };
  const reading = readingOf(found.map(({ value }) => value));
  if (reading.kind === 'value' && found.every(({ bound }) => bound))
    return { kind: 'ambiguous', candidates: [reading.value] };
  return reading;
};
