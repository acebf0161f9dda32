/** How many calls to have under way at one provider: more while it goes well, half as many when it says that it is too much. */

export interface ConcurrencyOptions {
  /** Most calls under way. */
  readonly most: number;
  /** Calls to begin with. Default: a quarter of `most`, and 8 or more where that is allowed. */
  readonly start?: number;
}

/** Answers that take so many times as long as the quickest lately: the provider queues. */
const slowFactor = 4;
/** Weight of a new latency in its running mean. */
const weight = 0.1;

/**
 * Additive increase, multiplicative decrease: doubles in each round until the first refusal, afterwards grows by one a round. Refusals of
 * calls that were sent before the last decrease say nothing new and are not counted.
 */
export class AdaptiveConcurrency {
  readonly #most: number;
  #limit: number;
  #everThrottled = false;
  /** Milliseconds since the epoch; calls sent before have seen the old limit. */
  #loweredAt = 0;
  #pausedUntil = 0;
  #meanMs: number | undefined;
  #quickMs: number | undefined;

  constructor({ most, start = Math.max(8, most / 4) }: ConcurrencyOptions) {
    this.#most = Math.max(1, most);
    this.#limit = Math.min(this.#most, Math.max(1, start));
  }

  /** Calls that may be under way at `now`; 0 while the provider asked to be left alone. */
  current(now: number): number {
    return now < this.#pausedUntil ? 0 : Math.floor(this.#limit);
  }

  /** Milliseconds until a pause is over; 0 when there is none. */
  pauseMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** A call was answered. */
  answered(latencyMs: number): void {
    this.#meanMs = this.#meanMs === undefined ? latencyMs : this.#meanMs + weight * (latencyMs - this.#meanMs);
    // The quickest fades slowly, so that a model that became slower for good is not held against itself.
    this.#quickMs = Math.min(latencyMs, (this.#quickMs ?? latencyMs) * 1.01 + 0.1);
    const queueing = this.#meanMs > slowFactor * Math.max(this.#quickMs, 50);
    if (queueing) this.#limit = Math.max(1, this.#limit - 1 / this.#limit);
    else this.#limit = Math.min(this.#most, this.#limit + (this.#everThrottled ? 1 / this.#limit : 1));
  }

  /**
   * A call was refused for coming too often or at a busy time.
   *
   * @param sentAt milliseconds since the epoch
   * @param retryAfterMs what the provider asked to wait, where it said so
   */
  refused(sentAt: number, now: number, retryAfterMs?: number): void {
    if (retryAfterMs !== undefined) this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs);
    if (sentAt < this.#loweredAt) return;
    this.#everThrottled = true;
    this.#loweredAt = now;
    this.#limit = Math.max(1, this.#limit / 2);
  }
}
