/** Time and chance as the router sees them, so that tests need not sleep. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back after some milliseconds; returns a function that cancels it. */
  schedule(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (milliseconds, callback) => {
    // setTimeout fires at once for more than 2^31 - 1 ms; nobody waits 24 days for an answer.
    const timer = setTimeout(callback, Math.min(milliseconds, 2_147_483_647));
    return () => clearTimeout(timer);
  },
};

/** Waits, or rejects with the signal's reason as soon as it is aborted. */
export function wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = clock.schedule(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
