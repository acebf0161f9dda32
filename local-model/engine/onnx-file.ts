/** Reads the skeleton of an ONNX file before the runtime does: which files its weights lie in, and whether its claims can be true. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { localModelError } from './local-model-error.js';

/** Weights that an ONNX file keeps in another file. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
  /** Bytes that the tensor's shape and type ask for. */
  readonly claimedBytes: number;
}

/** Bits of one element by `TensorProto.DataType`; source: onnx.proto of onnx 1.23. */
const elementBits: Readonly<Record<number, number>> = {
  1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128,
  16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2,
}; // prettier-ignore

const maxDepth = 24;

/**
 * Walks an ONNX file without reading its weights.
 *
 * @throws OcelliError `local-model` when the file is cut off, is no ONNX file, or a tensor claims more bytes than the file has
 */
export function readExternalData(path: string, name: string): readonly ExternalData[] {
  const file = openSync(path, 'r');
  try {
    const cursor = new Cursor(file, fstatSync(file).size, name);
    const walker = new Walker(cursor, name);
    walker.model();
    return walker.external;
  } finally {
    closeSync(file);
  }
}

/** Field numbers below: onnx.proto of onnx 1.23. */
class Walker {
  readonly external: ExternalData[] = [];
  #graphs = 0;

  constructor(
    private readonly cursor: Cursor,
    private readonly name: string,
  ) {}

  model(): void {
    this.cursor.message(this.cursor.size, (field) => {
      if (field === 7) this.#nested(0, () => this.#graph(1));
      else if (field === 25) this.#nested(0, () => this.#function(1));
      else return false;
      return true;
    });
    if (this.#graphs === 0) throw localModelError(`${this.name} holds no graph: it is not an ONNX model.`);
  }

  #nested(depth: number, read: () => void): void {
    if (depth > maxDepth) throw localModelError(`${this.name} is nested too deeply to be a real model.`);
    read();
  }

  #graph(depth: number): void {
    this.#graphs++;
    this.cursor.lengthDelimited((field) => {
      if (field === 1) this.#node(depth + 1);
      else if (field === 5) this.#tensor();
      else if (field === 15) this.#sparse();
      else return false;
      return true;
    });
  }

  #function(depth: number): void {
    this.cursor.lengthDelimited((field) => {
      if (field !== 7) return false;
      this.#node(depth + 1);
      return true;
    });
  }

  #node(depth: number): void {
    this.cursor.lengthDelimited((field) => {
      if (field !== 5) return false;
      this.#attribute(depth + 1);
      return true;
    });
  }

  #attribute(depth: number): void {
    this.cursor.lengthDelimited((field) => {
      if (field === 5 || field === 10) this.#tensor();
      else if (field === 6 || field === 11) this.#nested(depth, () => this.#graph(depth + 1));
      else if (field === 22 || field === 23) this.#sparse();
      else return false;
      return true;
    });
  }

  #sparse(): void {
    this.cursor.lengthDelimited((field) => {
      if (field !== 1 && field !== 2) return false;
      this.#tensor();
      return true;
    });
  }

  #tensor(): void {
    let elements = 1;
    let type = 0;
    let held: number | undefined;
    const entries = new Map<string, string>();
    const start = this.cursor.position;
    this.cursor.lengthDelimited((field, wire) => {
      if (field === 1) elements *= this.cursor.dimensions(wire);
      else if (field === 2 && wire === 0) type = this.cursor.varint();
      else if (field === 9 && wire === 2) held = this.cursor.skipBytes();
      else if (field === 13 && wire === 2) this.#entry(entries);
      else return false;
      return true;
    });
    const claimedBytes = Math.ceil((elements * (elementBits[type] ?? 8)) / 8);
    const location = entries.get('location');
    if (location !== undefined) {
      const length = entries.get('length');
      this.external.push({
        location,
        offset: Number(entries.get('offset') ?? 0),
        length: length === undefined ? undefined : Number(length),
        claimedBytes,
      });
      return;
    }
    // Weights outside `raw_data` are lists of numbers, of which a varint can be as small as one byte (half-byte types pack two).
    const most = held ?? (this.cursor.position - start) * 2;
    const wanted = held === undefined ? elements / 2 : claimedBytes;
    if (!(wanted <= most)) {
      throw localModelError(
        `${this.name} claims a tensor of ${describeBytes(claimedBytes)} but holds ${describeBytes(most)} for it. The file is damaged; fetch it again.`,
      );
    }
  }

  #entry(entries: Map<string, string>): void {
    let key = '';
    let value = '';
    this.cursor.lengthDelimited((field) => {
      if (field === 1) key = this.cursor.text();
      else if (field === 2) value = this.cursor.text();
      else return false;
      return true;
    });
    entries.set(key, value);
  }
}

/** Reads protobuf fields in order from a file, keeping only a small window of it in memory. */
class Cursor {
  position = 0;
  readonly #window = Buffer.allocUnsafe(64 * 1024);
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

  text(): string {
    const length = this.varint();
    if (length > 4096 || this.position + length > this.#end) this.#fail();
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
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
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
      this.#windowStart = this.position;
      this.#windowLength = readSync(this.file, this.#window, 0, this.#window.length, this.position);
      if (this.#windowLength === 0) this.#fail();
      this.position++;
      return this.#window[0] ?? 0;
    }
    this.position++;
    return this.#window[offset] ?? 0;
  }

  #fail(): never {
    throw localModelError(
      `${this.name} is not a whole ONNX file (broken at byte ${this.position} of ${this.size}). Fetch it again.`,
    );
  }
}

export function describeBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} kB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
