/** Reads protobuf fields from a file without holding it, and writes the few that are added to one. */

import { readSync } from 'node:fs';
import { localModelError } from './local-model-error.js';

/** Bytes of a file from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Small, because it is filled again behind every tensor that is skipped, of which a graph has hundreds. */
const windowBytes = 8 * 1024;

/** Reads protobuf fields in order from a file, keeping only a small window of it in memory. */
export class Cursor {
  position = 0;
  /** Where the field that is being read begins, its tag included. */
  fieldStart = 0;
  readonly #window = Buffer.allocUnsafe(windowBytes);
  #windowStart = 0;
  #windowLength = 0;
  #end: number;

  constructor(
    private readonly file: number,
    readonly size: number,
    private readonly name: string,
  ) {
    this.#end = size;
  }

  /** Reads fields up to `end`; `read` returns false for a field that is to be skipped. */
  message(end: number, read: (field: number, wire: number) => boolean): void {
    const outer = this.#end;
    if (end > outer) this.#fail();
    this.#end = end;
    while (this.position < end) {
      this.fieldStart = this.position;
      const tag = this.varint();
      const field = Math.floor(tag / 8);
      const wire = tag % 8;
      if (field === 0) this.#fail();
      if (!read(field, wire)) this.#skip(wire);
    }
    this.#end = outer;
  }

  lengthDelimited(read: (field: number, wire: number) => boolean): void {
    const length = this.varint();
    this.message(this.position + length, read);
  }

  /** Like `lengthDelimited`, and says where the message's body lies. */
  body(read: (field: number, wire: number) => boolean): Span {
    const length = this.varint();
    const start = this.position;
    this.message(start + length, read);
    return { start, end: start + length };
  }

  /** Goes past the message that comes next where `pattern` is nowhere in its bytes, taken for one character each. */
  passUnless(pattern: RegExp): boolean {
    const before = this.position;
    const length = this.varint();
    if (length <= windowBytes) {
      const end = this.position + length;
      if (this.position < this.#windowStart || end > this.#windowStart + this.#windowLength) this.#fill();
      const place = this.position - this.#windowStart;
      if (!pattern.test(this.#window.toString('latin1', place, place + length))) {
        this.#advance(length);
        return true;
      }
    }
    this.position = before;
    return false;
  }

  /** The product of one dimension, or of a packed list of them. */
  dimensions(wire: number): number {
    if (wire === 0) return this.varint();
    const length = this.varint();
    const end = this.position + length;
    if (wire !== 2 || end > this.#end) this.#fail();
    let product = 1;
    while (this.position < end) product *= this.varint();
    return product;
  }

  /** One whole number, or a packed list of them. */
  numbers(wire: number): readonly number[] {
    if (wire === 0) return [this.varint()];
    const length = this.varint();
    const end = this.position + length;
    if (wire !== 2 || end > this.#end) this.#fail();
    const list: number[] = [];
    while (this.position < end) list.push(this.varint());
    return list;
  }

  /** A number of four bytes. */
  float(): number {
    const bytes = Buffer.from([this.#byte(), this.#byte(), this.#byte(), this.#byte()]);
    return bytes.readFloatLE();
  }

  text(): string {
    const length = this.varint();
    if (length > 4096 || this.position + length > this.#end) this.#fail();
    const offset = this.position - this.#windowStart;
    if (offset >= 0 && offset + length <= this.#windowLength) {
      this.position += length;
      return this.#window.toString('utf8', offset, offset + length);
    }
    const bytes = Buffer.allocUnsafe(length);
    for (let index = 0; index < length; index++) bytes[index] = this.#byte();
    return bytes.toString('utf8');
  }

  /** Skips a length-delimited field and returns its length. */
  skipBytes(): number {
    const length = this.varint();
    this.#advance(length);
    return length;
  }

  /** Exact up to 2^53, which every length, dimension and tag of a real file is. */
  varint(): number {
    const first = this.#byte();
    // Nearly all are one byte: a tag, a type or the length of a name.
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let factor = 128;
    for (let count = 1; count < 10; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    return this.#fail();
  }

  #skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 1) this.#advance(8);
    else if (wire === 2) this.skipBytes();
    else if (wire === 5) this.#advance(4);
    else this.#fail();
  }

  #advance(count: number): void {
    if (this.position + count > this.#end) this.#fail();
    this.position += count;
  }

  #byte(): number {
    if (this.position >= this.#end) this.#fail();
    const offset = this.position - this.#windowStart;
    if (offset < 0 || offset >= this.#windowLength) {
      this.#fill();
      if (this.#windowLength === 0) this.#fail();
      this.position++;
      return this.#window[0] ?? 0;
    }
    this.position++;
    return this.#window[offset] ?? 0;
  }

  #fill(): void {
    this.#windowStart = this.position;
    this.#windowLength = readSync(this.file, this.#window, 0, this.#window.length, this.position);
  }

  #fail(): never {
    throw localModelError(
      `${this.name} is not a whole ONNX file (broken at byte ${this.position} of ${this.size}). Fetch it again.`,
    );
  }
}

/** A varint: seven bits a byte, lowest first. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** A field that holds a whole number. */
export function numberField(field: number, value: number): Uint8Array {
  return joined([varint(field * 8), varint(value)]);
}

/** A field that holds a number of four bytes. */
export function floatField(field: number, value: number): Uint8Array {
  return joined([varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer)]);
}

/** A field that holds bytes, a text or a message. */
export function bytesField(field: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return joined([bytesFieldHead(field, bytes.length), bytes]);
}

/** Tag and length of a field whose bytes follow. */
export function bytesFieldHead(field: number, length: number): Uint8Array {
  return joined([varint(field * 8 + 2), varint(length)]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
