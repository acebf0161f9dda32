/** A vocabulary as a tree of bytes, so that which tokens may come is found by walking beginnings they share once. */

import { dead, type Machine, type State } from './grammar.js';
import type { TokenBytes } from './token-bytes.js';

/** Longer tokens (runs of blanks, mostly) are never chosen under a grammar: so the next token looks only so far ahead. */
export const longestToken = 32;

/** Places of a node in flat arrays: a vocabulary of 50,000 tokens has about 120,000 nodes. */
export class TokenTrie {
  readonly #byte: number[] = [0];
  readonly #child: number[] = [0];
  readonly #sibling: number[] = [0];
  /** Tokens that end at a node. */
  readonly #tokens: (number[] | undefined)[] = [undefined];
  /** Ids up to the largest. */
  readonly size: number;

  constructor(vocabulary: TokenBytes) {
    this.size = vocabulary.length;
    const children = new Map<number, number>();
    for (const [id, bytes] of vocabulary.entries()) {
      // A token of no bytes could come forever.
      if (bytes === undefined || bytes.length === 0 || bytes.length > longestToken) continue;
      let node = 0;
      for (const byte of bytes) {
        const key = node * 256 + byte;
        let next = children.get(key);
        if (next === undefined) {
          next = this.#add(node, byte);
          children.set(key, next);
        }
        node = next;
      }
      const ending = this.#tokens[node];
      if (ending === undefined) this.#tokens[node] = [id];
      else ending.push(id);
    }
  }

  /** Calls back for every token that may come next, with the state after it. */
  visit(machine: Machine, state: State, found: (id: number, after: State) => void): void {
    const nodes = [this.#child[0] ?? 0];
    const states = [state];
    while (nodes.length > 0) {
      const node = nodes.pop() ?? 0;
      const before = states.pop() ?? dead;
      if (node === 0) continue;
      nodes.push(this.#sibling[node] ?? 0);
      states.push(before);
      const after = machine.step(before, this.#byte[node] ?? 0);
      if (after === dead) continue;
      const ending = this.#tokens[node];
      if (ending !== undefined) for (const id of ending) found(id, after);
      nodes.push(this.#child[node] ?? 0);
      states.push(after);
    }
  }

  /** Ids of the tokens that may come next and after which `fits`, in order. */
  allowed(machine: Machine, state: State, fits: (after: State) => boolean = () => true): Int32Array {
    const marks = new Uint8Array(this.size);
    let count = 0;
    this.visit(machine, state, (id, after) => {
      if (!fits(after)) return;
      marks[id] = 1;
      count++;
    });
    const ids = new Int32Array(count);
    let place = 0;
    for (let id = 0; id < marks.length; id++) if (marks[id] === 1) ids[place++] = id;
    return ids;
  }

  #add(parent: number, byte: number): number {
    const node = this.#byte.length;
    this.#byte.push(byte);
    this.#child.push(0);
    this.#sibling.push(this.#child[parent] ?? 0);
    this.#tokens.push(undefined);
    this.#child[parent] = node;
    return node;
  }
}
