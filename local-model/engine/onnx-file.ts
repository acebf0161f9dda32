/** Reads the skeleton of an ONNX file before the runtime does: which files its weights lie in, and whether its claims can be true. */

import { closeSync, fstatSync, openSync } from 'node:fs';
import { localModelError } from './local-model-error.js';
import { Cursor } from './protobuf.js';

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

/** `TensorProto.DataType.INT8`. */
const signedByte = 3;

/** Where signed 8-bit weights lie; `start` is `undefined` where they are written as a list of numbers. */
export interface SignedBytes {
  /** A file beside the graph; `undefined`: the graph's own. */
  readonly location: string | undefined;
  readonly start: number | undefined;
  readonly length: number;
}

const maxDepth = 24;

/**
 * Walks an ONNX file without reading its weights.
 *
 * @throws OcelliError `local-model` when the file is cut off, is no ONNX file, or a tensor claims more bytes than the file has
 */
export function readExternalData(path: string, name: string): readonly ExternalData[] {
  return walk(path, name).external;
}

/** The signed 8-bit matrices of an ONNX file that was checked by `readExternalData`. Scales and zero points are none. */
export function readSignedBytes(path: string, name: string): readonly SignedBytes[] {
  return walk(path, name).signedBytes;
}

function walk(path: string, name: string): Walker {
  const file = openSync(path, 'r');
  try {
    const cursor = new Cursor(file, fstatSync(file).size, name);
    const walker = new Walker(cursor, name);
    walker.model();
    return walker;
  } finally {
    closeSync(file);
  }
}

/** Field numbers below: onnx.proto of onnx 1.23. */
class Walker {
  readonly external: ExternalData[] = [];
  readonly signedBytes: SignedBytes[] = [];
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
    let heldFrom: number | undefined;
    let sides = 0;
    const entries = new Map<string, string>();
    const start = this.cursor.position;
    this.cursor.lengthDelimited((field, wire) => {
      if (field === 1) {
        const before = this.cursor.position;
        elements *= this.cursor.dimensions(wire);
        // Packed, a length comes before them; a dimension of a matrix that matters takes a byte or more.
        sides += wire === 0 ? 1 : this.cursor.position - before - 1;
      } else if (field === 2 && wire === 0) type = this.cursor.varint();
      else if (field === 9 && wire === 2) {
        held = this.cursor.skipBytes();
        heldFrom = this.cursor.position - held;
      } else if (field === 13 && wire === 2) this.#entry(entries);
      else return false;
      return true;
    });
    const claimedBytes = Math.ceil((elements * (elementBits[type] ?? 8)) / 8);
    const location = entries.get('location');
    if (type === signedByte && sides >= 2) {
      const from = location === undefined ? heldFrom : Number(entries.get('offset') ?? 0);
      this.signedBytes.push({ location, start: from, length: elements });
    }
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

export function describeBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} kB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
