/** The life of one call: candidates in order, attempts at each, one stream of events with exactly one last event. */

import pRetry from 'p-retry';
import { OcelliError } from '../errors/index.js';
import type {
  AdapterEvent,
  AdapterFinishEvent,
  AttemptEvent,
  ContentEvent,
  StreamEvent,
  Usage,
  Warning,
} from '../request/index.js';
import { attemptEvents, isContent } from './attempt-stream.js';
import { AttemptLog } from './attempt-log.js';
import { defaultTimeouts, type Call, type CandidateOrSkip } from './call.js';
import { openCallScope, type CallScope } from './call-scope.js';
import type { Candidate } from './candidate.js';
import { wait } from './clock.js';
import { EventQueue } from './event-queue.js';
import { failureTable } from './failure-table.js';
import type { Prepared } from './prepared-call.js';
import { paidEvents } from './purse.js';
import { ReplyBuilder } from './reply-builder.js';
import { decideRetry } from './retry-timing.js';

/** An attempt that has begun to answer. */
interface OpenAnswer {
  readonly buffered: readonly AdapterEvent[];
  readonly rest: AsyncGenerator<AdapterEvent, void, undefined>;
}

/** What becomes of the call after a candidate was tried. */
type Verdict = 'answered' | { readonly error: OcelliError; readonly next: boolean };

/** Runs a call. The stream ends with one `finish` or one `error`; it never throws. */
export async function* runCall(call: Call): AsyncGenerator<StreamEvent, void, undefined> {
  const scope = openCallScope(call.signal, call.timeout.totalMs, call.clock);
  try {
    yield* new Runner(call, scope).run();
  } finally {
    scope.close();
  }
}

/** The last event of a call that could not even begin. */
export function failedCall(error: OcelliError): StreamEvent {
  const reply = new ReplyBuilder().build(undefined);
  return { type: 'error', error: error.with({ partialReply: reply }), usage: reply.usage, reply };
}

class Runner {
  readonly #call: Call;
  readonly #scope: CallScope;
  readonly #reply: ReplyBuilder;
  readonly #log: AttemptLog;
  readonly #startedAt: number;
  /** Of the candidate that is tried. */
  #cooldownKey = '';

  constructor(call: Call, scope: CallScope) {
    this.#call = call;
    this.#scope = scope;
    this.#reply = new ReplyBuilder(call.price);
    this.#log = new AttemptLog(this.#reply.attempts, call.clock);
    this.#startedAt = call.clock.now();
    for (const warning of call.warnings) this.#reply.warnOfRoute(warning);
  }

  async *run(): AsyncGenerator<StreamEvent, void, undefined> {
    const { candidates } = this.#call;
    for (const warning of this.#call.warnings) yield { type: 'warning', warning };
    let lastError: OcelliError | undefined;
    for (const candidate of candidates) {
      const verdict = yield* this.#try(candidate);
      if (verdict === 'answered') return;
      lastError = verdict.error;
      if (!verdict.next) break;
      if (candidate.index === candidates.length - 1 && candidates.length > 1) lastError = this.#nobodyLeft();
    }
    yield this.#errorEvent(lastError ?? new OcelliError('no-candidate', 'No model was named.'));
  }

  async *#try(candidate: CandidateOrSkip): AsyncGenerator<StreamEvent, Verdict, undefined> {
    if (this.#scope.signal.aborted) return this.#ended(this.#scope.signal.reason as OcelliError);
    if ('skip' in candidate) return yield* this.#skip(candidate.id, candidate.index, candidate.skip);
    this.#cooldownKey = cooldownKey(candidate);
    const coolingDown = this.#coolingDown(candidate);
    if (coolingDown !== undefined) return yield* this.#skip(candidate.id, candidate.index, coolingDown);

    let prepared: Prepared;
    try {
      prepared = await this.#untilAborted(this.#call.prepare(candidate, this.#scope.signal));
    } catch (error) {
      this.#call.cooldown.release(this.#cooldownKey);
      return yield* this.#skip(candidate.id, candidate.index, toOcelliError(error, candidate));
    }
    const queue = new EventQueue<AttemptEvent>();
    const opening = this.#open(candidate, prepared, queue);
    yield* queue.drainUntil(opening);
    try {
      return yield* this.#answer(candidate, await opening, prepared.warnings);
    } catch (error) {
      return yield* this.#gaveUp(candidate, toOcelliError(error, candidate));
    }
  }

  /** The only retry loop of the package: attempts until one has begun to answer. */
  #open(candidate: Candidate, prepared: Prepared, queue: EventQueue<AttemptEvent>): Promise<OpenAnswer> {
    let waitedMs = 0;
    return pRetry(
      async (tryNumber) => {
        this.#reply.begin(candidate.id, prepared);
        this.#log.start(candidate, tryNumber, waitedMs);
        return firstContent(this.#events(candidate, prepared), (usage) => this.#reply.setUsage(usage));
      },
      {
        retries: this.#call.retryPolicy.retries,
        // The waiting is done in shouldRetry, where the clock is ours and the reason is known.
        minTimeout: 0,
        shouldRetry: async ({ error, attemptNumber }) => {
          const failure = toOcelliError(error, candidate);
          if (this.#scope.signal.aborted || this.#action(failure) !== 'retry') return false;
          const decision = decideRetry(this.#call.retryPolicy, {
            failedTries: attemptNumber,
            retryAfterMs: failure.retryAfterMs,
            elapsedMs: this.#call.clock.now() - this.#startedAt,
            otherCandidatesLeft: this.#othersLeft(candidate),
            random: this.#call.random(),
          });
          if (decision.action === 'give-up') {
            this.#log.explain(decision.reason);
            return false;
          }
          const attempt = this.#log.fail(failure, this.#reply.usage);
          if (attempt !== undefined) queue.push({ type: 'attempt', attempt });
          waitedMs = decision.delayMs;
          await wait(this.#call.clock, decision.delayMs, this.#scope.signal);
          return true;
        },
      },
    );
  }

  #events(candidate: Candidate, prepared: Prepared): AsyncGenerator<AdapterEvent, void, undefined> {
    const { timeout, clock, purse } = this.#call;
    const send = (body: unknown): AsyncGenerator<AdapterEvent, void, undefined> =>
      attemptEvents({
        adapter: candidate.adapter,
        body,
        model: candidate.id,
        signal: this.#scope.signal,
        firstEventMs: timeout.firstEventMs ?? defaultTimeouts.firstEventMs,
        idleMs: timeout.idleMs ?? defaultTimeouts.idleMs,
        clock,
        emulatedStop: prepared.emulatedStop,
      });
    return purse === undefined ? send(prepared.body) : paidEvents(purse, candidate, prepared, this.#scope.signal, send);
  }

  /** Passes an answer on. After its first content nothing is ever sent again, whatever happens. */
  async *#answer(
    candidate: Candidate,
    answer: OpenAnswer,
    warnings: readonly Warning[],
  ): AsyncGenerator<StreamEvent, Verdict, undefined> {
    const started = startOf(candidate, answer.buffered);
    this.#reply.identify(started.responseModel, started.responseId);
    yield started;
    for (const warning of warnings) yield { type: 'warning', warning };
    try {
      for (const event of answer.buffered) {
        const passed = yield* this.#pass(event);
        if (passed !== undefined) return yield* this.#finish(candidate, passed);
      }
      for await (const event of answer.rest) {
        const passed = yield* this.#pass(event);
        if (passed !== undefined) return yield* this.#finish(candidate, passed);
      }
      throw new OcelliError('network', `The answer of ${candidate.id} broke off before its end.`);
    } catch (error) {
      const failure = toOcelliError(error, candidate);
      this.#settleCooldown(failure);
      return { error: this.#logged(failure), next: false };
    } finally {
      // Runs too when the caller stops reading: closes the connection.
      void answer.rest.return().catch(() => undefined);
    }
  }

  async *#pass(event: AdapterEvent): AsyncGenerator<StreamEvent, AdapterFinishEvent | undefined, undefined> {
    switch (event.type) {
      case 'response-start':
        return undefined;
      case 'usage':
        this.#reply.setUsage(event.usage);
        return undefined;
      case 'warning':
        this.#reply.warn(event.warning);
        yield event;
        return undefined;
      case 'finish':
        this.#reply.finish(event.reason, event.usage);
        return event;
      default: {
        const content: ContentEvent = event;
        this.#reply.add(content);
        yield content;
        return undefined;
      }
    }
  }

  async *#finish(candidate: Candidate, finish: AdapterFinishEvent): AsyncGenerator<StreamEvent, Verdict, undefined> {
    let object: unknown;
    // An answer that waits for tools or was cut short is not the object yet.
    if (this.#call.checkOutput !== undefined && finish.reason === 'stop') {
      const check = await this.#call.checkOutput(this.#reply.text);
      if ('problem' in check) {
        const error = new OcelliError(
          'invalid-output',
          `The answer of ${candidate.id} does not fit \`output\`: ${check.problem}`,
          {
            provider: candidate.adapter.provider,
            model: candidate.id,
          },
        );
        this.#call.cooldown.succeeded(this.#cooldownKey);
        const logged = this.#logged(error);
        return { error: logged, next: this.#call.collected && this.#mayFallBack(error) };
      }
      object = check.object;
    }
    this.#call.cooldown.succeeded(this.#cooldownKey);
    this.#log.answered(finish.usage);
    const reply = this.#reply.build(object);
    yield { type: 'finish', reason: finish.reason, usage: finish.usage, reply };
    return 'answered';
  }

  /** All tries at a candidate failed before any content. */
  async *#gaveUp(candidate: Candidate, error: OcelliError): AsyncGenerator<StreamEvent, Verdict, undefined> {
    this.#settleCooldown(error);
    const attempt = this.#log.fail(error, this.#reply.usage);
    if (attempt !== undefined) yield { type: 'attempt', attempt };
    return { error, next: !this.#scope.signal.aborted && this.#mayFallBack(error) };
  }

  async *#skip(id: string, index: number, error: OcelliError): AsyncGenerator<StreamEvent, Verdict, undefined> {
    if (this.#scope.signal.aborted) return this.#ended(this.#scope.signal.reason as OcelliError);
    yield { type: 'attempt', attempt: this.#log.skip(id, index, error) };
    return { error, next: failureTable[error.kind].action !== 'stop' };
  }

  #ended(error: OcelliError): Verdict {
    return { error, next: false };
  }

  #logged(error: OcelliError): OcelliError {
    this.#log.fail(error, this.#reply.usage);
    return error;
  }

  #settleCooldown(failure: OcelliError): void {
    const { cooldown, clock } = this.#call;
    if (failure.kind === 'aborted') cooldown.release(this.#cooldownKey);
    else cooldown.failed(this.#cooldownKey, failure.kind, clock.now(), failure.retryAfterMs);
  }

  #action(error: OcelliError): 'retry' | 'next' | 'stop' {
    const action = failureTable[error.kind].action;
    return action === 'retry' && !error.retryable ? 'next' : action;
  }

  #mayFallBack(error: OcelliError): boolean {
    if (this.#action(error) === 'stop') return false;
    return this.#call.fallbackOn === undefined || this.#call.fallbackOn.includes(error.kind);
  }

  #othersLeft(candidate: Candidate): boolean {
    return this.#call.candidates.some((other) => other.index > candidate.index && !('skip' in other));
  }

  /** A cooling candidate is passed over only while somebody else can answer. */
  #coolingDown(candidate: Candidate): OcelliError | undefined {
    const admission = this.#call.cooldown.admit(this.#cooldownKey, this.#call.clock.now());
    if (admission.admitted || !this.#othersLeft(candidate)) return undefined;
    const reason =
      admission.waitMs > 0
        ? `${candidate.id} kept failing and is left alone for another ${Math.ceil(admission.waitMs / 1000)} s.`
        : `${candidate.id} kept failing; another call is finding out whether it is back.`;
    return new OcelliError('overloaded', reason, { provider: candidate.adapter.provider, model: candidate.id });
  }

  async #untilAborted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#scope;
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  #nobodyLeft(): OcelliError {
    const told = this.#reply.attempts
      .filter((attempt, index, all) => all.findLastIndex((other) => other.candidate === attempt.candidate) === index)
      .map((attempt) => `${attempt.model}: ${attempt.reason ?? attempt.errorKind ?? attempt.outcome}`);
    return new OcelliError('no-candidate', `No candidate could answer. ${told.join(' — ')}`);
  }

  #errorEvent(error: OcelliError): StreamEvent {
    const reply = this.#reply.build(undefined);
    return {
      type: 'error',
      error: error.with({ attempts: this.#reply.attempts, partialReply: reply }),
      usage: reply.usage,
      reply,
    };
  }
}

/** Reads an attempt up to its first content, so that whatever fails before can still be tried again. */
async function firstContent(
  events: AsyncGenerator<AdapterEvent, void, undefined>,
  onUsage: (usage: Usage) => void,
): Promise<OpenAnswer> {
  const buffered: AdapterEvent[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done === true) throw new OcelliError('network', 'The answer ended before it began.');
    buffered.push(next.value);
    if (next.value.type === 'usage') onUsage(next.value.usage);
    if (next.value.type === 'finish' && next.value.reason === 'content-filter') {
      throw new OcelliError('content-filter', 'The provider withheld the answer.');
    }
    if (isContent(next.value) || next.value.type === 'finish') return { buffered, rest: events };
  }
}

function startOf(candidate: Candidate, events: readonly AdapterEvent[]): Extract<StreamEvent, { type: 'start' }> {
  const response = events.find((event) => event.type === 'response-start');
  return {
    type: 'start',
    model: candidate.id,
    provider: candidate.adapter.provider,
    ...(response?.responseModel === undefined ? {} : { responseModel: response.responseModel }),
    ...(response?.responseId === undefined ? {} : { responseId: response.responseId }),
  };
}

function cooldownKey(candidate: Candidate): string {
  return `${candidate.adapter.cooldownKey} ${candidate.modelId}`;
}

function toOcelliError(error: unknown, candidate: Candidate): OcelliError {
  const known = OcelliError.isInstance(error) ? error : candidate.adapter.toError(error);
  return known.model === undefined ? known.with({ provider: candidate.adapter.provider, model: candidate.id }) : known;
}
