/** Encoder-decoder models: the encoder reads picture and prompt once, the decoder looks across at what it made of them, token by token. */

import type { Tensor } from 'onnxruntime-node';
import { FeedBackCache } from './feed-back-cache.js';
import {
  embed,
  floatsOf,
  lastRows,
  run,
  writeRows,
  type Control,
  type Network,
  type TokenDecoder,
} from './generate.js';
import type { ModelFolder } from './folder.js';
import { recordAt, tokenIdsAt } from './json.js';
import type { CacheLayout, Slot } from './kv-cache.js';
import { localModelError } from './local-model-error.js';

/** What the encoder made of the prompt, and what the decoder's layers took from it in their first run. */
interface Seen {
  readonly states: Tensor;
  readonly mask: Tensor;
  readonly across: Readonly<Record<string, Tensor>>;
}

/** How a folder wants answers to begin and to go on. */
export interface AcrossSettings {
  /** What every answer begins with, before the first token that is chosen. */
  readonly beginning: readonly number[];
  /** No run of so many tokens comes twice; `undefined`: any may. */
  readonly noRepeats: number | undefined;
}

/** Source of the names: transformers, `GenerationConfig` (5.23); older folders have them in config.json. Beams are not searched: answers are greedy or sampled. */
export function acrossSettings({
  config,
  generationConfig,
}: Pick<ModelFolder, 'config' | 'generationConfig'>): AcrossSettings {
  const places = [generationConfig, recordAt(config, 'text_config'), config];
  const first = (key: string): number | undefined => places.flatMap((place) => tokenIdsAt(place, key))[0];
  const forced = first('forced_bos_token_id');
  const noRepeats = first('no_repeat_ngram_size');
  return {
    // `</s>`, as in BART.
    beginning: [first('decoder_start_token_id') ?? 2, ...(forced === undefined ? [] : [forced])],
    noRepeats: noRepeats === undefined || noRepeats === 0 ? undefined : noRepeats,
  };
}

/** The decoder of a model with `encoder_model`, whose graph has a branch without and one with a past (`use_cache_branch`). */
export class CrossDecoding implements TokenDecoder {
  /** Of what the decoder has written itself. */
  readonly cache: FeedBackCache;
  readonly #network: Network;
  readonly #control: Control;
  readonly #across: readonly Slot[];
  readonly #beginning: readonly number[];
  #seen: Seen | undefined;

  constructor(network: Network, control: Control, { beginning }: AcrossSettings) {
    const { slots } = network.layout;
    this.#network = network;
    this.#control = control;
    this.#beginning = beginning;
    this.#across = slots.filter(isAcross);
    this.cache = new FeedBackCache(ownLayout(network.layout));
  }

  get length(): number {
    return this.cache.length;
  }

  /** Positions are counted in the graph. */
  positionsBy(): void {}

  async prefill(all: readonly number[], imageTokenId: number, rows: readonly Float32Array[]): Promise<Float32Array> {
    this.#control.check();
    // Image tokens need no row of their own: older files have none for them.
    const embedded = await embed(
      this.#network,
      all.map((id) => (id === imageTokenId ? 0 : id)),
    );
    writeRows(embedded, all, imageTokenId, rows);
    this.#control.check();
    const { ort } = this.#network;
    const mask = new ort.Tensor('int64', new BigInt64Array(all.length).fill(1n), [1, all.length]);
    const inputs = new ort.Tensor('float32', embedded.data, [1, all.length, embedded.width]);
    const feeds = { inputs_embeds: inputs, attention_mask: mask };
    const outputs = await run(this.#network, 'encoder_model', feeds, ['last_hidden_state']);
    const { data, dims } = floatsOf(outputs['last_hidden_state'], 'last_hidden_state');
    if (dims[1] !== all.length) {
      throw localModelError(`encoder_model returned the shape [${dims.join(', ')}] for ${all.length} tokens.`);
    }
    this.#seen = { states: new ort.Tensor('float32', data, dims), mask, across: {} };
    return this.#step(this.#beginning);
  }

  async next(id: number): Promise<Float32Array> {
    this.#control.check();
    return this.#step([id]);
  }

  async extend(ids: readonly number[], wanted: number): Promise<readonly Float32Array[]> {
    const logits: Float32Array[] = [];
    // The branch with a past is made for one token at a time.
    for (const id of ids) logits.push(await this.next(id));
    return logits.slice(logits.length - wanted);
  }

  /** Nothing is guessed here that would have to be forgotten, and nothing is handed on. */
  truncate(): void {}

  async #step(ids: readonly number[]): Promise<Float32Array> {
    const seen = this.#seen;
    if (seen === undefined) throw localModelError('The decoder was asked before the encoder.');
    const isFirst = this.cache.length === 0;
    const { data, width } = await embed(this.#network, ids);
    const { ort } = this.#network;
    const inputs = new ort.Tensor('float32', data, [1, ids.length, width]);
    const fetches = ['logits', ...this.cache.fetches, ...(isFirst ? this.#across.map((slot) => slot.output) : [])];
    const outputs = await run(this.#network, 'decoder_model_merged', this.#feeds(inputs, ids.length, seen), fetches);
    this.cache.accept(outputs, ids.length);
    // Later runs only give stand-ins for these.
    if (isFirst) this.#seen = { ...seen, across: acrossOf(this.#across, outputs) };
    const [logits] = lastRows(outputs['logits'], 1);
    if (logits === undefined) throw localModelError('The decoder returned no logits.');
    return logits;
  }

  #feeds(inputs: Tensor, count: number, seen: Seen): Record<string, Tensor> {
    const { ort, sessions } = this.#network;
    const past = this.cache.length;
    const given: Record<string, Tensor> = {
      ...Object.fromEntries(this.#across.map((slot) => [slot.input, slot.empty])),
      ...this.cache.feeds(count),
      ...seen.across,
      inputs_embeds: inputs,
      encoder_hidden_states: seen.states,
      encoder_attention_mask: seen.mask,
      use_cache_branch: new ort.Tensor('bool', Uint8Array.of(past > 0 ? 1 : 0), [1]),
    };
    const feeds: Record<string, Tensor> = {};
    for (const name of sessions.decoder_model_merged.inputNames) {
      const tensor = given[name];
      if (tensor === undefined) {
        throw localModelError(`The decoder wants an input "${name}", which this version does not know.`);
      }
      feeds[name] = tensor;
    }
    return feeds;
  }
}

function isAcross(slot: Slot): boolean {
  return /\.encoder\.(?:key|value)$/.test(slot.input);
}

/** Only what grows with the answer. */
function ownLayout(layout: CacheLayout): CacheLayout {
  return { ...layout, slots: layout.slots.filter((slot) => !isAcross(slot)) };
}

function acrossOf(slots: readonly Slot[], outputs: Readonly<Record<string, unknown>>): Record<string, Tensor> {
  const across: Record<string, Tensor> = {};
  for (const slot of slots) {
    const tensor = outputs[slot.output] as Tensor | undefined;
    if (tensor === undefined || tensor.size === 0) throw localModelError(`The decoder did not return ${slot.output}.`);
    across[slot.input] = tensor;
  }
  return across;
}
