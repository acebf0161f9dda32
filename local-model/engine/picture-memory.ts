/** Keeps the rows that the vision tower made of pictures, so that it sees the same picture once. */

export class PictureMemory {
  readonly #limit: number;
  /** By hash of the pixels, oldest first. */
  readonly #rows = new Map<string, Float32Array>();
  #bytes = 0;

  /** @param limitBytes 0 keeps nothing */
  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(hash: string): Float32Array | undefined {
    const rows = this.#rows.get(hash);
    if (rows === undefined) return undefined;
    this.#rows.delete(hash);
    this.#rows.set(hash, rows);
    return rows;
  }

  put(hash: string, rows: Float32Array): void {
    this.#drop(hash);
    this.#rows.set(hash, rows);
    this.#bytes += rows.byteLength;
    for (const [oldest] of this.#rows) {
      if (this.#bytes <= this.#limit) return;
      this.#drop(oldest);
    }
  }

  #drop(hash: string): void {
    this.#bytes -= this.#rows.get(hash)?.byteLength ?? 0;
    this.#rows.delete(hash);
  }
}
