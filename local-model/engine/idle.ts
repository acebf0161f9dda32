/** Tells when nothing was asked of a model for a while, so that its weights can be let go. */

/** Calls back after a time. */
export interface IdleClock {
  /** Returns a function that takes the call back. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** What a model that may fall asleep is loaded with. */
export interface IdleOptions {
  /** Releases the weights when nothing was asked for so many milliseconds; the next request loads them again. Default: never. */
  readonly idleUnloadMs?: number;
  /** Measures that time. Default: the system's, without keeping the process alive. */
  readonly clock?: IdleClock;
}

const systemClock: IdleClock = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/** The time since the last request; runs only between requests. */
export class IdleTimer {
  readonly #options: IdleOptions;
  readonly #onIdle: () => void;
  #takeBack: (() => void) | undefined;

  constructor(options: IdleOptions, onIdle: () => void) {
    this.#options = options;
    this.#onIdle = onIdle;
  }

  start(): void {
    const { idleUnloadMs, clock = systemClock } = this.#options;
    if (idleUnloadMs !== undefined) this.#takeBack = clock.after(idleUnloadMs, this.#onIdle);
  }

  stop(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
  }
}
