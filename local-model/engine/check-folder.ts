/** Compares a model's files with what was written down about them: in `checksums.json` of a bundled model, or by the download. */

import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError } from '../../src/errors/index.js';
import { readPullRecord } from './hub/cache.js';
import { isRecord, recordAt } from './json.js';

/** A file that is not as it should be. */
export interface WrongFile {
  readonly path: string;
  readonly problem: 'missing' | 'size' | 'checksum';
}

export interface FolderCheck {
  /** Files that something is written down about. */
  readonly files: number;
  /** Their bytes on disk. */
  readonly bytes: number;
  /** Those whose checksum nobody stated: only their size was compared. */
  readonly unchecked: number;
  readonly wrong: readonly WrongFile[];
}

interface Expected {
  readonly path: string;
  readonly bytes: number | undefined;
  /** SHA-256, or git's blob hash where the hub stated no other; told apart by their length. */
  readonly checksum: string | undefined;
}

/**
 * Reads all of a model's files, some hundred megabytes a second.
 *
 * @returns `undefined` when nothing is written down about the folder
 * @throws OcelliError `aborted`
 * @example
 * const check = await checkModelFolder('./models/smolvlm');
 * check?.wrong.length === 0;
 */
export async function checkModelFolder(folder: string, signal?: AbortSignal): Promise<FolderCheck | undefined> {
  const expected = expectedFiles(folder);
  if (expected === undefined) return undefined;
  let bytes = 0;
  const wrong: WrongFile[] = [];
  for (const file of expected) {
    if (signal?.aborted === true) throw new OcelliError('aborted', 'Checking the models was aborted.');
    const path = join(folder, ...file.path.split('/'));
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) wrong.push({ path: file.path, problem: 'missing' });
    else if (file.bytes !== undefined && file.bytes !== found.size) wrong.push({ path: file.path, problem: 'size' });
    else if (file.checksum !== undefined && (await hashOfFile(path, kindOf(file.checksum))) !== file.checksum)
      wrong.push({ path: file.path, problem: 'checksum' });
    bytes += found?.size ?? 0;
  }
  const unchecked = expected.filter(({ checksum }) => checksum === undefined).length;
  return { files: expected.length, bytes, unchecked, wrong };
}

function expectedFiles(folder: string): readonly Expected[] | undefined {
  const record = readPullRecord(folder);
  const files: readonly Expected[] | undefined =
    record === undefined
      ? bundledChecksums(folder)
      : Object.entries(record.files).map(([path, file]) => ({ path, bytes: file.bytes, checksum: file.checksum }));
  // What leads out of the folder is not the folder's.
  return files?.filter(({ path }) => !path.split('/').includes('..'));
}

function bundledChecksums(folder: string): readonly Expected[] | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, 'checksums.json'), 'utf8'));
    if (!isRecord(value)) return undefined;
    return Object.entries(recordAt(value, 'files')).flatMap(([path, checksum]): Expected[] =>
      typeof checksum === 'string' ? [{ path, bytes: undefined, checksum }] : [],
    );
  } catch {
    return undefined;
  }
}

type HashKind = 'sha256' | 'git';

function kindOf(checksum: string): HashKind {
  return checksum.length === 40 ? 'git' : 'sha256';
}

/** Source of git's: its object format, `blob <length>\0` before the content. */
export async function hashOfFile(path: string, kind: HashKind): Promise<string> {
  const hash = createHash(kind === 'git' ? 'sha1' : 'sha256');
  if (kind === 'git') hash.update(`blob ${(await stat(path)).size}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
