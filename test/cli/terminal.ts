/** A command line without a process: what a command writes is kept, and standard input is what the test says. */

import { Readable } from 'node:stream';
import type { Io } from '../../src/cli/io.js';
import { run } from '../../src/cli/program.js';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface TerminalOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: Uint8Array;
  /** Standard error is a terminal. */
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs `ocelli` with these words. The environment is empty unless given, so that no key of ours is used. */
export async function ocelli(words: readonly string[], options: TerminalOptions = {}): Promise<Said> {
  const texts = { out: '', err: '' };
  const into = (name: keyof typeof texts) => ({
    write: (text: string) => {
      texts[name] += text;
      return true;
    },
    isTTY: options.isTerminal ?? false,
  });
  const stdin = Object.assign(Readable.from(options.stdin === undefined ? [] : [options.stdin]), {
    isTTY: options.stdin === undefined,
  });
  const io: Io = {
    stdin,
    stdout: into('out'),
    stderr: into('err'),
    environment: options.environment ?? {},
    signal: options.signal ?? new AbortController().signal,
  };
  const code = await run(words, '1.2.3', io);
  return { code, ...texts };
}
