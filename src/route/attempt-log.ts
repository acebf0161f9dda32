/** Writes down every attempt of a call, in order, for `reply.attempts`. */

import type { OcelliError } from '../errors/index.js';
import type { Attempt, Usage } from '../request/index.js';
import type { Clock } from './clock.js';

interface Running {
  readonly model: string;
  readonly candidate: number;
  readonly try: number;
  readonly startedAt: number;
  readonly waitedMs: number;
}

export class AttemptLog {
  readonly #attempts: Attempt[];
  readonly #clock: Clock;
  #running: Running | undefined;
  #explanation: string | undefined;

  constructor(attempts: Attempt[], clock: Clock) {
    this.#attempts = attempts;
    this.#clock = clock;
  }

  start(candidate: { readonly id: string; readonly index: number }, tryNumber: number, waitedMs: number): void {
    this.#explanation = undefined;
    this.#running = {
      model: candidate.id,
      candidate: candidate.index,
      try: tryNumber,
      startedAt: this.#clock.now(),
      waitedMs,
    };
  }

  /** Why the running attempt will be the last at its candidate. */
  explain(reason: string): void {
    this.#explanation = reason;
  }

  skip(model: string, candidate: number, error: OcelliError): Attempt {
    const attempt: Attempt = {
      model,
      candidate,
      try: 0,
      outcome: 'skipped',
      startedAt: this.#clock.now(),
      durationMs: 0,
      errorKind: error.kind,
      reason: error.message,
    };
    this.#attempts.push(attempt);
    return attempt;
  }

  /** Ends the running attempt; `undefined` when none is running, since the call was aborted during a wait. */
  fail(error: OcelliError, usage: Usage): Attempt | undefined {
    if (this.#running === undefined) return undefined;
    const reason = this.#explanation === undefined ? error.message : `${error.message} (${this.#explanation})`;
    const attempt: Attempt = {
      ...this.#base(),
      outcome: error.kind === 'aborted' ? 'aborted' : error.kind === 'budget-exceeded' ? 'skipped' : 'failed',
      errorKind: error.kind,
      reason,
      ...(error.status === undefined ? {} : { status: error.status }),
      ...(usage.inputTokens === undefined && usage.outputTokens === undefined ? {} : { usage }),
    };
    this.#attempts.push(attempt);
    this.#running = undefined;
    return attempt;
  }

  answered(usage: Usage): void {
    this.#attempts.push({ ...this.#base(), outcome: 'answered', usage });
    this.#running = undefined;
  }

  #base(): Pick<Attempt, 'model' | 'candidate' | 'try' | 'startedAt' | 'durationMs' | 'waitedMs'> {
    const now = this.#clock.now();
    const running = this.#running;
    return {
      model: running?.model ?? '',
      candidate: running?.candidate ?? 0,
      try: running?.try ?? 0,
      startedAt: running?.startedAt ?? now,
      durationMs: now - (running?.startedAt ?? now),
      ...(running === undefined || running.waitedMs === 0 ? {} : { waitedMs: running.waitedMs }),
    };
  }
}
