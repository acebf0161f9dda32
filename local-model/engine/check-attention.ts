/** Makes sure that attention taken apart gives what the runtime's own gives, on one small attention of a model's sizes. */

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { floatType, inputField, modelBytes, nodeField, outputField, type Attributes } from './graph-bytes.js';
import type { NativeGate } from './native-gate.js';
import { bytesField } from './protobuf.js';
import type { Ort } from './runtime.js';
import {
  attentionNodes,
  nodeFields,
  sharedFields,
  splitMask,
  splitPosition,
  splitSizes,
  type AttentionNode,
  type AttentionShape,
} from './split-attention.js';

const int32Type = 6;
/** Tokens remembered, slots that they lie in, and new ones. */
const [past, capacity, fresh] = [3, 5, 2];
const positions = past + fresh;
/** Sums are added up in another order; an error in positions, masks or heads is as large as the values, which are about one. */
const tolerance = 1e-4;

/** True when both ways agree on the result and on the rows to remember. */
export async function splitsExactly(ort: Ort, shape: AttentionShape, gate: NativeGate): Promise<boolean> {
  return gate.run(async () => {
    let session: InferenceSession | undefined;
    try {
      session = await ort.InferenceSession.create(bothWays(shape), { intraOpNumThreads: 1, logSeverityLevel: 4 });
      const outputs = await session.run(feeds(ort, shape));
      const of = (name: string): Float32Array => (outputs[name] as Tensor).data as Float32Array;
      const rows = [of('present.key'), of('present.value')].map((all) => newRows(all, shape));
      return (
        isNear(of('parts'), of('whole')) &&
        isNear(of('rows.key'), rows[0] ?? []) &&
        isNear(of('rows.value'), rows[1] ?? [])
      );
    } catch {
      return false;
    } finally {
      await session?.release();
    }
  });
}

function isNear(one: Float32Array, other: ArrayLike<number>): boolean {
  return (
    one.length === other.length && one.every((value, place) => Math.abs(value - (other[place] ?? NaN)) < tolerance)
  );
}

/** What the runtime's own attention wrote behind the remembered rows of each head. */
function newRows(all: Float32Array, { kvHeads, size }: AttentionShape): number[] {
  const perHead = all.length / kvHeads;
  return Array.from({ length: kvHeads }, (_, head) => [
    ...all.subarray(head * perHead + past * size, head * perHead + (past + fresh) * size),
  ]).flat();
}

/** A model of one attention that is computed twice. */
function bothWays(shape: AttentionShape): Uint8Array {
  const { kvHeads, group, size } = shape;
  const node: AttentionNode = {
    ...shape,
    query: 'query',
    key: 'key',
    value: 'value',
    pastKey: 'past.key',
    pastValue: 'past.value',
    cosines: 'cosines',
    sines: 'sines',
    attended: 'parts',
    rowsKey: 'rows.key',
    rowsValue: 'rows.value',
  };
  const turning = shape.rotary === 'none' ? [] : ['cosines', 'sines'];
  const attributes: Attributes = {
    num_heads: kvHeads * group,
    kv_num_heads: kvHeads,
    scale: { float: shape.scale },
    do_rotary: turning.length === 0 ? 0 : 1,
    rotary_interleaved: shape.rotary === 'neighbours' ? 1 : 0,
  };
  const whole = nodeField({
    operator: 'GroupQueryAttention',
    inputs: ['query', 'key', 'value', 'whole.past.key', 'whole.past.value', 'lengths', 'total', ...turning],
    outputs: ['whole', 'present.key', 'present.value'],
    attributes,
    domain: 'com.microsoft',
  });
  const angles = turning.map((name) => inputField(name, floatType, [positions, size / 2]));
  const graph = [
    bytesField(2, 'attention'),
    whole,
    ...nodeFields(attentionNodes(node, 0)),
    ...sharedFields(shape),
    inputField('query', floatType, [1, fresh, kvHeads * group * size]),
    ...['key', 'value'].flatMap((name) => [
      inputField(name, floatType, [1, fresh, kvHeads * size]),
      inputField(`past.${name}`, floatType, [kvHeads, 1, capacity, size]),
      inputField(`whole.past.${name}`, floatType, [1, kvHeads, capacity, size]),
      outputField(`present.${name}`, floatType),
      outputField(`rows.${name}`, floatType),
    ]),
    ...angles,
    inputField('lengths', int32Type, [1]),
    inputField('total', int32Type, []),
    outputField('whole', floatType),
    outputField('parts', floatType),
  ];
  return modelBytes(graph);
}

function feeds(ort: Ort, { kvHeads, group, size, rotary }: AttentionShape): Record<string, Tensor> {
  const floats = (seed: number, dims: readonly number[]): Tensor =>
    new ort.Tensor(
      'float32',
      someNumbers(
        seed,
        dims.reduce((product, each) => product * each, 1),
      ),
      dims,
    );
  const angles = someNumbers(8, (positions * size) / 2);
  const turn = (of: (angle: number) => number): Tensor =>
    new ort.Tensor('float32', angles.map(of), [positions, size / 2]);
  const memory = { key: someNumbers(4, kvHeads * capacity * size), value: someNumbers(5, kvHeads * capacity * size) };
  const given: Record<string, Tensor> = {
    query: floats(1, [1, fresh, kvHeads * group * size]),
    key: floats(2, [1, fresh, kvHeads * size]),
    value: floats(3, [1, fresh, kvHeads * size]),
    'past.key': new ort.Tensor('float32', memory.key, [kvHeads, 1, capacity, size]),
    'past.value': new ort.Tensor('float32', memory.value, [kvHeads, 1, capacity, size]),
    'whole.past.key': new ort.Tensor('float32', memory.key, [1, kvHeads, capacity, size]),
    'whole.past.value': new ort.Tensor('float32', memory.value, [1, kvHeads, capacity, size]),
    lengths: new ort.Tensor('int32', Int32Array.of(past + fresh - 1), [1]),
    total: new ort.Tensor('int32', Int32Array.of(past + fresh), []),
    [splitPosition]: new ort.Tensor('int64', BigInt64Array.of(BigInt(past)), [1]),
    [splitSizes]: new ort.Tensor('int64', BigInt64Array.of(BigInt(capacity), BigInt(fresh)), [2]),
    [splitMask]: new ort.Tensor('float32', someMask(), [fresh, capacity + fresh]),
  };
  return rotary === 'none' ? given : { ...given, cosines: turn(Math.cos), sines: turn(Math.sin) };
}

function someMask(): Float32Array {
  const all = capacity + fresh;
  return Float32Array.from({ length: fresh * all }, (_, index) => {
    const [row, column] = [Math.floor(index / all), index % all];
    const isSeen = column < past || (column >= capacity && column - capacity <= row);
    return isSeen ? 0 : -1e9;
  });
}

/** Any numbers between -1 and 1. */
function someNumbers(seed: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(seed * 78.233 + index * 12.9898));
}
