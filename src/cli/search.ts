/** `ocelli search`: the pictures of a folder that are nearest to a text or to another picture. */

import { stat } from 'node:fs/promises';
import { createOcelli, OcelliError, type ImageIndex, type Ocelli } from '../index.js';
import { exitCodes, printable, UsageError, type Io } from './io.js';
import { renderTable, type Column } from './table.js';

export interface SearchOptions {
  readonly image?: string;
  readonly model?: string;
  readonly limit?: number;
  /** A file that the index is kept in. */
  readonly index?: string;
  readonly refresh?: boolean;
  readonly json?: boolean;
}

const columns: readonly Column[] = [
  { title: 'cosine', align: 'right' },
  { title: 'picture', align: 'left' },
];

export async function search(
  folder: string,
  text: string | undefined,
  options: SearchOptions,
  io: Io,
): Promise<number> {
  const { image, limit = 10 } = options;
  if ((text === undefined) === (image === undefined)) throw new UsageError('Give either a text or --image.');
  if (options.refresh === true && options.index === undefined)
    throw new UsageError('--refresh makes the file of --index anew; name it.');
  const ocelli = createOcelli({ environment: io.environment });
  const index = await openIndex(ocelli, folder, options, io);
  const found = await index.search({
    ...(text === undefined ? {} : { text }),
    ...(image === undefined ? {} : { image }),
    limit,
    signal: io.signal,
  });
  if (options.json === true)
    io.stdout.write(`${JSON.stringify({ model: index.model, pictures: index.size, found }, undefined, 2)}\n`);
  else
    io.stdout.write(
      renderTable(
        columns,
        found.map(({ id, cosine }) => [cosine.toFixed(4), printable(id)]),
      ),
    );
  return found.length === 0 ? exitCodes.failed : exitCodes.answered;
}

/** The index of a file, if it is there; otherwise made of the folder, and kept where that was asked for. */
async function openIndex(ocelli: Ocelli, folder: string, options: SearchOptions, io: Io): Promise<ImageIndex> {
  const { model, index: file } = options;
  const choice = { signal: io.signal, ...(model === undefined ? {} : { model }) };
  const isKept = file !== undefined && options.refresh !== true && (await isFile(file));
  if (isKept) return ocelli.createImageIndex({ ...choice, load: file });
  const index = await ocelli.createImageIndex(choice);
  let left = 0;
  await index.add([folder], {
    signal: io.signal,
    onPicture: (id, error) => {
      if (error === undefined) return;
      left += 1;
      io.stderr.write(`warning: ${printable(id)} was left out: ${printable(error.message)}\n`);
    },
  });
  if (index.size === 0) {
    const why = left === 0 ? 'has no pictures in it' : 'has no picture that can be read';
    throw new OcelliError('invalid-request', `${folder} ${why}.`);
  }
  if (file !== undefined) await index.save(file);
  return index;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
