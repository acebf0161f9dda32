/** The errors that this room makes itself: what is not as it must be, and what its caller gave up. */

import { OcelliError } from '../../src/errors/index.js';

/** An error of kind `local-model`. */
export function localModelError(message: string): OcelliError {
  return new OcelliError('local-model', message);
}

/** The first line of whatever was thrown, for use inside our own message. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  return line.length > 300 ? `${line.slice(0, 300)}…` : line || 'no reason given';
}

/** Of a request that its caller gave up. */
export function abortedError(): OcelliError {
  return new OcelliError('aborted', 'The request to the local model was aborted.');
}

/** @throws OcelliError `aborted` */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError();
}
