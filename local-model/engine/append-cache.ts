/** The fast way of keeping the cache: buffers with room to spare that are written to, so that a run returns only its new rows. */

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { rowsEnd, rowsOutput, rowsStart } from './decoder-patch.js';
import { splitMask, splitPosition, splitSizes } from './split-attention.js';
import {
  numbersIn,
  numbersOf,
  oneNumber,
  relaid,
  tensorOver,
  type CacheLayout,
  type KvCache,
  type Numbers,
  type Slot,
} from './kv-cache.js';
import { localModelError } from './local-model-error.js';

/** Room is added in steps of so many tokens, and by at least an eighth: attention also reads the unused rows. */
const capacityStep = 64;
const growth = 1.125;
/** What is added to the score of a row that may not be looked at; finite, so that nothing becomes NaN. */
const hidden = -1e9;

interface Buffer {
  readonly slot: Slot;
  numbers: Numbers;
  tensor: Tensor;
}

/**
 * Needs a decoder that `patchDecoder` has given outputs of new rows.
 * Measured for a 135 M decoder at 2,048 tokens: 13 ms a token, where feeding back takes 24 to 29 (reference/local-engine.md, section 2.2);
 * half of that with split attention (docs/local-speed.md).
 */
export class AppendCache implements KvCache {
  readonly fetches: readonly string[];
  readonly #layout: CacheLayout;
  #buffers: readonly Buffer[];
  #capacity = 0;
  #length = 0;

  constructor(layout: CacheLayout) {
    this.#layout = layout;
    this.fetches = layout.slots.map((slot) => rowsOutput(slot.output));
    this.#buffers = layout.slots.map((slot) => ({ slot, numbers: numbersOf(slot, 0), tensor: slot.empty }));
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#buffers.reduce((sum, buffer) => sum + buffer.numbers.byteLength, 0);
  }

  feeds(count: number): Readonly<Record<string, Tensor>> {
    const { ort, slots, appending } = this.#layout;
    const feeds: Record<string, Tensor> = {};
    if (this.#length === 0) {
      for (const slot of slots) feeds[slot.input] = slot.empty;
    } else {
      // GroupQueryAttention writes its new rows into a copy of the buffer, so there must be room.
      if (appending === 'grouped') this.#grow(this.#length + count);
      for (const buffer of this.#buffers) feeds[buffer.slot.input] = buffer.tensor;
    }
    if (appending === 'split') return { ...feeds, ...this.#splitFeeds(count) };
    const start = this.#length === 0 ? 0 : appending === 'grouped' ? this.#length : this.#capacity;
    feeds[rowsStart] = oneNumber(ort, start);
    feeds[rowsEnd] = oneNumber(ort, start + count);
    return feeds;
  }

  /** Where the new rows stand, how many of both kinds there are, and who may look at whom. */
  #splitFeeds(count: number): Readonly<Record<string, Tensor>> {
    const { ort } = this.#layout;
    const past = this.#length === 0 ? 0 : this.#capacity;
    const all = past + count;
    const mask = new Float32Array(count * all);
    for (let row = 0; row < count; row++) {
      mask.fill(hidden, row * all + this.#length, row * all + past);
      mask.fill(hidden, row * all + past + row + 1, (row + 1) * all);
    }
    return {
      [splitPosition]: oneNumber(ort, this.#length),
      [splitSizes]: new ort.Tensor('int64', BigInt64Array.of(BigInt(past), BigInt(count)), [2]),
      [splitMask]: new ort.Tensor('float32', mask, [count, all]),
    };
  }

  mask(count: number): BigInt64Array {
    if (this.#length === 0 || this.#layout.appending !== 'joined') {
      return new BigInt64Array(this.#length + count).fill(1n);
    }
    // The new rows come behind the unused ones, which nobody may look at.
    return new BigInt64Array(this.#capacity + count).fill(1n).fill(0n, this.#length, this.#capacity);
  }

  accept(outputs: InferenceSession.OnnxValueMapType, count: number): void {
    this.#grow(this.#length + count);
    for (const { slot, numbers } of this.#buffers) {
      const returned = outputs[rowsOutput(slot.output)];
      const perHead = count * slot.size;
      if (returned?.size !== slot.heads * perHead) {
        throw localModelError(`The decoder returned no ${count} new rows of ${slot.output}.`);
      }
      const rows = numbersIn(returned);
      for (let head = 0; head < slot.heads; head++) {
        numbers.set(
          rows.subarray(head * perHead, (head + 1) * perHead),
          (head * this.#capacity + this.#length) * slot.size,
        );
      }
    }
    this.#length += count;
  }

  truncate(length: number): void {
    // Rows past the length are hidden by the mask, and overwritten later.
    this.#length = Math.min(this.#length, length);
  }

  fork(length: number = this.#length): AppendCache {
    const copy = new AppendCache(this.#layout);
    copy.#buffers = this.#buffers;
    copy.#capacity = this.#capacity;
    copy.#length = Math.min(length, this.#length);
    copy.#resize(Math.ceil(copy.#length / capacityStep) * capacityStep);
    return copy;
  }

  #grow(tokens: number): void {
    if (tokens <= this.#capacity) return;
    this.#resize(Math.ceil(Math.max(tokens, this.#capacity * growth) / capacityStep) * capacityStep);
  }

  #resize(capacity: number): void {
    this.#buffers = this.#buffers.map(({ slot, numbers }) => {
      const larger = relaid(slot, numbers, this.#capacity, this.#length, capacity);
      return { slot, numbers: larger, tensor: tensorOver(this.#layout.ort, slot, larger, capacity) };
    });
    this.#capacity = capacity;
  }
}
