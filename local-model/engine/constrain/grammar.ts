/** Grammars over bytes and the machine that runs them: what an answer may be, and after any beginning what may come next. */

import { OcelliError } from '../../../src/errors/index.js';

/** A part of a grammar, by number. Equal parts have equal numbers. */
export type Expression = number;

type Node =
  | { readonly kind: 'bytes'; readonly from: number; readonly to: number }
  | { readonly kind: 'sequence'; readonly first: Expression; readonly rest: Expression }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly body: Expression; readonly least: number; readonly most: number }
  | { readonly kind: 'rule'; readonly rule: number }
  | { readonly kind: 'empty' };

/** Builds a grammar. Parts may refer to rules that are defined later, so that it can be recursive. */
export class Grammar {
  readonly #nodes: Node[] = [];
  readonly #numbers = new Map<string, Expression>();
  readonly #rules: (Expression | undefined)[] = [];
  #shortestRules: number[] = [];
  readonly #known = new Map<Expression, number>();

  readonly empty: Expression = this.#intern('empty', { kind: 'empty' });
  /** What nothing matches. */
  readonly never: Expression = this.#intern('choice', { kind: 'choice', options: [] });

  /** One byte of a range, both ends included. */
  bytes(from: number, to: number = from): Expression {
    return this.#intern(`bytes ${from} ${to}`, { kind: 'bytes', from, to });
  }

  /** One text, byte for byte. */
  text(text: string): Expression {
    return this.sequence([...Buffer.from(text, 'utf8')].map((byte) => this.bytes(byte)));
  }

  sequence(parts: readonly Expression[]): Expression {
    return parts.reduceRight((rest, first) => {
      if (first === this.never || rest === this.never) return this.never;
      if (rest === this.empty) return first;
      if (first === this.empty) return rest;
      return this.#intern(`sequence ${first} ${rest}`, { kind: 'sequence', first, rest });
    }, this.empty);
  }

  choice(options: readonly Expression[]): Expression {
    const distinct = [...new Set(options)].filter((option) => option !== this.never);
    const [only] = distinct;
    if (distinct.length === 1 && only !== undefined) return only;
    return this.#intern(`choice ${distinct.join(' ')}`.trimEnd(), { kind: 'choice', options: distinct });
  }

  optional(part: Expression): Expression {
    return this.choice([this.empty, part]);
  }

  /** `most` may be Infinity. */
  repeat(body: Expression, least: number, most: number): Expression {
    if (most <= 0 || body === this.empty) return this.empty;
    if (least > most) return this.never;
    return this.#intern(`repeat ${body} ${least} ${most}`, { kind: 'repeat', body, least, most });
  }

  /** A part that is defined later, once. */
  rule(): { readonly expression: Expression; define(body: Expression): void } {
    const rule = this.#rules.length;
    this.#rules.push(undefined);
    return {
      expression: this.#intern(`rule ${rule}`, { kind: 'rule', rule }),
      define: (body) => {
        this.#rules[rule] = body;
        this.#shortestRules = [];
        this.#known.clear();
      },
    };
  }

  node(expression: Expression): Node {
    const node = this.#nodes[expression];
    if (node === undefined) throw new RangeError(`no expression ${expression}`);
    return node;
  }

  bodyOf(rule: number): Expression {
    return this.#rules[rule] ?? this.never;
  }

  /** Fewest bytes that match; Infinity when nothing does. */
  shortest(expression: Expression): number {
    if (this.#shortestRules.length !== this.#rules.length) this.#findShortest();
    return this.#shortest(expression, this.#known);
  }

  /** Rules may go through one another, so lengths are lowered until none changes. */
  #findShortest(): void {
    this.#shortestRules = this.#rules.map(() => Infinity);
    for (let changed = true; changed;) {
      changed = false;
      const known = new Map<Expression, number>();
      for (const [rule, body] of this.#rules.entries()) {
        const length = this.#shortest(body ?? this.never, known);
        if (length >= (this.#shortestRules[rule] ?? Infinity)) continue;
        this.#shortestRules[rule] = length;
        changed = true;
      }
    }
  }

  /** Parts are shared by many others, so each is measured once. */
  #shortest(expression: Expression, known: Map<Expression, number>): number {
    let length = known.get(expression);
    if (length === undefined) known.set(expression, (length = this.#measure(expression, known)));
    return length;
  }

  #measure(expression: Expression, known: Map<Expression, number>): number {
    const node = this.node(expression);
    switch (node.kind) {
      case 'bytes':
        return 1;
      case 'empty':
        return 0;
      case 'sequence':
        return this.#shortest(node.first, known) + this.#shortest(node.rest, known);
      case 'choice':
        return node.options.reduce((least, option) => Math.min(least, this.#shortest(option, known)), Infinity);
      case 'repeat':
        return node.least === 0 ? 0 : node.least * this.#shortest(node.body, known);
      case 'rule':
        return this.#shortestRules[node.rule] ?? Infinity;
      default: {
        const unknown: never = node;
        throw new TypeError(`Unknown node ${JSON.stringify(unknown)}`);
      }
    }
  }

  #intern(key: string, node: Node): Expression {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#nodes.push(node);
    this.#numbers.set(key, this.#nodes.length - 1);
    return this.#nodes.length - 1;
  }
}

/** A place in an answer, by number; equal places have equal numbers. */
export type State = number;

/** The state in which nothing can come any more and the answer is wrong. */
export const dead: State = -1;

/** More steps without a byte than this mean a rule that begins with itself. */
const maxExpansions = 200_000;
/** States take a kilobyte each. */
const mostStates = 300_000;
const unknownStep = -2;

interface Cell {
  readonly head: Expression;
  readonly tail: number;
  readonly shortest: number;
}

interface StateRecord {
  /** Cells that wait for a byte. */
  readonly cells: readonly number[];
  readonly isComplete: boolean;
  readonly shortest: number;
  readonly next: Int32Array;
}

/**
 * Runs a grammar byte by byte. What is still to come is a list of expressions (a cell is its first one and the cell after it); a state is a
 * set of such lists, since an answer so far may be read in several ways. All are made when first needed, and each once.
 */
export class Machine {
  readonly #grammar: Grammar;
  readonly #cells: Cell[] = [{ head: -1, tail: -1, shortest: 0 }];
  readonly #cellNumbers = new Map<number, Map<number, number>>();
  readonly #states: StateRecord[] = [];
  readonly #stateNumbers = new Map<string, State>();
  readonly #lookahead: number;
  readonly #near = new Map<State, State>();
  readonly start: State;

  /**
   * @param lookahead bytes that `nearOf` looks ahead
   * @throws OcelliError `unsupported-input` when nothing at all matches
   */
  constructor(grammar: Grammar, root: Expression, lookahead = Infinity) {
    this.#grammar = grammar;
    this.#lookahead = lookahead;
    this.start = this.#stateOf([this.#cell(root, 0)]);
    if (this.start === dead) {
      throw new OcelliError(
        'unsupported-input',
        'The output schema allows no value at all, so nothing can be written.',
      );
    }
  }

  /** States made so far: a measure of the memory held. */
  get size(): number {
    return this.#states.length;
  }

  /** @returns `dead` when the byte may not come */
  step(state: State, byte: number): State {
    const record = this.#record(state);
    const known = record.next[byte] ?? unknownStep;
    if (known !== unknownStep) return known;
    const tails: number[] = [];
    for (const cell of record.cells) {
      const { head, tail } = this.#cellAt(cell);
      const node = this.#grammar.node(head);
      if (node.kind === 'bytes' && byte >= node.from && byte <= node.to) tails.push(tail);
    }
    const next = this.#stateOf(tails);
    record.next[byte] = next;
    return next;
  }

  /** @returns `dead` when one of the bytes may not come */
  advance(state: State, bytes: Uint8Array): State {
    let at = state;
    for (const byte of bytes) {
      if (at === dead) return dead;
      at = this.step(at, byte);
    }
    return at;
  }

  /** Whether the answer may end here. */
  isComplete(state: State): boolean {
    return this.#record(state).isComplete;
  }

  /** Whether the answer can only end here. */
  isFinal(state: State): boolean {
    const record = this.#record(state);
    return record.isComplete && record.cells.length === 0;
  }

  /** Fewest bytes to the end. */
  shortest(state: State): number {
    return this.#record(state).shortest;
  }

  /** A state after which the same may come for as many bytes as are looked ahead; one for many, where they differ only further on. */
  nearOf(state: State): State {
    let near = this.#near.get(state);
    if (near === undefined) {
      const { cells, isComplete } = this.#record(state);
      near = this.#stateOf([...cells.map((cell) => this.#nearCell(cell)), ...(isComplete ? [0] : [])]);
      this.#near.set(state, near);
    }
    return near;
  }

  /** Counts beyond what the bytes looked ahead can use up do not matter. */
  #nearCell(cell: number): number {
    if (cell === 0) return 0;
    const { head, tail } = this.#cellAt(cell);
    const node = this.#grammar.node(head);
    const rest = this.#nearCell(tail);
    if (node.kind !== 'repeat') return this.#cell(head, rest);
    const most = node.most > this.#lookahead ? Infinity : node.most;
    return this.#cell(this.#grammar.repeat(node.body, Math.min(node.least, this.#lookahead + 1), most), rest);
  }

  /** The only byte that may come; `undefined` when there are several, or when the answer may end here. */
  forcedByte(state: State): number | undefined {
    const record = this.#record(state);
    if (record.isComplete) return undefined;
    let only: number | undefined;
    for (const cell of record.cells) {
      const node = this.#grammar.node(this.#cellAt(cell).head);
      if (node.kind !== 'bytes' || node.from !== node.to) return undefined;
      if (only !== undefined && only !== node.from) return undefined;
      only = node.from;
    }
    return only;
  }

  #stateOf(tails: readonly number[]): State {
    const { cells, isComplete } = this.#expand(tails);
    if (cells.length === 0 && !isComplete) return dead;
    cells.sort((first, second) => first - second);
    const key = `${isComplete ? '.' : ''}${cells.join(',')}`;
    const known = this.#stateNumbers.get(key);
    if (known !== undefined) return known;
    const shortest = isComplete
      ? 0
      : cells.reduce((least, cell) => Math.min(least, this.#cellAt(cell).shortest), Infinity);
    if (this.#states.length >= mostStates) {
      throw new OcelliError('unsupported-input', 'The output schema is too complex for the local model. Simplify it.');
    }
    this.#states.push({ cells, isComplete, shortest, next: new Int32Array(256).fill(unknownStep) });
    this.#stateNumbers.set(key, this.#states.length - 1);
    return this.#states.length - 1;
  }

  /** Follows everything that takes no byte. */
  #expand(from: readonly number[]): { readonly cells: number[]; readonly isComplete: boolean } {
    const seen = new Set<number>();
    const cells: number[] = [];
    const todo = [...from];
    let isComplete = false;
    for (let cell = todo.pop(); cell !== undefined; cell = todo.pop()) {
      if (seen.has(cell)) continue;
      seen.add(cell);
      if (seen.size > maxExpansions) {
        throw new OcelliError('unsupported-input', 'The output schema refers to itself before any value.');
      }
      if (cell === 0) {
        isComplete = true;
        continue;
      }
      const { head, tail, shortest } = this.#cellAt(cell);
      // A way that never ends is none.
      if (shortest === Infinity) continue;
      const node = this.#grammar.node(head);
      if (node.kind === 'bytes') cells.push(cell);
      else todo.push(...this.#parts(node, tail));
    }
    return { cells, isComplete };
  }

  #parts(node: Exclude<Node, { kind: 'bytes' }>, tail: number): readonly number[] {
    switch (node.kind) {
      case 'empty':
        return [tail];
      case 'sequence':
        return [this.#cell(node.first, this.#cell(node.rest, tail))];
      case 'choice':
        return node.options.map((option) => this.#cell(option, tail));
      case 'rule':
        return [this.#cell(this.#grammar.bodyOf(node.rule), tail)];
      case 'repeat': {
        const rest = this.#grammar.repeat(node.body, Math.max(0, node.least - 1), node.most - 1);
        const once = this.#cell(node.body, this.#cell(rest, tail));
        return node.least === 0 ? [tail, once] : [once];
      }
      default: {
        const unknown: never = node;
        throw new TypeError(`Unknown node ${JSON.stringify(unknown)}`);
      }
    }
  }

  #cell(head: Expression, tail: number): number {
    if (this.#grammar.node(head).kind === 'empty') return tail;
    let byTail = this.#cellNumbers.get(head);
    if (byTail === undefined) this.#cellNumbers.set(head, (byTail = new Map<number, number>()));
    const known = byTail.get(tail);
    if (known !== undefined) return known;
    const shortest = this.#grammar.shortest(head) + this.#cellAt(tail).shortest;
    this.#cells.push({ head, tail, shortest });
    byTail.set(tail, this.#cells.length - 1);
    return this.#cells.length - 1;
  }

  #cellAt(cell: number): Cell {
    const found = this.#cells[cell];
    if (found === undefined) throw new RangeError(`no cell ${cell}`);
    return found;
  }

  #record(state: State): StateRecord {
    const found = this.#states[state];
    if (found === undefined) throw new RangeError(`no state ${state}`);
    return found;
  }
}
