/** Where downloaded models lie, and which of them are whole: plain folders that any tool can read. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OcelliError } from '../../../src/errors/index.js';
import { isRecord, numberAt, stringAt } from '../json.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A hub model by name, at a revision if one was given. */
export interface ModelName {
  readonly owner: string;
  readonly name: string;
  /** Branch, tag or commit. */
  readonly revision: string | undefined;
}

/** What a download wrote down about itself, in `ocelli-pull.json` of the model's folder. */
export interface PullRecord {
  /** `owner/name` */
  readonly model: string;
  readonly revision: string;
  readonly commit: string;
  /** False until every file that was wanted has come. */
  readonly complete: boolean;
  /** Milliseconds since the epoch. */
  readonly pulledAt: number;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly checksum?: string }>>;
}

/** A model that can be used as `local:owner/name`. */
export interface PulledModel {
  readonly model: string;
  readonly revision: string;
  readonly commit: string;
  readonly folder: string;
  /** Milliseconds since the epoch. */
  readonly pulledAt: number;
  readonly bytes: number;
}

export const recordFile = 'ocelli-pull.json';

/**
 * The folder that downloaded models lie in: `OCELLI_CACHE`, or the system's cache folder with `ocelli` in it; then `models`.
 *
 * @example
 * modelCacheFolder(process.env); // /home/ada/.cache/ocelli/models
 */
export function modelCacheFolder(
  environment: Environment,
  platform: string = process.platform,
  home: string = homedir(),
): string {
  const own = environment['OCELLI_CACHE'];
  if (own !== undefined && own !== '') return join(own, 'models');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'ocelli', 'models');
  if (platform === 'win32')
    return join(environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'ocelli', 'models');
  const shared = environment['XDG_CACHE_HOME'];
  return join(shared === undefined || shared === '' ? join(home, '.cache') : shared, 'ocelli', 'models');
}

// What the hub allows in names; and nothing that means something to a file system.
const namePattern = /^([A-Za-z0-9][\w.-]{0,95})\/([A-Za-z0-9_][\w.-]{0,95})(?:@([\w.][\w./-]{0,127}))?$/;

/** Reads `owner/name` or `owner/name@revision`; `undefined` for anything else. */
export function parseModelName(text: string): ModelName | undefined {
  const [, owner, name, revision] = namePattern.exec(text) ?? [];
  if (owner === undefined || name === undefined || text.includes('..')) return undefined;
  return { owner, name, revision };
}

/** @throws OcelliError `invalid-request` */
export function requireModelName(text: string): ModelName {
  const name = parseModelName(text);
  if (name !== undefined) return name;
  throw new OcelliError('invalid-request', `"${text}" is no hub model. Give owner/name, or owner/name@revision.`);
}

/** The folder of one commit of a model. */
export function modelFolderOf(cacheFolder: string, model: ModelName, commit: string): string {
  return join(cacheFolder, model.owner, `${model.name}@${commit.replaceAll('/', '-')}`);
}

/** What is known of a folder; `undefined` where nothing was downloaded or the record is not readable. */
export function readPullRecord(folder: string): PullRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, recordFile), 'utf8'));
    if (!isRecord(value) || !isRecord(value['files'])) return undefined;
    const [model, revision, commit] = ['model', 'revision', 'commit'].map((key) => stringAt(value, key));
    if (model === undefined || revision === undefined || commit === undefined) return undefined;
    return {
      model,
      revision,
      commit,
      complete: value['complete'] === true,
      pulledAt: numberAt(value, 'pulledAt') ?? 0,
      files: value['files'] as PullRecord['files'],
    };
  } catch {
    return undefined;
  }
}

/**
 * The folder of a downloaded model, the last downloaded one where there are several; `undefined` when it was never pulled whole.
 *
 * @param model `owner/name`, or `owner/name@revision` with a branch, a tag, a commit or its beginning
 */
export function findPulledModel(cacheFolder: string, model: string): PulledModel | undefined {
  const wanted = parseModelName(model);
  if (wanted === undefined) return undefined;
  const { revision } = wanted;
  return pulledBy(cacheFolder, wanted.owner)
    .filter((pulled) => pulled.model === `${wanted.owner}/${wanted.name}`)
    .filter((pulled) => revision === undefined || pulled.revision === revision || pulled.commit.startsWith(revision))
    .reduce<PulledModel | undefined>(
      (newest, pulled) => (newest === undefined || pulled.pulledAt > newest.pulledAt ? pulled : newest),
      undefined,
    );
}

/**
 * Every model that was downloaded whole.
 *
 * @example
 * for (const { model, folder } of listPulledModels(modelCacheFolder(process.env))) show(model, folder);
 */
export function listPulledModels(cacheFolder: string): readonly PulledModel[] {
  return foldersIn(cacheFolder).flatMap((owner) => pulledBy(cacheFolder, owner));
}

function pulledBy(cacheFolder: string, owner: string): readonly PulledModel[] {
  const parent = join(cacheFolder, owner);
  return foldersIn(parent).flatMap((name): PulledModel[] => {
    const folder = join(parent, name);
    const record = readPullRecord(folder);
    if (record?.complete !== true) return [];
    const { model, revision, commit, pulledAt, files } = record;
    const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
    return [{ model, revision, commit, folder, pulledAt, bytes }];
  });
}

/** Names of the folders in a folder; none where it cannot be read. */
export function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path).filter((name) => statSync(join(path, name)).isDirectory());
  } catch {
    return [];
  }
}
