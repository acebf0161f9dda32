/** Turns tokens into text as they come, never emitting half a character; one that is cut off by the answer's end stays out. */

/** Decodes token ids to text, special tokens left out. */
export type Decode = (ids: readonly number[]) => string;

/** What a decoder writes for bytes that do not (yet) make a character. */
const replacement = '\uFFFD';
/** Tokens after which the decoded window starts anew, so that a long answer stays linear. */
const maxWindow = 24;
/** Tokens kept when it does: a character of four bytes may need as many, and decoders strip a blank at the very start. */
const keptTokens = 6;

/**
 * A decoder of one answer.
 *
 * @example
 * const decoder = new StreamingDecoder((ids) => tokenizer.decode([...ids]));
 * decoder.push(12); // '' while a character is incomplete, else its text
 */
export class StreamingDecoder {
  readonly #decode: Decode;
  #window: number[] = [];
  #emitted = 0;

  constructor(decode: Decode) {
    this.#decode = decode;
  }

  push(id: number): string {
    this.#window.push(id);
    const text = this.#decode(this.#window);
    // Only the last character can still change: bytes of a character that is not complete decode to one replacement.
    const stable = text.endsWith(replacement) ? text.length - 1 : text.length;
    if (stable <= this.#emitted) return '';
    const fresh = text.slice(this.#emitted, stable);
    this.#emitted = stable;
    if (stable === text.length && this.#window.length >= maxWindow) this.#restart();
    return fresh;
  }

  #restart(): void {
    this.#window = this.#window.slice(-keptTokens);
    this.#emitted = this.#decode(this.#window).length;
  }
}
