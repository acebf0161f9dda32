/** Makes every wait of this room end at once when the caller aborts. */

import { OcelliError } from '../errors/index.js';

export function abortedError(): OcelliError {
  return new OcelliError('aborted', 'The call was aborted while its media were being read.');
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError();
}

/** Settles as `promise` does, or rejects with `aborted` (or what `reason` makes) as soon as the signal fires. */
export async function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  reason: () => OcelliError = abortedError,
): Promise<T> {
  if (signal === undefined) return promise;
  // The promise that loses the race may still reject; that is nobody's concern any more.
  promise.catch(() => undefined);
  if (signal.aborted) throw reason();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(reason());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
