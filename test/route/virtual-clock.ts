/** A clock for router tests: time passes only when nothing else is left to do. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/route/index.js';

export interface VirtualClock extends Clock {
  /** Runs the work to its end, moving on to the next timer whenever everything waits. */
  drive<T>(work: Promise<T>): Promise<T>;
}

export function createVirtualClock(start = Date.UTC(2026, 10, 24)): VirtualClock {
  let now = start;
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    now: () => now,
    schedule: (milliseconds, callback) => {
      const timer = { at: now + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    drive: async (work) => {
      let settled = false;
      void work.then(
        () => (settled = true),
        () => (settled = true),
      );
      for (;;) {
        for (let turn = 0; turn < 5 && !settled; turn += 1) await nextTurn();
        if (settled) return work;
        const next = [...timers].sort((first, second) => first.at - second.at)[0];
        if (next === undefined) continue;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.callback();
      }
    },
  };
}
