/** Cuts an answer at stop texts, for the local engine and for wires that have none; no part of a stop text is ever let through. */

/** What may be shown after a push. */
export interface StopMatch {
  /** Text that is certainly before any stop text. */
  readonly text: string;
  /** A stop text is complete: the answer ends here. */
  readonly stopped: boolean;
}

/**
 * Watches a streamed answer for stop texts. How the answer is cut into pieces does not matter: the stop text that is
 * complete first ends it; of those complete at the same character, the one that began first.
 *
 * @example
 * const matcher = new StopMatcher(['\n\n']);
 * matcher.push('one\n'); // { text: 'one', stopped: false }: the line end is held back
 * matcher.push('two'); // { text: '\ntwo', stopped: false }
 * matcher.flush(); // ''
 */
export class StopMatcher {
  readonly #stops: readonly string[];
  #held = '';
  #stopped = false;

  /** @param stops texts that end the answer; empty ones are ignored */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  push(text: string): StopMatch {
    if (this.#stopped) return { text: '', stopped: true };
    const pending = this.#held + text;
    const found = firstComplete(pending, this.#stops);
    if (found !== undefined) {
      this.#stopped = true;
      this.#held = '';
      return { text: pending.slice(0, found), stopped: true };
    }
    const held = longestBeginning(pending, this.#stops);
    this.#held = pending.slice(pending.length - held);
    return { text: pending.slice(0, pending.length - held), stopped: false };
  }

  /** The answer ended by itself: what was held back, which is no stop text after all. */
  flush(): string {
    const text = this.#held;
    this.#held = '';
    return text;
  }
}

/** Where the stop text begins that is complete first, if any is. */
function firstComplete(text: string, stops: readonly string[]): number | undefined {
  let start: number | undefined;
  let end = Infinity;
  for (const stop of stops) {
    const index = text.indexOf(stop);
    if (index === -1) continue;
    const stopEnd = index + stop.length;
    if (stopEnd < end || (stopEnd === end && start !== undefined && index < start)) {
      start = index;
      end = stopEnd;
    }
  }
  return start;
}

/** Length of the longest ending of the text with which some stop text begins. */
function longestBeginning(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
