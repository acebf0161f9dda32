/** Turns a regular expression in JavaScript's notation into a grammar. */

import { OcelliError } from '../../../src/errors/index.js';
import { anyCharacter, complement, type CharacterWriter, type Range } from './characters.js';
import type { Expression, Grammar } from './grammar.js';

export interface RegexOptions {
  /** How a character is written. */
  readonly character: CharacterWriter;
  /** Whether the text around a match is free, as in JSON Schema; else the whole text has to match. */
  readonly isSearch: boolean;
}

/** Repetitions above this are taken for a mistake. */
const maxRepeats = 100_000;

const digits: readonly Range[] = [[0x30, 0x39]];
const wordCharacters: readonly Range[] = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]; // prettier-ignore
/** Source: ECMAScript, WhiteSpace and LineTerminator. */
const spaces: readonly Range[] = [
  [0x09, 0x0d], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029],
  [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff],
]; // prettier-ignore
const lineEnds: readonly Range[] = [[0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]]; // prettier-ignore

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, '0': 0 };

/**
 * @throws OcelliError `unsupported-input` for lookaround, back references, `\b`, `\p{…}` and anchors inside
 * @example
 * regex(grammar, '[a-z]+|\\d{3}', { character: plainCharacter, isSearch: false });
 */
export function regex(grammar: Grammar, pattern: string, options: RegexOptions): Expression {
  try {
    // The language's own parser knows best what is no regular expression.
    void new RegExp(pattern, 'u');
  } catch {
    throw unsupported(pattern, 'is not a regular expression');
  }
  return new RegexReader(grammar, pattern, options).read();
}

/** One way of several at the top, with what anchors it. */
class RegexReader {
  #place = 0;
  #depth = 0;
  readonly #characters: readonly string[];

  constructor(
    private readonly grammar: Grammar,
    private readonly pattern: string,
    private readonly options: RegexOptions,
  ) {
    this.#characters = [...pattern];
  }

  read(): Expression {
    const alternatives = this.#alternatives();
    if (this.#place < this.#characters.length) throw this.#unsupported('has a bracket too many');
    return alternatives;
  }

  #alternatives(): Expression {
    const options = [this.#alternative()];
    while (this.#take('|')) options.push(this.#alternative());
    return this.grammar.choice(options);
  }

  #alternative(): Expression {
    const isTop = this.#depth === 0;
    let isOpenAtStart = isTop && this.options.isSearch;
    let isOpenAtEnd = isOpenAtStart;
    const parts: Expression[] = [];
    if (isTop && this.#take('^')) isOpenAtStart = false;
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      if (next === '$' && isTop) {
        this.#place++;
        const after = this.#peek();
        if (after !== undefined && after !== '|') throw this.#unsupported('has "$" in the middle');
        isOpenAtEnd = false;
        continue;
      }
      parts.push(this.#quantified(this.#atom()));
    }
    const rest = this.grammar.repeat(this.#set(anyCharacter), 0, Infinity);
    return this.grammar.sequence([...(isOpenAtStart ? [rest] : []), ...parts, ...(isOpenAtEnd ? [rest] : [])]);
  }

  #quantified(atom: Expression): Expression {
    const bounds = this.#bounds();
    if (bounds === undefined) return atom;
    // Lazy and greedy match the same texts.
    this.#take('?');
    const [least, most] = bounds;
    if (least > maxRepeats || (most > maxRepeats && most !== Infinity)) {
      throw this.#unsupported(`repeats more than ${maxRepeats} times`);
    }
    return this.grammar.repeat(atom, least, most);
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    if (!this.#take('{')) return undefined;
    const text = this.#until('}');
    const [least = '', most] = text.split(',');
    return [Number(least), most === undefined ? Number(least) : most === '' ? Infinity : Number(most)];
  }

  #atom(): Expression {
    const character = this.#next();
    switch (character) {
      case '.':
        return this.#set(complement(lineEnds));
      case '(':
        return this.#group();
      case '[':
        return this.#set(this.#class());
      case '\\':
        return this.#set(this.#escape(false));
      case '^':
      case '$':
        throw this.#unsupported(`has "${character}" in the middle`);
      default:
        return this.#set([single(character)]);
    }
  }

  #group(): Expression {
    if (this.#take('?')) {
      if (this.#take('<')) {
        const next = this.#peek();
        if (next === '=' || next === '!') throw this.#unsupported('looks behind');
        this.#until('>');
      } else if (!this.#take(':')) {
        throw this.#unsupported('looks ahead');
      }
    }
    this.#depth++;
    const inner = this.#alternatives();
    this.#depth--;
    if (!this.#take(')')) throw this.#unsupported('has a bracket too few');
    return inner;
  }

  #class(): readonly Range[] {
    const isNegated = this.#take('^');
    const ranges: Range[] = [];
    while (!this.#take(']')) {
      const from = this.#classAtom();
      const [only] = from;
      if (
        from.length === 1 &&
        only !== undefined &&
        only[0] === only[1] &&
        this.#peek() === '-' &&
        this.#peek(1) !== ']'
      ) {
        this.#place++;
        const to = this.#classAtom()[0];
        ranges.push([only[0], to?.[1] ?? only[0]]);
      } else ranges.push(...from);
    }
    return isNegated ? complement(ranges) : ranges;
  }

  #classAtom(): readonly Range[] {
    const character = this.#next();
    return character === '\\' ? this.#escape(true) : [single(character)];
  }

  #escape(isInClass: boolean): readonly Range[] {
    const character = this.#next();
    switch (character) {
      case 'd':
        return digits;
      case 'D':
        return complement(digits);
      case 'w':
        return wordCharacters;
      case 'W':
        return complement(wordCharacters);
      case 's':
        return spaces;
      case 'S':
        return complement(spaces);
      case 'x':
        return [code(Number.parseInt(this.#next() + this.#next(), 16))];
      case 'u':
        return [code(this.#unicode())];
      case 'c':
        return [code((this.#next().codePointAt(0) ?? 0) % 32)];
      case 'b':
        if (isInClass) return [code(8)];
        throw this.#unsupported('asks for the edge of a word');
      default: {
        const control = controls[character];
        if (control !== undefined) return [code(control)];
        if (/[a-zA-Z0-9]/.test(character)) throw this.#unsupported(`has "\\${character}"`);
        return [single(character)];
      }
    }
  }

  #unicode(): number {
    if (this.#take('{')) return Number.parseInt(this.#until('}'), 16);
    const four = (): number => Number.parseInt(this.#next() + this.#next() + this.#next() + this.#next(), 16);
    const high = four();
    if (high < 0xd800 || high > 0xdbff || this.#peek() !== '\\' || this.#peek(1) !== 'u') return high;
    this.#place += 2;
    return (high - 0xd800) * 0x400 + (four() - 0xdc00) + 0x10000;
  }

  #set(ranges: readonly Range[]): Expression {
    return this.options.character(this.grammar, ranges);
  }

  #peek(ahead = 0): string | undefined {
    return this.#characters[this.#place + ahead];
  }

  #next(): string {
    const character = this.#characters[this.#place++];
    if (character === undefined) throw this.#unsupported('ends too early');
    return character;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#place++;
    return true;
  }

  #until(end: string): string {
    let text = '';
    for (let character = this.#next(); character !== end; character = this.#next()) text += character;
    return text;
  }

  #unsupported(what: string): OcelliError {
    return unsupported(this.pattern, what);
  }
}

function code(value: number): Range {
  return [value, value];
}

function single(character: string): Range {
  return code(character.codePointAt(0) ?? 0);
}

function unsupported(pattern: string, what: string): OcelliError {
  const shown = pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern;
  return new OcelliError(
    'unsupported-input',
    `The pattern /${shown}/ ${what}, which the local model cannot keep to. Simplify it or leave it out.`,
  );
}
