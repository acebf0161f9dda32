/** Keeps candidates that keep failing out of the way for a while, and lets one call at a time find out whether they are back. */

import type { ErrorKind } from '../errors/index.js';

export interface CooldownPolicy {
  /** Calls in a row that must fail at a candidate before it cools down. */
  readonly failures: number;
  /** First cooldown in milliseconds; doubles each time a probe fails. */
  readonly baseMs: number;
  readonly maxMs: number;
}

export const defaultCooldownPolicy: CooldownPolicy = { failures: 3, baseMs: 15_000, maxMs: 300_000 };

/** Failures that say something about the target rather than about the request. */
const kindsThatCount: ReadonlySet<ErrorKind> = new Set([
  'rate-limit',
  'quota',
  'overloaded',
  'timeout',
  'network',
  'server',
  'malformed-response',
  'authentication',
  'permission',
]);

interface State {
  failures: number;
  /** How often it cooled down without an answer in between. */
  rounds: number;
  until: number;
  probing: boolean;
}

export type Admission =
  { readonly admitted: true; readonly probe: boolean } | { readonly admitted: false; readonly waitMs: number };

/** One table per ocelli instance; a key stands for address, API key and model. */
export class CooldownTable {
  readonly #states = new Map<string, State>();
  readonly #policy: CooldownPolicy;

  constructor(policy: CooldownPolicy = defaultCooldownPolicy) {
    this.#policy = policy;
  }

  /** Whether a call may go to this candidate now. After a cooldown one call is let through as a probe; the others wait for it. */
  admit(key: string, now: number): Admission {
    const state = this.#states.get(key);
    if (state === undefined || state.until === 0) return { admitted: true, probe: false };
    if (now < state.until) return { admitted: false, waitMs: state.until - now };
    if (state.probing) return { admitted: false, waitMs: 0 };
    state.probing = true;
    return { admitted: true, probe: true };
  }

  /** The candidate answered: everything before is forgotten. */
  succeeded(key: string): void {
    this.#states.delete(key);
  }

  /** A call gave this candidate up. A wait that the provider asked for is kept as a cooldown, whatever the count. */
  failed(key: string, kind: ErrorKind, now: number, retryAfterMs?: number): void {
    const state = this.#states.get(key) ?? { failures: 0, rounds: 0, until: 0, probing: false };
    const wasProbe = state.probing;
    state.probing = false;
    if (!kindsThatCount.has(kind)) {
      // The request was at fault, so the target is alive.
      if (wasProbe) this.#states.delete(key);
      return;
    }
    state.failures += 1;
    if (wasProbe || state.failures >= this.#policy.failures || retryAfterMs !== undefined) {
      const own = Math.min(this.#policy.maxMs, this.#policy.baseMs * 2 ** state.rounds);
      const counted = wasProbe || state.failures >= this.#policy.failures;
      state.until = now + Math.max(counted ? own : 0, retryAfterMs ?? 0);
      if (counted) state.rounds += 1;
      state.failures = 0;
    }
    this.#states.set(key, state);
  }

  /** The probe ended without saying anything about the target (the caller aborted it). */
  release(key: string): void {
    const state = this.#states.get(key);
    if (state !== undefined) state.probing = false;
  }
}
