/** A ledger in a file that any number of processes share and that survives the death of each of them at any point. */

import { constants } from 'node:fs';
import { open as openFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OcelliError } from '../errors/index.js';
import { withFileLock } from './file-lock.js';
import { LedgerBooks, reservationOf, type LedgerRecord } from './ledger-books.js';
import { decodeLine, encodeLine, headerLine, problemOfHeader, type LedgerLine } from './ledger-lines.js';
import type { LedgerOwner, LedgerState, LedgerStore, ReservationResult } from './ledger-store.js';
import { stateOf, thisProcess, type ProcessIdentity } from './process-identity.js';

export interface FileLedgerOptions {
  /** Milliseconds to wait while another process writes. Default 10,000. */
  readonly lockTimeoutMs?: number;
  readonly now?: () => Date;
  /** For tests: how the file is opened. */
  readonly open?: (path: string, flags: number) => Promise<FileHandle>;
}

/**
 * A ledger in a file. Each change is one checksummed line at its end, on the disk before the promise is fulfilled; a last line that was
 * only half written is ignored. What a process had reserved when it died stays booked until `ocelli ledger release`.
 *
 * While it is written, `<path>.lock` is there.
 *
 * @throws OcelliError `invalid-request`, from every method, when the file is damaged or no ledger, stays locked, or cannot be written
 * @example
 * const ledger = createFileLedger('budget.ledger');
 * const { settled, reserved } = await ledger.read();
 */
export function createFileLedger(path: string, options: FileLedgerOptions = {}): LedgerStore {
  const file = new LedgerFile(path, options);
  const at = (): string => (options.now ?? (() => new Date()))().toISOString();
  return {
    reserve: (request) =>
      file.change((books): Change<ReservationResult> => {
        const result = books.admit(request);
        if (!result.reserved) return { result };
        return { result, record: { type: 'reserve', ...reservationOf(request, at()) } };
      }),
    settle: (id, spent) => file.change((books) => ({ result: undefined, record: books.settlement(id, spent, at()) })),
    release: (id) => file.change((books) => ({ result: undefined, record: books.releasing(id, at()) })),
    read: () => file.read(),
  };
}

interface Change<T> {
  readonly result: T;
  readonly record?: LedgerRecord | undefined;
}

/** A change that waits for its turn; several that wait together share one lock and one write. */
interface Waiting {
  /** Decides, applies to the books and returns the line to write, if any. */
  readonly decide: (books: LedgerBooks) => string;
  readonly settle: (error?: unknown) => void;
}

class LedgerFile {
  readonly #path: string;
  readonly #lockTimeoutMs: number;
  readonly #open: (path: string, flags: number) => Promise<FileHandle>;
  #books = new LedgerBooks();
  #owners = new Map<string, ProcessIdentity>();
  /** Where the first line begins that is not in the books. */
  #offset = 0;
  #lines = 0;
  #fileId = '';
  #waiting: Waiting[] = [];
  /** One thing at a time in this process; other processes are kept out by the lock. */
  #turn: Promise<void> = Promise.resolve();

  constructor(path: string, options: FileLedgerOptions) {
    this.#path = path;
    this.#lockTimeoutMs = options.lockTimeoutMs ?? 10_000;
    this.#open = options.open ?? ((name, flags) => openFile(name, flags, 0o600));
  }

  change<T>(decide: (books: LedgerBooks) => Change<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#waiting.push({
        decide: (books) => {
          const change = decide(books);
          result = change.result;
          const { record } = change;
          if (record === undefined) return '';
          const line = record.type === 'reserve' ? { ...record, by: thisProcess() } : record;
          this.#apply(line);
          return encodeLine(line);
        },
        settle: (error) => (error === undefined ? resolve(result) : reject(error)),
      });
      this.#turn = this.#turn.then(() => this.#writeWaiting());
    });
  }

  read(): Promise<LedgerState> {
    const state = this.#turn.then(() => this.#readState());
    this.#turn = state.then(
      () => undefined,
      () => undefined,
    );
    return state;
  }

  async #readState(): Promise<LedgerState> {
    let handle: FileHandle;
    try {
      handle = await this.#open(this.#path, constants.O_RDONLY);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new LedgerBooks().view();
      throw fileProblem(this.#path, error);
    }
    try {
      await this.#catchUp(handle);
    } catch (error) {
      throw fileProblem(this.#path, error);
    } finally {
      await handle.close();
    }
    const view = this.#books.view();
    return { ...view, open: view.open.map((reservation) => ({ ...reservation, ...this.#ownerOf(reservation.id) })) };
  }

  #ownerOf(id: string): { owner?: LedgerOwner } {
    const identity = this.#owners.get(id);
    if (identity === undefined) return {};
    const state = stateOf(identity);
    const alive = state === 'unknown' ? {} : { alive: state === 'alive' };
    return { owner: { pid: identity.pid, host: identity.host, ...alive } };
  }

  /** Never rejects: what goes wrong is told to those who wait. */
  async #writeWaiting(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    let outcomes: readonly unknown[];
    try {
      outcomes = await withFileLock(`${this.#path}.lock`, { timeoutMs: this.#lockTimeoutMs }, () => this.#write(batch));
    } catch (error) {
      // The books may be ahead of the file now.
      this.#forget();
      const problem = fileProblem(this.#path, error);
      outcomes = batch.map(() => problem);
    }
    batch.forEach((waiting, index) => waiting.settle(outcomes[index]));
  }

  /** @returns for each change its error, or `undefined` */
  async #write(batch: readonly Waiting[]): Promise<readonly unknown[]> {
    const handle = await this.#open(this.#path, constants.O_RDWR | constants.O_CREAT);
    try {
      const size = await this.#catchUp(handle);
      const isNew = this.#offset === 0;
      let text = isNew ? headerLine : '';
      const outcomes = batch.map(({ decide }) => {
        try {
          text += decide(this.#books);
          return undefined;
        } catch (error) {
          return error;
        }
      });
      if (text !== '' && !(isNew && text === headerLine)) await this.#append(handle, text, size);
      if (isNew) await syncFolder(dirname(this.#path));
      return outcomes;
    } finally {
      await handle.close();
    }
  }

  async #append(handle: FileHandle, text: string, size: number): Promise<void> {
    // What somebody had half written when he died was never confirmed to anybody.
    if (size > this.#offset) await handle.truncate(this.#offset);
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, this.#offset + done);
        done += bytesWritten;
      }
      await handle.datasync();
    } catch (error) {
      await handle.truncate(this.#offset).catch(() => undefined);
      throw error;
    }
    this.#offset += bytes.length;
    this.#lines += text.split('\n').length - 1;
  }

  /** Brings the books up to the file; returns its size, which is over `#offset` by what was half written. */
  async #catchUp(handle: FileHandle): Promise<number> {
    const status = await handle.stat();
    if (!status.isFile()) throw new OcelliError('invalid-request', 'is not a regular file; give a file of its own');
    const fileId = `${status.dev} ${status.ino}`;
    // Another file in its place, or one that was cut: from the beginning.
    if (fileId !== this.#fileId || status.size < this.#offset) this.#forget();
    this.#fileId = fileId;
    const bytes = Buffer.alloc(status.size - this.#offset);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, this.#offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    try {
      this.#takeLines(bytes.subarray(0, filled));
    } catch (error) {
      this.#forget();
      throw error;
    }
    return status.size;
  }

  #takeLines(bytes: Buffer): void {
    const end = bytes.lastIndexOf(10) + 1;
    if (this.#offset === 0 && end === 0 && !headerLine.startsWith(bytes.toString('utf8')))
      throw new OcelliError('invalid-request', 'is not a ledger: it does not begin as one');
    if (end === 0) return;
    for (const line of bytes.toString('utf8', 0, end - 1).split('\n')) {
      this.#lines += 1;
      if (this.#lines === 1) {
        const problem = problemOfHeader(line);
        if (problem !== undefined) throw new OcelliError('invalid-request', `is not a ledger: ${problem}`);
        continue;
      }
      try {
        this.#apply(decodeLine(line));
      } catch (error) {
        throw new OcelliError(
          'invalid-request',
          `is damaged at line ${this.#lines}: ${error instanceof Error ? error.message : String(error)}. Put a copy back, or move the file away and begin a new one, which then knows nothing of what was spent`,
        );
      }
    }
    this.#offset += end;
  }

  #apply(line: LedgerLine): void {
    this.#books.apply(line);
    if ('by' in line) this.#owners.set(line.id, line.by);
    else if (line.type !== 'reserve') this.#owners.delete(line.id);
  }

  #forget(): void {
    this.#books = new LedgerBooks();
    this.#owners = new Map();
    this.#offset = 0;
    this.#lines = 0;
    this.#fileId = '';
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'cannot be written: the disk is full. Free some space; nothing was booked',
  EDQUOT: 'cannot be written: the disk quota is used up. Free some space; nothing was booked',
  EFBIG: 'cannot be written: it would be larger than this system allows. Nothing was booked',
  EACCES: 'may not be opened by this user; check the permissions of the file and its folder',
  EPERM: 'may not be opened by this user; check the permissions of the file and its folder',
  EROFS: 'cannot be written: the file system is read-only',
  ENOENT: 'cannot be made: its folder does not exist',
  EISDIR: 'is a folder; name a file',
};

function fileProblem(path: string, error: unknown): OcelliError {
  const name = `The ledger "${path.slice(0, 200)}"`;
  if (OcelliError.isInstance(error)) {
    // Sentences of the books and the lock stand alone; what is wrong with the file continues its name.
    return /^[a-z]/.test(error.message) ? new OcelliError('invalid-request', `${name} ${error.message}.`) : error;
  }
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason =
    reasons[code] ?? `cannot be used: ${code === '' ? String((error as Error).message).slice(0, 200) : code}`;
  return new OcelliError('invalid-request', `${name} ${reason}.`);
}

/** So that the new file's name is on the disk too; some systems cannot. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await openFile(folder, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The lines themselves are safe; only the name of a file that was just made might not be.
  }
}
