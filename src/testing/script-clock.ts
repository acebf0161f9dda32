/** The time that scripts run on: real, or moved by hand in tests. */

/** Time as a script sees it. `sleep` rejects with an `AbortError` when its signal aborts; `Infinity` waits for that only. */
export interface ScriptClock {
  /** Milliseconds since some fixed point. */
  now(): number;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Real time. */
export const realClock: ScriptClock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    sleepUntil(signal, milliseconds, (wake) => {
      if (milliseconds === Number.POSITIVE_INFINITY) return () => undefined;
      const timer = setTimeout(wake, milliseconds);
      return () => clearTimeout(timer);
    }),
};

/** A clock that stands still until it is moved. */
export interface ManualClock extends ScriptClock {
  /** Moves time on and wakes whoever waited for less. */
  advance(milliseconds: number): void;
  /** How many sleeps are under way. */
  readonly sleeping: number;
}

/**
 * A clock moved by hand.
 *
 * @param start milliseconds it shows first; default 0
 * @example
 * const clock = createManualClock();
 * const adapter = createScriptedAdapter({ clock, script: [{ reply: { text: 'late' }, delayMs: 5_000 }] });
 * clock.advance(5_000);
 */
export function createManualClock(start = 0): ManualClock {
  let now = start;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => now,
    get sleeping() {
      return sleepers.size;
    },
    sleep: (milliseconds, signal) =>
      sleepUntil(signal, milliseconds, (wake) => {
        const sleeper = { at: now + milliseconds, wake };
        sleepers.add(sleeper);
        return () => sleepers.delete(sleeper);
      }),
    advance: (milliseconds) => {
      now += milliseconds;
      for (const sleeper of [...sleepers].toSorted((a, b) => a.at - b.at)) if (sleeper.at <= now) sleeper.wake();
    },
  };
}

function sleepUntil(
  signal: AbortSignal,
  milliseconds: number,
  start: (wake: () => void) => () => unknown,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortError());
      return;
    }
    if (milliseconds <= 0) {
      resolve();
      return;
    }
    const stop = start(() => {
      stop();
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      stop();
      reject(abortError());
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function abortError(): DOMException {
  return new DOMException('The wait was aborted.', 'AbortError');
}
