/** Holds one answer to a grammar: which tokens may come, what is forced, and how to end in time. */

import { OcelliError } from '../../../src/errors/index.js';
import type { EngineConstraint } from '../request.js';
import { plainCharacter } from './characters.js';
import { dead, Grammar, Machine, type Expression, type State } from './grammar.js';
import { jsonSchema } from './json-schema.js';
import { regex } from './regex.js';
import type { TokenBytes } from './token-bytes.js';
import { longestToken, TokenTrie } from './token-trie.js';

/** Token sets kept per grammar; those of a large vocabulary take 200 kB each. */
const maxMasks = 128;
/** Grammars kept, and states above which one is made anew. */
const maxMachines = 8;
const maxStates = 20_000;

/** Makes constraints for one vocabulary; keeps what it has worked out for the next request of the same kind. */
export class Constraints {
  readonly #vocabulary: TokenBytes;
  #trie: TokenTrie | undefined;
  readonly #machines = new Map<string, ConstrainedMachine>();

  constructor(vocabulary: TokenBytes) {
    this.#vocabulary = vocabulary;
  }

  /** @throws OcelliError `unsupported-input` for what cannot be kept to */
  create(wanted: EngineConstraint): Constraint {
    const key = JSON.stringify(wanted);
    let machine = this.#machines.get(key);
    if (machine === undefined || machine.machine.size > maxStates) machine = this.#machineOf(wanted);
    // The one used last is thrown out last.
    this.#machines.delete(key);
    this.#machines.set(key, machine);
    const [oldest] = this.#machines.keys();
    if (this.#machines.size > maxMachines && oldest !== undefined) this.#machines.delete(oldest);
    return new Constraint(machine, this.#vocabulary);
  }

  #machineOf(wanted: EngineConstraint): ConstrainedMachine {
    this.#trie ??= new TokenTrie(this.#vocabulary);
    const grammar = new Grammar();
    try {
      return new ConstrainedMachine(new Machine(grammar, expressionOf(grammar, wanted), longestToken), this.#trie);
    } catch (error) {
      // A stack that overflows: no schema of a reasonable depth does that.
      if (!(error instanceof RangeError)) throw error;
      throw new OcelliError(
        'unsupported-input',
        'The output schema is nested too deeply, or refers to itself, for the local model.',
      );
    }
  }
}

function expressionOf(grammar: Grammar, wanted: EngineConstraint): Expression {
  switch (wanted.type) {
    case 'json-schema':
      return jsonSchema(grammar, wanted.schema);
    case 'choice':
      return grammar.choice(wanted.values.map((value) => grammar.text(value)));
    case 'regex':
      return regex(grammar, wanted.pattern, { character: plainCharacter, isSearch: false });
    default: {
      const unknown: never = wanted;
      throw new TypeError(`Unknown constraint ${JSON.stringify(unknown)}`);
    }
  }
}

/** A machine with the token sets of its states. */
class ConstrainedMachine {
  readonly #masks = new Map<State, Int32Array>();

  constructor(
    readonly machine: Machine,
    private readonly trie: TokenTrie,
  ) {}

  allowed(state: State): Int32Array {
    // Places that differ only in what is too far ahead for one token share a set: a string of at most 500 characters has few.
    const near = this.machine.nearOf(state);
    const known = this.#masks.get(near);
    if (known !== undefined) return known;
    const ids = this.trie.allowed(this.machine, near);
    if (this.#masks.size >= maxMasks) this.#masks.clear();
    this.#masks.set(near, ids);
    return ids;
  }

  soonest(state: State): Int32Array {
    let least = Infinity;
    this.trie.visit(this.machine, state, (_id, after) => (least = Math.min(least, this.machine.shortest(after))));
    return this.trie.allowed(this.machine, state, (after) => this.machine.shortest(after) === least);
  }

  /** Those after which the end can be reached with `room` more tokens of one byte each. */
  allowedWithin(state: State, room: number): Int32Array {
    return this.trie.allowed(this.machine, state, (after) => this.machine.shortest(after) <= room);
  }
}

/** One answer under way. */
export class Constraint {
  readonly #machine: ConstrainedMachine;
  readonly #vocabulary: TokenBytes;
  #state: State;

  constructor(machine: ConstrainedMachine, vocabulary: TokenBytes) {
    this.#machine = machine;
    this.#vocabulary = vocabulary;
    this.#state = machine.machine.start;
  }

  /** Whether the answer may end here. */
  get isComplete(): boolean {
    return this.#machine.machine.isComplete(this.#state);
  }

  /** Whether nothing more may come. */
  get isFinal(): boolean {
    return this.#machine.machine.isFinal(this.#state);
  }

  /** Tokens that may come next, in order of their ids; an end token may come when `isComplete`. */
  allowed(): Int32Array {
    return this.#machine.allowed(this.#state);
  }

  /**
   * Of those, the ones after which a whole answer fits.
   *
   * @param room tokens that may still come, the next one included
   */
  allowedWithin(room: number): Int32Array {
    return this.#machine.allowedWithin(this.#state, room - 1);
  }

  /** Of those, the ones after which the least is missing. */
  soonest(): Int32Array {
    return this.#machine.soonest(this.#state);
  }

  /** Whether a whole answer still fits after this token. True where it is too late anyway: such an answer is at least begun well. */
  fits(id: number, room: number): boolean {
    const { machine } = this.#machine;
    if (machine.shortest(this.#state) > room) return true;
    const after = machine.advance(this.#state, this.#bytesOf(id));
    return after !== dead && machine.shortest(after) < room;
  }

  /** Takes a token that was chosen. */
  push(id: number): void {
    const after = this.#machine.machine.advance(this.#state, this.#bytesOf(id));
    if (after === dead) throw new OcelliError('local-model', `Token ${id} was chosen though it may not come here.`);
    this.#state = after;
  }

  /** The text that must come next, as far as it is certain. */
  forced(): Uint8Array {
    const { machine } = this.#machine;
    const bytes: number[] = [];
    let state = this.#state;
    for (let byte = machine.forcedByte(state); byte !== undefined; byte = machine.forcedByte(state)) {
      bytes.push(byte);
      state = machine.step(state, byte);
    }
    return Uint8Array.from(bytes);
  }

  /** How many of the tokens, in order, may come. */
  accepts(ids: readonly number[]): number {
    const { machine } = this.#machine;
    let state = this.#state;
    for (const [count, id] of ids.entries()) {
      const bytes = this.#vocabulary[id];
      state = bytes === undefined || bytes.length === 0 ? dead : machine.advance(state, bytes);
      if (state === dead) return count;
    }
    return ids.length;
  }

  #bytesOf(id: number): Uint8Array {
    return this.#vocabulary[id] ?? Uint8Array.of();
  }
}
