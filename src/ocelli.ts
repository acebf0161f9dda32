/** Wires the rooms together: `createOcelli()` makes the object that programs call. */

import type { Adapter } from '../adapters/adapter.js';
import { anthropic } from '../adapters/anthropic/index.js';
import { google } from '../adapters/google/index.js';
import { local } from '../adapters/local/index.js';
import { openai } from '../adapters/openai/index.js';
import { openaiCompatible } from '../adapters/openai-compatible/index.js';
import { OcelliError } from './errors/index.js';
import { createMediaStore, type MediaStoreOptions } from './media/index.js';
import { createCatalogue, type ModelRow, type RowOverride, type UserPartOf } from './models/index.js';
import {
  checkAgainstSchema,
  EventStream,
  toMessages,
  validateRequest,
  type BaseRequest,
  type InferOutput,
  type JsonValue,
  type Message,
  type OutputSchema,
  type Reply,
  type StreamEvent,
  type TimeoutOptions,
} from './request/index.js';
import {
  CooldownTable,
  defaultRetryPolicy,
  failedCall,
  needsOf,
  resolveCandidates,
  runCall,
  systemClock,
  type Clock,
  type CooldownPolicy,
  type ModelChoice,
  type OutputCheck,
  type Resolved,
  type RetryPolicy,
  type RouteOptions,
} from './route/index.js';
import { prepareCandidate, type PreparedCandidate } from './route/prepare-candidate.js';
import { describeBody } from './route/describe-body.js';

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

/** What one candidate would be sent. */
export type PreparedCall =
  | {
      readonly model: string;
      readonly status: 'ready';
      /** The exact wire body, with every picture replaced by its type, size and digest. */
      readonly body: JsonValue;
      readonly images: PreparedCandidate['images'];
      readonly warnings: PreparedCandidate['warnings'];
    }
  | { readonly model: string; readonly status: 'skipped'; readonly error: OcelliError };

export interface ModelInfo {
  readonly row: ModelRow;
  /** Whether a call could be made now; if not, what is missing. */
  readonly ready: boolean;
  readonly missing?: string;
}

export interface Ocelli {
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
  /** Stops before the wire: what would be sent to whom. Sends nothing but the download of pictures named by URL. */
  prepare<const M extends string = string, S extends OutputSchema = OutputSchema>(
    request: GenerateRequest<M, S>,
  ): Promise<readonly PreparedCall[]>;
  /** The catalogue, and which models could be called now. */
  models(): readonly ModelInfo[];
}

export const defaultModel = 'local:tiny';

/**
 * Makes an ocelli. Keys come from the environment; `local:tiny` needs none and is the default model.
 *
 * @example
 * const ocelli = createOcelli();
 * const reply = await ocelli.generate({ prompt: 'How many circles are there?', images: ['circles.png'] });
 * console.log(reply.text);
 */
export function createOcelli(options: OcelliOptions = {}): Ocelli {
  const environment = options.environment ?? process.env;
  const adapters = new Map<string, Adapter>();
  for (const adapter of builtInAdapters(environment)) adapters.set(adapter.provider, adapter);
  for (const adapter of options.adapters ?? []) adapters.set(adapter.provider, adapter);
  const catalogue = createCatalogue({ rows: options.models ?? [] });
  const cooldown = new CooldownTable(options.cooldown);
  const clock = options.clock ?? systemClock;
  const retryPolicy: RetryPolicy = { ...defaultRetryPolicy, ...options.retry };

  function open(request: GenerateRequest): { resolved: Resolved; messages: readonly Message[] } {
    validateRequest(request);
    const messages = toMessages(request);
    const needs = needsOf(request, messages);
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    const choice: ModelChoice = request.model ?? defaultModel;
    return { resolved: resolveCandidates(choice, { adapters, catalogue, needs, today }), messages };
  }

  async function* events(request: GenerateRequest, collected: boolean): AsyncGenerator<StreamEvent, void, undefined> {
    // A mistake in the request is an event like every other failure, so that no caller needs two ways to catch.
    let opened: ReturnType<typeof open>;
    try {
      opened = open(request);
    } catch (error) {
      yield failedCall(asOcelliError(error));
      return;
    }
    const { resolved, messages } = opened;
    const store = createMediaStore(options.media);
    yield* runCall({
      ...resolved,
      prepare: (candidate, signal) => prepareCandidate(candidate, request, messages, store, signal),
      checkOutput: outputCheck(request.output),
      collected,
      signal: request.signal,
      timeout: { ...options.timeout, ...request.timeout },
      fallbackOn: request.fallbackOn,
      retryPolicy: request.retries === undefined ? retryPolicy : { ...retryPolicy, retries: request.retries },
      cooldown,
      clock,
      random: options.random ?? Math.random,
    });
  }

  return {
    generate: async <S extends OutputSchema>(request: GenerateRequest<string, S>) =>
      new EventStream<InferOutput<S>>(events(request, true)).reply(),
    stream: <S extends OutputSchema>(request: GenerateRequest<string, S>) =>
      new EventStream<InferOutput<S>>(events(request, false)),
    prepare: async (request) => {
      const { resolved, messages } = open(request);
      const store = createMediaStore(options.media);
      const signal = request.signal ?? new AbortController().signal;
      return Promise.all(
        resolved.candidates.map(async (candidate): Promise<PreparedCall> => {
          if ('skip' in candidate) return { model: candidate.id, status: 'skipped', error: candidate.skip };
          try {
            const { body, images, warnings } = await prepareCandidate(candidate, request, messages, store, signal);
            return { model: candidate.id, status: 'ready', body: describeBody(body), images, warnings };
          } catch (error) {
            return { model: candidate.id, status: 'skipped', error: asOcelliError(error) };
          }
        }),
      );
    },
    models: () =>
      catalogue.listModels().map((row): ModelInfo => {
        const missing = adapters.get(row.id.slice(0, row.id.indexOf(':')))?.missingCredential();
        return { row, ready: missing === undefined, ...(missing === undefined ? {} : { missing: missing.message }) };
      }),
  };
}

function builtInAdapters(environment: Readonly<Record<string, string | undefined>>): readonly Adapter[] {
  return [
    openai({ environment }),
    anthropic({ environment }),
    google({ environment }),
    openaiCompatible({ environment }),
    local({ environment }),
  ] as readonly Adapter[];
}

function outputCheck(schema: OutputSchema | undefined): OutputCheck | undefined {
  if (schema === undefined) return undefined;
  return async (text) => {
    let value: JsonValue;
    try {
      value = JSON.parse(text) as JsonValue;
    } catch {
      return { problem: `it is not JSON: ${JSON.stringify(text.slice(0, 80))}` };
    }
    const check = await checkAgainstSchema(schema, value);
    return 'problem' in check ? check : { object: check.value };
  };
}

function asOcelliError(error: unknown): OcelliError {
  if (OcelliError.isInstance(error)) return error;
  return new OcelliError('invalid-request', error instanceof Error ? error.message : String(error));
}
