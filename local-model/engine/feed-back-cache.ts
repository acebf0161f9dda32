/** The plain way of keeping the cache, which works with every export: everything that a run returns is fed to the next one. */

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { numbersIn, relaid, tensorOver, type CacheLayout, type KvCache } from './kv-cache.js';
import { localModelError } from './local-model-error.js';

export class FeedBackCache implements KvCache {
  readonly fetches: readonly string[];
  readonly #layout: CacheLayout;
  /** Never written to: what was returned may be shared by forks. */
  #past: Readonly<Record<string, Tensor>>;
  #length = 0;

  constructor(layout: CacheLayout) {
    this.#layout = layout;
    this.fetches = layout.slots.map((slot) => slot.output);
    this.#past = Object.fromEntries(layout.slots.map((slot) => [slot.input, slot.empty]));
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return Object.values(this.#past).reduce((sum, tensor) => sum + numbersIn(tensor).byteLength, 0);
  }

  feeds(_count: number): Readonly<Record<string, Tensor>> {
    return { ...this.#past, ...this.#layout.unusedFeeds };
  }

  mask(count: number): BigInt64Array {
    return new BigInt64Array(this.#length + count).fill(1n);
  }

  accept(outputs: InferenceSession.OnnxValueMapType, count: number): void {
    const past: Record<string, Tensor> = {};
    for (const slot of this.#layout.slots) {
      const present = outputs[slot.output];
      if (present === undefined) throw localModelError(`The decoder did not return ${slot.output}.`);
      past[slot.input] = present;
    }
    this.#past = past;
    this.#length += count;
  }

  truncate(length: number): void {
    if (length >= this.#length) return;
    const past: Record<string, Tensor> = {};
    for (const slot of this.#layout.slots) {
      const tensor = this.#past[slot.input] ?? slot.empty;
      // What was returned knows its sizes, also where the metadata does not.
      const heads = tensor.dims[1] ?? 0;
      const sized = { ...slot, heads, leading: [1, heads] as const, size: tensor.dims[3] ?? 0 };
      const kept = relaid(sized, numbersIn(tensor), this.#length, length, length);
      past[slot.input] = length === 0 ? slot.empty : tensorOver(this.#layout.ort, sized, kept, length);
    }
    this.#past = past;
    this.#length = length;
  }

  fork(length: number = this.#length): FeedBackCache {
    const copy = new FeedBackCache(this.#layout);
    copy.#past = this.#past;
    copy.#length = this.#length;
    copy.truncate(length);
    return copy;
  }
}
