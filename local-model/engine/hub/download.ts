/** Brings one file onto the disk: goes on where it was cut off, checks the whole, and only then gives it its name. */

import { mkdir, open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OcelliError } from '../../../src/errors/index.js';
import { hashOfFile } from '../check-folder.js';
import { isRecord, stringAt } from '../json.js';
import { localModelError, reasonOf } from '../local-model-error.js';
import { describeBytes } from '../onnx-file.js';
import type { Checksum, HubClient, HubFile, HubListing } from './hub-client.js';

export type DownloadEvent =
  | { readonly type: 'progress'; readonly bytes: number }
  /** The connection broke or the checksum was wrong; it goes on after `waitMs`. */
  | { readonly type: 'retry'; readonly reason: string; readonly waitMs: number };

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Waits before a retry. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Retries in a row that bring no new byte. */
const maxIdleRetries = 5;
/** A file of unstated length and more than this is not believable. */
const maxUnstatedBytes = 256 * 1024 ** 2;

/**
 * Downloads a file to `target`; what has come so far lies in `target.part` and is used by the next call.
 *
 * @throws OcelliError of the hub client, or `local-model` when the file cannot be had whole
 */
export async function* downloadFile(
  client: HubClient,
  listing: HubListing,
  file: HubFile,
  target: string,
  options: DownloadOptions,
): AsyncGenerator<DownloadEvent, { readonly bytes: number }> {
  await mkdir(dirname(target), { recursive: true });
  const part = new PartFile(target, file);
  let wasWrong = false;
  for (;;) {
    const bytes = yield* receive(client, listing, file, part, options);
    if (await part.matches(file.checksum)) {
      await part.finish();
      return { bytes };
    }
    await part.drop();
    // Once it may be a leftover that belongs to another version; twice it is the hub's.
    if (wasWrong) {
      throw localModelError(
        `${file.path} does not have the checksum that the hub states, twice. Try another --mirror.`,
      );
    }
    wasWrong = true;
    yield { type: 'retry', reason: 'the checksum is wrong', waitMs: 0 };
  }
}

/** Until the file is as long as it should be, over as many connections as it takes. */
async function* receive(
  client: HubClient,
  listing: HubListing,
  file: HubFile,
  part: PartFile,
  options: DownloadOptions,
): AsyncGenerator<DownloadEvent, number> {
  let idleRetries = 0;
  for (;;) {
    const before = await part.length();
    if (file.bytes !== undefined && before === file.bytes) return before;
    try {
      return yield* receiveOnce(client, listing, file, part, options.signal);
    } catch (error) {
      if (!OcelliError.isInstance(error) || !error.retryable) throw error;
      idleRetries = (await part.length()) > before ? 0 : idleRetries + 1;
      if (idleRetries > maxIdleRetries) throw error;
      const waitMs = error.retryAfterMs ?? Math.min(30_000, 500 * 2 ** idleRetries);
      yield { type: 'retry', reason: error.message, waitMs };
      await options.wait(waitMs);
    }
  }
}

async function* receiveOnce(
  client: HubClient,
  listing: HubListing,
  file: HubFile,
  part: PartFile,
  signal: AbortSignal | undefined,
): AsyncGenerator<DownloadEvent, number> {
  const held = await part.held();
  const opened = await client.open(listing, file, held.bytes, held.entityTag, signal);
  const expected = file.bytes ?? opened.bytes;
  const most = expected ?? maxUnstatedBytes;
  const handle = await part.begin(opened.from, opened.entityTag);
  let bytes = opened.from;
  try {
    for await (const chunk of opened.body) {
      bytes += chunk.length;
      if (bytes > most) throw localModelError(`${file.path} is longer than the ${describeBytes(most)} it should have.`);
      await writeAll(handle, chunk);
      yield { type: 'progress', bytes };
    }
    if (expected !== undefined && bytes < expected) {
      throw new OcelliError('network', `The connection ended after ${bytes} of ${expected} bytes of ${file.path}.`);
    }
    await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    await handle.writeFile(chunk);
  } catch (error) {
    throw localModelError(`The download could not be written (${reasonOf(error)}). Make room or set OCELLI_CACHE.`);
  }
}

/** The unfinished file and what is known of it, which only together can be gone on with. */
class PartFile {
  readonly #path: string;
  readonly #notes: string;
  readonly #file: HubFile;

  constructor(
    private readonly target: string,
    file: HubFile,
  ) {
    this.#path = `${target}.part`;
    this.#notes = `${target}.part.json`;
    this.#file = file;
  }

  async length(): Promise<number> {
    const { bytes } = await this.held();
    return bytes;
  }

  /** Bytes that can be gone on from: those whose origin is known, by entity tag or by the checksum that the whole will be held to. */
  async held(): Promise<{ bytes: number; entityTag: string | undefined }> {
    const nothing = { bytes: 0, entityTag: undefined };
    try {
      const notes: unknown = JSON.parse(await readFile(this.#notes, 'utf8'));
      if (!isRecord(notes) || notes['checksum'] !== (this.#file.checksum?.hex ?? null)) return nothing;
      const entityTag = stringAt(notes, 'entityTag');
      if (entityTag === undefined && this.#file.checksum === undefined) return nothing;
      return { bytes: (await stat(this.#path)).size, entityTag };
    } catch {
      return nothing;
    }
  }

  /** Opens it for writing at `from`. */
  async begin(from: number, entityTag: string | undefined): Promise<FileHandle> {
    try {
      if (from === 0) {
        await rm(this.#path, { force: true });
        await writeFile(this.#notes, JSON.stringify({ entityTag, checksum: this.#file.checksum?.hex ?? null }));
      }
      return await open(this.#path, 'a');
    } catch (error) {
      throw localModelError(`The download could not be written (${reasonOf(error)}). Set OCELLI_CACHE elsewhere.`);
    }
  }

  async matches(checksum: Checksum | undefined): Promise<boolean> {
    return checksum === undefined || (await hashOfFile(this.#path, checksum.algorithm)) === checksum.hex;
  }

  async drop(): Promise<void> {
    await rm(this.#path, { force: true });
    await rm(this.#notes, { force: true });
  }

  /** The only moment at which the file appears under its name, whole. */
  async finish(): Promise<void> {
    await rename(this.#path, this.target);
    await rm(this.#notes, { force: true });
  }
}
