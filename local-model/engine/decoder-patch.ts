/** Changes a decoder's graph while it is loaded: only a run's new cache rows come out, attention reads the old ones where they lie, 4-bit products are faster. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isSlow, readSkeleton, type NodeInfo, type Skeleton } from './decoder-skeleton.js';
import { inputField, int64Type, integersField, nodeField, outputField } from './graph-bytes.js';
import { bytesField, bytesFieldHead, joined, numberField } from './protobuf.js';
import {
  attentionNodes,
  cacheFields,
  nodeFields,
  sharedFields,
  splittable,
  type AttentionNode,
  type AttentionShape,
} from './split-attention.js';

/**
 * How a decoder takes a cache that is longer than what it remembers.
 * `grouped`: GroupQueryAttention reads the real length from the mask; `joined`: the new rows are put behind the unused ones, which the mask hides;
 * `split`: attention was taken apart (`split-attention.ts`), and a mask of its own hides the unused rows.
 */
export type Appending = 'grouped' | 'joined' | 'split';

/** Names of what the patch adds to a graph. */
export const rowsStart = 'ocelli.rows.start';
export const rowsEnd = 'ocelli.rows.end';
const rowsAxis = 'ocelli.rows.axis';
/** Added input: from which row on logits are wanted, counted from the end. */
export const logitsFrom = 'ocelli.logits.from';

/** The added output with the new rows of `present.N.key` or `.value`. */
export function rowsOutput(present: string): string {
  return `ocelli.rows.${present}`;
}

/** A graph that was changed on its way from the disk. */
export interface PatchedGraph {
  readonly bytes: Uint8Array;
  /** `undefined` when the cache's outputs could not be added. */
  readonly appending: Appending | undefined;
  /** What its attentions are like, where they were split. */
  readonly attention?: AttentionShape;
  /** 4-bit products that were set to accuracy level 4. */
  readonly acceleratedNodes: number;
  /** Whether some operator of the file rounds what flows through the graph to 8 bits. */
  readonly roundsActivations: boolean;
}

export interface PatchOptions {
  readonly appendOnly: boolean;
  readonly fastFourBit: boolean;
  /** Take attention apart where that is known to work; needs `appendOnly`. Default false. */
  readonly splitAttention?: boolean;
  /** Work out the logits of those rows only that are asked for. Default false. */
  readonly lastLogits?: boolean;
}

/** A cut in the file: bytes from `start` to before `end` are replaced. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

const nothing = new Uint8Array(0);
/** Files above this are read by the runtime itself: from memory their weights would lie there twice while loading. */
const maxPatchedBytes = 1024 ** 3;
/** Inputs of `Slice` are tensors since opset 10, initializers need no input of their name since IR 4; source: ONNX changelog. */
const leastOpset = 10;
const leastIrVersion = 4;
/** `Split` takes its sizes as an input since opset 13. */
const leastSplitOpset = 13;
/** Bytes from which on glibc never keeps a freed block (32 MiB on 64-bit systems), with room for its own heading; and from where on that matters. */
const neverKept = 33 * 1024 ** 2;
const leastOwnBlock = 1024 ** 2;

/** The changed graph, or `undefined` when there is nothing to change. The file was checked by `readExternalData` before. */
export function patchDecoder(path: string, name: string, options: PatchOptions): PatchedGraph | undefined {
  const skeleton = readSkeleton(path, name);
  const [graph, ...more] = skeleton.graphs;
  if (graph === undefined || more.length > 0 || skeleton.size > maxPatchedBytes) return undefined;
  const slowNodes = options.fastFourBit ? skeleton.nodes.filter(isSlow) : [];
  const appending = options.appendOnly ? appendingOf(skeleton) : undefined;
  const attentions = options.splitAttention === true && appending === 'grouped' ? attentionsOf(skeleton) : undefined;
  const head = options.lastLogits === true ? headOf(skeleton) : undefined;
  if (appending === undefined && slowNodes.length === 0 && head === undefined) return undefined;
  const added = [
    ...(attentions !== undefined ? splitFields(attentions) : appending !== undefined ? addedOutputs(skeleton) : []),
    ...(head === undefined ? [] : headFields()),
  ];
  // What is put at the end of a node comes before what replaces the node behind it.
  const inside = [
    ...(attentions === undefined ? [] : splitEdits(skeleton, attentions)),
    ...skeleton.nodes.flatMap((node) => nodeEdits(node, slowNodes.includes(node), node === head)),
    { start: graph.body.end, end: graph.body.end, bytes: joined(added) },
  ].sort((first, second) => first.start - second.start || first.end - second.end);
  const length = graph.body.end - graph.body.start + growth(inside);
  return {
    bytes: spliced(path, [{ start: graph.start, end: graph.body.start, bytes: bytesFieldHead(7, length) }, ...inside]),
    appending: attentions === undefined ? appending : 'split',
    ...(attentions?.[0] === undefined ? {} : { attention: attentions[0] }),
    acceleratedNodes: slowNodes.length,
    roundsActivations: skeleton.roundsActivations,
  };
}

/** What `patchDecoder` would find, without reading the weights. */
export function inspectDecoder(
  path: string,
  name: string,
): { readonly appending: Appending | undefined; readonly slowNodes: number } {
  const skeleton = readSkeleton(path, name);
  return { appending: appendingOf(skeleton), slowNodes: skeleton.nodes.filter(isSlow).length };
}

function growth(edits: readonly Edit[]): number {
  return edits.reduce((sum, edit) => sum + edit.bytes.length - (edit.end - edit.start), 0);
}

/** Reads the file straight into its changed form, so that it is in memory once. `edits` are in order of place. */
function spliced(path: string, edits: readonly Edit[]): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = blockOfItsOwn(size + growth(edits));
    let from = 0;
    let to = 0;
    for (const edit of [...edits, { start: size, end: size, bytes: nothing }]) {
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
  } finally {
    closeSync(file);
  }
}

/**
 * Memory that goes back to the system whole when it is let go of. glibc keeps freed blocks of up to 32 MiB, and twice as much as the largest of
 * them, for every arena in which a thread ever loaded a model: 42 MB each instead of 28 for the bundled one (docs/performance.md, 2026-11-24).
 * Larger blocks are never kept, and what is not written to takes no memory. Source: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
 */
function blockOfItsOwn(length: number): Uint8Array {
  const room = length < leastOwnBlock ? length : Math.max(length, neverKept);
  return new Uint8Array(new ArrayBuffer(room), 0, length);
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

/** Every attention, where all can be split and they make all of the cache. */
function attentionsOf(skeleton: Skeleton): readonly AttentionNode[] | undefined {
  const attentions = skeleton.opset < leastSplitOpset ? undefined : splittable(skeleton, rowsOutput);
  return attentions?.length === presentsOf(skeleton).length / 2 ? attentions : undefined;
}

function presentsOf(skeleton: Skeleton): readonly string[] {
  return [...skeleton.outputs.keys()].filter((name) => name.startsWith('present.'));
}

/** Field numbers below: onnx.proto of onnx 1.23. */
function addedOutputs(skeleton: Skeleton): readonly Uint8Array[] {
  const inputs = [rowsStart, rowsEnd].map((name) => inputField(name, int64Type, [1]));
  const outputs = presentsOf(skeleton).flatMap((present) => [
    nodeField({ operator: 'Slice', inputs: [present, rowsStart, rowsEnd, rowsAxis], outputs: [rowsOutput(present)] }),
    outputField(rowsOutput(present), skeleton.outputs.get(present)?.elementType ?? 0),
  ]);
  return [integersField(rowsAxis, [2]), ...inputs, ...outputs];
}

function splitFields(attentions: readonly AttentionNode[]): readonly Uint8Array[] {
  const [first] = attentions;
  return first === undefined ? [] : [...sharedFields(first), ...attentions.flatMap(cacheFields)];
}

/** Takes out the attentions, and the cache's inputs and outputs as they were. */
function splitEdits(skeleton: Skeleton, attentions: readonly AttentionNode[]): readonly Edit[] {
  const nodes = skeleton.nodes.filter((node) => node.operator === 'GroupQueryAttention');
  const replaced = nodes.map((node, index) => {
    const attention = attentions[index];
    const bytes = attention === undefined ? nothing : joined(nodeFields(attentionNodes(attention, index)));
    return { start: node.start, end: node.body.end, bytes };
  });
  const values = presentsOf(skeleton).flatMap((name) => [
    skeleton.outputs.get(name),
    skeleton.inputs.get(name.replace('present.', 'past_key_values.')),
  ]);
  return [...replaced, ...values.flatMap((value) => (value === undefined ? [] : [{ ...value.span, bytes: nothing }]))];
}

/** The product that makes the logits, where it makes those of every row. */
function headOf(skeleton: Skeleton): NodeInfo | undefined {
  if (skeleton.opset < leastOpset || skeleton.irVersion < leastIrVersion) return undefined;
  if (skeleton.inputs.has('num_logits_to_keep') || skeleton.inputs.has('encoder_hidden_states')) return undefined;
  const node = skeleton.nodes.find(({ outputs }) => outputs[0] === 'logits');
  return node?.operator === 'MatMul' || node?.operator === 'MatMulNBits' ? node : undefined;
}

const headInput = 'ocelli.logits.rows';

function headFields(): readonly Uint8Array[] {
  return [
    inputField(logitsFrom, int64Type, [1]),
    integersField('ocelli.logits.end', [Number.MAX_SAFE_INTEGER]),
    integersField('ocelli.logits.axis', [1]),
  ];
}

/**
 * Changes within a node. `isSlow`: `accuracy_level` becomes 4, activations are rounded to 8 bits per block; measured 1.38x per token
 * (reference/local-engine.md, section 2.3). `isHead`: its input is cut to the rows whose logits are wanted.
 */
function nodeEdits(node: NodeInfo, isSlow: boolean, isHead: boolean): readonly Edit[] {
  if (!isSlow && !isHead) return [];
  const changes: Edit[] = [];
  let before: Uint8Array = nothing;
  if (isHead && node.firstInput !== undefined) {
    const inputs = [node.inputs[0] ?? '', logitsFrom, 'ocelli.logits.end', 'ocelli.logits.axis'];
    before = nodeField({ operator: 'Slice', inputs, outputs: [headInput] });
    changes.push({ ...node.firstInput, bytes: bytesField(1, headInput) });
  }
  if (isSlow) {
    const level = node.attributes.get('accuracy_level')?.span;
    if (level !== undefined) changes.push({ ...level, bytes: nothing });
    changes.push({ start: node.body.end, end: node.body.end, bytes: levelFour() });
  }
  const length = node.body.end - node.body.start + growth(changes);
  const start = joined([before, bytesFieldHead(1, length)]);
  return [{ start: node.start, end: node.body.start, bytes: start }, ...changes];
}

function levelFour(): Uint8Array {
  const integerAttribute = 2;
  return bytesField(5, joined([bytesField(1, 'accuracy_level'), numberField(3, 4), numberField(20, integerAttribute)]));
}
