/** How well a text was read: character and word errors, invented text apart, numbers exact, and the two accuracies of the field. */

import { alignUnits, editCount, type Alignment } from './edit-distance.js';

/**
 * The form in which texts are compared: Unicode NFKC, plain quotation marks and dashes, one space for any white space, lower case unless the
 * case counts.
 *
 * @example
 * normaliseText(' Caf\u0065\u0301  ', false); // 'café'
 */
export function normaliseText(text: string, caseSensitive: boolean): string {
  const plain = text
    .normalize('NFKC')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u2010-\u2013\u2212]/g, '-')
    .replace(/[\u2014\u2015]/g, ' - ')
    .replace(/\s+/g, ' ')
    .trim();
  return caseSensitive ? plain : plain.toLowerCase();
}

/**
 * Whether a reply is one of the right texts. The whole of it: a text that holds the right one is not right.
 *
 * @example
 * textMatches('Hospital.', ['HOSPITAL'], false); // true: the full stop is the sentence's, as the article in "a spider" is
 */
export function textMatches(reply: string, accepted: readonly string[], caseSensitive: boolean): boolean {
  const said = normaliseText(reply, caseSensitive);
  return accepted.some((text) => {
    const wanted = normaliseText(text, caseSensitive);
    if (said === wanted) return true;
    const bare = said.replace(/^an? /, '').replace(/[.。!]$/, '');
    return bare === wanted || (wanted.length > 0 && said === `${wanted}.`);
  });
}

/** Character and word alignment of one transcript. */
export interface ReadingErrors {
  readonly characters: Alignment;
  readonly words: Alignment;
  /** Edits ÷ characters of the truth; above 1 where more was invented than there was. */
  readonly cer: number;
  readonly wer: number;
  /** Inserted characters ÷ characters of the truth: the rate of invented text. */
  readonly insertionRate: number;
  /** In characters. */
  readonly longestInventedSpan: number;
}

/**
 * Errors of a transcript over code points and words, both texts in the form of {@link normaliseText}.
 *
 * @example
 * readingErrors('OPEN', 'OPENING HOURS', false).insertionRate; // 2.25
 */
export function readingErrors(truth: string, reply: string, caseSensitive: boolean): ReadingErrors {
  const wanted = normaliseText(truth, caseSensitive);
  const said = normaliseText(reply, caseSensitive);
  const characters = alignUnits([...wanted], [...said]);
  const words = alignUnits(wordsOf(wanted), wordsOf(said));
  const share = (count: number, length: number): number => (length > 0 ? count / length : count > 0 ? 1 : 0);
  return {
    characters,
    words,
    cer: share(editCount(characters), characters.referenceLength),
    wer: share(editCount(words), words.referenceLength),
    insertionRate: share(characters.insertions, characters.referenceLength),
    longestInventedSpan: characters.longestInsertion,
  };
}

function wordsOf(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

/**
 * Average normalised Levenshtein similarity (Biten et al. 2019), for one question: one less the edits over the longer length, 0 below
 * one half, the best over the accepted texts. Distance and length are both taken of the normalised texts; taking the length of the
 * raw ones, as two harnesses do, lets padding change the score.
 *
 * @example
 * anls('hello wrld', ['Hello World']); // 0.909
 */
export function anls(reply: string, accepted: readonly string[]): number {
  const said = [...normaliseText(reply, false)];
  const similarities = accepted.map((text) => {
    const wanted = [...normaliseText(text, false)];
    const longer = Math.max(said.length, wanted.length);
    return longer === 0 ? 1 : 1 - editCount(alignUnits(wanted, said)) / longer;
  });
  const best = Math.max(0, ...similarities);
  return best >= 0.5 ? best : 0;
}

/** A number as people write it: currency, thousands and percent signs aside. */
function amount(text: string): number | undefined {
  const plain = text.normalize('NFKC').replace(/(?<=\d)[,'\s](?=\d{3}(?!\d))/g, '');
  const match = /^[^\d-]{0,8}(-?\d+(?:\.\d+)?)\s?[^\d]{0,8}$/.exec(plain.trim());
  return match === null ? undefined : Number(match[1]);
}

/**
 * Relaxed accuracy (Methani et al. 2020, as ChartQA uses it): within five percent where both are numbers, else the same text. "42%" and
 * "42" are the same number, and a truth of 0 is met by 0 alone.
 *
 * @example
 * relaxedMatch('42%', '43'); // true
 */
export function relaxedMatch(reply: string, truth: string, tolerance = 0.05): boolean {
  const said = amount(reply);
  const wanted = amount(truth);
  if (said === undefined || wanted === undefined) return textMatches(reply, [truth], false);
  return Math.abs(said - wanted) <= tolerance * Math.abs(wanted);
}

/** The numbers of a text in order, thousands separators taken out and closing zeros kept: 60.30 is not 60.3 on a receipt's line. */
function numberTexts(text: string): string[] {
  const plain = text.normalize('NFKC').replace(/(?<=\d)[,'](?=\d{3}(?!\d))/g, '');
  return plain.match(/\d+(?:[.,:/-]\d+)*/g) ?? [];
}

/**
 * Whether every number of the truth, and no other, is in the reply in the same order: one wrong digit in a total is wrong. Undefined where the
 * truth has no number.
 *
 * @example
 * numericFieldsMatch('RM 60.30', '60.30'); // true
 */
export function numericFieldsMatch(reply: string, truth: string): boolean | undefined {
  const wanted = numberTexts(truth);
  return wanted.length === 0 ? undefined : wanted.join(' ') === numberTexts(reply).join(' ');
}

/**
 * Precision, recall and F1 over words without their order, each word counted as often as it occurs.
 *
 * @example
 * tokenF1('b a', 'a b'); // 1
 */
export function tokenF1(reply: string, truth: string): number {
  const said = wordsOf(normaliseText(reply, false));
  const wanted = wordsOf(normaliseText(truth, false));
  const open = new Map<string, number>();
  for (const word of wanted) open.set(word, (open.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of said) {
    const left = open.get(word) ?? 0;
    if (left > 0) shared++;
    open.set(word, left - 1);
  }
  return said.length + wanted.length === 0 ? 1 : (2 * shared) / (said.length + wanted.length);
}
