/** Downloads a model from a hub into our own cache folder, file by file, so that it can be cut off at any moment and gone on with. */

import { mkdir, open, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OcelliError } from '../../../src/errors/index.js';
import { localModelError, reasonOf } from '../local-model-error.js';
import { describeBytes } from '../onnx-file.js';
import type { Dtype } from '../request.js';
import {
  findPulledModel,
  modelCacheFolder,
  modelFolderOf,
  readPullRecord,
  recordFile,
  requireModelName,
  type ModelName,
  type PullRecord,
} from './cache.js';
import { chooseFiles } from './choose-files.js';
import { downloadFile } from './download.js';
import { HubClient, type HubFile, type HubListing, type HubOptions } from './hub-client.js';
import { lockFile, pullOwner } from './tidy.js';

export interface PullOptions extends HubOptions {
  /** `owner/name`, or `owner/name@revision` (branch, tag or commit; default `main`). */
  readonly model: string;
  /** Kind of weights; default: for each graph the best for a CPU that the model has. */
  readonly dtype?: Dtype;
  /** Touch no network: only say whether the model is there. */
  readonly offline?: boolean;
  /** Default: `modelCacheFolder(process.env)`. */
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
  /** Bytes that may still be written to a folder's disk; default: asks the system. */
  readonly freeBytes?: (folder: string) => Promise<number>;
  /** Waits before a retry; default: a timer. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** Milliseconds since the epoch; default: the clock. */
  readonly now?: () => number;
}

/** What `pullModel` yields: one `plan`, any number of `progress`, `retry` and `file`, one `finish`. */
export type PullEvent =
  | {
      readonly type: 'plan';
      readonly model: string;
      readonly commit: string;
      readonly folder: string;
      /** Those that are still to come. */
      readonly files: readonly { readonly path: string; readonly bytes: number | undefined }[];
      /** Of those files, as far as the hub says. */
      readonly bytes: number;
    }
  | {
      readonly type: 'progress';
      readonly path: string;
      /** Of the plan's bytes, how many are there. */
      readonly bytes: number;
      readonly totalBytes: number;
    }
  | { readonly type: 'retry'; readonly path: string; readonly reason: string; readonly waitMs: number }
  /** A file is there, whole and checked. */
  | { readonly type: 'file'; readonly path: string; readonly bytes: number }
  | { readonly type: 'finish'; readonly model: string; readonly folder: string; readonly bytes: number };

/** Left free on the disk, so that the download is not what fills it. */
const spareBytes = 64 * 1024 ** 2;

/**
 * Downloads a model in the hub's ONNX layout, to be used as `local:owner/name`. Nothing is fetched before the first event is asked for.
 * What is there already is not fetched again; a download that was cut off goes on; one that fails leaves no broken file.
 *
 * @throws OcelliError `invalid-request`, `model-not-found`, `authentication`, `permission`, `rate-limit`, `server`, `network`, `timeout`,
 * `malformed-response`, `aborted`; `local-model` when the model has no usable weights, the disk is full or a checksum stays wrong
 * @example
 * for await (const event of pullModel({ model: 'HuggingFaceTB/SmolVLM-256M-Instruct' })) {
 *   if (event.type === 'progress') show(event.bytes / event.totalBytes);
 * }
 */
export async function* pullModel(options: PullOptions): AsyncGenerator<PullEvent, void> {
  const name = requireModelName(options.model);
  const cacheFolder = options.cacheFolder ?? modelCacheFolder(process.env);
  if (options.offline === true) {
    yield pulledAlready(cacheFolder, options.model);
    return;
  }
  const client = new HubClient(options);
  const listing = await client.list(`${name.owner}/${name.name}`, name.revision ?? 'main', options.signal);
  const chosen = chooseFiles(listing.model, listing.files, options.dtype);
  const folder = modelFolderOf(cacheFolder, name, listing.commit);
  await makeFolder(folder);
  const unlock = await lock(folder);
  try {
    yield* pullInto(folder, client, listing, chosen, name, options);
  } finally {
    await unlock();
  }
}

async function* pullInto(
  folder: string,
  client: HubClient,
  listing: HubListing,
  chosen: readonly HubFile[],
  name: ModelName,
  options: PullOptions,
): AsyncGenerator<PullEvent, void> {
  const record = new RecordKeeper(folder, listing, name.revision ?? 'main', options.now ?? Date.now);
  const missing: HubFile[] = [];
  for (const file of chosen) if (!(await record.has(file))) missing.push(file);
  const totalBytes = missing.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  yield {
    type: 'plan',
    model: listing.model,
    commit: listing.commit,
    folder,
    files: missing.map(({ path, bytes }) => ({ path, bytes })),
    bytes: totalBytes,
  };
  await checkDisk(folder, missing, options.freeBytes ?? freeBytesOf);
  const wait = options.wait ?? ((milliseconds: number) => timer(milliseconds, options.signal));
  let done = 0;
  for (const file of missing) {
    const { path } = file;
    const download = downloadFile(client, listing, file, join(folder, ...path.split('/')), {
      wait,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let step = await download.next();
    while (step.done !== true) {
      const event = step.value;
      if (event.type === 'retry') yield { ...event, path };
      else yield { type: 'progress', path, bytes: done + event.bytes, totalBytes };
      step = await download.next();
    }
    const { bytes } = step.value;
    done += bytes;
    await record.add(file, bytes);
    yield { type: 'file', path, bytes };
  }
  await record.complete();
  yield { type: 'finish', model: listing.model, folder, bytes: record.bytes };
}

function pulledAlready(cacheFolder: string, model: string): PullEvent {
  const pulled = findPulledModel(cacheFolder, model);
  if (pulled !== undefined) {
    return { type: 'finish', model: pulled.model, folder: pulled.folder, bytes: pulled.bytes };
  }
  throw localModelError(`${model} is not in ${cacheFolder}. Run \`npx ocelli pull ${model}\` without --offline.`);
}

/** What is in the folder, written down after every file. */
class RecordKeeper {
  readonly #folder: string;
  #record: PullRecord;
  readonly #now: () => number;

  constructor(folder: string, listing: HubListing, revision: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
    const { model, commit } = listing;
    const known = readPullRecord(folder);
    this.#record = {
      model,
      revision,
      commit,
      complete: known?.complete ?? false,
      pulledAt: now(),
      files: known?.files ?? {},
    };
  }

  get bytes(): number {
    return Object.values(this.#record.files).reduce((sum, file) => sum + file.bytes, 0);
  }

  /** Whether a file is there as the hub has it now. */
  async has(file: HubFile): Promise<boolean> {
    const known = Object.hasOwn(this.#record.files, file.path) ? this.#record.files[file.path] : undefined;
    if (known === undefined || known.checksum !== file.checksum?.hex) return false;
    if (file.bytes !== undefined && known.bytes !== file.bytes) return false;
    const found = await stat(join(this.#folder, file.path)).catch(() => undefined);
    return found?.size === known.bytes;
  }

  async add(file: HubFile, bytes: number): Promise<void> {
    const entry = { bytes, ...(file.checksum === undefined ? {} : { checksum: file.checksum.hex }) };
    this.#record = { ...this.#record, files: { ...this.#record.files, [file.path]: entry } };
    await this.#write();
  }

  async complete(): Promise<void> {
    this.#record = { ...this.#record, complete: true, pulledAt: this.#now() };
    await this.#write();
  }

  async #write(): Promise<void> {
    const path = join(this.#folder, recordFile);
    await writeFile(`${path}.part`, `${JSON.stringify(this.#record, undefined, 2)}\n`);
    await rename(`${path}.part`, path);
  }
}

async function checkDisk(
  folder: string,
  files: readonly HubFile[],
  freeBytes: (folder: string) => Promise<number>,
): Promise<void> {
  let wanted = spareBytes;
  for (const file of files) {
    const part = await stat(`${join(folder, file.path)}.part`).catch(() => undefined);
    wanted += Math.max(0, (file.bytes ?? 0) - (part?.size ?? 0));
  }
  const free = await freeBytes(folder);
  if (wanted <= free) return;
  throw localModelError(
    `The download needs ${describeBytes(wanted)}, but the disk of ${folder} has ${describeBytes(free)} free. Make room, choose a smaller --dtype, or set OCELLI_CACHE to another disk.`,
  );
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw localModelError(
      `The cache folder ${folder} cannot be made (${reasonOf(error)}). Set OCELLI_CACHE elsewhere.`,
    );
  }
}

/** Two processes that write one file would spoil it. A lock whose process is gone does not count. */
async function lock(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, lockFile);
  for (;;) {
    try {
      const handle = await open(path, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw localModelError(`${folder} cannot be written to (${reasonOf(error)}). Set OCELLI_CACHE elsewhere.`);
      }
    }
    const owner = pullOwner(folder);
    if (owner !== undefined) {
      throw localModelError(`Process ${owner} is downloading this model already. Wait for it, or remove ${path}.`);
    }
    await rm(path, { force: true });
  }
}

async function timer(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw new OcelliError('aborted', 'The download was aborted.');
  }
}
