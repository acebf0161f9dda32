/** The suite BlindTest: its items, its published verdicts, and the folder both are read from. */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { OcelliError } from '../../../src/index.js';
import type { ItemRecord } from '../../scoring/index.js';
import { blindTestItems } from './items.js';
import { readVerdicts, type PublishedVerdict } from './verdicts.js';

export { blindTestItems } from './items.js';
export {
  pairPublished,
  publishedAccuracies,
  readVerdicts,
  verdictScores,
  type PublishedAccuracy,
  type PublishedPair,
  type PublishedVerdict,
} from './verdicts.js';

/** What the folder holds. */
export interface BlindTest {
  /** Their pictures lie under the folder, at `picture.path`. */
  readonly items: readonly ItemRecord[];
  readonly verdicts: readonly PublishedVerdict[];
}

/**
 * Whether the data is there: it is not part of the package.
 *
 * @example
 * if (!(await hasBlindTest(folder))) console.log(`BlindTest is skipped: there is no ${folder}.`);
 */
export async function hasBlindTest(folder: string): Promise<boolean> {
  return stat(join(folder, 'items.jsonl')).then(
    (found) => found.isFile(),
    () => false,
  );
}

/**
 * Reads items and published verdicts.
 *
 * @param folder holds `items.jsonl`, `verdicts.jsonl.gz` and `images/`
 * @throws OcelliError `invalid-request` where the folder or one of the two files is missing, or a line is not readable.
 * @example
 * const { items, verdicts } = await loadBlindTest('../shared/data/blindtest');
 */
export async function loadBlindTest(folder: string): Promise<BlindTest> {
  const [items, packed] = await Promise.all([read(folder, 'items.jsonl'), read(folder, 'verdicts.jsonl.gz')]);
  const unpacked = await promisify(gunzip)(packed).catch(() => {
    throw new OcelliError(
      'invalid-request',
      `The file ${join(folder, 'verdicts.jsonl.gz')} is damaged; expected gzip.`,
    );
  });
  return { items: blindTestItems(items.toString('utf8')), verdicts: readVerdicts(unpacked.toString('utf8')) };
}

async function read(folder: string, name: string): Promise<Buffer> {
  return readFile(join(folder, name)).catch(() => {
    throw new OcelliError(
      'invalid-request',
      `BlindTest is not in ${folder}: there is no ${name}. Give the folder that holds it.`,
    );
  });
}
