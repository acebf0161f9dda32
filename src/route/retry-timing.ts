/** When to try again, and whether to: a pure function of what failed, what was asked for and how much time is left. */

export interface RetryPolicy {
  /** Retries of one candidate after its first attempt. */
  readonly retries: number;
  /** Milliseconds before the first retry at most; doubles with each retry. */
  readonly baseDelayMs: number;
  /** Longest own back-off in milliseconds. A wait that the provider asked for may be longer. */
  readonly maxDelayMs: number;
  /** Milliseconds of retrying one call may take in all, waits and attempts together. */
  readonly totalMs: number;
  /** With another candidate left, a longer wait than this means: go there now. */
  readonly patienceMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  retries: 2,
  baseDelayMs: 500,
  maxDelayMs: 8_000,
  totalMs: 60_000,
  patienceMs: 10_000,
};

export type RetryDecision =
  | { readonly action: 'wait'; readonly delayMs: number }
  | { readonly action: 'give-up'; readonly reason: string; readonly delayMs: number };

/**
 * Decides about the next try at the same candidate.
 *
 * A wait that the provider asked for is obeyed exactly, never shortened or jittered; the own back-off has full jitter
 * (a random time from 0 to the doubled base), so that many clients do not come back together.
 *
 * @param failedTries tries at this candidate so far, 1 or more
 * @param random a number from 0 to below 1
 */
export function decideRetry(
  policy: RetryPolicy,
  state: {
    readonly failedTries: number;
    readonly retryAfterMs: number | undefined;
    readonly elapsedMs: number;
    readonly otherCandidatesLeft: boolean;
    readonly random: number;
  },
): RetryDecision {
  const asked = state.retryAfterMs;
  const backOff = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (state.failedTries - 1)) * state.random;
  const delayMs = asked ?? Math.round(backOff);
  if (state.failedTries > policy.retries) {
    return { action: 'give-up', reason: `still failing after ${state.failedTries} attempts`, delayMs };
  }
  if (state.otherCandidatesLeft && delayMs > policy.patienceMs) {
    return { action: 'give-up', reason: `asked to wait ${seconds(delayMs)}, another candidate is left`, delayMs };
  }
  if (state.elapsedMs + delayMs > policy.totalMs) {
    return {
      action: 'give-up',
      reason: `a wait of ${seconds(delayMs)} would pass the ${seconds(policy.totalMs)} allowed for retries`,
      delayMs,
    };
  }
  return { action: 'wait', delayMs };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
