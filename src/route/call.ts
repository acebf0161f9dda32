/** Everything one call is run with: who may answer, how each is prepared, and the limits that hold. */

import type { OcelliError, ErrorKind } from '../errors/index.js';
import type { Money, TimeoutOptions, Usage, Warning } from '../request/index.js';
import type { Candidate } from './candidate.js';
import type { Clock } from './clock.js';
import type { CooldownTable } from './cooldown.js';
import type { Prepared } from './prepared-call.js';
import type { Purse } from './purse.js';
import type { RetryPolicy } from './retry-timing.js';

/** A candidate, or why there is none at this place. */
export type CandidateOrSkip = Candidate | { readonly id: string; readonly index: number; readonly skip: OcelliError };

/** The answer's text checked against the caller's schema. */
export type OutputCheck = (text: string) => Promise<{ readonly object: unknown } | { readonly problem: string }>;

export interface Call {
  readonly candidates: readonly CandidateOrSkip[];
  /** Reads pictures and writes the wire body for one candidate; throws `OcelliError` when this candidate cannot take the request. */
  readonly prepare: (candidate: Candidate, signal: AbortSignal) => Promise<Prepared>;
  readonly checkOutput: OutputCheck | undefined;
  /** Nobody sees the events before the end (`generate`), so an answer that breaks the schema may still be replaced. */
  readonly collected: boolean;
  readonly signal: AbortSignal | undefined;
  readonly timeout: TimeoutOptions;
  readonly fallbackOn: readonly ErrorKind[] | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly cooldown: CooldownTable;
  readonly clock: Clock;
  readonly random: () => number;
  /** Pays for attempts; absent without a budget. */
  readonly purse: Purse | undefined;
  /** What a usage of a model comes to today. */
  readonly price: (model: string, usage: Usage) => Money | undefined;
  /** Warnings about the choice of models. */
  readonly warnings: readonly Warning[];
}

export const defaultTimeouts = { firstEventMs: 120_000, idleMs: 60_000 } as const;
