/** Reads two numbers in the order asked for, such as rows and columns. */

import type { Marked } from './answer-marks.js';
import { jsonIn } from './answer-marks.js';
import { numbersIn, numberWord } from './numbers.js';
import { readingOf, type Reader, type Reading } from './reading.js';

type Pair = readonly [number, number];
const labels = ['row', 'column'] as const;
const number = `((?<![\\w-])-?\\d{1,9}(?!\\d)|\\b${numberWord}\\b)`;
/** The number that stands with a name: "rows: 5", "number of rows is 5", then "5 rows". */
const labelForms = ['rows?', '(?:columns?|cols?)'].map((form) => [
  new RegExp(`\\b${form}(?:\\s?[:=]\\s?|\\s(?:is|are)\\s)[{(\\[]?\\s?${number}`, 'gi'),
  new RegExp(`${number}[})\\]]?\\s(?:[a-z]+\\s)?${form}\\b`, 'gi'),
]);

/**
 * Rows and columns by their names, whichever comes first, else two numbers and no more.
 *
 * @example
 * readPair('rows={5} columns={6}'); // value [5, 6]
 * readPair('6 columns, 5 rows'); // value [5, 6]
 */
export const readPair: Reader<Pair> = (text, mark) => {
  const structured = mark ?? jsonIn(text);
  const fromStructure = structuredPair(structured);
  if (fromStructure !== undefined) return { kind: 'value', value: fromStructure };
  const named = labelForms.map((form) => labelled(text, form));
  const [first, second] = named;
  if (first?.kind === 'value' && second?.kind === 'value') return { kind: 'value', value: [first.value, second.value] };
  if (first?.kind === 'ambiguous' || second?.kind === 'ambiguous') return { kind: 'ambiguous', candidates: [] };
  // A comma separates the two here; it never groups thousands.
  const numbers = numbersIn(text.replaceAll(',', ' , ').replace(/(\d)\s?[x×*]\s?(?=\d)/gi, '$1 by '));
  const values = numbers.map(({ value }) => value);
  const [one, other] = values;
  if (one === undefined || other === undefined) return { kind: 'none' };
  if (values.length === 2) return { kind: 'value', value: [one, other] };
  // The pair said more than once is still one pair.
  const pairs = values.length % 2 === 0 ? chunks(values) : [];
  const distinct = readingOf(pairs.map((pair) => pair.join(',')));
  return distinct.kind === 'value' ? { kind: 'value', value: [one, other] } : { kind: 'ambiguous', candidates: pairs };
};

function chunks(values: readonly number[]): Pair[] {
  const pairs: Pair[] = [];
  for (let place = 0; place + 1 < values.length; place += 2)
    pairs.push([values[place] as number, values[place + 1] as number]);
  return pairs;
}

function structuredPair(value: Marked | undefined): Pair | undefined {
  if (typeof value !== 'object') return undefined;
  const numbers = Array.isArray(value)
    ? value
    : labels.map(
        (label) =>
          Object.entries(value).find(([key]) =>
            key
              .toLowerCase()
              .replace(/^num(?:ber)?_?(?:of_?)?/, '')
              .startsWith(label.slice(0, 3)),
          )?.[1],
      );
  const [one, other] = numbers.map(Number);
  if (numbers.length !== 2 || one === undefined || other === undefined) return undefined;
  return Number.isFinite(one) && Number.isFinite(other) ? [one, other] : undefined;
}

function labelled(text: string, patterns: readonly RegExp[]): Reading<number> {
  for (const pattern of patterns) {
    const values = Array.from(text.matchAll(pattern), (match) => numbersIn(match[1] ?? '')[0]?.value);
    const reading = readingOf(values.filter((value) => value !== undefined));
    if (reading.kind !== 'none') return reading;
  }
  return { kind: 'none' };
}
