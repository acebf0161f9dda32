/** Finds the numbers that a text says, in digits or in words, and leaves out what only looks like one. */

export interface FoundNumber {
  readonly value: number;
  readonly start: number;
  readonly end: number;
  /** Said as a bound ("at least 3", "3+"), not as the number itself. */
  readonly bound: boolean;
  /** Points at things already spoken of ("the two lines"): no count of its own. */
  readonly definite: boolean;
}

const units = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
];
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const words: ReadonlyMap<string, number> = new Map([
  ...units.map((word, value) => [word, value] as const),
  ...tens.map((word, place) => [word, 20 + 10 * place] as const),
]);
const multiples: ReadonlyMap<string, number> = new Map([
  ['dozen', 12],
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1_000_000],
]);
const times: ReadonlyMap<string, number> = new Map([
  ['once', 1],
  ['twice', 2],
  ['thrice', 3],
]);
/** One number word, for patterns that look for a number beside a name. */
export const numberWord = `(?:${[...words.keys()].join('|')})(?:-(?:${units.slice(1, 10).join('|')}))?`;
const wordPattern = new RegExp(`\\b(?:${[...words.keys(), ...multiples.keys(), ...times.keys()].join('|')})\\b`, 'gi');
const digitPattern = /-?\d+(?:[,']\d{3})+(?!\d)(?:\.\d+)?|-?\d+(?:\.\d+)?/g;

const boundBefore =
  /\b(?:at least|at most|more than|less than|fewer than|greater than|over|under|up to|exceeds|(?:minimum|maximum) of)\s+$|[<>\u2264\u2265]=?\s?$/i;

const minusBefore = /\b(?:minus|negative)\s+$/i;
const definiteBefore = /\b(?:the|these|those|both)\s+$/i;

/**
 * The numbers in a plain text, in order. Digits that belong to a name (`B52`, `3D`, `2nd`) and the numbers of a list are left out.
 * "1.234" counts as both 1.234 and 1,234, since nobody can tell.
 *
 * @example
 * numbersIn('twenty-one of 1,024').map(({ value }) => value); // [21, 1024]
 */
export function numbersIn(text: string): FoundNumber[] {
  const body = withoutListNumbers(text);
  const found = [...digitNumbers(body), ...wordNumbers(body)]
    .filter(({ value }) => Math.abs(value) <= maxValue)
    .sort((one, other) => one.start - other.start);
  return found.map((number) => {
    const before = body.slice(Math.max(0, number.start - 24), number.start);
    const plus = body.charAt(number.end) === '+' && !/\d/.test(body.charAt(number.end + 1));
    const value = number.value > 0 && minusBefore.test(before) ? -number.value : number.value;
    return { ...number, value, bound: plus || boundBefore.test(before), definite: definiteBefore.test(before) };
  });
}

/** Beyond this, digits are no count of anything and would not survive JSON. */
const maxValue = 1e15;

/** "1." and "2)" at the beginnings of lines, where there are several: blanked, so that places stay. */
function withoutListNumbers(text: string): string {
  const marker = /^([ \t>-]{0,8})(\d{1,3}[.)])(?=[ \t]+\S)/gm;
  const found = Array.from(text.matchAll(marker), (match) => Number.parseInt(match[2] ?? '', 10));
  if (found.length < 2 || found[0] !== 1) return text;
  return text.replace(marker, (_, space: string, number: string) => space + ' '.repeat(number.length));
}

type Found = Omit<FoundNumber, 'bound' | 'definite'>;
const latin = /[A-Za-z_\u00c0-\u024f]/;

function digitNumbers(text: string): Found[] {
  const result: Found[] = [];
  for (const match of text.matchAll(digitPattern)) {
    let [written] = match;
    let start = match.index;
    const end = start + written.length;
    const before = text.charAt(start - 1);
    if (written.startsWith('-') && /[\d)%]/.test(before)) {
      // A range such as 3-4.
      written = written.slice(1);
      start++;
    } else if (latin.test(before) && !(/[xX]/.test(before) && /\d/.test(text.charAt(start - 2)))) continue;
    const after = text.charAt(end);
    if (latin.test(after) && !(/[xX]/.test(after) && /\d/.test(text.charAt(end + 1)))) continue;
    result.push({ value: Number(written.replace(/[,']/g, '')), start, end });
    if (/^-?[1-9]\d{0,2}\.\d{3}$/.test(written)) result.push({ value: Number(written.replace('.', '')), start, end });
  }
  return result;
}

/** "One" that stands for a thing ("the red one", "one of them") is no count where other numbers are. */
function isPronoun(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 40), start).toLowerCase();
  return (
    /\b(?:the|this|that|which|each|every|no|any|another|other|last|first|second|next)(?:\s+[a-z]+)?\s+$/.test(before) ||
    /^\s+(?:of\b|another\b|by one\b|side\b|can\b|could\b)/i.test(text.slice(end, end + 12))
  );
}

function wordNumbers(text: string): Found[] {
  const result: Found[] = [];
  let open: { total: number; current: number; start: number; end: number; last: number } | undefined;
  const close = (): void => {
    if (open !== undefined) result.push({ value: open.total + open.current, start: open.start, end: open.end });
    open = undefined;
  };
  for (const match of text.matchAll(wordPattern)) {
    const word = match[0].toLowerCase();
    const start = match.index;
    const end = start + word.length;
    const joined: boolean = open !== undefined && /^(?:\s+|-|\s+and\s+)$/.test(text.slice(open.end, start));
    const value = words.get(word) ?? times.get(word);
    const multiple = multiples.get(word);
    if (word === 'one' && !joined && isPronoun(text, start, end)) continue;
    if (word === 'once' && /\bat\s+$/i.test(text.slice(Math.max(0, start - 6), start))) continue;
    if (open !== undefined && joined && fits(open.last, value, multiple, text.slice(open.end, start))) {
      if (multiple === undefined) open.current += value ?? 0;
      else if (multiple >= 1_000) {
        open.total += open.current * multiple;
        open.current = 0;
      } else open.current *= multiple;
      open.last = multiple ?? value ?? 0;
      open.end = end;
      continue;
    }
    close();
    if (multiple === undefined) open = { total: 0, current: value ?? 0, start, end, last: value ?? 0 };
    // "A dozen" and "hundred"; "hundreds" is no number.
    else open = { total: 0, current: multiple, start, end, last: multiple };
  }
  close();
  return result;
}

/** Whether a word goes on with the number before it: "twenty" + "one", "three" + "hundred", "hundred and" + "five". */
function fits(last: number, value: number | undefined, multiple: number | undefined, between: string): boolean {
  const spoken = between.includes('and');
  if (multiple !== undefined) return !spoken && last < multiple;
  if (value === undefined) return false;
  if (last >= 100) return value < 100;
  return !spoken && last >= 20 && last % 10 === 0 && value >= 1 && value <= 9;
}
