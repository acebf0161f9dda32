/** The public shape of an ocelli: what it is made with, what it can be asked. */

import type { Adapter } from '../adapters/adapter.js';
import type { LedgerStore } from './cost/index.js';
import type { Embedding } from './embedding/embedding-types.js';
import type { OcelliError } from './errors/index.js';
import type { RequestEstimate } from './estimate/index.js';
import type { MediaStoreOptions } from './media/index.js';
import type { ModelRow, RowOverride, UserPartOf } from './models/index.js';
import type {
  BaseRequest,
  Budget,
  EventStream,
  InferOutput,
  JsonValue,
  MediaReport,
  OutputSchema,
  Reply,
  TimeoutOptions,
  Warning,
} from './request/index.js';
import type { Clock, CooldownPolicy, RetryPolicy, RouteOptions } from './route/index.js';

/** A whole request: what to ask, how, and of whom. Audio for a known model that cannot hear is a compile error. */
export type GenerateRequest<M extends string = string, S extends OutputSchema = OutputSchema> = BaseRequest<
  S,
  UserPartOf<M>
> &
  RouteOptions<M>;

export interface OcelliOptions {
  /** Adapters to add, or to use in place of the built-in one of the same provider name. */
  readonly adapters?: readonly Adapter[];
  /** Catalogue rows to add or change: prices, limits, or a model that is newer than this version. */
  readonly models?: readonly RowOverride[];
  /** What all calls of this instance may cost together. The worst case of each is reserved before it is sent. */
  readonly budget?: Budget;
  /** Where the budget is kept: in memory (default), or in a file that processes share (`createFileLedger`). */
  readonly ledger?: LedgerStore;
  /** Where keys and base URLs are looked up. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Time-outs for requests that set none. */
  readonly timeout?: TimeoutOptions;
  readonly retry?: Partial<RetryPolicy>;
  readonly cooldown?: CooldownPolicy;
  /** How pictures are read and downloaded: byte limits, `allowHosts`. */
  readonly media?: MediaStoreOptions;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests: numbers from 0 to below 1. */
  readonly random?: () => number;
}

/** How a prepared call is sent. */
export interface SendOptions {
  /** In place of the request's own. */
  readonly signal?: AbortSignal;
}

/** What one candidate would be sent, and what sends it. */
export interface ReadyCall<T = unknown> {
  readonly model: string;
  readonly status: 'ready';
  /** The exact wire body, with every picture replaced by its type, size and digest. */
  readonly body: JsonValue;
  readonly images: readonly MediaReport[];
  readonly warnings: readonly Warning[];
  /** `undefined` for a model without a catalogue row. */
  readonly estimate: RequestEstimate | undefined;
  /**
   * Sends this very body, to this model alone: retries, time-outs, budget and `output` are the request's, but there is no fallback.
   * Pictures are not read, fitted or hashed again, and what the request's files hold by then plays no part. May be sent again, which is
   * another call and costs again. As long as it is kept, so are the pictures in it.
   *
   * @throws OcelliError as `ocelli.generate`
   * @example
   * const [call] = await ocelli.prepare({ model: 'openai:gpt-4o', prompt: 'How many coins?', images: ['coins.jpg'] });
   * if (call?.status === 'ready' && (call.estimate?.money?.high ?? 0) < 0.01) console.log((await call.generate()).text);
   */
  generate(options?: SendOptions): Promise<Reply<T>>;
  /** The same, as events. Never throws; nothing is sent before the first read. */
  stream(options?: SendOptions): EventStream<T>;
}

/** What one candidate would be sent, or why it cannot be. */
export type PreparedCall<T = unknown> =
  ReadyCall<T> | { readonly model: string; readonly status: 'skipped'; readonly error: OcelliError };

export interface EstimateOptions {
  /** Ask the provider's count endpoint for the input tokens, where it has one. Needs a key. */
  readonly exact?: boolean;
  /** Tokens of the answer that are likely. Default 300, or the limit if that is smaller. */
  readonly expectedOutputTokens?: number;
  /** Input tokens that are read from the provider's cache. */
  readonly cachedInputTokens?: number;
  /** Priced as a batch. */
  readonly batch?: boolean;
  /** Day of the prices. Default: today. */
  readonly date?: string | Date;
}

/** What one candidate would cost, or why it cannot be asked. */
export type CandidateEstimate =
  | {
      readonly model: string;
      readonly status: 'estimated';
      readonly estimate: RequestEstimate;
      /** What the provider's count endpoint said; only with `exact`. */
      readonly exactInputTokens?: number;
    }
  | { readonly model: string; readonly status: 'skipped'; readonly error: OcelliError };

export interface ModelInfo {
  readonly row: ModelRow;
  /** Whether a call could be made now; if not, what is missing. */
  readonly ready: boolean;
  readonly missing?: string;
}

export interface Ocelli extends Embedding {
  /**
   * Asks and waits for the whole answer.
   *
   * @throws OcelliError every failure; `error.attempts` tells what was tried and `error.partialReply` what had come
   */
  generate<const M extends string = string, S extends OutputSchema = OutputSchema>(
    request: GenerateRequest<M, S>,
  ): Promise<Reply<InferOutput<S>>>;
  /** The same request, as events. Never throws; nothing is sent before the first read. */
  stream<const M extends string = string, S extends OutputSchema = OutputSchema>(
    request: GenerateRequest<M, S>,
  ): EventStream<InferOutput<S>>;
  /**
   * Stops before the wire: what would be sent to whom, and at what cost. Sends nothing but the download of pictures named by URL; each
   * call can then be sent as it is.
   */
  prepare<const M extends string = string, S extends OutputSchema = OutputSchema>(
    request: GenerateRequest<M, S>,
  ): Promise<readonly PreparedCall<InferOutput<S>>[]>;
  /**
   * What each named model would cost, per part and in all. Needs no key; downloads pictures named by URL.
   *
   * @throws OcelliError `invalid-request`
   */
  estimate<const M extends string = string, S extends OutputSchema = OutputSchema>(
    request: GenerateRequest<M, S>,
    options?: EstimateOptions,
  ): Promise<readonly CandidateEstimate[]>;
  /**
   * The row of a model: the catalogue's or, for a model on this machine, one that counts with the model's own files, exactly.
   *
   * @throws OcelliError `local-model` when the files of a local model are not there or not usable
   * @example
   * const model = await ocelli.findModel('local:./models/smolvlm');
   * if (model !== undefined) estimateImage({ model, width: 800, height: 600 }).tokens;
   */
  findModel(id: string): Promise<ModelRow | undefined>;
  /** The catalogue, and which models could be called now. */
  models(): readonly ModelInfo[];
}
