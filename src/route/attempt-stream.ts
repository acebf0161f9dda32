/** One attempt: an adapter's events under time-outs and abort, with stop texts emulated where the wire has none. */

import type { Adapter } from '../../adapters/adapter.js';
import { OcelliError } from '../errors/index.js';
import { StopMatcher, unknownUsage, type AdapterEvent, type ContentEvent, type Usage } from '../request/index.js';
import type { Clock } from './clock.js';

export interface AttemptOptions {
  readonly adapter: Adapter;
  readonly body: unknown;
  /** `provider:model-id`, for messages. */
  readonly model: string;
  /** Aborted when the caller gives up or the whole call's time is over; its reason is an `OcelliError`. */
  readonly signal: AbortSignal;
  readonly firstEventMs: number;
  readonly idleMs: number;
  readonly clock: Clock;
  /** Stop texts that the wire does not know. */
  readonly emulatedStop: readonly string[];
}

export function isContent(event: AdapterEvent): event is ContentEvent {
  return (
    event.type === 'text-delta' ||
    event.type === 'reasoning-delta' ||
    event.type === 'tool-call-start' ||
    event.type === 'tool-call-delta' ||
    event.type === 'tool-call-end'
  );
}

/**
 * The adapter's events until its `finish`. Throws `OcelliError` only; closes the connection however it ends.
 *
 * Content and `finish` feed the clocks: a server that only sends keep-alive bytes, or that says "created" and then nothing, times out.
 */
export async function* attemptEvents(options: AttemptOptions): AsyncGenerator<AdapterEvent, void, undefined> {
  const events = watchedEvents(options);
  yield* options.emulatedStop.length === 0 ? events : withStopTexts(events, options.emulatedStop);
}

async function* watchedEvents(options: AttemptOptions): AsyncGenerator<AdapterEvent, void, undefined> {
  const { adapter, body, signal, clock } = options;
  signal.throwIfAborted();
  // The adapter sees a signal of its own, so that no listener of a vendor SDK stays behind on the caller's.
  const controller = new AbortController();
  const watch = new Watch(signal, clock, () => controller.abort(signal.reason));
  const iterator = adapter.stream(body, { signal: controller.signal })[Symbol.asyncIterator]();
  let contentSeen = false;
  let finished = false;
  try {
    let limitMs = options.firstEventMs;
    let deadline = clock.now() + limitMs;
    for (;;) {
      const next = await watch.race(iterator.next(), deadline, () => timeoutError(options.model, contentSeen, limitMs));
      if (next.done === true) break;
      const event = next.value;
      if (isContent(event) || event.type === 'finish') {
        contentSeen = true;
        limitMs = options.idleMs;
        deadline = clock.now() + limitMs;
      }
      if (event.type === 'finish') finished = true;
      yield event;
      if (finished) return;
    }
    throw new OcelliError('network', `The answer of ${options.model} broke off before its end.`, {
      provider: adapter.provider,
      model: options.model,
    });
  } catch (error) {
    throw asOcelliError(error, options);
  } finally {
    watch.close();
    // After a whole answer the adapter keeps its connection for the next call; everything else closes it.
    if (!finished) controller.abort();
    // Not awaited: an adapter that hangs must not hold the caller.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function asOcelliError(error: unknown, options: AttemptOptions): OcelliError {
  const known = OcelliError.isInstance(error) ? error : options.adapter.toError(error);
  return known.with({ provider: options.adapter.provider, model: options.model });
}

function timeoutError(model: string, contentSeen: boolean, limitMs: number): OcelliError {
  const seconds = `${limitMs / 1000} s`;
  return new OcelliError(
    'timeout',
    contentSeen
      ? `${model} sent nothing for ${seconds} in the middle of its answer (timeout.idleMs).`
      : `${model} did not begin to answer within ${seconds} (timeout.firstEventMs).`,
  );
}

/** Waits for a promise, the clock or the caller, whichever comes first; one listener and mostly one timer for the whole attempt. */
class Watch {
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #onAbort: () => void;
  #reject: ((reason: unknown) => void) | undefined;
  /** What the promise that is waited for fails with when its time is over. */
  #error: (() => OcelliError) | undefined;
  #deadline = Infinity;
  /** The time of the timer that runs, which looks at the deadline again when it is later by then. */
  #timerAt = Infinity;
  #cancelTimer: () => void = () => undefined;

  constructor(signal: AbortSignal, clock: Clock, onAbort: () => void) {
    this.#signal = signal;
    this.#clock = clock;
    this.#onAbort = () => {
      this.#reject?.(signal.reason);
      onAbort();
    };
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** @param deadline milliseconds since the epoch */
  race<T>(promise: Promise<T>, deadline: number, error: () => OcelliError): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#signal.aborted) {
        promise.catch(() => undefined);
        reject(this.#signal.reason as Error);
        return;
      }
      const settle = (act: () => void): void => {
        this.#reject = undefined;
        this.#error = undefined;
        act();
      };
      this.#reject = (reason) => settle(() => reject(reason));
      this.#error = error;
      this.#deadline = deadline;
      if (deadline < this.#timerAt) this.#setTimer();
      promise.then(
        (value) => settle(() => resolve(value)),
        (reason: unknown) => settle(() => reject(reason)),
      );
    });
  }

  #setTimer(): void {
    this.#cancelTimer();
    this.#timerAt = this.#deadline;
    this.#cancelTimer = this.#clock.schedule(Math.max(0, this.#deadline - this.#clock.now()), () => {
      this.#timerAt = Infinity;
      if (this.#error === undefined) return;
      if (this.#clock.now() < this.#deadline) this.#setTimer();
      else this.#reject?.(this.#error());
    });
  }

  close(): void {
    this.#cancelTimer();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

/** Ends the answer before the first stop text, which is never shown even when it comes in pieces. */
async function* withStopTexts(
  events: AsyncGenerator<AdapterEvent, void, undefined>,
  stops: readonly string[],
): AsyncGenerator<AdapterEvent, void, undefined> {
  const matcher = new StopMatcher(stops);
  let usage: Usage = unknownUsage;
  let characters = 0;
  for await (const event of events) {
    if (event.type === 'usage') usage = event.usage;
    if (event.type === 'text-delta') {
      characters += event.text.length;
      const { text, stopped } = matcher.push(event.text);
      if (text !== '' || event.providerData !== undefined) yield { ...event, text };
      if (stopped) {
        yield { type: 'finish', reason: 'stop', usage: completeUsage(usage, characters) };
        return;
      }
      continue;
    }
    if (isContent(event) || event.type === 'finish') {
      if (event.type === 'reasoning-delta') characters += event.text.length;
      const held = matcher.flush();
      if (held !== '') yield { type: 'text-delta', text: held };
    }
    yield event;
  }
}

/** Characters of an answer for one token, in round figures: OpenAI and Google both speak of about 4 for English. */
const charactersPerToken = 4;

/** Fills in output tokens that the provider had no chance to report, and says so. */
export function completeUsage(usage: Usage, outputCharacters: number): Usage {
  const guess = Math.ceil(outputCharacters / charactersPerToken);
  if (usage.outputTokens !== undefined && usage.outputTokens >= guess) return usage;
  if (guess === 0) return usage;
  return { ...usage, outputTokens: guess, estimated: true };
}
