/** The one way this room says that a model folder, its weights or the runtime are not as they must be. */

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
