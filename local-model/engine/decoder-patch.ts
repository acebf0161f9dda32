/** Changes a decoder's graph while it is loaded: outputs that hold only a run's new cache rows, and faster 4-bit products. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { bytesField, bytesFieldHead, Cursor, joined, numberField, type Span } from './protobuf.js';

/**
 * How a decoder takes a cache that is longer than what it remembers.
 * `grouped`: GroupQueryAttention reads the real length from the mask; `joined`: the new rows are put behind the unused ones, which the mask hides.
 */
export type Appending = 'grouped' | 'joined';

/** Names of what the patch adds to a graph. */
export const rowsStart = 'ocelli.rows.start';
export const rowsEnd = 'ocelli.rows.end';
const rowsAxis = 'ocelli.rows.axis';

/** The added output with the new rows of `present.N.key` or `.value`. */
export function rowsOutput(present: string): string {
  return `ocelli.rows.${present}`;
}

/** A graph that was changed on its way from the disk. */
export interface PatchedGraph {
  readonly bytes: Uint8Array;
  /** `undefined` when the cache's outputs could not be added. */
  readonly appending: Appending | undefined;
  /** 4-bit products that were set to accuracy level 4. */
  readonly acceleratedNodes: number;
}

export interface PatchOptions {
  readonly appendOnly: boolean;
  readonly fastFourBit: boolean;
}

/** A cut in the file: bytes from `start` to before `end` are replaced. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** What is known of a graph after reading over it once. */
interface Skeleton {
  readonly graphs: readonly { readonly start: number; readonly body: Span }[];
  readonly opset: number;
  readonly irVersion: number;
  readonly inputs: ReadonlySet<string>;
  /** Element types of the outputs by name. */
  readonly outputs: ReadonlyMap<string, number>;
  /** The operator that makes each value `present.*`. */
  readonly producers: ReadonlyMap<string, string>;
  readonly slowNodes: readonly SlowNode[];
}

/** A MatMulNBits node of four bits whose accuracy level is not set. */
interface SlowNode {
  readonly start: number;
  readonly body: Span;
  /** The attribute that says 0, where one does. */
  readonly level: Span | undefined;
}

/** Files above this are read by the runtime itself: from memory their weights would lie there twice while loading. */
const maxPatchedBytes = 1024 ** 3;
/** Inputs of `Slice` are tensors since opset 10, initializers need no input of their name since IR 4; source: ONNX changelog. */
const leastOpset = 10;
const leastIrVersion = 4;

/** The changed graph, or `undefined` when there is nothing to change. The file was checked by `readExternalData` before. */
export function patchDecoder(path: string, name: string, options: PatchOptions): PatchedGraph | undefined {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    if (size > maxPatchedBytes) return undefined;
    const skeleton = readSkeleton(new Cursor(file, size, name));
    const [graph, ...more] = skeleton.graphs;
    if (graph === undefined || more.length > 0) return undefined;
    const slowNodes = options.fastFourBit ? skeleton.slowNodes : [];
    const appending = options.appendOnly ? appendingOf(skeleton) : undefined;
    if (appending === undefined && slowNodes.length === 0) return undefined;
    const inside = slowNodes.flatMap(accelerate);
    if (appending !== undefined) {
      inside.push({ start: graph.body.end, end: graph.body.end, bytes: addedOutputs(skeleton) });
    }
    const length = graph.body.end - graph.body.start + growth(inside);
    const head = { start: graph.start, end: graph.body.start, bytes: bytesFieldHead(7, length) };
    return {
      bytes: spliced(file, size, [head, ...inside]),
      appending,
      acceleratedNodes: slowNodes.length,
    };
  } finally {
    closeSync(file);
  }
}

/** What `patchDecoder` would find, without reading the weights. */
export function inspectDecoder(
  path: string,
  name: string,
): { readonly appending: Appending | undefined; readonly slowNodes: number } {
  const file = openSync(path, 'r');
  try {
    const skeleton = readSkeleton(new Cursor(file, fstatSync(file).size, name));
    return { appending: appendingOf(skeleton), slowNodes: skeleton.slowNodes.length };
  } finally {
    closeSync(file);
  }
}

function growth(edits: readonly Edit[]): number {
  return edits.reduce((sum, edit) => sum + edit.bytes.length - (edit.end - edit.start), 0);
}

/** Reads the file straight into its changed form, so that it is in memory once. `edits` are in order of place. */
function spliced(file: number, size: number, edits: readonly Edit[]): Uint8Array {
  const bytes = new Uint8Array(size + growth(edits));
  let from = 0;
  let to = 0;
  for (const edit of [...edits, { start: size, end: size, bytes: new Uint8Array(0) }]) {
    while (from < edit.start) {
      const count = readSync(file, bytes, to, edit.start - from, from);
      if (count === 0) throw new RangeError('The file became shorter while it was read.');
      from += count;
      to += count;
    }
    bytes.set(edit.bytes, to);
    to += edit.bytes.length;
    from = edit.end;
  }
  return bytes;
}

/** How the decoder's own attention takes a cache with unused rows; `undefined` when that is not known to work. */
function appendingOf(skeleton: Skeleton): Appending | undefined {
  const presents = presentsOf(skeleton);
  if (presents.length === 0 || skeleton.opset < leastOpset || skeleton.irVersion < leastIrVersion) return undefined;
  if (presents.some((name) => !skeleton.inputs.has(name.replace('present.', 'past_key_values.')))) return undefined;
  if (!skeleton.inputs.has('attention_mask')) return undefined;
  const operators = new Set(presents.map((name) => skeleton.producers.get(name)));
  if (operators.size !== 1) return undefined;
  if (operators.has('GroupQueryAttention')) return 'grouped';
  return operators.has('Concat') && skeleton.inputs.has('position_ids') ? 'joined' : undefined;
}

function presentsOf(skeleton: Skeleton): readonly string[] {
  return [...skeleton.outputs.keys()].filter((name) => name.startsWith('present.'));
}

/** Field numbers below: onnx.proto of onnx 1.23. */
function addedOutputs(skeleton: Skeleton): Uint8Array {
  const int64 = 7;
  const axis = joined([
    numberField(1, 1),
    numberField(2, int64),
    bytesField(8, rowsAxis),
    bytesField(9, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0)),
  ]);
  const oneNumber = bytesField(2, bytesField(1, numberField(1, 1)));
  const inputs = [rowsStart, rowsEnd].map((name) => valueInfo(11, name, int64, oneNumber));
  const outputs = presentsOf(skeleton).flatMap((present) => {
    const node = joined([
      ...[present, rowsStart, rowsEnd, rowsAxis].map((input) => bytesField(1, input)),
      bytesField(2, rowsOutput(present)),
      bytesField(3, rowsOutput(present)),
      bytesField(4, 'Slice'),
    ]);
    return [
      bytesField(1, node),
      valueInfo(12, rowsOutput(present), skeleton.outputs.get(present) ?? 0, new Uint8Array(0)),
    ];
  });
  return joined([bytesField(5, axis), ...inputs, ...outputs]);
}

function valueInfo(field: number, name: string, elementType: number, shape: Uint8Array): Uint8Array {
  const type = bytesField(1, joined([numberField(1, elementType), shape]));
  return bytesField(field, joined([bytesField(1, name), bytesField(2, type)]));
}

/** Sets `accuracy_level` to 4: activations are rounded to 8 bits per block. Measured 1.38x per token (reference/local-engine.md, section 2.3). */
function accelerate(node: SlowNode): readonly Edit[] {
  const integerAttribute = 2;
  const level = bytesField(
    5,
    joined([bytesField(1, 'accuracy_level'), numberField(3, 4), numberField(20, integerAttribute)]),
  );
  const removed = node.level === undefined ? 0 : node.level.end - node.level.start;
  const length = node.body.end - node.body.start - removed + level.length;
  return [
    { start: node.start, end: node.body.start, bytes: bytesFieldHead(1, length) },
    ...(node.level === undefined ? [] : [{ ...node.level, bytes: new Uint8Array(0) }]),
    { start: node.body.end, end: node.body.end, bytes: level },
  ];
}

function readSkeleton(cursor: Cursor): Skeleton {
  const graphs: { start: number; body: Span }[] = [];
  const inputs = new Set<string>();
  const outputs = new Map<string, number>();
  const producers = new Map<string, string>();
  const slowNodes: SlowNode[] = [];
  let opset = 0;
  let irVersion = 0;

  function graph(): void {
    const start = cursor.fieldStart;
    const body = cursor.body((field) => {
      if (field === 1) node();
      else if (field === 11) inputs.add(readValueInfo(cursor).name);
      else if (field === 12) {
        const value = readValueInfo(cursor);
        outputs.set(value.name, value.elementType);
      } else return false;
      return true;
    });
    graphs.push({ start, body });
  }

  function node(): void {
    const start = cursor.fieldStart;
    const made: string[] = [];
    const attributes = new Map<string, Attribute>();
    let operator = '';
    const body = cursor.body((field, wire) => {
      if (field === 2) made.push(cursor.text());
      else if (field === 4) operator = cursor.text();
      else if (field === 5 && wire === 2) {
        const attribute = readAttribute(cursor);
        attributes.set(attribute.name, attribute);
      } else return false;
      return true;
    });
    for (const name of made) if (name.startsWith('present.')) producers.set(name, operator);
    if (operator !== 'MatMulNBits' || (attributes.get('bits')?.value ?? 4) !== 4) return;
    const level = attributes.get('accuracy_level');
    if ((level?.value ?? 0) === 0) slowNodes.push({ start, body, level: level?.span });
  }

  cursor.message(cursor.size, (field, wire) => {
    if (field === 1 && wire === 0) irVersion = cursor.varint();
    else if (field === 7) graph();
    else if (field === 8) opset = Math.max(opset, readOpset(cursor));
    else return false;
    return true;
  });
  return { graphs, opset, irVersion, inputs, outputs, producers, slowNodes };
}

interface Attribute {
  readonly name: string;
  readonly value: number;
  readonly span: Span;
}

function readAttribute(cursor: Cursor): Attribute {
  const start = cursor.fieldStart;
  let name = '';
  let value = 0;
  const body = cursor.body((field, wire) => {
    if (field === 1) name = cursor.text();
    else if (field === 3 && wire === 0) value = cursor.varint();
    else return false;
    return true;
  });
  return { name, value, span: { start, end: body.end } };
}

function readValueInfo(cursor: Cursor): { readonly name: string; readonly elementType: number } {
  let name = '';
  let elementType = 0;
  cursor.body((field) => {
    if (field === 1) name = cursor.text();
    else if (field === 2)
      cursor.body((kind) => {
        if (kind !== 1) return false;
        cursor.body((inner, wire) => {
          if (inner !== 1 || wire !== 0) return false;
          elementType = cursor.varint();
          return true;
        });
        return true;
      });
    else return false;
    return true;
  });
  return { name, elementType };
}

/** The version of the standard operators; 0 for those of another domain. */
function readOpset(cursor: Cursor): number {
  let domain = '';
  let version = 0;
  cursor.body((field, wire) => {
    if (field === 1) domain = cursor.text();
    else if (field === 2 && wire === 0) version = cursor.varint();
    else return false;
    return true;
  });
  return domain === '' || domain === 'ai.onnx' ? version : 0;
}
