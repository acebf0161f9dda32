/** A file of records that grows a line at a time, each on the disk before it counts, and that survives being killed at any point. */

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { fileProblem } from './file-problem.js';

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface LineFileOptions {
  /** For tests: how the file is opened. */
  readonly open?: (path: string, flags: number, mode: number) => Promise<FileHandle>;
}

/**
 * Appends lines. Lines that wait while others are written share one write and one flush, so that many writers cost little more than one.
 * A last line that was half written is cut off when the file is opened.
 */
export class LineFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  /** Where the next line begins; everything before is complete. */
  #offset: number;
  #waiting: Waiting[] = [];
  /** Told by a flag, since a promise is known to be over only some time after it is. */
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  #broken: unknown;

  private constructor(path: string, handle: FileHandle, offset: number) {
    this.#path = path;
    this.#handle = handle;
    this.#offset = offset;
  }

  /** @throws OcelliError `invalid-request` when the file cannot be opened or mended */
  static async open(path: string, options: LineFileOptions = {}): Promise<LineFile> {
    try {
      const handle = await (options.open ?? open)(path, constants.O_RDWR | constants.O_CREAT, 0o644);
      try {
        return new LineFile(path, handle, await mend(handle));
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw fileProblem(path, error);
    }
  }

  /**
   * Fulfilled when the line is on the disk.
   *
   * @param line with its end
   * @throws OcelliError `invalid-request` when it cannot be written; what was written before stays whole
   */
  append(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      if (this.#isWriting) return;
      this.#isWriting = true;
      this.#writing = this.#writeAll();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#broken !== undefined) throw this.#broken;
        await this.#write(Buffer.from(batch.map(({ line }) => line).join('')));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.#broken = fileProblem(this.#path, error);
        for (const { reject } of batch) reject(this.#broken);
      }
    }
    this.#isWriting = false;
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#offset + done);
        done += bytesWritten;
      }
      await this.#handle.datasync();
    } catch (error) {
      await this.#handle.truncate(this.#offset).catch(() => undefined);
      throw error;
    }
    this.#offset += bytes.length;
  }
}

const window = 65_536;

/** Ends the last line where only its end is missing, cuts it off where it is no record; returns where the next one begins. */
async function mend(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const start = await startOfLastLine(handle, size);
  if (start === size) return size;
  const tail = Buffer.alloc(size - start);
  await handle.read(tail, 0, tail.length, start);
  if (isJson(tail.toString('utf8'))) {
    await handle.write(Buffer.from('\n'), 0, 1, size);
    return size + 1;
  }
  await handle.truncate(start);
  await handle.datasync();
  return start;
}

/** The place after the last line end. */
async function startOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.alloc(window);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - window);
    const { bytesRead } = await handle.read(buffer, 0, end - start, start);
    const place = buffer.subarray(0, bytesRead).lastIndexOf(10);
    if (place >= 0) return start + place + 1;
    end = start;
  }
  return 0;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
