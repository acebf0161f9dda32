/** Takes GroupQueryAttention apart, so that the remembered rows are only read where they lie and not copied once a token. */

import {
  floatType,
  inputField,
  int64Type,
  integersField,
  nodeField,
  numberConstant,
  outputField,
  type NodeText,
} from './graph-bytes.js';
import type { NodeInfo, Skeleton } from './decoder-skeleton.js';

/** Names of the inputs that a decoder with split attention has besides its own. */
export const splitPosition = 'ocelli.split.position';
export const splitSizes = 'ocelli.split.sizes';
export const splitMask = 'ocelli.split.mask';

/** Sizes and habits of an attention; all of a decoder have the same. */
export interface AttentionShape {
  readonly kvHeads: number;
  /** Query heads that share a key. */
  readonly group: number;
  readonly size: number;
  readonly scale: number;
  /** Whether it turns queries and keys by their positions itself, and by which pairs of numbers. */
  readonly rotary: 'none' | 'halves' | 'neighbours';
}

/** An attention and the names around it. */
export interface AttentionNode extends AttentionShape {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly pastKey: string;
  readonly pastValue: string;
  readonly cosines: string;
  readonly sines: string;
  readonly attended: string;
  readonly rowsKey: string;
  readonly rowsValue: string;
}

const microsoft = 'com.microsoft';
/** Attributes that are understood; any other, unless it is zero or -1 (both say "off"), changes what is computed. */
const understood = new Set(['num_heads', 'kv_num_heads', 'scale', 'do_rotary', 'rotary_interleaved']);

/** Every attention of a decoder, or `undefined` when one of them does what this does not know. */
export function splittable(
  skeleton: Skeleton,
  rowsOutput: (present: string) => string,
): readonly AttentionNode[] | undefined {
  const nodes = skeleton.nodes.filter((node) => node.operator === 'GroupQueryAttention');
  const read = nodes.map((node) => readAttention(node, skeleton, rowsOutput));
  const all = read.filter((node) => node !== undefined);
  const [first] = all;
  if (first === undefined || all.length < read.length) return undefined;
  return all.every((node) => isAlike(node, first)) ? all : undefined;
}

function isAlike(one: AttentionShape, other: AttentionShape): boolean {
  const keys = ['kvHeads', 'group', 'size', 'scale', 'rotary'] as const;
  return keys.every((key) => one[key] === other[key]);
}

/** Inputs and attributes: com.microsoft.GroupQueryAttention of onnxruntime 1.30. */
function readAttention(
  node: NodeInfo,
  skeleton: Skeleton,
  rowsOutput: (present: string) => string,
): AttentionNode | undefined {
  const [query = '', key = '', value = '', pastKey = '', pastValue = '', , , cosines = '', sines = '', ...more] =
    node.inputs;
  const [attended = '', presentKey = '', presentValue = '', ...others] = node.outputs;
  const number = (name: string): number => node.attributes.get(name)?.value ?? 0;
  const isOff = (of: number): boolean => of === 0 || of > 2 ** 53;
  if ([...node.attributes.values()].some(({ name, value: set }) => !understood.has(name) && !isOff(set)))
    return undefined;
  if (key === '' || value === '' || more.some((name) => name !== '') || others.some((name) => name !== ''))
    return undefined;
  const past = [pastKey, pastValue].map((name) => skeleton.inputs.get(name));
  const present = [presentKey, presentValue].map((name) => skeleton.outputs.get(name));
  if ([...past, ...present].some((info) => info?.elementType !== floatType)) return undefined;
  const [heads, kvHeads, size] = [number('num_heads'), number('kv_num_heads'), past[0]?.shape[3] ?? 0];
  if (kvHeads === 0 || size === 0 || heads % kvHeads !== 0 || past[0]?.shape[1] !== kvHeads) return undefined;
  const turns = number('do_rotary') === 1;
  // Where only a part of each head is turned, the cosines are shorter.
  if (turns && [cosines, sines].some((name) => skeleton.constants.get(name)?.[1] !== size / 2)) return undefined;
  return {
    kvHeads,
    group: heads / kvHeads,
    size,
    scale: number('scale') || size ** -0.5,
    rotary: !turns ? 'none' : number('rotary_interleaved') === 1 ? 'neighbours' : 'halves',
    query,
    key,
    value,
    pastKey,
    pastValue,
    cosines,
    sines,
    attended,
    rowsKey: rowsOutput(presentKey),
    rowsValue: rowsOutput(presentValue),
  };
}

/** Constants and inputs that all attentions of a graph share. */
export function sharedFields({ kvHeads, group, size, scale }: AttentionShape): readonly Uint8Array[] {
  return [
    integersField('ocelli.split.query.shape', [-1, kvHeads, group, size]),
    integersField('ocelli.split.rows.shape', [-1, kvHeads, 1, size]),
    integersField('ocelli.split.attended.shape', [1, -1, kvHeads * group * size]),
    numberConstant('ocelli.split.scale', scale),
    inputField(splitPosition, int64Type, [1]),
    inputField(splitSizes, int64Type, [2]),
    inputField(splitMask, floatType, ['ocelli_new', 'ocelli_all']),
  ];
}

/** Inputs and outputs that take the place of an attention's cache: a head's rows lie together, so that reading them is reading memory in order. */
export function cacheFields({ kvHeads, size, ...node }: AttentionNode): readonly Uint8Array[] {
  return [
    inputField(node.pastKey, floatType, [kvHeads, 1, 'ocelli_past', size]),
    inputField(node.pastValue, floatType, [kvHeads, 1, 'ocelli_past', size]),
    outputField(node.rowsKey, floatType, [kvHeads, 1, 'ocelli_new', size]),
    outputField(node.rowsValue, floatType, [kvHeads, 1, 'ocelli_new', size]),
  ];
}

/**
 * The nodes that take the place of one attention.
 * softmax(scale · q·[K past, K new]ᵀ + mask)·[V past, V new], each product once over the past and once over the new rows.
 * One row of q at a time runs through a kernel that reads K and V once and in order; measured for 30 layers of 2,048 × 3 × 64, 2 threads
 * (2026-11-24): 5.6 ms, where a product of three rows takes 10 and one over rows laid out token by token 13.
 */
export function attentionNodes(node: AttentionNode, index: number): readonly NodeText[] {
  const name = (part: string): string => `ocelli.split.${index}.${part}`;
  const op = (operator: string, inputs: string[], output: string, attributes = {}, domain?: string): NodeText => ({
    operator,
    inputs,
    outputs: [output],
    attributes,
    ...(domain === undefined ? {} : { domain }),
  });
  const byHead = { perm: [1, 2, 0, 3] };
  const turned = turnedNodes(node, name);
  return [
    ...turned.nodes,
    op('Reshape', [turned.query, 'ocelli.split.query.shape'], name('query.rows')),
    op('Transpose', [name('query.rows')], name('query'), byHead),
    op('Reshape', [turned.key, 'ocelli.split.rows.shape'], name('key.rows')),
    op('Transpose', [name('key.rows')], node.rowsKey, byHead),
    op('Reshape', [node.value, 'ocelli.split.rows.shape'], name('value.rows')),
    op('Transpose', [name('value.rows')], node.rowsValue, byHead),
    op('FusedMatMul', [name('query'), node.pastKey], name('past.scores'), { transB: 1 }, microsoft),
    op('FusedMatMul', [name('query'), node.rowsKey], name('new.scores'), { transB: 1 }, microsoft),
    op('Concat', [name('past.scores'), name('new.scores')], name('scores'), { axis: 3 }),
    op('Add', [name('scores'), splitMask], name('masked')),
    op('Softmax', [name('masked')], name('shares'), { axis: 3 }),
    {
      operator: 'Split',
      inputs: [name('shares'), splitSizes],
      outputs: [name('past.shares'), name('new.shares')],
      attributes: { axis: 3 },
    },
    op('MatMul', [name('past.shares'), node.pastValue], name('past.sum')),
    op('MatMul', [name('new.shares'), node.rowsValue], name('new.sum')),
    op('Add', [name('past.sum'), name('new.sum')], name('sum')),
    op('Transpose', [name('sum')], name('sum.rows'), { perm: [2, 0, 1, 3] }),
    op('Reshape', [name('sum.rows'), 'ocelli.split.attended.shape'], node.attended),
  ];
}

/** Queries, scaled, and keys by their positions. The scale goes into the cosines, which the runtime works out once. */
function turnedNodes(
  { rotary, kvHeads, group, ...node }: AttentionNode,
  name: (part: string) => string,
): { readonly nodes: readonly NodeText[]; readonly query: string; readonly key: string } {
  const scaled = (input: string, output: string): NodeText => ({
    operator: 'Mul',
    inputs: [input, 'ocelli.split.scale'],
    outputs: [name(output)],
  });
  if (rotary === 'none') {
    return { nodes: [scaled(node.query, 'query.scaled')], query: name('query.scaled'), key: node.key };
  }
  const turn = (rows: string, heads: number, cosines: string, sines: string, output: string): NodeText => ({
    operator: 'RotaryEmbedding',
    inputs: [rows, splitPosition, cosines, sines],
    outputs: [name(output)],
    attributes: { num_heads: heads, interleaved: rotary === 'neighbours' ? 1 : 0 },
    domain: microsoft,
  });
  const nodes = [
    scaled(node.cosines, 'cosines'),
    scaled(node.sines, 'sines'),
    turn(node.query, kvHeads * group, name('cosines'), name('sines'), 'query.turned'),
    turn(node.key, kvHeads, node.cosines, node.sines, 'key.turned'),
  ];
  return { nodes, query: name('query.turned'), key: name('key.turned') };
}

export function nodeFields(nodes: readonly NodeText[]): readonly Uint8Array[] {
  return nodes.map(nodeField);
}
