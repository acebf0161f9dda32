/** Keeps the cache tidy: which downloads are unfinished, who is at work in a folder, and how a model goes. */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OcelliError } from '../../../src/errors/index.js';
import { foldersIn, readPullRecord, requireModelName } from './cache.js';

/** A download that was cut off: another `ocelli pull` goes on with it. */
export interface UnfinishedPull {
  /** `owner/name`, as far as the folder's name tells. */
  readonly model: string;
  readonly folder: string;
}

/** Downloads that have begun and are not whole. */
export function listUnfinishedPulls(cacheFolder: string): readonly UnfinishedPull[] {
  return foldersIn(cacheFolder).flatMap((owner) =>
    foldersIn(join(cacheFolder, owner)).flatMap((name): UnfinishedPull[] => {
      const folder = join(cacheFolder, owner, name);
      if (readPullRecord(folder)?.complete === true) return [];
      return [{ model: `${owner}/${name.replace(/@[^@]*$/, '')}`, folder }];
    }),
  );
}

/**
 * Takes a downloaded model out of the cache, all of its versions or one of them, unfinished downloads too.
 *
 * @param model `owner/name`, or `owner/name@revision` with a branch, a tag, a commit or its beginning
 * @returns the folders that are gone
 * @throws OcelliError `invalid-request` when the text is no model name; `local-model` when a process is downloading it
 * @example
 * removePulledModel(modelCacheFolder(process.env), 'HuggingFaceTB/SmolVLM-256M-Instruct');
 */
export function removePulledModel(cacheFolder: string, model: string): readonly string[] {
  const { owner, name, revision } = requireModelName(model);
  const parent = join(cacheFolder, owner);
  const folders = foldersIn(parent)
    .filter((folder) => folder.startsWith(`${name}@`))
    .map((folder) => join(parent, folder))
    .filter((folder) => {
      const record = readPullRecord(folder);
      const commit = record?.commit ?? folder.slice(folder.lastIndexOf('@') + 1);
      return revision === undefined || record?.revision === revision || commit.startsWith(revision);
    });
  for (const folder of folders) {
    const owner = pullOwner(folder);
    if (owner === undefined) continue;
    throw new OcelliError('local-model', `Process ${owner} is downloading ${model}. Stop it first.`);
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  if (folders.length > 0 && foldersIn(parent).length === 0) rmSync(parent, { recursive: true, force: true });
  return folders;
}

/** The process that is downloading into a folder, if it still runs. */
export function pullOwner(folder: string): number | undefined {
  try {
    const owner = Number(readFileSync(join(folder, lockFile), 'utf8'));
    return isAlive(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

export const lockFile = '.ocelli-pull.lock';

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
