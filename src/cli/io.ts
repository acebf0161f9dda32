/** What a command may touch of the outside world, so that commands can be tested without a process. */

import type { Readable } from 'node:stream';

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Exit codes of every command. */
export const exitCodes = { answered: 0, failed: 1, usage: 2 } as const;

/** Wrong words on the command line; ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

// A model's text is not trusted with the terminal: no escape sequences, no bells, no cursor movement.
// oxlint-disable-next-line no-control-regex
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text that is safe to show in a terminal. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(controlCharacters, '');
}
