/** Guesses the next tokens from earlier places in the text that ended alike: answers repeat their questions, and JSON its keys. */

/** Tokens guessed at most: checking four costs one and a half times a single one (reference/local-engine.md, section 4.4). */
const draftWidth = 4;
/** Longest ending that is looked for, and shortest: less than two tokens are alike by chance. */
const longestEnding = 4;
const shortestEnding = 2;
/** Wrong guesses in a row after which guessing pauses, and tokens that the first pause lasts. */
const patience = 3;
const firstPause = 16;
const longestPause = 256;

/** Guesses while it pays. */
export class PromptLookup {
  #misses = 0;
  #pause = 0;
  #nextPause = firstPause;

  /** What may come next, by the last earlier place that ended alike; empty when there is none, or while guessing pauses. */
  draft(ids: readonly number[], most: number): readonly number[] {
    const width = Math.min(draftWidth, most);
    if (width <= 0 || this.#pause > 0) {
      this.#pause = Math.max(0, this.#pause - 1);
      return [];
    }
    return lookUp(ids, width);
  }

  /** Tells how many tokens of the last guess were right. */
  report(right: number): void {
    if (right > 0) {
      this.#misses = 0;
      this.#nextPause = firstPause;
      return;
    }
    if (++this.#misses < patience) return;
    this.#misses = 0;
    this.#pause = this.#nextPause;
    this.#nextPause = Math.min(longestPause, this.#nextPause * 2);
  }
}

/** The tokens after the latest earlier place whose ending is as long as possible like that of `ids`. */
export function lookUp(ids: readonly number[], width: number): readonly number[] {
  for (let length = longestEnding; length >= shortestEnding; length--) {
    const start = ids.length - length;
    for (let place = start - 1; place >= 0; place--) {
      let same = 0;
      while (same < length && ids[place + same] === ids[start + same]) same++;
      if (same === length) return ids.slice(place + length, place + length + width);
    }
  }
  return [];
}
