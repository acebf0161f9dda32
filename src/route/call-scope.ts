/** The life time of one call: the caller's signal and the total time-out as one signal, whose reason is always an `OcelliError`. */

import { OcelliError } from '../errors/index.js';
import type { Clock } from './clock.js';

export interface CallScope {
  readonly signal: AbortSignal;
  /** Removes the listener from the caller's signal and stops the clock. */
  close(): void;
}

export function openCallScope(caller: AbortSignal | undefined, totalMs: number | undefined, clock: Clock): CallScope {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(new OcelliError('aborted', 'The call was aborted by its signal.'));
  if (caller?.aborted === true) onAbort();
  else caller?.addEventListener('abort', onAbort, { once: true });
  const cancel =
    totalMs === undefined
      ? undefined
      : clock.schedule(totalMs, () =>
          controller.abort(
            new OcelliError('timeout', `The call took longer than ${totalMs / 1000} s in all (timeout.totalMs).`, {
              retryable: false,
            }),
          ),
        );
  return {
    signal: controller.signal,
    close: () => {
      cancel?.();
      caller?.removeEventListener('abort', onAbort);
    },
  };
}
