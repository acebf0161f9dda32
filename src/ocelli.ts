/** Wires the rooms together: `createOcelli()` makes the object that programs call. */

import type { Adapter, ModelReference } from '../adapters/adapter.js';
import { anthropic } from '../adapters/anthropic/index.js';
import { google } from '../adapters/google/index.js';
import { local } from '../adapters/local/index.js';
import { openai } from '../adapters/openai/index.js';
import { openaiCompatible } from '../adapters/openai-compatible/index.js';
import { costOf, createBudgetKeeper, createMemoryLedger } from './cost/index.js';
import type { Embedding } from './embedding/embedding-types.js';
import { OcelliError } from './errors/index.js';
import { loadTokenizers } from './estimate/load-tokenizers.js';
import { createFitCache, createMediaStore } from './media/index.js';
import { createCatalogue, splitModelId, withFreeLocalModels, withRow, type Catalogue } from './models/index.js';
import type {
  CandidateEstimate,
  EstimateOptions,
  GenerateRequest,
  ModelInfo,
  Ocelli,
  OcelliOptions,
  PreparedCall,
  ReadyCall,
  SendOptions,
} from './ocelli-types.js';
import {
  checkAgainstSchema,
  EventStream,
  toMessages,
  validateRequest,
  type InferOutput,
  type JsonValue,
  type Message,
  type OutputSchema,
  type StreamEvent,
} from './request/index.js';
import {
  CooldownTable,
  defaultRetryPolicy,
  describeBody,
  estimateCall,
  failedCall,
  mediaOf,
  needsOf,
  openPurse,
  orderByPrice,
  prepareCandidate,
  refuseTooLong,
  resolveCandidates,
  runCall,
  systemClock,
  withImageTokens,
  type Call,
  type Candidate,
  type CandidateOrSkip,
  type Clock,
  type ModelChoice,
  type OutputCheck,
  type PreparedCandidate,
  type RequestMedia,
  type Resolved,
  type RetryPolicy,
} from './route/index.js';

export const defaultModel = 'local:tiny';

/**
 * Makes an ocelli. Keys come from the environment; `local:tiny` needs none and is the default model.
 *
 * @example
 * const ocelli = createOcelli({ budget: { usd: 5 } });
 * const reply = await ocelli.generate({ prompt: 'How many circles are there?', images: ['circles.png'] });
 * console.log(reply.text, reply.cost);
 */
export function createOcelli(options: OcelliOptions = {}): Ocelli {
  const environment = options.environment ?? process.env;
  const adapters = new Map<string, Adapter>();
  for (const adapter of builtInAdapters(environment)) adapters.set(adapter.provider, adapter);
  for (const adapter of options.adapters ?? []) adapters.set(adapter.provider, adapter);
  const catalogue = createCatalogue({ rows: options.models ?? [] });
  const prices = withFreeLocalModels(catalogue);
  const cooldown = new CooldownTable(options.cooldown);
  const clock = options.clock ?? systemClock;
  const fitCache = createFitCache();
  const today = dayOfClock(clock);
  const retryPolicy: RetryPolicy = { ...defaultRetryPolicy, ...options.retry };
  const keeper =
    options.budget === undefined
      ? undefined
      : createBudgetKeeper({ store: options.ledger ?? createMemoryLedger(), budget: options.budget });

  /** Everything about a request that needs no I/O. */
  function open(request: GenerateRequest, keysNotNeeded = false): Opened {
    validateRequest(request);
    const messages = toMessages(request);
    const needs = needsOf(request, messages);
    const choice: ModelChoice = request.model ?? defaultModel;
    const resolved = resolveCandidates(choice, { adapters, catalogue, needs, keysNotNeeded, today: today() });
    return { request, messages, resolved, media: { store: createMediaStore(options.media), fitCache } };
  }

  async function prepareOne(opened: Opened, candidate: Candidate, signal: AbortSignal): Promise<PricedCandidate> {
    const { request, messages, media } = opened;
    const prepared = await prepareCandidate(candidate, request, messages, media, signal);
    const known = await knownOf(candidate, false);
    const priced = estimateCall(candidate.id, prepared.request, known, { date: today() });
    refuseTooLong(candidate, priced);
    return {
      ...prepared,
      images: withImageTokens(prepared.images, candidate.id, prepared.request, known),
      estimate: priced,
    };
  }

  /** The catalogue with what a model's own files say of it. */
  async function knownOf({ adapter, modelId }: ModelReference, exact: boolean): Promise<Catalogue> {
    return withRow(catalogue, await adapter.modelRow?.(modelId, { exact }));
  }

  /** For the policy `cheapest`: prepares all to know their price. Who cannot be prepared is found out again, with its reason, in turn. */
  async function cheapestFirst(opened: Opened, signal: AbortSignal): Promise<readonly CandidateOrSkip[]> {
    const usd = new Map<number, number>();
    for (const candidate of opened.resolved.candidates) {
      if ('skip' in candidate) continue;
      const prepared = await prepareOne(opened, candidate, signal).catch(() => undefined);
      const money = prepared?.estimate?.money;
      if (money !== undefined) usd.set(candidate.index, money.usd);
    }
    return orderByPrice(opened.resolved.candidates, usd);
  }

  async function* events(request: GenerateRequest, collected: boolean): AsyncGenerator<StreamEvent, void, undefined> {
    // A mistake in the request is an event like every other failure, so that no caller needs two ways to catch.
    let opened: Opened;
    let candidates: readonly CandidateOrSkip[];
    try {
      opened = open(request);
      const signal = request.signal ?? new AbortController().signal;
      candidates =
        opened.resolved.policy === 'cheapest' ? await cheapestFirst(opened, signal) : opened.resolved.candidates;
    } catch (error) {
      yield failedCall(asOcelliError(error));
      return;
    }
    yield* send(opened, candidates, (candidate, signal) => prepareOne(opened, candidate, signal), { collected });
  }

  /** Sends an opened request to the first of the candidates that can and may answer. */
  async function* send(
    { request, resolved }: Opened,
    candidates: readonly CandidateOrSkip[],
    prepare: Call['prepare'],
    { collected, signal = request.signal }: SendOptions & { readonly collected: boolean },
  ): AsyncGenerator<StreamEvent, void, undefined> {
    let purse: ReturnType<typeof openPurse>;
    try {
      purse = openPurse(keeper, request, prices, clock);
    } catch (error) {
      yield failedCall(asOcelliError(error));
      return;
    }
    yield* runCall({
      candidates,
      warnings: resolved.warnings,
      prepare,
      checkOutput: outputCheck(request.output),
      collected,
      signal,
      timeout: { ...options.timeout, ...request.timeout },
      fallbackOn: request.fallbackOn,
      retryPolicy: request.retries === undefined ? retryPolicy : { ...retryPolicy, retries: request.retries },
      cooldown,
      clock,
      random: options.random ?? Math.random,
      purse,
      price: (model, usage) => {
        const row = prices.findModel(model);
        const cache = request.cache === 'long' ? { cache: request.cache } : {};
        return row === undefined ? undefined : costOf(usage, row, today(), cache);
      },
    });
  }

  /** One candidate's call as it would be sent, and what sends it: nothing is read, fitted or priced again. */
  async function prepareCall(opened: Opened, candidate: Candidate, signal: AbortSignal): Promise<ReadyCall> {
    const ready = await prepareOne(opened, candidate, signal);
    const sent = (collected: boolean, sending: SendOptions = {}): EventStream =>
      // Alone, it is no fallback of another.
      new EventStream(send(opened, [{ ...candidate, index: 0 }], async () => ready, { ...sending, collected }));
    return {
      model: candidate.id,
      status: 'ready',
      body: describeBody(ready.body, mediaOf(ready.request)),
      images: ready.images,
      warnings: ready.warnings,
      estimate: ready.estimate,
      generate: async (sending) => sent(true, sending).reply(),
      stream: (sending) => sent(false, sending),
    };
  }

  /** Does one thing for every candidate, the failure of one being its own. */
  async function forEachCandidate<T extends { readonly model: string }>(
    opened: Opened,
    work: (candidate: Candidate, signal: AbortSignal) => Promise<T>,
  ): Promise<readonly (T | { readonly model: string; readonly status: 'skipped'; readonly error: OcelliError })[]> {
    const signal = opened.request.signal ?? new AbortController().signal;
    return Promise.all(
      opened.resolved.candidates.map(async (candidate) => {
        if ('skip' in candidate) return { model: candidate.id, status: 'skipped' as const, error: candidate.skip };
        try {
          return await work(candidate, signal);
        } catch (error) {
          return { model: candidate.id, status: 'skipped' as const, error: asOcelliError(error) };
        }
      }),
    );
  }

  async function estimate(
    request: GenerateRequest,
    { exact = false, ...estimateOptions }: EstimateOptions = {},
  ): Promise<readonly CandidateEstimate[]> {
    const opened = open(request, !exact);
    const tokenizers = await loadTokenizers();
    return forEachCandidate(opened, async (candidate, signal): Promise<CandidateEstimate> => {
      const prepared = await prepareCandidate(candidate, request, opened.messages, opened.media, signal);
      const known = await knownOf(candidate, true);
      const priced = estimateCall(candidate.id, prepared.request, known, {
        date: today(),
        tokenizers,
        ...estimateOptions,
      });
      if (priced === undefined) {
        throw new OcelliError(
          'model-not-found',
          `${candidate.id} has no catalogue row, so nothing is known of its tokens.`,
        );
      }
      const counted = exact ? await candidate.adapter.countTokens?.(prepared.body, { signal }) : undefined;
      return {
        model: candidate.id,
        status: 'estimated',
        estimate: priced,
        ...(counted === undefined ? {} : { exactInputTokens: counted }),
      };
    });
  }

  /** Most programs embed nothing. */
  async function embedding(): Promise<Embedding> {
    const { createEmbedding } = await import('./embedding/embedding.js');
    return createEmbedding({ adapters, media: options.media, fitCache });
  }

  return {
    generate: async <S extends OutputSchema>(request: GenerateRequest<string, S>) =>
      new EventStream<InferOutput<S>>(events(request, true)).reply(),
    stream: <S extends OutputSchema>(request: GenerateRequest<string, S>) =>
      new EventStream<InferOutput<S>>(events(request, false)),
    prepare: async <S extends OutputSchema>(request: GenerateRequest<string, S>) => {
      const opened = open(request);
      const calls = await forEachCandidate(opened, (candidate, signal) => prepareCall(opened, candidate, signal));
      return calls as readonly PreparedCall<InferOutput<S>>[];
    },
    estimate,
    findModel: async (id) => {
      const { provider, modelId } = splitModelId(id);
      const adapter = adapters.get(provider);
      const known = adapter === undefined ? catalogue : await knownOf({ adapter, modelId }, true);
      return known.findModel(id);
    },
    embed: async (request) => (await embedding()).embed(request),
    classify: async (request) => (await embedding()).classify(request),
    createImageIndex: async (request) => (await embedding()).createImageIndex(request),
    models: () =>
      catalogue.listModels().map((row): ModelInfo => {
        const missing = adapters.get(splitModelId(row.id).provider)?.missingCredential();
        return { row, ready: missing === undefined, ...(missing === undefined ? {} : { missing: missing.message }) };
      }),
  };
}

/** Today as the prices name it, worked out once a day. */
function dayOfClock(clock: Clock): () => string {
  let number: number | undefined;
  let day = '';
  return () => {
    const current = Math.floor(clock.now() / 86_400_000);
    if (current !== number) day = new Date(current * 86_400_000).toISOString().slice(0, 10);
    number = current;
    return day;
  };
}

type PricedCandidate = PreparedCandidate & { readonly estimate: ReturnType<typeof estimateCall> };

interface Opened {
  readonly request: GenerateRequest;
  readonly messages: readonly Message[];
  readonly resolved: Resolved;
  readonly media: RequestMedia;
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
