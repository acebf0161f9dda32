/** One try at one candidate, as it is listed in `reply.attempts`. */

import type { AttemptSummary } from '../errors/index.js';
import type { Usage } from './usage.js';

/**
 * An attempt. `answered` made the reply; `failed` got an error; `skipped` was never sent; `aborted` was stopped by the caller.
 * `reason` says why it was skipped or left.
 */
export interface Attempt extends AttemptSummary {
  /** Place among the candidates, from 0. */
  readonly candidate: number;
  /** 1 for the first try at this candidate, 2 for its first retry …; 0 when it was skipped. */
  readonly try: number;
  /** HTTP status of a failure, when there was a response. */
  readonly status?: number;
  /** Milliseconds the router waited before this attempt. */
  readonly waitedMs?: number;
  /** What this attempt used, as far as the provider said. */
  readonly usage?: Usage;
}
