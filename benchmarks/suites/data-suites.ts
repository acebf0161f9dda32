/** Suites over published data that is not part of the package: found in a folder that the user names. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError } from '../../src/index.js';
import type { ItemRecord } from '../scoring/index.js';
import { blindTestItems, hasBlindTest } from './blindtest/index.js';
import type { Suite, SuiteItem } from './suite.js';

/** Names of the suites that need data, and what the data is. */
export const dataSuites: readonly { readonly name: string; readonly description: string }[] = [
  {
    name: 'blindtest',
    description: 'BlindTest of "Vision language models are blind": crossings, circles, nested squares, grids.',
  },
];

/**
 * The suite of a published data set.
 *
 * @param folder holds the data set's `items.jsonl` and pictures
 * @throws OcelliError `invalid-request` for a name that is none, or data that is not there
 * @example
 * const suite = await loadDataSuite('blindtest', 'data/blindtest');
 */
export async function loadDataSuite(name: string, folder: string): Promise<Suite> {
  const known = dataSuites.find((candidate) => candidate.name === name);
  if (known === undefined) throw new OcelliError('invalid-request', `There is no data set "${name}".`);
  if (!(await hasBlindTest(folder)))
    throw new OcelliError(
      'invalid-request',
      `The data of "${name}" is not in "${folder}": it is no part of ocelli. Name the folder that holds its folder with --data.`,
    );
  const items = blindTestItems(await readFile(join(folder, 'items.jsonl'), 'utf8'));
  return {
    ...known,
    version: 1,
    generators: [],
    levels: [],
    subtasks: [...new Set(items.map(({ subtask }) => subtask))],
    items: ({ n }) =>
      Promise.resolve({
        items: subtasksInTurns(items)
          .slice(0, n)
          .map((item) => storedItem(item, folder)),
        problems: [],
      }),
  };
}

/** So that fewer items than there are have some of each sub-task. */
function subtasksInTurns(items: readonly ItemRecord[]): readonly ItemRecord[] {
  const groups = new Map<string, ItemRecord[]>();
  for (const item of items) {
    const group = groups.get(item.subtask);
    if (group === undefined) groups.set(item.subtask, [item]);
    else group.push(item);
  }
  const longest = Math.max(0, ...[...groups.values()].map((group) => group.length));
  return Array.from({ length: longest }, (_, place) =>
    [...groups.values()].flatMap((group) => group[place] ?? []),
  ).flat();
}

function storedItem({ picture, ...record }: ItemRecord, folder: string): SuiteItem {
  if (picture?.path === undefined) return { record };
  const path = join(folder, picture.path);
  const { width, height, sha256 } = picture;
  const size = width === undefined || height === undefined ? {} : { size: { width, height } };
  return { record, path, ...size, picture: async () => ({ bytes: await checkedFile(path, sha256), ...size.size }) };
}

/** @throws OcelliError `image-unreadable` */
async function checkedFile(path: string, sha256: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new OcelliError(
      'image-unreadable',
      `the picture "${path}" cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
  });
  if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
  throw new OcelliError(
    'image-unreadable',
    `the picture "${path}" is another than the data set's: its SHA-256 differs`,
  );
}
