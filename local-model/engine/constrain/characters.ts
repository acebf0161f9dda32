/** Sets of characters and how they are written: as plain UTF-8, or inside a JSON string. */

import type { Expression, Grammar } from './grammar.js';

/** A range of code points, both ends included. */
export type Range = readonly [from: number, to: number];

/** Every character; halves of surrogate pairs are none. */
export const anyCharacter: readonly Range[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Sorted, without overlap, without surrogates. */
export function normalized(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((first, second) => first[0] - second[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else if (from <= to) merged.push([from, to]);
  }
  return intersection(merged, anyCharacter);
}

/** All characters that are not in the ranges. */
export function complement(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  let next = 0;
  for (const [from, to] of normalized(ranges)) {
    if (from > next) result.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= 0x10ffff) result.push([next, 0x10ffff]);
  return intersection(result, anyCharacter);
}

/** Of sorted ranges. */
function intersection(first: readonly Range[], second: readonly Range[]): readonly Range[] {
  return first.flatMap(([from, to]) =>
    second.flatMap(([low, high]): Range[] => {
      const range: Range = [Math.max(from, low), Math.min(to, high)];
      return range[0] <= range[1] ? [range] : [];
    }),
  );
}

/** Writes one character of a set. */
export type CharacterWriter = (grammar: Grammar, ranges: readonly Range[]) => Expression;

/** As it stands in a text. */
export const plainCharacter: CharacterWriter = (grammar, ranges) =>
  grammar.choice(normalized(ranges).flatMap((range) => utf8(grammar, range)));

/** As it stands in a JSON string: quotes, backslashes and control characters are escaped, each in one way; source: RFC 8259, section 7. */
export const jsonCharacter: CharacterWriter = (grammar, ranges) => {
  const set = normalized(ranges);
  const isIn = (code: number): boolean => set.some(([from, to]) => code >= from && code <= to);
  const escaped = [...Array.from({ length: 32 }, (_, code) => code), 0x22, 0x5c].filter(isIn);
  const direct = intersection(set, [
    [0x20, 0x21],
    [0x23, 0x5b],
    [0x5d, 0x10ffff],
  ]);
  return grammar.choice([
    ...direct.flatMap((range) => utf8(grammar, range)),
    ...escaped.map((code) => grammar.text(JSON.stringify(String.fromCharCode(code)).slice(1, -1))),
  ]);
};

/** Ends of the code points that take one, two, three and four bytes. */
const lengths: readonly Range[] = [
  [0, 0x7f],
  [0x80, 0x7ff],
  [0x800, 0xffff],
  [0x10000, 0x10ffff],
];

/** Sequences of byte ranges that together are the UTF-8 of a range. */
function utf8(grammar: Grammar, range: Range): Expression[] {
  return lengths.flatMap((length, index) =>
    intersection([range], [length]).flatMap((part) => ofLength(grammar, part, index + 1)),
  );
}

function ofLength(grammar: Grammar, [from, to]: Range, length: number): Expression[] {
  const first = encoded(from, length);
  const last = encoded(to, length);
  return between(grammar, first, last);
}

function encoded(code: number, length: number): readonly number[] {
  const bytes = [...Buffer.from(String.fromCodePoint(code), 'utf8')];
  if (bytes.length !== length) throw new RangeError(`${code} does not take ${length} bytes`);
  return bytes;
}

/** Byte sequences from `first` to `last`, of one length, in order. */
function between(grammar: Grammar, first: readonly number[], last: readonly number[]): Expression[] {
  const [low = 0, ...lowRest] = first;
  const [high = 0, ...highRest] = last;
  if (lowRest.length === 0) return [grammar.bytes(low, high)];
  const smallest = lowRest.map(() => 0x80);
  const largest = lowRest.map(() => 0xbf);
  const under = (byte: number, from: readonly number[], to: readonly number[]): Expression[] =>
    between(grammar, from, to).map((rest) => grammar.sequence([grammar.bytes(byte), rest]));
  if (low === high) return under(low, lowRest, highRest);
  const isWhole = (bytes: readonly number[], edge: readonly number[]): boolean =>
    bytes.every((byte, index) => byte === edge[index]);
  const from = isWhole(lowRest, smallest) ? low : low + 1;
  const to = isWhole(highRest, largest) ? high : high - 1;
  const parts = from > low ? under(low, lowRest, largest) : [];
  if (from <= to) {
    const rest = lowRest.map(() => grammar.bytes(0x80, 0xbf));
    parts.push(grammar.sequence([grammar.bytes(from, to), ...rest]));
  }
  if (to < high) parts.push(...under(high, smallest, highRest));
  return parts;
}
