/** Unit vectors row by row in one memory, searched exactly: every row is looked at. */

import { localModelError } from '../local-model-error.js';
import { dotProductsOver, rowAlignment, type DotProducts } from './dot-products.js';

/** A row and its cosine with what was searched for. */
export interface Match {
  readonly row: number;
  readonly cosine: number;
}

/** Rows per call, so that the products fit the processor's nearest cache. */
const blockRows = 2048;
const pageBytes = 65_536;
/** What 32-bit addresses reach, less one page: the end of the rows must have an address too. */
const maxPages = 65_535;

export class VectorTable {
  readonly dimension: number;
  /** Numbers of a row with its padding. */
  readonly #stride: number;
  readonly #memory: WebAssembly.Memory;
  readonly #dotProducts: DotProducts;
  /** Where the rows begin; before them the query and the products of a block. */
  readonly #base: number;
  #view: Float32Array;
  #count = 0;

  /** @param rows one after another, without padding */
  constructor(dimension: number, rows: Float32Array = new Float32Array(0)) {
    this.dimension = dimension;
    this.#stride = Math.max(1, Math.ceil(dimension / rowAlignment)) * rowAlignment;
    this.#base = this.#stride * 4 + blockRows * 4;
    const count = dimension === 0 ? 0 : rows.length / dimension;
    this.#memory = new WebAssembly.Memory({ initial: this.#pagesFor(count), maximum: maxPages });
    this.#dotProducts = dotProductsOver(this.#memory);
    this.#view = new Float32Array(this.#memory.buffer);
    for (let row = 0; row < count; row++) this.add(rows.subarray(row * dimension, (row + 1) * dimension));
  }

  get count(): number {
    return this.#count;
  }

  /** A copy of all rows, without padding. */
  rows(): Float32Array {
    const all = new Float32Array(this.#count * this.dimension);
    for (let row = 0; row < this.#count; row++) {
      const start = this.#start(row);
      all.set(this.#view.subarray(start, start + this.dimension), row * this.dimension);
    }
    return all;
  }

  /** @returns the row's number */
  add(vector: Float32Array): number {
    const missing = this.#pagesFor(this.#count + 1) - this.#memory.buffer.byteLength / pageBytes;
    if (missing > 0) this.#grow(missing);
    this.#view.set(vector, this.#start(this.#count));
    return this.#count++;
  }

  replace(row: number, vector: Float32Array): void {
    this.#view.set(vector, this.#start(row));
  }

  /** The `limit` rows with the largest cosines, largest first; equal ones in order of their rows. */
  search(query: Float32Array, limit: number): readonly Match[] {
    const best = new BestMatches(Math.min(limit, this.#count));
    if (best.capacity === 0) return [];
    const rowBytes = this.#stride * 4;
    this.#view.set(query, 0);
    const products = this.#view.subarray(this.#stride, this.#stride + blockRows);
    for (let first = 0; first < this.#count; first += blockRows) {
      const last = Math.min(this.#count, first + blockRows);
      this.#dotProducts(this.#base + first * rowBytes, this.#base + last * rowBytes, 0, rowBytes, rowBytes);
      for (let row = first; row < last; row++) best.offer(row, products[row - first] ?? 0);
    }
    return best.sorted();
  }

  #start(row: number): number {
    return this.#base / 4 + row * this.#stride;
  }

  #pagesFor(rows: number): number {
    return Math.ceil((this.#base + rows * this.#stride * 4) / pageBytes);
  }

  /** By half of what there is, or more where that is not enough. */
  #grow(missing: number): void {
    const pages = this.#memory.buffer.byteLength / pageBytes;
    const ample = Math.max(missing, Math.min(Math.ceil(pages / 2), maxPages - pages));
    if (!this.#tryGrow(ample) && !this.#tryGrow(missing)) {
      throw localModelError(
        `The index has ${this.#count} pictures; there is no memory for more. Split it into several indexes.`,
      );
    }
    // The old view has lost its memory.
    this.#view = new Float32Array(this.#memory.buffer);
  }

  #tryGrow(pages: number): boolean {
    try {
      this.#memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }
}

/** The largest few of many: a heap with the smallest of them on top. */
class BestMatches {
  readonly #heap: Match[] = [];

  constructor(readonly capacity: number) {}

  offer(row: number, cosine: number): void {
    const heap = this.#heap;
    if (heap.length < this.capacity) {
      heap.push({ row, cosine });
      this.#rise(heap.length - 1);
    } else if (cosine > (heap[0]?.cosine ?? Infinity)) {
      heap[0] = { row, cosine };
      this.#sink();
    }
  }

  sorted(): readonly Match[] {
    return [...this.#heap].sort((first, second) => second.cosine - first.cosine || first.row - second.row);
  }

  #isWorse(first: number, second: number): boolean {
    const [left, right] = [this.#heap[first], this.#heap[second]];
    if (left === undefined || right === undefined) return false;
    return left.cosine < right.cosine || (left.cosine === right.cosine && left.row > right.row);
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#isWorse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ;) {
      let worst = at;
      if (this.#isWorse(2 * at + 1, worst)) worst = 2 * at + 1;
      if (this.#isWorse(2 * at + 2, worst)) worst = 2 * at + 2;
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }

  #swap(first: number, second: number): void {
    const [left, right] = [this.#heap[first], this.#heap[second]];
    if (left === undefined || right === undefined) return;
    this.#heap[first] = right;
    this.#heap[second] = left;
  }
}
