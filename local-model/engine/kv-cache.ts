/** What the decoder remembers of the tokens before, behind one interface so that faster ways of keeping it can follow. */

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { localModelError } from './local-model-error.js';
import type { Ort } from './runtime.js';

export interface KvCache {
  /** Tokens remembered. */
  readonly length: number;
  /** Outputs to ask a run for, beside the logits. */
  readonly fetches: readonly string[];
  /** Inputs of the next run. */
  feeds(): Readonly<Record<string, Tensor>>;
  /** Takes what a run over `count` new tokens returned. */
  accept(outputs: InferenceSession.OnnxValueMapType, count: number): void;
}

interface Slot {
  readonly input: string;
  readonly output: string;
  readonly empty: Tensor;
}

/** Names and empty tensors of a decoder's cache, read once from its own metadata. */
export class CacheLayout {
  readonly slots: readonly Slot[];

  /** @throws OcelliError `local-model` when an input has no output to be fed from, or a shape that is not known */
  constructor(ort: Ort, decoder: InferenceSession) {
    this.slots = decoder.inputMetadata
      .filter((input) => input.name.startsWith('past_key_values.'))
      .map((input) => slotOf(ort, input, decoder.outputNames));
    if (this.slots.length === 0) {
      throw localModelError('The decoder keeps no past_key_values; a decoder_model_merged export is needed.');
    }
  }
}

function slotOf(ort: Ort, input: InferenceSession.ValueMetadata, outputs: readonly string[]): Slot {
  const output = input.name.replace('past_key_values.', 'present.');
  if (!outputs.includes(output)) throw localModelError(`The decoder has ${input.name} but no ${output}.`);
  if (!input.isTensor) throw localModelError(`The decoder's ${input.name} is no tensor.`);
  // The batch is 1 and nothing is past yet, whatever the other symbolic dimensions are called.
  const shape = input.shape.map((size, axis) => (typeof size === 'number' && size >= 0 ? size : axis === 0 ? 1 : 0));
  if (shape.length !== 4 || shape.reduce((product, size) => product * size, 1) !== 0) {
    throw localModelError(
      `The decoder's ${input.name} has the shape [${input.shape.join(', ')}]; four sizes with a free past are needed.`,
    );
  }
  return { input: input.name, output, empty: emptyTensor(ort, input.type, shape, input.name) };
}

function emptyTensor(ort: Ort, type: Tensor.Type, shape: readonly number[], name: string): Tensor {
  if (type === 'float32') return new ort.Tensor('float32', new Float32Array(0), shape);
  if (type === 'float16') return new ort.Tensor('float16', new Uint16Array(0), shape);
  throw localModelError(`The decoder's ${name} holds ${type}; float32 and float16 are known.`);
}

/** The plain way: everything that a run returns is fed to the next one. Works with every export. */
export class FeedBackCache implements KvCache {
  readonly fetches: readonly string[];
  readonly #slots: readonly Slot[];
  #feeds: Record<string, Tensor> = {};
  #length = 0;

  constructor(layout: CacheLayout) {
    this.#slots = layout.slots;
    this.fetches = this.#slots.map((slot) => slot.output);
    for (const slot of this.#slots) this.#feeds[slot.input] = slot.empty;
  }

  get length(): number {
    return this.#length;
  }

  feeds(): Readonly<Record<string, Tensor>> {
    return this.#feeds;
  }

  accept(outputs: InferenceSession.OnnxValueMapType, count: number): void {
    const feeds: Record<string, Tensor> = {};
    for (const slot of this.#slots) {
      const present = outputs[slot.output];
      if (present === undefined) throw localModelError(`The decoder did not return ${slot.output}.`);
      feeds[slot.input] = present;
    }
    this.#feeds = feeds;
    this.#length += count;
  }
}
