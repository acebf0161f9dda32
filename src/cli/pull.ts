/** `ocelli pull`: downloads a local model from the hub, to be used as `local:owner/name`. */

import type { PullEvent, PullOptions } from '../../local-model/engine/index.js';
import { exitCodes, printable, UsageError, type Io } from './io.js';
import { bytesText } from './table.js';

export interface PullCommandOptions {
  readonly dtype?: string;
  readonly offline?: boolean;
  readonly mirror?: string;
  readonly tokenVariable?: string;
}

const dtypes = ['fp32', 'fp16', 'int8', 'uint8', 'q8', 'q4', 'q4f16'] as const;
const barWidth = 24;

export async function pull(model: string, options: PullCommandOptions, io: Io): Promise<number> {
  const pullOptions = toOptions(model, options, io);
  // The engine is loaded here only: every other command does without.
  const { modelCacheFolder, pullModel } = await import('../../local-model/engine/index.js');
  const show = new Progress(io);
  try {
    for await (const event of pullModel({ ...pullOptions, cacheFolder: modelCacheFolder(io.environment) })) {
      show.event(event);
    }
  } finally {
    show.endLine();
  }
  return exitCodes.answered;
}

function toOptions(model: string, options: PullCommandOptions, io: Io): PullOptions {
  const dtype = dtypes.find((known) => known === options.dtype);
  if (options.dtype !== undefined && dtype === undefined) {
    throw new UsageError(`--dtype must be one of ${dtypes.join(', ')}.`);
  }
  const token = tokenFrom(options.tokenVariable, io);
  const mirror = options.mirror ?? io.environment['HF_ENDPOINT'];
  return {
    model,
    signal: io.signal,
    ...(dtype === undefined ? {} : { dtype }),
    ...(options.offline === true ? { offline: true } : {}),
    ...(mirror === undefined || mirror === '' ? {} : { mirror }),
    ...(token === undefined ? {} : { token }),
  };
}

/** A token on the command line would be seen by everyone on the machine, so only the name of its variable is given. */
function tokenFrom(variable: string | undefined, io: Io): string | undefined {
  const token = io.environment[variable ?? 'HF_TOKEN'];
  if (variable !== undefined && (token === undefined || token === '')) {
    throw new UsageError(`--token-variable: the environment variable ${variable} is not set.`);
  }
  return token === '' ? undefined : token;
}

/** One line that is written over in a terminal; one line per file elsewhere. */
class Progress {
  readonly #io: Io;
  readonly #isTerminal: boolean;
  #bytes = 0;
  #shown = '';

  constructor(io: Io) {
    this.#io = io;
    this.#isTerminal = io.stderr.isTTY === true;
  }

  event(event: PullEvent): void {
    switch (event.type) {
      case 'plan': {
        const files = event.files.length === 1 ? '1 file' : `${event.files.length} files`;
        if (event.files.length > 0)
          this.#line(`${event.model}: ${files}, ${bytesText(event.bytes)}, into ${event.folder}`);
        this.#bytes = event.bytes;
        break;
      }
      case 'progress':
        if (this.#isTerminal) this.#bar(event.path, event.bytes, event.totalBytes);
        break;
      case 'retry':
        this.#line(`${event.path}: ${event.reason.replace(/\.$/, '')}; trying again`);
        break;
      case 'file':
        if (!this.#isTerminal) this.#line(`${event.path}, ${bytesText(event.bytes)}`);
        break;
      case 'finish':
        this.endLine();
        this.#io.stdout.write(`${printable(event.folder)}\n`);
        this.#io.stderr.write(`Use it as local:${printable(event.model)} (${bytesText(event.bytes)}).\n`);
        break;
      default: {
        const unknown: never = event;
        throw new TypeError(`Unknown event ${JSON.stringify(unknown)}`);
      }
    }
  }

  endLine(): void {
    if (this.#shown !== '') this.#io.stderr.write('\n');
    this.#shown = '';
  }

  #bar(path: string, bytes: number, totalBytes: number): void {
    const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
    const full = Math.round(share * barWidth);
    const bar = `${'#'.repeat(full)}${'.'.repeat(barWidth - full)}`;
    const name = printable(path.slice(path.lastIndexOf('/') + 1)).slice(0, 40);
    const text = `[${bar}] ${String(Math.floor(share * 100)).padStart(3)} % of ${bytesText(this.#bytes)}  ${name}`;
    if (text === this.#shown) return;
    this.#io.stderr.write(`\r${text.padEnd(this.#shown.length)}`);
    this.#shown = text;
  }

  #line(text: string): void {
    this.endLine();
    this.#io.stderr.write(`${printable(text)}\n`);
  }
}
