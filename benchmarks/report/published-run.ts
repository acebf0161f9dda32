/** BlindTest's published verdicts as a run: scores without replies, with the pictures where the data folder has them. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { OcelliError } from '../../src/index.js';
import type { ItemRecord } from '../scoring/index.js';
import { blindTestItems, readVerdicts, verdictScores } from '../suites/blindtest/index.js';
import type { RunRecords } from './run-folder.js';

/**
 * Reads a file of verdicts, packed or not; items and pictures are taken from beside it.
 *
 * @throws OcelliError `invalid-request` where the file is missing, damaged or holds something else.
 * @example
 * const run = await readPublishedRun('../shared/data/blindtest/verdicts.jsonl.gz');
 */
export async function readPublishedRun(file: string): Promise<RunRecords> {
  const scores = verdictScores(readVerdicts(await readMaybePacked(file)));
  if (scores.length === 0)
    throw new OcelliError('invalid-request', `"${file}" holds no verdicts; expected one JSON object a line.`);
  const folder = dirname(file);
  const items = await itemsBeside(folder);
  const paths = new Map(items.map(({ picture }) => [picture?.sha256, picture?.path]));
  return {
    name: `published verdicts, ${basename(file)}`,
    items: new Map(items.map((item) => [item.id, item])),
    responses: [],
    scores,
    trainedOn: {},
    generators: [],
    partial: false,
    notes: [],
    async readPicture(sha256) {
      const path = paths.get(sha256);
      const bytes = path === undefined ? undefined : await readFile(join(folder, path)).catch(() => undefined);
      if (bytes === undefined) return undefined;
      return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
    },
  };
}

async function readMaybePacked(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => {
    throw new OcelliError(
      'invalid-request',
      `"${file}" could not be read. Name a verdicts.jsonl or verdicts.jsonl.gz.`,
    );
  });
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  const unpacked = await promisify(gunzip)(bytes).catch(() => {
    throw new OcelliError('invalid-request', `"${file}" is damaged; expected gzip.`);
  });
  return unpacked.toString('utf8');
}

async function itemsBeside(folder: string): Promise<ItemRecord[]> {
  const text = await readFile(join(folder, 'items.jsonl'), 'utf8').catch(() => undefined);
  return text === undefined ? [] : blindTestItems(text);
}
