/** Opens the folder of a run: a new one, or the one that is gone on with. */

import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { OcelliError } from '../../src/index.js';
import { parserVersion, recordVersion } from '../scoring/index.js';
import { fileProblem } from './file-problem.js';
import { differences, manifestVersion, readManifest, type Manifest, type ManifestOptions } from './manifest.js';
import { lockRun } from './run-lock.js';

export interface OpenedFolder {
  /** As it was, or a new one; nothing is written yet. */
  readonly manifest: Manifest;
  readonly isNew: boolean;
  readonly manifestPath: string;
  /** Lets other processes in again. */
  readonly release: () => Promise<void>;
}

export interface FolderOptions {
  readonly folder: string;
  readonly resume: boolean;
  readonly options: ManifestOptions;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * @throws OcelliError `invalid-request` when the folder holds a run and `resume` was not said, when it holds another run, or when another
 * process is at work in it
 */
export async function openRunFolder(wanted: FolderOptions): Promise<OpenedFolder> {
  const { folder } = wanted;
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw fileProblem(folder, error);
  }
  const release = await lockRun(join(folder, 'run.lock'));
  try {
    const manifestPath = join(folder, 'manifest.json');
    const stored = await readManifest(manifestPath);
    if (stored !== undefined) refuseOther(stored, wanted);
    else if (wanted.resume)
      throw new OcelliError(
        'invalid-request',
        `"${folder}" holds no run to go on with. Leave --resume out to begin one.`,
      );
    return { manifest: stored ?? newManifest(wanted), isNew: stored === undefined, manifestPath, release };
  } catch (error) {
    await release();
    throw error;
  }
}

function refuseOther(stored: Manifest, { folder, resume, options }: FolderOptions): void {
  const different = differences(stored.options, options);
  if (!resume)
    throw new OcelliError(
      'invalid-request',
      `"${folder}" holds a run already. Go on with it by --resume, or name another folder with --out.`,
    );
  if (different.length > 0)
    throw new OcelliError(
      'invalid-request',
      `"${folder}" holds another run: ${different.join('; ')}. Resume it with the options that it was begun with, or name another folder with --out.`,
    );
}

function newManifest({ folder, options, version, now }: FolderOptions): Manifest {
  const at = new Date(now).toISOString();
  return {
    record: 'manifest',
    version: manifestVersion,
    name: basename(resolve(folder)),
    status: 'running',
    partial: true,
    startedAt: at,
    updatedAt: at,
    versions: {
      ocelli: version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      records: recordVersion,
      parser: parserVersion,
    },
    options,
    generators: [],
    trainedOn: {},
    servedModels: {},
    counts: { items: 0, calls: 0, answered: 0, failed: 0, skipped: 0 },
    problems: [],
  };
}
