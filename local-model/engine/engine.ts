/** The engine as the rest of the package sees it: load a folder, ask, close. */

import { OcelliError } from '../../src/errors/index.js';
import { checkRequest } from './check-request.js';
import { EventBuffer } from './event-buffer.js';
import { IdleTimer, type IdleOptions } from './idle.js';
import { abortedError, localModelError, refuseAborted } from './local-model-error.js';
import { compact, fromPlainError, type FromHost } from './protocol.js';
import type { EngineEvent, EngineRequest, LoadOptions, ModelSummary, PromptTokens } from './request.js';
import { startThread, type HostThread } from './thread.js';
import { Turns } from './turns.js';

/** Where the model is and how it is to run. */
export interface EngineOptions extends LoadOptions, IdleOptions {
  /** A model folder in the Hugging Face hub ONNX layout. */
  readonly folder: string;
  /** Run in the calling thread instead of a worker, which then stands still during every run. For debugging. Default false. */
  readonly runInProcess?: boolean;
  /** Gives a seed to requests that have none. Default: a random one. */
  readonly randomSeed?: () => number;
}

export interface EngineCall {
  /** Aborting it settles the caller at once; the model stops at its next step. */
  readonly signal?: AbortSignal;
}

/** A loaded model. It keeps the process alive only while it answers. */
export interface Engine {
  readonly description: ModelSummary;
  /** True after `close()`, or when its thread was lost: load the model again. */
  readonly closed: boolean;
  /** False while the weights are released because nothing was asked for `idleUnloadMs`. */
  readonly loaded: boolean;
  /**
   * Answers a request. Requests are answered one at a time, in order; a caller that stops reading aborts its request.
   *
   * @throws OcelliError `invalid-request`, `context-length`, `image-too-large`, `image-unreadable`, `aborted` or `local-model`
   */
  generate(request: EngineRequest, call?: EngineCall): AsyncIterable<EngineEvent>;
  /** Exact tokens of a request, without running the network. */
  countTokens(request: EngineRequest, call?: EngineCall): Promise<PromptTokens>;
  /** Stops what is running, releases the weights and ends the thread. May be called twice. */
  close(): Promise<void>;
}

/**
 * Loads a vision-language model to run on this machine's CPU, in a thread of its own.
 *
 * @throws OcelliError `local-model` when the folder is not usable, memory does not suffice, or onnxruntime-node is missing
 * @example
 * const engine = await loadEngine({ folder: './models/llava' });
 * for await (const event of engine.generate({
 *   messages: [{ role: 'user', content: [{ type: 'image', bytes }, { type: 'text', text: 'What is this?' }] }],
 *   maxOutputTokens: 50,
 * })) if (event.type === 'text') show(event.text);
 * await engine.close();
 */
export async function loadEngine(options: EngineOptions): Promise<Engine> {
  const engine = new ThreadEngine(options);
  await engine.load();
  return engine;
}

/** Someone who waits for messages of one exchange. */
interface Exchange {
  message(message: FromHost): void;
  fail(error: Error): void;
}

class ThreadEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #turns = new Turns();
  readonly #randomSeed: () => number;
  #thread: HostThread;
  /** Requests on their way, queued ones included: they keep the process alive. */
  #busy = 0;
  #nextId = 1;
  #current: Exchange | undefined;
  #currentAbort: Int32Array | undefined;
  #lost: Error | undefined;
  #closing: Promise<void> | undefined;
  #summary: ModelSummary | undefined;
  readonly #idle: IdleTimer;
  #asleep = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#randomSeed = options.randomSeed ?? (() => Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
    this.#idle = new IdleTimer(options, () => void this.#fallAsleep());
    this.#thread = this.#start();
  }

  #start(): HostThread {
    return startThread(this.#options.runInProcess ?? false, {
      message: (message) => this.#current?.message(message),
      lost: (error) => {
        this.#lost ??= error;
        this.#current?.fail(error);
      },
    });
  }

  get description(): ModelSummary {
    if (this.#summary === undefined) throw localModelError('The model is not loaded.');
    return this.#summary;
  }

  get closed(): boolean {
    return this.#closing !== undefined || this.#lost !== undefined;
  }

  get loaded(): boolean {
    return !this.#asleep && !this.closed;
  }

  async load(): Promise<void> {
    const release = await this.#begin();
    try {
      await this.#loadModel();
    } catch (error) {
      release();
      if (this.#lost === undefined) await this.close();
      throw error;
    }
    release();
  }

  async #loadModel(): Promise<void> {
    const {
      folder,
      runInProcess: _runInProcess,
      randomSeed: _seed,
      idleUnloadMs: _idle,
      clock: _clock,
      ...rest
    } = this.#options;
    this.#summary = await this.#exchange<ModelSummary>((settle) => {
      this.#thread.post({ type: 'load', folder, options: rest, gate: this.#thread.gate });
      return (message) => {
        if (message.type === 'loaded') settle.resolve(message.summary);
        if (message.type === 'load-failed') settle.reject(fromPlainError(message.error));
      };
    });
  }

  /** Releases the weights, unless someone asks meanwhile. */
  async #fallAsleep(): Promise<void> {
    if (this.#busy > 0 || this.closed) return;
    this.#asleep = true;
    // Whoever asks from now on waits for this turn to end.
    const end = await this.#turns.take();
    try {
      await this.#thread.close();
    } finally {
      end();
    }
  }

  /** Loads the model again; whoever asked has the turn. */
  async #wakeUp(): Promise<void> {
    this.#thread = this.#start();
    try {
      await this.#loadModel();
      this.#asleep = false;
    } catch (error) {
      await this.#thread.close();
      throw error;
    }
  }

  async *generate(request: EngineRequest, call: EngineCall = {}): AsyncGenerator<EngineEvent, void> {
    checkRequest(request);
    const release = await this.#begin(call.signal);
    const events = new EventBuffer<EngineEvent>();
    const abort = new SharedArrayBuffer(4);
    const flag = new Int32Array(abort);
    const onAbort = (): void => {
      Atomics.store(flag, 0, 1);
      events.drop(abortedError());
    };
    call.signal?.addEventListener('abort', onAbort, { once: true });
    const id = this.#nextId++;
    this.#currentAbort = flag;
    // The turn ends when the model is done with it, which after an abort is later than for the caller.
    const end = (): void => {
      this.#current = undefined;
      this.#currentAbort = undefined;
      release();
    };
    this.#current = {
      message(message) {
        if (!('id' in message) || message.id !== id) return;
        if (message.type === 'event') events.push(message.event);
        else if (message.type === 'done') events.end();
        else if (message.type === 'failed') events.fail(fromPlainError(message.error));
        if (message.type !== 'event') end();
      },
      fail(error) {
        events.fail(error);
        end();
      },
    };
    try {
      // It may have been aborted between the turn's coming and this line.
      if (call.signal?.aborted === true) onAbort();
      this.#thread.post({ type: 'generate', id, request: this.#toPost(request), abort });
      yield* events;
    } finally {
      Atomics.store(flag, 0, 1);
      call.signal?.removeEventListener('abort', onAbort);
    }
  }

  async countTokens(request: EngineRequest, call: EngineCall = {}): Promise<PromptTokens> {
    const release = await this.#begin(call.signal);
    const id = this.#nextId++;
    try {
      return await this.#exchange<PromptTokens>((settle) => {
        const isFixed = this.description.tokensPerImage !== undefined && !hasTiles(request);
        this.#thread.post({ type: 'count', id, request: isFixed ? withoutBytes(request) : this.#toPost(request) });
        return (message) => {
          if (message.type === 'counted' && message.id === id) settle.resolve(message.tokens);
          if (message.type === 'failed' && message.id === id) settle.reject(fromPlainError(message.error));
        };
      });
    } finally {
      release();
    }
  }

  #toPost(request: EngineRequest): EngineRequest {
    return { ...withImages(request, compact), seed: request.seed ?? this.#randomSeed() };
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#idle.stop();
    this.#turns.refuseAll(closedError());
    if (this.#currentAbort !== undefined) Atomics.store(this.#currentAbort, 0, 1);
    this.#current?.fail(closedError());
    if (this.#lost === undefined) await this.#thread.close();
  }

  /** Waits for a turn and keeps the process alive until it is ended. */
  async #begin(signal?: AbortSignal): Promise<() => void> {
    this.#check();
    refuseAborted(signal);
    const release = this.#hold();
    let end: () => void;
    try {
      end = await this.#turns.take(signal);
    } catch (error) {
      release();
      throw OcelliError.isInstance(error) ? error : abortedError();
    }
    const finish = (): void => {
      end();
      release();
    };
    try {
      this.#check();
      if (this.#asleep) await this.#wakeUp();
      return finish;
    } catch (error) {
      finish();
      throw error;
    }
  }

  #hold(): () => void {
    this.#idle.stop();
    if (this.#busy++ === 0) this.#thread.keepAlive(true);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#busy > 0 || this.#closing !== undefined) return;
      this.#thread.keepAlive(false);
      if (!this.#asleep && this.#lost === undefined) this.#idle.start();
    };
  }

  #check(): void {
    if (this.#closing !== undefined) throw closedError();
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** One question with one answer. */
  async #exchange<T>(
    start: (settle: { resolve(value: T): void; reject(error: Error): void }) => (message: FromHost) => void,
  ): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#current = { message: start({ resolve, reject }), fail: reject };
      });
    } finally {
      this.#current = undefined;
    }
  }
}

function withImages(request: EngineRequest, change: (bytes: Uint8Array) => Uint8Array): EngineRequest {
  const messages = request.messages.map((message) => ({
    role: message.role,
    content: message.content.map((part) => (part.type === 'text' ? part : { ...part, bytes: change(part.bytes) })),
  }));
  return { ...request, messages };
}

function hasTiles(request: EngineRequest): boolean {
  return request.messages.some(({ content }) => content.some((part) => part.type === 'image' && part.tiles === true));
}

/** For counting where every picture of a model has the same number of tokens. */
function withoutBytes(request: EngineRequest): EngineRequest {
  return withImages(request, () => new Uint8Array(0));
}

function closedError(): OcelliError {
  return localModelError('The local engine is closed. Load the model again with loadEngine().');
}
