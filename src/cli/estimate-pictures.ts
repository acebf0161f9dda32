/** The pictures of an estimate, by their headers or by sizes that were typed in, with a list of those that could not be used. */

import { stat } from 'node:fs/promises';
import { OcelliError, probePictureFile } from '../index.js';
import { findFiles, type Problem } from './find-files.js';
import { UsageError, type Io } from './io.js';

/** One picture, or so many of the same size. */
export interface Picture {
  /** The path, or the size as typed in. */
  readonly name: string;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Of the file. */
  readonly bytes?: number;
  readonly count: number;
}

export interface CollectedPictures {
  readonly pictures: readonly Picture[];
  readonly problems: readonly Problem[];
}

/** Files that are open at the same time. */
const concurrency = 32;
/** Fewer files than this are read before anybody looks. */
const progressFrom = 200;
/** As for files: more is a mistake or an attack. */
const maxPixels = 1_000_000_000;
const maxCount = 1_000_000_000;

/** @throws UsageError for a `--size` that is none */
export async function collectPictures(
  inputs: readonly string[],
  sizes: readonly string[],
  io: Io,
): Promise<CollectedPictures> {
  const { files, problems } = await findFiles(inputs);
  const probed = await probeAll(files, io);
  const typed = sizes.map(pictureOfSize);
  const all = [...probed, ...typed];
  return {
    pictures: all.filter((entry): entry is Picture => 'width' in entry),
    problems: [...problems, ...all.filter((entry): entry is Problem => 'message' in entry)],
  };
}

async function probeAll(files: readonly string[], io: Io): Promise<(Picture | Problem)[]> {
  const results: (Picture | Problem)[] = [];
  const progress = openProgress(files.length, io);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < files.length && !io.signal.aborted; index = next++) {
      results[index] = await probe(files[index] ?? '');
      progress.step();
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, files.length) }, work));
  progress.end();
  if (io.signal.aborted) throw new OcelliError('aborted', 'The estimate was interrupted.');
  return results;
}

/** The header, between two looks at the file: a size that belongs to neither the old nor the new file is worth nothing. */
async function probe(file: string): Promise<Picture | Problem> {
  try {
    const before = await stat(file).catch(() => undefined);
    const { width, height, orientation } = await probePictureFile(file);
    const after = await stat(file).catch(() => undefined);
    if (before === undefined || after === undefined || before.size !== after.size || before.mtimeMs !== after.mtimeMs)
      return { subject: file, message: 'The file changed while it was read; try again when it is complete.' };
    const isLying = orientation >= 5;
    return {
      name: file,
      width: isLying ? height : width,
      height: isLying ? width : height,
      bytes: after.size,
      count: 1,
    };
  } catch (error) {
    return { subject: file, message: error instanceof Error ? error.message : String(error) };
  }
}

/** `1024x768`, or `1024x768x500` for 500 of them. */
function pictureOfSize(text: string): Picture | Problem {
  const match = /^(NaN|-?\d+(?:\.\d+)?)[x×](NaN|-?\d+(?:\.\d+)?)(?:[x×](\d+))?$/i.exec(text.trim());
  if (match === null)
    throw new UsageError(
      `--size ${text}: write width and height in pixels, as 1024x768, or 1024x768x500 for 500 of them.`,
    );
  const [width = NaN, height = NaN, count = 1] = match.slice(1).map((part) => (part === undefined ? 1 : Number(part)));
  const problem = (message: string): Problem => ({ subject: `--size ${text}`, message });
  if (![width, height].every((side) => Number.isSafeInteger(side) && side >= 1))
    return problem('Width and height must be whole numbers of pixels of at least 1.');
  if (width * height > maxPixels)
    return problem(`It has ${width * height} pixels, over the limit of ${maxPixels}; no model takes such a picture.`);
  if (count < 1 || count > maxCount) return problem(`The number of pictures must be from 1 to ${maxCount}.`);
  return { name: `${width}x${height}`, width, height, count };
}

/** A line that is written over, on a terminal and for many files only. */
function openProgress(total: number, { stderr }: Io): { step(): void; end(): void } {
  if (stderr.isTTY !== true || total < progressFrom) return { step: () => undefined, end: () => undefined };
  let done = 0;
  return {
    step: () => {
      done += 1;
      if (done % 100 === 0)
        stderr.write(`\r${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} files read`);
    },
    end: () => stderr.write('\r\u001b[K'),
  };
}
