/** Asks a hosted or local model through ocelli: one candidate, no fallback, every attempt on record. */

import {
  OcelliError,
  type Attempt,
  type Detail,
  type GenerateRequest,
  type Ocelli,
  type ReadyCall,
  type Reply,
  type Usage,
} from '../../src/index.js';
import type { Answer, BenchCall, Executed, Executor } from './executor.js';
import type { AdaptiveConcurrency } from './concurrency.js';
import type { ModelLedger, Reservations } from './model-ledger.js';
import type { PictureStore } from './picture-store.js';
import { requestHash } from './request-hash.js';
import { isCacheable, type ResponseCache } from './response-cache.js';

/** How every question of a run is asked. */
export interface AskOptions {
  readonly maxOutputTokens: number;
  readonly detail?: Detail;
  readonly temperature?: number;
  readonly system?: string;
  /** What is done to pictures that a model would scale down. */
  readonly fit: 'vendor' | 'limits' | 'off';
  /** What to do with an option that the model does not take. */
  readonly unsupported: 'error' | 'warn';
  /** Retries of a call after its first attempt. */
  readonly retries: number;
}

export interface LiveExecutorOptions {
  readonly name: 'live' | 'local';
  readonly ocelli: Ocelli;
  readonly pictures: Pick<PictureStore, 'read'>;
  readonly ask: AskOptions;
  readonly limit: AdaptiveConcurrency;
  readonly ledger?: ModelLedger;
  readonly cache?: ResponseCache;
  readonly now: () => number;
}

/** Kinds that say that the provider has too much to do. */
const busyKinds: ReadonlySet<string> = new Set(['rate-limit', 'overloaded']);

export class LiveExecutor implements Executor {
  readonly name: string;
  readonly #options: LiveExecutorOptions;

  constructor(options: LiveExecutorOptions) {
    this.name = options.name;
    this.#options = options;
  }

  concurrency(now: number): number {
    return this.#options.limit.current(now);
  }

  pauseMs(now: number): number {
    return this.#options.limit.pauseMs(now);
  }

  async run(call: BenchCall, signal: AbortSignal): Promise<Executed> {
    const { ocelli, cache, ledger } = this.#options;
    let prepared: ReadyCall;
    let hash: string;
    try {
      const [only] = await ocelli.prepare(await this.#requestOf(call, signal));
      if (only?.status !== 'ready') throw only?.error ?? noModel(call.model);
      prepared = only;
      hash = requestHash(call.model, prepared.body, call.repeat);
    } catch (error) {
      if (signal.aborted) throw error;
      return { answer: failed(error) };
    }
    const known = await cache?.get(hash);
    if (known !== undefined) return { answer: { ...known, requestHash: hash, costUsd: 0, executor: 'cache' } };

    const ask = (): Promise<Answer> => this.#ask(prepared, hash, signal);
    const books = ledger === undefined ? undefined : await ledger.during(ask);
    const answer = books === undefined ? await ask() : withBooks(books.result, books.reservations);
    return {
      answer,
      kept: async () => {
        await books?.settle();
        if (cache !== undefined && isCacheable(answer)) await cache.put(hash, cached(answer));
      },
    };
  }

  /** The request as it is sent for a call. */
  async #requestOf({ item, model, prompt }: BenchCall, signal?: AbortSignal): Promise<GenerateRequest> {
    const { ask, pictures } = this.#options;
    const images = item.picture === undefined ? [] : [await pictures.read(item.picture.sha256, item.picture.path)];
    return {
      model,
      prompt: item.questions[prompt] ?? item.questions[0] ?? '',
      images,
      maxOutputTokens: ask.maxOutputTokens,
      fit: ask.fit,
      unsupported: ask.unsupported,
      retries: ask.retries,
      ...(ask.detail === undefined ? {} : { detail: ask.detail }),
      ...(ask.temperature === undefined ? {} : { temperature: ask.temperature }),
      ...(ask.system === undefined ? {} : { system: ask.system }),
      ...(signal === undefined ? {} : { signal }),
    };
  }

  /** What is sent is the very body that was hashed. */
  async #ask(prepared: ReadyCall, hash: string, signal: AbortSignal): Promise<Answer> {
    const { limit, now } = this.#options;
    for await (const event of prepared.stream()) {
      if (event.type === 'attempt' && busyKinds.has(event.attempt.errorKind ?? ''))
        limit.refused(event.attempt.startedAt, now());
      if (event.type === 'finish') {
        limit.answered(event.reply.attempts.at(-1)?.durationMs ?? 0);
        return { ...answerOf(event.reply), requestHash: hash };
      }
      if (event.type === 'error') {
        if (signal.aborted) throw event.error;
        const last = event.reply.attempts.at(-1);
        if (busyKinds.has(event.error.kind)) limit.refused(last?.startedAt ?? now(), now(), event.error.retryAfterMs);
        return { ...answerOf(event.reply), ...failed(event.error), requestHash: hash };
      }
    }
    throw new OcelliError('malformed-response', 'The stream ended without a last event.');
  }
}

function noModel(model: string): OcelliError {
  return new OcelliError('model-not-found', `There is no model "${model}".`);
}

/** A failure as it is recorded; a call that the budget would not pay for is no failure of the model. */
export function failed(error: unknown): Answer {
  const known = OcelliError.isInstance(error)
    ? error
    : new OcelliError('invalid-request', error instanceof Error ? error.message : String(error));
  if (known.kind === 'budget-exceeded') return { skipped: 'budget' };
  return { error: { kind: known.kind, message: known.message } };
}

/** Without the text where the call failed: half an answer is none. */
function answerOf(reply: Reply): Answer {
  const attempts = reply.attempts.map(attemptOf);
  const answered = reply.attempts.findLast(({ outcome }) => outcome === 'answered');
  return {
    ...(reply.responseModel === undefined ? {} : { servedModel: reply.responseModel }),
    ...(reply.finishReason === undefined ? {} : { text: reply.text, finishReason: reply.finishReason }),
    usage: usageOf(reply.usage),
    ...(reply.cost === undefined ? {} : { costUsd: reply.cost.usd }),
    ...(answered === undefined ? {} : { latencyMs: answered.durationMs }),
    attempts,
  };
}

function attemptOf(attempt: Attempt): NonNullable<Answer['attempts']>[number] {
  return {
    outcome: attempt.outcome,
    startedAt: attempt.startedAt,
    durationMs: attempt.durationMs,
    ...(attempt.waitedMs === undefined ? {} : { waitedMs: attempt.waitedMs }),
    ...(attempt.status === undefined ? {} : { status: attempt.status }),
    ...(attempt.errorKind === undefined ? {} : { errorKind: attempt.errorKind }),
  };
}

function usageOf({ byModality: _byModality, ...usage }: Usage): NonNullable<Answer['usage']> {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined)) as NonNullable<
    Answer['usage']
  >;
}

/** What the ledger booked is what the call cost, failed attempts included. */
function withBooks(answer: Answer, reservations: Reservations): Answer {
  if (reservations.length === 0) return answer;
  const known = reservations.every(({ usd }) => usd !== undefined);
  const { costUsd: _costUsd, ...rest } = answer;
  return {
    ...rest,
    ...(known ? { costUsd: reservations.reduce((sum, { usd = 0 }) => sum + usd, 0) } : {}),
    reservations,
  };
}

/** Another run pays nothing for it and reserves nothing. */
function cached({ reservations: _reservations, attempts: _attempts, ...answer }: Answer): Answer {
  return answer;
}
