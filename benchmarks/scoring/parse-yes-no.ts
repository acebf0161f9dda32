/** Reads a yes or a no. */

import { readingOf, type Reader } from './reading.js';

const yes = 'yes|yeah|yep|yup|true|correct|affirmative';
const no = 'no|nope|nah|false|incorrect|negative';
const both = /\byes\s*(?:and|or|\/|,)\s*no\b|\bno\s*(?:and|or|\/|,)\s*yes\b/i;
/** The first word of the reply: "No dog is visible" answers as well as "No, …" does; "No doubt" answers nothing. */
const opening = new RegExp(`^\\W*(${yes}|${no})\\b(?![-'])(?!\\s(?:doubt|idea|way|problem|image|picture|one)\\b)`, 'i');
/** Later on, the word has to stand by itself: a sentence of its own or followed by a comma. */
const standing = new RegExp(
  `(?:[.!?:\\n]\\s*|\\b(?:so|thus|therefore|hence|is|be|say|answer)[,:]?\\s)["'({\\[]*(${yes}|${no})\\b["')}\\]]*\\s*(?:[.,!?;:\\n]|$)`,
  'gi',
);

/**
 * Yes or no where the text says one of them as an answer. "Not", "now" and "known" are no "no"; a statement without either word
 * ("There is a dog.") is left unread.
 *
 * @example
 * readYesNo('Yes, the circles touch.'); // value 'yes'
 */
export const readYesNo: Reader<'yes' | 'no'> = (text) => {
  if (both.test(text)) return { kind: 'ambiguous', candidates: ['yes', 'no'] };
  const first = opening.exec(text)?.[1];
  const later = Array.from(text.matchAll(standing), (match) => match[1]);
  const said = [first, ...later].filter((word) => word !== undefined);
  return readingOf(said.map((word) => (new RegExp(`^(?:${yes})$`, 'i').test(word) ? 'yes' : 'no')));
};
