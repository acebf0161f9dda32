/** The bytes of a file as header readers see them: all of them, or only the windows that were read so far. */

/** The file ends before its header does. */
export class TruncatedHeader extends Error {}

/** The header contradicts its own format; the message says how. */
export class InvalidHeader extends Error {}

/** The file has these bytes, but they are not in memory yet; read them, add them, and start again. */
export class MissingBytes extends Error {
  constructor(
    readonly offset: number,
    readonly size: number,
  ) {
    super(`bytes ${offset} to ${offset + size} are not in memory`);
  }
}

/**
 * Random access to a file's bytes. A read past the end throws {@link TruncatedHeader}; a read between the windows throws
 * {@link MissingBytes}. Readers are pure and cheap, so whoever holds the file adds the window and runs the reader again.
 */
export class HeaderBytes {
  #current: Uint8Array;
  #start = 0;
  #end: number;
  readonly #windows: { readonly start: number; readonly bytes: Uint8Array }[];
  #length: number;

  /**
   * @param first the bytes from offset 0
   * @param length bytes of the whole file; `Infinity` while it is not known
   */
  constructor(first: Uint8Array, length: number = first.length) {
    this.#current = first;
    this.#end = first.length;
    this.#windows = [{ start: 0, bytes: first }];
    this.#length = length;
  }

  /** Bytes of the whole file; `Infinity` while it is not known. */
  get length(): number {
    return this.#length;
  }

  setLength(length: number): void {
    this.#length = length;
  }

  addWindow(start: number, bytes: Uint8Array): void {
    this.#windows.push({ start, bytes });
  }

  u8(offset: number): number {
    const index = this.#locate(offset, 1);
    return this.#current[index] ?? 0;
  }

  u16be(offset: number): number {
    const index = this.#locate(offset, 2);
    return ((this.#current[index] ?? 0) << 8) | (this.#current[index + 1] ?? 0);
  }

  u16le(offset: number): number {
    const index = this.#locate(offset, 2);
    return (this.#current[index] ?? 0) | ((this.#current[index + 1] ?? 0) << 8);
  }

  u24le(offset: number): number {
    return this.u16le(offset) + this.u8(offset + 2) * 0x10000;
  }

  u32be(offset: number): number {
    return this.u16be(offset) * 0x10000 + this.u16be(offset + 2);
  }

  u32le(offset: number): number {
    return this.u16le(offset) + this.u16le(offset + 2) * 0x10000;
  }

  i32le(offset: number): number {
    return this.u32le(offset) | 0;
  }

  /** Exact up to 2^53; larger values are past the end of any file and fail where they are used. */
  u64be(offset: number): number {
    return this.u32be(offset) * 0x1_0000_0000 + this.u32be(offset + 4);
  }

  u64le(offset: number): number {
    return this.u32le(offset) + this.u32le(offset + 4) * 0x1_0000_0000;
  }

  /** `size` bytes as Latin-1 text. */
  latin1(offset: number, size: number): string {
    const index = this.#locate(offset, size);
    let text = '';
    for (let place = index; place < index + size; place += 1) text += String.fromCharCode(this.#current[place] ?? 0);
    return text;
  }

  /** A view of `size` bytes; no copy. */
  slice(offset: number, size: number): Uint8Array {
    const index = this.#locate(offset, size);
    return this.#current.subarray(index, index + size);
  }

  #locate(offset: number, size: number): number {
    if (offset >= this.#start && offset + size <= this.#end) return offset - this.#start;
    for (const { start, bytes } of this.#windows) {
      if (offset >= start && offset + size <= start + bytes.length) {
        this.#current = bytes;
        this.#start = start;
        this.#end = start + bytes.length;
        return offset - start;
      }
    }
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + size > this.#length) {
      throw new TruncatedHeader('the file ends inside its header');
    }
    throw new MissingBytes(offset, size);
  }
}
