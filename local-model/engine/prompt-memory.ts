/** Keeps what the decoder remembers of earlier prompts, so that a second question about a picture does not read it all again. */

import type { KvCache } from './kv-cache.js';
import { sharedPart, type PromptKey, type SharedPart } from './prompt-key.js';

/** Less than this is not worth looking after. */
const leastTokens = 8;
/** An earlier prompt is cut back rather than copied when no more of it than this is lost. */
const mostLost = 64;

interface Entry {
  readonly key: PromptKey;
  readonly cache: KvCache;
}

/** What was found of an earlier prompt. */
export interface Remembered extends SharedPart {
  /** Remembers exactly `tokens` tokens, and belongs to the caller. */
  readonly cache: KvCache;
}

/** Caches of earlier answers, those used last kept longest, within a number of bytes. */
export class PromptMemory {
  readonly #limit: number;
  /** Oldest first. */
  #entries: Entry[] = [];

  /** @param limitBytes 0 keeps nothing */
  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get bytes(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.cache.bytes, 0);
  }

  /** The longest beginning that an earlier prompt or answer shares with this prompt. */
  take(key: PromptKey, counts: readonly number[]): Remembered | undefined {
    let best: { readonly entry: Entry; readonly shared: SharedPart } | undefined;
    for (const entry of this.#entries) {
      const shared = sharedPart(key, entry.key, counts);
      if (shared.tokens >= (best?.shared.tokens ?? leastTokens)) best = { entry, shared };
    }
    if (best === undefined) return undefined;
    const { entry, shared } = best;
    this.#entries = this.#entries.filter((other) => other !== entry);
    if (entry.key.length - shared.tokens > mostLost) {
      this.#entries.push(entry);
      return { cache: entry.cache.fork(shared.tokens), ...shared };
    }
    entry.cache.truncate(shared.tokens);
    return { cache: entry.cache, ...shared };
  }

  /** @param key as long as what the cache remembers */
  put(key: PromptKey, cache: KvCache): void {
    if (key.length < leastTokens) return;
    this.#entries.push({ key, cache });
    while (this.bytes > this.#limit) this.#entries.shift();
  }
}
