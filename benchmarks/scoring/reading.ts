/** What a reader of one kind of answer finds in a text, and what a whole reply comes to. */

import type { Marked } from './answer-marks.js';

/** What a text says, before it is known whether the reply stands by it. */
export type Reading<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly T[] }
  | { readonly kind: 'none' };

/** Reads a plain text; `mark` is the marked answer itself where JSON gave it a structure. */
export type Reader<T> = (text: string, mark?: Marked) => Reading<T>;

/** A readable answer: a number, `yes` or `no`, one of the choices as the item spells it, two numbers, or a text. */
export type AnswerValue = number | string | readonly [number, number];

/** What a reply comes to. */
export type ParsedReply =
  | { readonly kind: 'answer'; readonly value: AnswerValue }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly AnswerValue[] }
  | { readonly kind: 'abstained' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unparseable' };

/** One value, several or none. */
export function readingOf<T>(values: readonly T[]): Reading<T> {
  const different = [...new Set(values)];
  const [first] = different;
  if (first === undefined) return { kind: 'none' };
  return different.length === 1 ? { kind: 'value', value: first } : { kind: 'ambiguous', candidates: different };
}
