/** A loaded model: folder, text side, sessions; answers one request at a time, wherever it runs. */

import { OcelliError } from '../../src/errors/index.js';
import { Answer } from './answer.js';
import { appendsExactly, splitDecoderIsExact } from './check-appending.js';
import { Constraints } from './constrain/constraint.js';
import { tokenBytes } from './constrain/token-bytes.js';
import { acrossSettings, CrossDecoding, type AcrossSettings } from './cross-decoding.js';
import { decode, type Speculation } from './decode.js';
import { decodeImage, defaultLimitInputPixels } from './decode-image.js';
import { familyOf, type Family, type PictureSize, type PreparedPicture } from './families.js';
import { readSkeleton } from './decoder-skeleton.js';
import { contextTokensOf, openModelFolder, type ModelFolder, type SessionFile } from './folder.js';
import type { GraphSession } from './graph-messages.js';
import type { GraphThread } from './graph-thread.js';
import {
  Decoding,
  encodeImages,
  type Control,
  type DecoderNetwork,
  type Network,
  type TokenDecoder,
} from './generate.js';
import { recordAt, stringAt, tokenIdsAt, type JsonRecord } from './json.js';
import { CacheLayout, type KvCache } from './kv-cache.js';
import { localModelError } from './local-model-error.js';
import { PromptLookup } from './lookup.js';
import { checkMemory, freeMemory, memoryNeeded } from './memory.js';
import type { NativeGate } from './native-gate.js';
import { PictureMemory } from './picture-memory.js';
import { pixelHash, promptKey } from './prompt-key.js';
import { PromptMemory } from './prompt-memory.js';
import type { Prompt, Prompts } from './prompt.js';
import { loadPrompts } from './prompts.js';
import type { EngineEvent, EngineRequest, LoadOptions, ModelSummary, PromptTokens } from './request.js';
import { loadOnnxRuntime, loadSharp, physicalCores, type Ort, type SharpFactory } from './runtime.js';
import { samplingOptions } from './sampler.js';
import { closeSessions, openPatchedSessions, openTower, type OpenedSessions, type Sessions } from './sessions.js';

/** Two answers of 2,048 tokens with a decoder of 135 M parameters (46 kB a token); some two hundred pictures of the bundled model at `detail: 'high'`. */
const defaultPromptMemoryBytes = 256 * 1024 ** 2;
const defaultPictureMemoryBytes = 64 * 1024 ** 2;

/** The loaded graphs, and what was found out about the decoder on the way. */
type Found = Pick<OpenedSessions['patch'], 'acceleratedNodes' | 'roundsActivations'>;
type OpenedDecoder = DecoderNetwork & Found;
type OpenedNetwork = Network & Found;

export class LocalModel {
  readonly summary: ModelSummary;
  readonly #network: Network;
  readonly #prompts: Prompts;
  readonly #endTokens: ReadonlySet<number>;
  readonly #limitInputPixels: number;
  readonly #tokenizerFile: JsonRecord;
  readonly #guesses: boolean;
  /** Of a model that has an encoder for its prompts. */
  readonly #across: AcrossSettings | undefined;
  readonly #promptMemory: PromptMemory;
  readonly #pictureMemory: PictureMemory;
  #constraints: Constraints | undefined;
  #sharp: SharpFactory | undefined;

  private constructor(network: OpenedNetwork, prompts: Prompts, folder: ModelFolder, options: LoadOptions) {
    this.#network = network;
    this.#prompts = prompts;
    this.#endTokens = endTokens(folder, prompts);
    this.#tokenizerFile = folder.tokenizer;
    this.#guesses = options.promptLookup ?? !roundsActivations(folder.sessions.decoder_model_merged, network);
    this.#across = network.family.fusion === 'cross-attention' ? acrossSettings(folder) : undefined;
    this.#promptMemory = new PromptMemory(options.promptMemoryBytes ?? defaultPromptMemoryBytes);
    this.#pictureMemory = new PictureMemory(options.pictureMemoryBytes ?? defaultPictureMemoryBytes);
    this.#limitInputPixels = options.limitInputPixels ?? defaultLimitInputPixels;
    this.summary = {
      family: network.family.name,
      contextTokens: contextTokensOf(folder.config, folder.tokenizerConfig),
      tokensPerImage: network.family.imageTokens,
      dtypes: {
        vision_encoder: folder.sessions.vision_encoder.dtype,
        embed_tokens: folder.sessions.embed_tokens.dtype,
        decoder_model_merged: folder.sessions.decoder_model_merged.dtype,
        ...(folder.sessions.encoder_model === undefined ? {} : { encoder_model: folder.sessions.encoder_model.dtype }),
      },
      weightBytes: folder.weightBytes,
      threads: threadsOf(options),
      kvCache: network.layout.appending === undefined ? 'feed-back' : 'append-only',
      splitAttention: network.layout.appending === 'split',
      acceleratedNodes: network.acceleratedNodes,
    };
  }

  /**
   * Checks everything that can be checked before the first request, and loads the weights.
   *
   * @param thread where the vision tower is to be; without it, it is in this thread
   */
  static async load(path: string, options: LoadOptions, gate: NativeGate, thread?: GraphThread): Promise<LocalModel> {
    const { dtype } = options;
    const folder = openModelFolder(path, { trustBundled: true, ...(dtype === undefined ? {} : { dtype }) });
    checkMemory(folder.weightBytes, options.memoryLimitBytes);
    const family = familyOf(folder);
    // Before anything takes memory.
    const opening = openOptions(options, folder);
    // Now, since it takes longer than all else together.
    const tower = thread && openTower(thread, folder.sessions.vision_encoder, threadsOf(options));
    const prompts = await loadPrompts(folder, family);
    // It too is native code: a process that ends while the runtime is loaded would be aborted.
    const ort = await gate.run(() => loadOnnxRuntime());
    const network = await openNetwork(ort, folder, opening, family, gate, tower);
    return new LocalModel(network, prompts, folder, options);
  }

  /** Exact, without running the network. */
  async count(request: EngineRequest): Promise<PromptTokens> {
    const control = { check: () => undefined };
    return tokensOf(
      this.#prompt(request, this.#needsPixels(request) ? await this.#pictures(request, control) : undefined),
    );
  }

  /** Answers a request; `control` is asked between all runs whether to go on. */
  async *generate(request: EngineRequest, control: Control): AsyncGenerator<EngineEvent, void> {
    control.check();
    // Where the tokens of a picture depend on its size, it must be looked at before the prompt is known.
    const early = this.#needsPixels(request) ? await this.#pictures(request, control) : undefined;
    const prompt = this.#prompt(request, early);
    this.#checkContext(prompt);
    const tokens = tokensOf(prompt);
    let shown: PreparedPicture | undefined;
    const answer = this.#answer(request, prompt, () => shown?.shown ?? { width: 0, height: 0 });
    yield { type: 'prompt', ...tokens };
    const pictures = early ?? (await this.#pictures(request, control));
    [shown] = pictures;
    const hashes = pictures.map(pixelHash);
    const counts = pictures.map((picture) => picture.tokens);
    const { imageTokenId } = this.#prompts;
    const key = promptKey(prompt.ids, imageTokenId, hashes, counts);
    const { family } = this.#network;
    const remembered = family.isCausal === false ? undefined : this.#promptMemory.take(key, counts);
    const seen = remembered?.pictures ?? 0;
    const rows = await this.#encoded(pictures.slice(seen), hashes.slice(seen), control);
    const decoding = this.#decoding(control, remembered?.cache);
    decoding.positionsBy(family.positionsOf?.(prompt.ids, imageTokenId, pictures));
    try {
      const logits = await decoding.prefill(prompt.ids, imageTokenId, rows);
      yield* decode(decoding, answer, logits, this.#speculation(request, prompt));
      yield* answer.end();
    } finally {
      // The last token chosen may not have been fed, and what was guessed may be wrong.
      decoding.truncate(prompt.ids.length + Math.max(0, answer.ids.length - 1));
      if (family.isCausal !== false) {
        this.#promptMemory.put([...key, ...answer.ids].slice(0, decoding.length), decoding.cache);
      }
    }
    const cached = remembered === undefined ? {} : { cachedTokens: remembered.tokens };
    yield { type: 'finish', reason: answer.reason ?? 'stop', outputTokens: answer.ids.length, ...tokens, ...cached };
  }

  /** Rows of visual tokens, from memory for pictures that were seen before. */
  async #encoded(
    pictures: readonly PreparedPicture[],
    hashes: readonly string[],
    control: Control,
  ): Promise<readonly Float32Array[]> {
    const all: Float32Array[] = [];
    for (const [place, picture] of pictures.entries()) {
      const hash = hashes[place] ?? '';
      let rows = this.#pictureMemory.get(hash);
      if (rows === undefined) {
        [rows] = await encodeImages(this.#network, [picture], control);
        if (rows === undefined) throw localModelError('The vision tower made no rows.');
        this.#pictureMemory.put(hash, rows);
      }
      all.push(rows);
    }
    return all;
  }

  async close(): Promise<void> {
    await closeSessions(this.#network.sessions);
  }

  #decoding(control: Control, cache: KvCache | undefined): TokenDecoder {
    if (this.#across !== undefined) return new CrossDecoding(this.#network, control, this.#across);
    return new Decoding(this.#network, control, cache);
  }

  #answer(request: EngineRequest, prompt: Prompt, sizeOf: () => PictureSize): Answer {
    const across = this.#across;
    // The last token is not fed, so it may lie one past the context. A decoder that looks across has a context of its own.
    const room = this.summary.contextTokens - (across?.beginning.length ?? prompt.ids.length) + 1;
    return new Answer({
      request,
      promptIds: prompt.ids,
      tokenizer: this.#prompts.tokenizer,
      endTokens: this.#endTokens,
      most: Math.min(request.maxOutputTokens, room),
      constraint: request.constraint === undefined ? undefined : this.#constraintsOf().create(request.constraint),
      decode: this.#prompts.decode?.bind(this.#prompts),
      filter: request.constraint === undefined ? prompt.filter?.(sizeOf) : undefined,
      noRepeats: across?.noRepeats === undefined ? undefined : { size: across.noRepeats, beginning: across.beginning },
    });
  }

  /** Guessing pays where what was guessed wrong costs nothing to forget, and where the likeliest token is taken. */
  #speculation(request: EngineRequest, prompt: Prompt): Speculation | undefined {
    const isGreedy = samplingOptions(request).temperature === 0;
    const isCheap = this.#network.layout.appending !== undefined && this.#network.family.isCausal !== false;
    return isGreedy && isCheap && this.#guesses ? { lookup: new PromptLookup(), promptIds: prompt.ids } : undefined;
  }

  #constraintsOf(): Constraints {
    this.#constraints ??= new Constraints(tokenBytes(this.#tokenizerFile));
    return this.#constraints;
  }

  /** Whether the tokens of this request's pictures depend on their sizes. */
  #needsPixels(request: EngineRequest): boolean {
    const isFixed = this.summary.tokensPerImage !== undefined;
    return request.messages.some(({ content }) =>
      content.some((part) => part.type === 'image' && (!isFixed || part.tiles === true)),
    );
  }

  #prompt(request: EngineRequest, pictures: readonly PreparedPicture[] | undefined): Prompt {
    const messages = request.messages.map((message) => ({
      role: message.role,
      content: message.content.map((part) => (part.type === 'text' ? part : ({ type: 'image' } as const))),
    }));
    return this.#prompts.build(messages, pictures ?? this.summary.tokensPerImage ?? 0);
  }

  #checkContext(prompt: Prompt): void {
    const most = this.summary.contextTokens;
    if (prompt.ids.length < most) return;
    throw new OcelliError(
      'context-length',
      `The request has ${prompt.ids.length} tokens, ${prompt.imageTokens} of them for pictures; the local model reads at most ${most - 1}. Send fewer pictures or less text.`,
    );
  }

  async #pictures(request: EngineRequest, control: Control): Promise<readonly PreparedPicture[]> {
    const pictures: PreparedPicture[] = [];
    for (const part of request.messages.flatMap((message) => message.content)) {
      if (part.type !== 'image') continue;
      control.check();
      this.#sharp ??= await loadSharp();
      const sharp = this.#sharp;
      const bitmap = await this.#network.gate.run(() => decodeImage(sharp, part.bytes, this.#limitInputPixels));
      pictures.push(this.#network.family.preprocess(bitmap, { tiles: part.tiles ?? false }));
    }
    return pictures;
  }
}

function tokensOf(prompt: Prompt): PromptTokens {
  return { inputTokens: prompt.ids.length, imageTokens: prompt.imageTokens };
}

const eightBit = new Set(['int8', 'uint8', 'q8']);

/** Whether activations are rounded to 8 bits in blocks, or over all rows: then several rows in one run are not quite what one row is. */
function roundsActivations({ path, dtype }: SessionFile, opened: OpenedNetwork): boolean {
  if (opened.acceleratedNodes > 0) return true;
  if (!eightBit.has(dtype)) return false;
  return opened.roundsActivations ?? readSkeleton(path, 'decoder_model_merged').roundsActivations;
}

function threadsOf(options: LoadOptions): number {
  return options.threads ?? physicalCores();
}

function openOptions(options: LoadOptions, folder: ModelFolder): Parameters<typeof openPatchedSessions>[2] {
  // A changed decoder is loaded from memory, where it lies once more meanwhile; without room for that it is loaded as it is.
  // The two branches of a merged encoder-decoder are no plain graph.
  const isPlain = folder.sessions.encoder_model === undefined;
  const hasRoom =
    isPlain && memoryNeeded(folder.weightBytes) + folder.sessions.decoder_model_merged.bytes <= freeMemory();
  return {
    threads: threadsOf(options),
    appendOnly: hasRoom && options.kvCache !== 'feed-back',
    splitAttention: options.splitAttention ?? true,
    lastLogits: hasRoom,
    fastFourBit: hasRoom && (options.fastFourBit ?? true),
  };
}

/** Opens all graphs; the decoder is looked at while the tower may still be on its way. */
async function openNetwork(
  ort: Ort,
  folder: ModelFolder,
  options: Parameters<typeof openPatchedSessions>[2],
  family: Family,
  gate: NativeGate,
  tower?: Promise<GraphSession>,
): Promise<OpenedNetwork> {
  const network = await openDecoder(ort, folder, options, family, gate, tower === undefined);
  try {
    const vision_encoder = (await tower) ?? network.sessions.vision_encoder;
    if (vision_encoder === undefined) throw localModelError('The model has no vision_encoder.');
    const sessions = { ...network.sessions, vision_encoder };
    checkWidths(sessions);
    return { ...network, sessions };
  } catch (error) {
    await closeSessions(network.sessions);
    throw error;
  }
}

/** Opens the sessions; once more, with attention as it is, where the one taken apart turns out to differ. */
async function openDecoder(
  ort: Ort,
  folder: ModelFolder,
  options: Parameters<typeof openPatchedSessions>[2],
  family: Family,
  gate: NativeGate,
  withTower: boolean,
): Promise<OpenedDecoder> {
  const { sessions, patch } = await openPatchedSessions(ort, folder.sessions, options, gate, withTower);
  const { attention, appending, ...found } = patch;
  try {
    const layout = new CacheLayout(ort, sessions.decoder_model_merged, appending);
    const opened = { ort, sessions, family, layout, gate };
    const network = folder.sessions.decoder_model_merged.isTrusted === true ? opened : await withExactCache(opened);
    if (attention === undefined) return { ...network, ...found };
    if (await splitDecoderIsExact(network, attention, found.acceleratedNodes > 0)) return { ...network, ...found };
  } catch (error) {
    await closeSessions(sessions);
    throw error;
  }
  await closeSessions(sessions);
  return openDecoder(ort, folder, { ...options, splitAttention: false }, family, gate, withTower);
}

/** Checks that the three graphs fit one another, as far as they state fixed sizes. */
function checkWidths(sessions: Sessions): void {
  const widths = [
    ['vision_encoder', fixedWidth(sessions.vision_encoder.outputMetadata, 'image_features')],
    ['embed_tokens', fixedWidth(sessions.embed_tokens.outputMetadata, 'inputs_embeds')],
    ['decoder_model_merged', fixedWidth(sessions.decoder_model_merged.inputMetadata, 'inputs_embeds')],
  ] as const;
  const stated = widths.filter(([, width]) => width !== undefined);
  if (new Set(stated.map(([, width]) => width)).size > 1) {
    const list = stated.map(([name, width]) => `${name} ${width}`).join(', ');
    throw localModelError(`The graphs do not belong together: their hidden sizes are ${list}.`);
  }
}

/** The network with its fast cache, if that is exact, else with the plain one. */
async function withExactCache(network: DecoderNetwork): Promise<DecoderNetwork> {
  const { appending: way } = network.layout;
  if (way === undefined || way === 'split' || (await appendsExactly(network))) return network;
  return { ...network, layout: new CacheLayout(network.ort, network.sessions.decoder_model_merged) };
}

function fixedWidth(metadata: Sessions['embed_tokens']['inputMetadata'], name: string): number | undefined {
  const value = metadata.find((entry) => entry.name === name);
  const width = value?.isTensor === true ? value.shape.at(-1) : undefined;
  return typeof width === 'number' && width > 0 ? width : undefined;
}

/** Everything that the folder calls an end: generation_config.json, config.json and the tokenizer's `eos_token`. */
function endTokens(folder: ModelFolder, prompts: Prompts): ReadonlySet<number> {
  const ends = new Set([
    ...tokenIdsAt(folder.generationConfig, 'eos_token_id'),
    ...tokenIdsAt(folder.config, 'eos_token_id'),
    ...tokenIdsAt(recordAt(folder.config, 'text_config'), 'eos_token_id'),
  ]);
  const value = folder.tokenizerConfig['eos_token'];
  const text = typeof value === 'string' ? value : stringAt(recordAt(folder.tokenizerConfig, 'eos_token'), 'content');
  const id = text === undefined ? undefined : prompts.tokenizer.token_to_id(text);
  if (id !== undefined) ends.add(id);
  return ends;
}
