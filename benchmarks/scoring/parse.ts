/** Reads the answer out of a reply, by the kind of answer wanted, and says so where there is none or more than one. */

import { committedText, hasAbstention, isRefusal } from './abstention.js';
import { markedAnswers, saysNull, type Marked } from './answer-marks.js';
import { withoutConfidence } from './confidence.js';
import { readChoice } from './parse-choice.js';
import { readInteger } from './parse-integer.js';
import { readPair } from './parse-pair.js';
import { parseText } from './parse-text.js';
import { readYesNo } from './parse-yes-no.js';
import type { ParsedReply, Reader, Reading } from './reading.js';
import { plainReply } from './reply-text.js';
import type { ItemAnswerSpec } from './records.js';

/** Raised whenever any reply would be read otherwise than before; scores name it, and old responses can be scored again. */
export const parserVersion = 1;

/**
 * Reads a reply. Never throws, looks at no truth, and takes time in proportion to the reply's length.
 *
 * An answer that is marked (tags, JSON, a box, braces, "the answer is") goes before one that is said in passing. Different answers in
 * marks of one kind, or several said without a mark, are ambiguous: nothing is guessed.
 *
 * @example
 * parseReply('There are 3 circles.', { type: 'integer' }); // { kind: 'answer', value: 3 }
 * parseReply('between 3 and 4', { type: 'integer' }); // { kind: 'ambiguous', candidates: [3, 4] }
 */
export function parseReply(raw: string, spec: ItemAnswerSpec): ParsedReply {
  switch (spec.type) {
    case 'text':
      return parseText(raw);
    case 'integer':
      return parseShort(raw, readInteger);
    case 'yesno':
      return parseShort(raw, readYesNo);
    case 'choice':
      return parseShort(raw, (text) => readChoice(text, spec.choices));
    case 'pair':
      return parseShort(raw, readPair);
    default:
      return spec satisfies never;
  }
}

function parseShort<T extends number | string | readonly [number, number]>(raw: string, read: Reader<T>): ParsedReply {
  const text = withoutConfidence(plainReply(raw)).trim();
  if (text === '') return { kind: 'unparseable' };
  const marked = readMarks(text, read);
  if (marked.kind === 'value') return { kind: 'answer', value: marked.value };
  if (marked.kind === 'ambiguous') return { kind: 'ambiguous', candidates: marked.candidates };
  if (saysNull(text)) return { kind: 'abstained' };
  if (isRefusal(text)) return { kind: 'refused' };
  const doubtful = hasAbstention(text);
  const plain = read(doubtful ? committedText(text) : text);
  if (plain.kind === 'value') return { kind: 'answer', value: plain.value };
  if (plain.kind === 'ambiguous') return { kind: 'ambiguous', candidates: plain.candidates };
  return { kind: doubtful ? 'abstained' : 'unparseable' };
}

/** The answers of the most explicit kind of mark that holds any. */
function readMarks<T>(text: string, read: Reader<T>): Reading<T> {
  for (const marks of markedAnswers(text)) {
    const readings = marks.map((mark) => read(textOf(mark), mark)).filter(({ kind }) => kind !== 'none');
    const [first] = readings;
    if (first === undefined) continue;
    const candidates = distinct(
      readings.flatMap((reading) =>
        reading.kind === 'value' ? [reading.value] : reading.kind === 'ambiguous' ? [...reading.candidates] : [],
      ),
    );
    if (candidates.length === 1 && first.kind === 'value') return first;
    return { kind: 'ambiguous', candidates };
  }
  return { kind: 'none' };
}

function textOf(mark: Marked): string {
  if (typeof mark === 'string') return mark.trim();
  return typeof mark === 'object' ? JSON.stringify(mark) : String(mark);
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
