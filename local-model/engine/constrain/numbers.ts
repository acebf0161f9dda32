/** Grammars of JSON numbers between bounds, in decimal notation without exponents. */

import type { Expression, Grammar } from './grammar.js';

/** Bounds as JSON Schema states them; unset: none. */
export interface NumberBounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** Decimals written are few enough, together with 9 digits before them, that no double rounds across a bound (15 significant digits are exact). */
const decimals = 6;
/** Digits of whole numbers without a bound. */
const wholeDigits = 15;
const largest = 10 ** wholeDigits - 1;
/** Above this no decimals are written; see `decimals`. */
const largestWithDecimals = 10 ** 9;

interface Edge {
  readonly value: number;
  readonly isIn: boolean;
}

/** Whole numbers within the bounds. */
export function integers(grammar: Grammar, bounds: NumberBounds): Expression {
  const low = lowest(bounds);
  const high = highest(bounds);
  const from = low === undefined ? -largest : low.isIn ? Math.ceil(low.value) : Math.floor(low.value) + 1;
  const to = high === undefined ? largest : high.isIn ? Math.floor(high.value) : Math.ceil(high.value) - 1;
  return wholeBetween(grammar, Math.max(from, -largest), Math.min(to, largest));
}

/** Numbers within the bounds: whole ones, and others of up to six decimals. */
export function numbers(grammar: Grammar, bounds: NumberBounds): Expression {
  const low = lowest(bounds) ?? { value: -Infinity, isIn: true };
  const high = highest(bounds) ?? { value: Infinity, isIn: true };
  const positive = positiveDecimals(grammar, low, high);
  const negative = positiveDecimals(grammar, mirrored(high), mirrored(low));
  // A bound itself may have more decimals than are written otherwise.
  const edges = [low, high]
    .filter((edge) => edge.isIn && Number.isFinite(edge.value) && isWithin(edge.value, low, high))
    .map((edge) => grammar.text(JSON.stringify(edge.value)));
  const minus = grammar.sequence([grammar.text('-'), negative]);
  return grammar.choice([integers(grammar, bounds), positive, minus, ...edges]);
}

function lowest({ minimum, exclusiveMinimum }: NumberBounds): Edge | undefined {
  if (exclusiveMinimum !== undefined && (minimum === undefined || exclusiveMinimum >= minimum)) {
    return { value: exclusiveMinimum, isIn: false };
  }
  return minimum === undefined ? undefined : { value: minimum, isIn: true };
}

function highest({ maximum, exclusiveMaximum }: NumberBounds): Edge | undefined {
  if (exclusiveMaximum !== undefined && (maximum === undefined || exclusiveMaximum <= maximum)) {
    return { value: exclusiveMaximum, isIn: false };
  }
  return maximum === undefined ? undefined : { value: maximum, isIn: true };
}

function mirrored(edge: Edge): Edge {
  return { value: -edge.value, isIn: edge.isIn };
}

function isWithin(value: number, low: Edge, high: Edge): boolean {
  return (
    (value > low.value || (low.isIn && value === low.value)) &&
    (value < high.value || (high.isIn && value === high.value))
  );
}

/** Numbers from `from` to `to`; both are whole. */
function wholeBetween(grammar: Grammar, from: number, to: number): Expression {
  if (from > to) return grammar.never;
  const positive = to < 0 ? grammar.never : digitsBetween(grammar, Math.max(from, 0), to);
  const negative = from >= 0 ? grammar.never : digitsBetween(grammar, Math.max(-to, 1), -from);
  return grammar.choice([positive, grammar.sequence([grammar.text('-'), negative])]);
}

/** Digits of the numbers from `from` to `to`, from 0 up. */
function digitsBetween(grammar: Grammar, from: number, to: number): Expression {
  const options: Expression[] = [];
  // One option per count of digits: within it the order of numbers is that of their digits.
  for (let low = from; low <= to;) {
    const length = String(low).length;
    const high = Math.min(to, 10 ** length - 1);
    options.push(sameLength(grammar, String(low), String(high)));
    low = high + 1;
  }
  return grammar.choice(options);
}

function sameLength(grammar: Grammar, low: string, high: string): Expression {
  if (/^0*$/.test(low) && /^9*$/.test(high)) return anyDigits(grammar, low.length, low.length);
  const [first, last] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (first === last) return grammar.sequence([digit(grammar, first), sameLength(grammar, lowRest, highRest)]);
  const nines = '9'.repeat(lowRest.length);
  const zeros = '0'.repeat(lowRest.length);
  return grammar.choice([
    grammar.sequence([digit(grammar, first), sameLength(grammar, lowRest, nines)]),
    grammar.sequence([
      first + 1 > last - 1 ? grammar.never : digit(grammar, first + 1, last - 1),
      anyDigits(grammar, lowRest.length, lowRest.length),
    ]),
    grammar.sequence([digit(grammar, last), sameLength(grammar, zeros, highRest)]),
  ]);
}

/** Numbers from 0 up with decimals, as many as lie within the edges. */
function positiveDecimals(grammar: Grammar, low: Edge, high: Edge): Expression {
  const lower: Edge = low.value < 0 ? { value: 0, isIn: true } : low;
  const upper: Edge = high.value > largestWithDecimals ? { value: largestWithDecimals, isIn: false } : high;
  if (lower.value > upper.value || upper.value < 0) return grammar.never;
  const [first, last] = [Math.floor(lower.value), Math.floor(upper.value)];
  const [after, before] = [fraction(lower.value), fraction(upper.value)];
  const point = grammar.text('.');
  const withFraction = (whole: Expression, rest: Expression): Expression => grammar.sequence([whole, point, rest]);
  const whole = (value: number): Expression => digitsBetween(grammar, value, value);
  if (first === last) {
    return withFraction(
      whole(first),
      fractions(grammar, { digits: after, isIn: lower.isIn }, { digits: before, isIn: upper.isIn }, decimals),
    );
  }
  return grammar.choice([
    withFraction(whole(first), fractions(grammar, { digits: after, isIn: lower.isIn }, undefined, decimals)),
    first + 1 > last - 1
      ? grammar.never
      : withFraction(digitsBetween(grammar, first + 1, last - 1), anyDigits(grammar, 1, decimals)),
    withFraction(whole(last), fractions(grammar, undefined, { digits: before, isIn: upper.isIn }, decimals)),
  ]);
}

interface FractionEdge {
  readonly digits: string;
  readonly isIn: boolean;
}

/** At least one and at most `room` digits after the point, between the edges' digits. */
function fractions(
  grammar: Grammar,
  low: FractionEdge | undefined,
  high: FractionEdge | undefined,
  room: number,
): Expression {
  const ending = (rest: Expression, canEnd: boolean): Expression => (canEnd ? grammar.optional(rest) : rest);
  const walk = (lower: FractionEdge | undefined, over: FractionEdge | undefined, left: number): Expression => {
    // At or above an edge that is in, whatever follows is above it.
    const under = lower?.digits === '' && lower.isIn ? undefined : lower;
    if (left === 0) return grammar.never;
    if (under === undefined && over === undefined) return anyDigits(grammar, 1, left);
    const least = under === undefined ? 0 : Number(under.digits[0] ?? 0);
    const most = over === undefined ? 9 : Number(over.digits[0] ?? 0);
    const options: Expression[] = [];
    for (let value = least; value <= most; value++) {
      const nextUnder =
        under !== undefined && value === least ? { ...under, digits: under.digits.slice(1) } : undefined;
      const nextOver = over !== undefined && value === most ? { ...over, digits: over.digits.slice(1) } : undefined;
      const rest = walk(nextUnder, nextOver, left - 1);
      const canEnd =
        (nextUnder === undefined || (nextUnder.digits === '' && nextUnder.isIn)) &&
        (nextOver === undefined || nextOver.digits !== '' || nextOver.isIn);
      options.push(grammar.sequence([digit(grammar, value), ending(rest, canEnd)]));
    }
    return grammar.choice(options);
  };
  return walk(low, high, room);
}

/** Decimals of a number from 0 up, exactly as JavaScript writes them, without trailing zeros. */
function fraction(value: number): string {
  const text = value < 1e-6 ? value.toFixed(20) : String(value);
  return (text.split('.')[1] ?? '').replace(/0+$/, '');
}

function digit(grammar: Grammar, from: number, to: number = from): Expression {
  return grammar.bytes(0x30 + from, 0x30 + to);
}

function anyDigits(grammar: Grammar, least: number, most: number): Expression {
  return grammar.repeat(digit(grammar, 0, 9), least, most);
}
