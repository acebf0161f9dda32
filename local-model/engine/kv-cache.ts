/** What the decoder remembers of the tokens before, behind one interface so that there can be a plain and a fast way of keeping it. */

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { rowsEnd, rowsOutput, rowsStart, type Appending } from './decoder-patch.js';
import { localModelError } from './local-model-error.js';
import type { Ort } from './runtime.js';

export interface KvCache {
  /** Tokens remembered. */
  readonly length: number;
  /** Outputs to ask a run for, beside the logits. */
  readonly fetches: readonly string[];
  /** Bytes of memory held. */
  readonly bytes: number;
  /** Inputs of a run over `count` new tokens. */
  feeds(count: number): Readonly<Record<string, Tensor>>;
  /** The attention mask of such a run. */
  mask(count: number): BigInt64Array;
  /** Takes what a run over `count` new tokens returned. */
  accept(outputs: InferenceSession.OnnxValueMapType, count: number): void;
  /** Forgets all but the first `length` tokens. */
  truncate(length: number): void;
  /** Another cache that remembers the first `length` tokens, all when not given. */
  fork(length?: number): KvCache;
}

/** A past input of the decoder and what feeds it. */
export interface Slot {
  readonly input: string;
  /** The output with the whole cache. */
  readonly output: string;
  readonly type: 'float32' | 'float16';
  /** Heads and numbers per head and token; the cache lies as [1, heads, tokens, size], or [heads, 1, …] where attention is split. */
  readonly heads: number;
  /** The first two sizes. */
  readonly leading: readonly [number, number];
  readonly size: number;
  readonly empty: Tensor;
}

/** A typed array of a cache's numbers; half floats as their bits. */
export type Numbers = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** Names and empty tensors of a decoder's cache, read once from its own metadata. */
export class CacheLayout {
  readonly slots: readonly Slot[];
  /** Set when the decoder returns its new rows apart; see `decoder-patch.ts`. */
  readonly appending: Appending | undefined;
  /** What a decoder with added inputs must be fed when it is used the plain way. */
  readonly unusedFeeds: Readonly<Record<string, Tensor>>;

  /** @throws OcelliError `local-model` when an input has no output to be fed from, or a shape that is not known */
  constructor(
    readonly ort: Ort,
    decoder: InferenceSession,
    appending?: Appending,
  ) {
    this.slots = decoder.inputMetadata
      .filter((input) => input.name.startsWith('past_key_values.'))
      .map((input) => slotOf(ort, input, decoder.outputNames));
    if (this.slots.length === 0) {
      throw localModelError('The decoder keeps no past_key_values; a decoder_model_merged export is needed.');
    }
    const hasRows = this.slots.every((slot) => decoder.outputNames.includes(rowsOutput(slot.output)));
    const isSized = this.slots.every((slot) => slot.heads > 0 && slot.size > 0);
    this.appending = hasRows && isSized ? appending : undefined;
    this.unusedFeeds = decoder.inputNames.includes(rowsStart)
      ? { [rowsStart]: oneNumber(ort, 0), [rowsEnd]: oneNumber(ort, 0) }
      : {};
  }
}

export function oneNumber(ort: Ort, value: number): Tensor {
  return new ort.Tensor('int64', BigInt64Array.of(BigInt(value)), [1]);
}

function slotOf(ort: Ort, input: InferenceSession.ValueMetadata, outputs: readonly string[]): Slot {
  const output = input.name.replace('past_key_values.', 'present.');
  if (!outputs.includes(output) && !outputs.includes(rowsOutput(output)))
    throw localModelError(`The decoder has ${input.name} but no ${output}.`);
  if (!input.isTensor) throw localModelError(`The decoder's ${input.name} is no tensor.`);
  // The batch is 1 and nothing is past yet, whatever the other symbolic dimensions are called.
  const shape = input.shape.map((size, axis) => (typeof size === 'number' && size >= 0 ? size : axis === 0 ? 1 : 0));
  if (shape.length !== 4 || shape.reduce((product, size) => product * size, 1) !== 0) {
    throw localModelError(
      `The decoder's ${input.name} has the shape [${input.shape.join(', ')}]; four sizes with a free past are needed.`,
    );
  }
  const { type, tensor } = emptyTensor(ort, input.type, shape, input.name);
  const leading = [shape[0] ?? 0, shape[1] ?? 0] as const;
  return {
    input: input.name,
    output,
    type,
    heads: leading[0] * leading[1],
    leading,
    size: shape[3] ?? 0,
    empty: tensor,
  };
}

function emptyTensor(
  ort: Ort,
  type: Tensor.Type,
  shape: readonly number[],
  name: string,
): { readonly type: Slot['type']; readonly tensor: Tensor } {
  if (type === 'float32') return { type, tensor: new ort.Tensor(type, new Float32Array(0), shape) };
  if (type === 'float16') return { type, tensor: new ort.Tensor(type, new Uint16Array(0), shape) };
  throw localModelError(`The decoder's ${name} holds ${type}; float32 and float16 are known.`);
}

export function numbersOf(slot: Slot, count: number): Numbers {
  return slot.type === 'float16' ? new Uint16Array(count) : new Float32Array(count);
}

/** A tensor over numbers that stay where they are. */
export function tensorOver(ort: Ort, slot: Slot, numbers: Numbers, tokens: number): Tensor {
  const shape = [...slot.leading, tokens, slot.size];
  return slot.type === 'float16'
    ? new ort.Tensor('float16', numbers as Uint16Array, shape)
    : new ort.Tensor('float32', numbers as Float32Array, shape);
}

/** The numbers of a tensor; half floats as their bits, also where the runtime makes a `Float16Array` of them. */
export function numbersIn(tensor: Tensor): Numbers {
  const data = tensor.data as Numbers;
  if (tensor.type !== 'float16') return data;
  return new Uint16Array(data.buffer, data.byteOffset, data.length);
}

/** The first `tokens` rows of every head, laid out for `capacity` rows. */
export function relaid(slot: Slot, numbers: Numbers, from: number, tokens: number, capacity: number): Numbers {
  const result = numbersOf(slot, slot.heads * capacity * slot.size);
  for (let head = 0; head < slot.heads; head++) {
    const start = head * from * slot.size;
    result.set(numbers.subarray(start, start + tokens * slot.size), head * capacity * slot.size);
  }
  return result;
}
