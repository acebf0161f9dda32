/** The way of one request through the sessions: embed, write the pictures' rows in, prefill in chunks, decode token by token. */

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Family, Positions, PreparedPicture } from './families.js';
import { AppendCache } from './append-cache.js';
import { FeedBackCache } from './feed-back-cache.js';
import { logitsFrom } from './decoder-patch.js';
import { numbersIn, oneNumber, type CacheLayout, type KvCache } from './kv-cache.js';
import { localModelError, reasonOf } from './local-model-error.js';
import type { NativeGate } from './native-gate.js';
import type { Ort } from './runtime.js';
import type { DecoderSessions, Sessions } from './sessions.js';
import { OcelliError } from '../../src/errors/index.js';

/**
 * Tokens per prefill run: 0.12 s to 0.3 s for a 135 M decoder, so that an abort is quick on a busy machine too. 256 at a time takes twice as long and
 * saves 3 to 8 % of the whole (docs/local-speed.md).
 */
const prefillChunk = 128;

/** The graphs that decode an answer and what is needed to run them. */
export interface DecoderNetwork {
  readonly ort: Ort;
  readonly sessions: DecoderSessions;
  readonly family: Family;
  readonly layout: CacheLayout;
  readonly gate: NativeGate;
}

/** All graphs, the vision tower's too. */
export interface Network extends DecoderNetwork {
  readonly sessions: Sessions;
}

/** Tells whether the caller is gone. */
export interface Control {
  /** @throws OcelliError `aborted` */
  check(): void;
}

/** What decodes an answer, whichever way the model sees its prompt. */
export interface TokenDecoder {
  /** What is remembered; it may be handed on when the answer is over. */
  readonly cache: KvCache;
  /** Tokens that the decoder has seen. */
  readonly length: number;
  /** Takes positions that depend on the conversation; before its first token. */
  positionsBy(positions: Positions | undefined): void;
  /**
   * Runs a prompt, from where the cache ends; gives the logits of the token after it.
   *
   * @param all the whole prompt
   * @param rows one array per picture after what is remembered, in order of the image tokens
   */
  prefill(all: readonly number[], imageTokenId: number, rows: readonly Float32Array[]): Promise<Float32Array>;
  /** Takes one token and gives the logits of the next. */
  next(id: number): Promise<Float32Array>;
  /** Takes several tokens in one run, and returns the logits after each of the last `wanted` ones. */
  extend(ids: readonly number[], wanted: number): Promise<readonly Float32Array[]>;
  /** Forgets all but the first `length` tokens. */
  truncate(length: number): void;
}

/** Rows of embeddings, one per token. */
export interface Rows {
  readonly data: Float32Array;
  readonly width: number;
}

/** Turns pictures into rows of visual tokens, one picture at a time. */
export async function encodeImages(
  network: Network,
  pictures: readonly PreparedPicture[],
  control: Control,
): Promise<readonly Float32Array[]> {
  const rows: Float32Array[] = [];
  for (const picture of pictures) {
    control.check();
    const outputs = await run(network, 'vision_encoder', towerFeeds(network, picture), ['image_features']);
    const features = floatsOf(outputs['image_features'], 'image_features');
    const tokens = features.dims.slice(0, -1).reduce((product, size) => product * size, 1);
    if (tokens !== picture.tokens) {
      throw localModelError(
        `The vision tower made ${tokens} visual tokens where config.json promises ${picture.tokens}.`,
      );
    }
    rows.push(features.data);
  }
  return rows;
}

/** Those inputs that the tower declares; of a mask, it may want whole numbers where we have truth values. */
function towerFeeds({ ort, sessions }: Network, picture: PreparedPicture): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const input of sessions.vision_encoder.inputMetadata) {
    const given = picture.inputs[input.name];
    if (given === undefined) {
      throw localModelError(`The vision tower wants an input "${input.name}", which this version does not know.`);
    }
    const { type, data, dims } = given;
    feeds[input.name] =
      type === 'bool' && input.isTensor && input.type === 'int64'
        ? new ort.Tensor('int64', BigInt64Array.from(data, BigInt), dims)
        : new ort.Tensor(type, data, dims);
  }
  return feeds;
}

/** Logits of the token after the prompt, then after each token that is handed back by `next`. */
export class Decoding implements TokenDecoder {
  readonly cache: KvCache;
  readonly #network: DecoderNetwork;
  readonly #control: Control;
  #positions: Positions;

  constructor(network: DecoderNetwork, control: Control, cache: KvCache = emptyCache(network)) {
    this.#network = network;
    this.#control = control;
    this.cache = cache;
    this.#positions = (past, count) => network.family.positions(past, count);
  }

  get length(): number {
    return this.cache.length;
  }

  positionsBy(positions: Positions | undefined): void {
    if (positions !== undefined) this.#positions = positions;
  }

  async prefill(all: readonly number[], imageTokenId: number, rows: readonly Float32Array[]): Promise<Float32Array> {
    this.#control.check();
    const ids = all.slice(this.cache.length);
    const embedded = await embed(this.#network, ids);
    writeRows(embedded, ids, imageTokenId, rows);
    let logits: Float32Array | undefined;
    const chunk = this.#network.family.isCausal === false ? ids.length : prefillChunk;
    for (let start = 0; start < ids.length; start += chunk) {
      const end = Math.min(ids.length, start + chunk);
      this.#control.check();
      const rows = embedded.data.subarray(start * embedded.width, end * embedded.width);
      [logits] = await this.#step(rows, embedded.width, end === ids.length ? 1 : 0);
    }
    if (logits === undefined) throw localModelError('The prompt has no tokens.');
    return logits;
  }

  async next(id: number): Promise<Float32Array> {
    const [logits] = await this.extend([id], 1);
    if (logits === undefined) throw localModelError('The decoder returned no logits.');
    return logits;
  }

  async extend(ids: readonly number[], wanted: number): Promise<readonly Float32Array[]> {
    this.#control.check();
    const embedded = await embed(this.#network, ids);
    if (this.#network.family.isCausal !== false) return this.#step(embedded.data, embedded.width, wanted);
    // In one run these tokens would see each other.
    const logits: Float32Array[] = [];
    for (let place = 0; place < ids.length; place++) {
      const row = embedded.data.subarray(place * embedded.width, (place + 1) * embedded.width);
      logits.push(...(await this.#step(row, embedded.width, place < ids.length - wanted ? 0 : 1)));
    }
    return logits;
  }

  truncate(length: number): void {
    this.cache.truncate(length);
  }

  /** One run over new rows; logits of its last `wanted` ones. */
  async #step(data: Float32Array, width: number, wanted: number): Promise<readonly Float32Array[]> {
    const count = data.length / width;
    const feeds = this.#feeds(data, width, count, wanted);
    const fetches = wanted > 0 ? ['logits', ...this.cache.fetches] : this.cache.fetches;
    const outputs = await run(this.#network, 'decoder_model_merged', feeds, fetches);
    this.cache.accept(outputs, count);
    return wanted > 0 ? lastRows(outputs['logits'], wanted) : [];
  }

  /** Every input that the decoder declares, whichever it declares. */
  #feeds(data: Float32Array, width: number, count: number, wanted: number): Record<string, Tensor> {
    const { ort, sessions } = this.#network;
    const past = this.cache.length;
    const feeds: Record<string, Tensor> = { ...this.cache.feeds(count) };
    for (const name of sessions.decoder_model_merged.inputNames) {
      if (name in feeds) continue;
      if (name === 'inputs_embeds') feeds[name] = new ort.Tensor('float32', data, [1, count, width]);
      else if (name === 'attention_mask') {
        const mask = this.cache.mask(count);
        feeds[name] = new ort.Tensor('int64', mask, [1, mask.length]);
      } else if (name === 'position_ids') {
        const positions = this.#positions(past, count);
        const shape = positions.length === count ? [1, count] : [positions.length / count, 1, count];
        feeds[name] = new ort.Tensor('int64', positions, shape);
      } else if (name === 'num_logits_to_keep')
        feeds[name] = new ort.Tensor('int64', BigInt64Array.of(BigInt(Math.max(1, wanted))), []);
      else if (name === logitsFrom) feeds[name] = oneNumber(ort, -Math.max(1, wanted));
      else if (name === 'use_cache_branch') feeds[name] = new ort.Tensor('bool', Uint8Array.of(past > 0 ? 1 : 0), [1]);
      else throw localModelError(`The decoder wants an input "${name}", which this version does not know.`);
    }
    return feeds;
  }
}

/** The fastest kind of cache that the decoder can be used with. */
function emptyCache({ layout }: DecoderNetwork): KvCache {
  return layout.appending === undefined ? new FeedBackCache(layout) : new AppendCache(layout);
}

/** Looks up the rows of tokens. */
export async function embed(network: DecoderNetwork, ids: readonly number[]): Promise<Rows> {
  const tensor = new network.ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
  const outputs = await run(network, 'embed_tokens', { input_ids: tensor }, ['inputs_embeds']);
  const embedded = floatsOf(outputs['inputs_embeds'], 'inputs_embeds');
  const width = embedded.dims.at(-1) ?? 0;
  if (embedded.data.length !== width * ids.length) {
    throw localModelError(`embed_tokens returned the shape [${embedded.dims.join(', ')}] for ${ids.length} tokens.`);
  }
  return { data: embedded.data, width };
}

/** Writes the visual tokens over the embeddings of the image tokens. */
export function writeRows(
  embedded: Rows,
  ids: readonly number[],
  imageTokenId: number,
  rows: readonly Float32Array[],
): void {
  const places = ids.flatMap((id, place) => (id === imageTokenId ? [place] : []));
  const wanted = places.length * embedded.width;
  const held = rows.reduce((sum, picture) => sum + picture.length, 0);
  if (wanted !== held) {
    throw localModelError(
      `The vision tower's rows (${held} numbers) do not fit the decoder's ${places.length} image tokens of width ${embedded.width}.`,
    );
  }
  let next = 0;
  for (const picture of rows) {
    for (let start = 0; start < picture.length; start += embedded.width) {
      embedded.data.set(picture.subarray(start, start + embedded.width), (places[next++] ?? 0) * embedded.width);
    }
  }
}

export async function run(
  network: DecoderNetwork,
  name: keyof Sessions,
  feeds: Record<string, Tensor>,
  fetches: readonly string[],
): Promise<InferenceSession.ReturnType> {
  return network.gate.run(async () => {
    try {
      const session = network.sessions[name];
      if (session === undefined) throw localModelError(`The model has no ${name}.`);
      return await session.run(feeds, fetches);
    } catch (error) {
      if (OcelliError.isInstance(error)) throw error;
      throw localModelError(`A run of ${name} failed: ${reasonOf(error)}`);
    }
  });
}

export function floatsOf(value: unknown, name: string): { data: Float32Array; dims: readonly number[] } {
  const tensor = value as Tensor | undefined;
  if (tensor?.type === 'float32') return { data: tensor.data as Float32Array, dims: tensor.dims };
  throw localModelError(`"${name}" holds ${tensor?.type ?? 'nothing'}; float32 is needed.`);
}

/** Views of the last rows; half floats are widened. */
export function lastRows(value: unknown, wanted: number): readonly Float32Array[] {
  const tensor = value as Tensor | undefined;
  const width = tensor?.dims.at(-1) ?? 0;
  if (tensor === undefined || width === 0 || tensor.size < wanted * width) {
    throw localModelError('The decoder returned no logits.');
  }
  const from = tensor.size - wanted * width;
  return Array.from({ length: wanted }, (_, row) => {
    const start = from + row * width;
    if (tensor.type === 'float32') return (tensor.data as Float32Array).subarray(start, start + width);
    if (tensor.type === 'float16') {
      return Float32Array.from(numbersIn(tensor).subarray(start, start + width), widenHalf);
    }
    throw localModelError(`The decoder's logits hold ${tensor.type}; float32 and float16 are known.`);
  });
}

function widenHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
