/** Dual encoders (CLIP, SigLIP) as the rest of the package sees them: embed pictures and texts, classify without training, close. */

import { OcelliError } from '../../../src/errors/index.js';
import { IdleTimer, type IdleOptions } from '../idle.js';
import { abortedError, localModelError, refuseAborted } from '../local-model-error.js';
import { compact, fromPlainError } from '../protocol.js';
import type { LoadOptions } from '../request.js';
import { startProgram, type HostProgram, type HostThread } from '../thread.js';
import { Turns } from '../turns.js';
import { serveEncoder } from './host.js';
import type { DualEncoderSummary, FromEncoder, ToEncoder } from './protocol.js';
import { cosine, fillTemplate, middle, scoresOf } from './scores.js';

export interface DualEncoderOptions extends LoadOptions, IdleOptions {
  /** A model folder in the Hugging Face hub ONNX layout, with `text_model` and `vision_model`, or a joint `model`. */
  readonly folder: string;
  /** Run in the calling thread instead of a worker. For debugging. Default false. */
  readonly runInProcess?: boolean;
  /** Most label embeddings that are kept; default 10,000. */
  readonly maxCachedLabels?: number;
}

export interface EmbedRequest {
  /** File bytes of pictures. */
  readonly images?: readonly Uint8Array[];
  readonly texts?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Unit vectors in the order of the request; the cosine of two is their dot product. */
export interface Embeddings {
  readonly images: readonly Float32Array[];
  readonly texts: readonly Float32Array[];
}

export interface ClassifyRequest {
  /** File bytes of a picture. */
  readonly image: Uint8Array;
  readonly labels: readonly string[];
  /** Sentence with `{}` for the label, or several whose meanings are averaged; default "This is a photo of {}." */
  readonly template?: string | readonly string[];
  readonly signal?: AbortSignal;
}

/** Likeliest label first. With softmax (CLIP) the scores add up to 1; with sigmoid (SigLIP) each stands for itself. */
export type Classification = readonly { readonly label: string; readonly score: number; readonly cosine: number }[];

/** A loaded dual encoder. It keeps the process alive only while it works. */
export interface DualEncoder {
  readonly description: DualEncoderSummary;
  readonly closed: boolean;
  /** False while the weights are released because nothing was asked for `idleUnloadMs`. */
  readonly loaded: boolean;
  /** @throws OcelliError `image-too-large`, `image-unreadable`, `aborted`, `local-model` */
  embed(request: EmbedRequest): Promise<Embeddings>;
  /**
   * How well each label describes a picture. Embeddings of labels are kept for the next picture.
   *
   * @throws OcelliError `invalid-request`, `image-too-large`, `image-unreadable`, `aborted`, `local-model`
   */
  classify(request: ClassifyRequest): Promise<Classification>;
  close(): Promise<void>;
}

const program: HostProgram<ToEncoder, FromEncoder> = {
  file: 'dist/local-model/engine/embedding/worker.cjs',
  serve: serveEncoder,
};
const defaultTemplate = 'This is a photo of {}.';
const defaultCachedLabels = 10_000;

/**
 * Loads a CLIP or SigLIP model to run on this machine's CPU, in a thread of its own.
 *
 * @throws OcelliError `local-model` when the folder is not usable, memory does not suffice, or onnxruntime-node is missing
 * @example
 * const encoder = await loadDualEncoder({ folder: './models/clip' });
 * const [best] = await encoder.classify({ image: bytes, labels: ['a cat', 'a dog'] });
 * await encoder.close();
 */
export async function loadDualEncoder(options: DualEncoderOptions): Promise<DualEncoder> {
  const encoder = new ThreadEncoder(options);
  await encoder.load();
  return encoder;
}

class ThreadEncoder implements DualEncoder {
  readonly #options: DualEncoderOptions;
  readonly #idle: IdleTimer;
  /** Only while weights are loaded, or on their way. */
  #thread: HostThread<ToEncoder> | undefined;
  readonly #turns = new Turns();
  readonly #labels: LabelCache;
  #answer: { resolve(message: FromEncoder): void; reject(error: Error): void } | undefined;
  #abort: Int32Array | undefined;
  #busy = 0;
  #nextId = 1;
  #lost: Error | undefined;
  #closing: Promise<void> | undefined;
  #summary: DualEncoderSummary | undefined;
  /** Also true until it is loaded for the first time. */
  #asleep = true;

  constructor(options: DualEncoderOptions) {
    this.#options = options;
    this.#labels = new LabelCache(options.maxCachedLabels ?? defaultCachedLabels);
    this.#idle = new IdleTimer(options, () => void this.#fallAsleep());
  }

  #start(): HostThread<ToEncoder> {
    return startProgram(program, this.#options.runInProcess ?? false, {
      message: (message) => this.#answer?.resolve(message),
      lost: (error) => {
        this.#lost ??= error;
        this.#answer?.reject(error);
      },
    });
  }

  get description(): DualEncoderSummary {
    if (this.#summary === undefined) throw localModelError('The dual encoder is not loaded.');
    return this.#summary;
  }

  get closed(): boolean {
    return this.#closing !== undefined || this.#lost !== undefined;
  }

  get loaded(): boolean {
    return !this.#asleep && !this.closed;
  }

  async load(): Promise<void> {
    try {
      await this.#inTurn((end) => Promise.resolve(end()));
    } catch (error) {
      if (this.#lost === undefined) await this.close();
      throw error;
    }
  }

  /** Loads the model; whoever asked has the turn. */
  async #wakeUp(): Promise<void> {
    const {
      folder,
      runInProcess: _runInProcess,
      maxCachedLabels: _labels,
      idleUnloadMs: _idle,
      clock: _clock,
      ...options
    } = this.#options;
    const thread = this.#start();
    this.#thread = thread;
    try {
      const answer = await this.#ask({ type: 'load', folder, options, gate: thread.gate });
      if (answer.type === 'load-failed') throw fromPlainError(answer.error);
      if (answer.type === 'loaded') this.#summary = answer.summary;
      this.#asleep = false;
    } catch (error) {
      this.#thread = undefined;
      if (this.#lost === undefined) await thread.close();
      throw error;
    }
  }

  /** Releases the weights, unless someone asks meanwhile. */
  async #fallAsleep(): Promise<void> {
    if (this.#busy > 0 || this.closed) return;
    this.#asleep = true;
    // Whoever asks from now on waits for this turn to end.
    const end = await this.#turns.take();
    try {
      await this.#thread?.close();
      this.#thread = undefined;
    } finally {
      end();
    }
  }

  async embed(request: EmbedRequest): Promise<Embeddings> {
    const { images = [], texts = [], signal } = request;
    if (images.length + texts.length === 0) return { images: [], texts: [] };
    const abort = new SharedArrayBuffer(4);
    const message: ToEncoder = { type: 'embed', id: this.#nextId++, images: images.map(compact), texts, abort };
    const answer = await this.#inTurn((end) => this.#ask(message, new Int32Array(abort), signal, end), signal);
    if (answer.type === 'failed') throw fromPlainError(answer.error);
    if (answer.type !== 'embedded') throw localModelError('The dual encoder answered out of turn.');
    return { images: answer.images, texts: answer.texts };
  }

  async classify(request: ClassifyRequest): Promise<Classification> {
    const { image, labels, template = defaultTemplate, signal } = request;
    const templates = typeof template === 'string' ? [template] : template;
    checkLabels(labels, templates);
    const sentences = labels.flatMap((label) => templates.map((one) => fillTemplate(one, label)));
    const texts = [...new Set(sentences)].filter((text) => this.#labels.get(text) === undefined);
    const embeddings = await this.embed({ images: [image], texts, ...(signal === undefined ? {} : { signal }) });
    const fresh = new Map(texts.map((text, index) => [text, embeddings.texts[index] ?? new Float32Array(0)]));
    const [picture] = embeddings.images;
    if (picture === undefined) throw localModelError('The dual encoder gave no embedding.');
    const cosines = labels.map((label) => {
      const rows = templates.map((one) => {
        const text = fillTemplate(one, label);
        return fresh.get(text) ?? this.#labels.get(text) ?? new Float32Array(0);
      });
      return cosine(picture, rows.length === 1 ? (rows[0] ?? middle(rows)) : middle(rows));
    });
    for (const [text, row] of fresh) this.#labels.set(text, row);
    const { score, scale, bias } = this.description;
    const scores = scoresOf(cosines, score, scale, bias);
    return labels
      .map((label, index) => ({ label, score: scores[index] ?? 0, cosine: cosines[index] ?? 0 }))
      .sort((first, second) => second.cosine - first.cosine);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#idle.stop();
    this.#turns.refuseAll(closedError());
    if (this.#abort !== undefined) Atomics.store(this.#abort, 0, 1);
    this.#answer?.reject(closedError());
    if (this.#lost === undefined) await this.#thread?.close();
  }

  /** Waits for a turn, and for the weights; the process stays alive meanwhile. `work` says when its turn ends. */
  async #inTurn<T>(work: (end: () => void) => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#check();
    refuseAborted(signal);
    this.#idle.stop();
    if (this.#busy++ === 0) this.#thread?.keepAlive(true);
    let end: (() => void) | undefined;
    try {
      end = await this.#turns.take(signal);
      this.#check();
      if (this.#asleep) await this.#wakeUp();
      this.#check();
      refuseAborted(signal);
      return await work(end);
    } catch (error) {
      // Not begun: the turn is free again at once. A running one ends when the model is done.
      if (this.#answer === undefined) end?.();
      throw OcelliError.isInstance(error) ? error : abortedError();
    } finally {
      if (--this.#busy === 0 && this.#closing === undefined) {
        this.#thread?.keepAlive(false);
        if (!this.#asleep && this.#lost === undefined) this.#idle.start();
      }
    }
  }

  /** One question with one answer; an abort settles the caller at once, the model at its next step, and only then the turn ends. */
  #ask(
    message: ToEncoder,
    flag?: Int32Array,
    signal?: AbortSignal,
    end: () => void = () => undefined,
  ): Promise<FromEncoder> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        if (flag !== undefined) Atomics.store(flag, 0, 1);
        reject(abortedError());
      };
      const settle = (): void => {
        signal?.removeEventListener('abort', onAbort);
        this.#answer = undefined;
        this.#abort = undefined;
        end();
      };
      this.#abort = flag;
      this.#answer = {
        resolve(answer) {
          settle();
          resolve(answer);
        },
        reject(error) {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#thread?.post(message);
    });
  }

  #check(): void {
    if (this.#closing !== undefined) throw closedError();
    if (this.#lost !== undefined) throw this.#lost;
  }
}

/** Embeddings of sentences, the longest unused ones dropped. */
class LabelCache {
  readonly #rows = new Map<string, Float32Array>();

  constructor(private readonly most: number) {}

  get(text: string): Float32Array | undefined {
    const row = this.#rows.get(text);
    if (row === undefined) return undefined;
    this.#rows.delete(text);
    this.#rows.set(text, row);
    return row;
  }

  set(text: string, row: Float32Array): void {
    this.#rows.set(text, row);
    if (this.#rows.size <= this.most) return;
    const [oldest] = this.#rows.keys();
    if (oldest !== undefined) this.#rows.delete(oldest);
  }
}

function checkLabels(labels: readonly string[], templates: readonly string[]): void {
  if (labels.length === 0) throw new OcelliError('invalid-request', '`labels` must hold at least one label.');
  if (templates.length === 0 || templates.some((template) => !template.includes('{}'))) {
    throw new OcelliError('invalid-request', '`template` must have {} where the label belongs, as in "a photo of {}".');
  }
}

function closedError(): OcelliError {
  return localModelError('The dual encoder is closed. Load it again with loadDualEncoder().');
}
