/** Size and type of a picture file from its header alone, fast enough for folders of thousands. */

import { close, constants, fstat, open, read, type Stats } from 'node:fs';
import { OcelliError } from '../errors/index.js';
import { fileError, notAFile } from './file-error.js';
import { HeaderBytes, MissingBytes } from './header-bytes.js';
import { checkPixels, defaultMaxPixels, emptySource, headerError, unknownMedium } from './media-bytes.js';
import { readPictureHeader } from './picture-header.js';
import type { PictureSize } from './picture-size.js';
import { toPath } from './read-source.js';
import { sniffMediaType } from './sniff.js';

/** A picture's type and size; see {@link PictureSize} for what the numbers mean. */
export interface PictureProbe extends PictureSize {
  readonly mediaType: string;
}

export interface ProbeOptions {
  /** Most pixels the header may claim. Default 1,000,000,000. */
  readonly maxPixels?: number;
}

const firstWindowBytes = 65_536;
const largestWindowBytes = 4 * 1_048_576;
/** A header in more pieces than this is no header any more. */
const maxWindows = 64;

/** Windows are used again, because a fresh 64 kB for each of 10,000 files costs more than reading them. */
const spareWindows: Buffer[] = [];
const maxSpareWindows = 16;

/**
 * Reads the first 64 kB of a file, and more only where the header goes on behind them (EXIF at the end of a WebP, a TIFF directory).
 *
 * @param file a path or a `file:` URL
 * @throws OcelliError `image-unreadable` (no such file, a folder, empty, no picture, damaged), `image-too-large`
 *
 * @example
 * await probePictureFile('coins.jpg'); // { mediaType: 'image/jpeg', width: 4032, height: 3024, orientation: 6 }
 */
export async function probePictureFile(file: string | URL, options: ProbeOptions = {}): Promise<PictureProbe> {
  const path = toPath(file instanceof URL ? file.href : file);
  const window = spareWindows.pop() ?? Buffer.allocUnsafeSlow(firstWindowBytes);
  let descriptor: number | undefined;
  try {
    // Without blocking, so that a named pipe without a writer does not hang.
    descriptor = await openFile(path);
    const size = await readInto(descriptor, window, 0);
    const probe = await probe64(path, descriptor, window.subarray(0, size));
    checkPixels(probe, path, options.maxPixels ?? defaultMaxPixels);
    return probe;
  } catch (error) {
    throw fileError(path, error);
  } finally {
    if (descriptor !== undefined) close(descriptor, () => undefined);
    if (spareWindows.length < maxSpareWindows) spareWindows.push(window);
  }
}

async function probe64(path: string, descriptor: number, first: Uint8Array): Promise<PictureProbe> {
  const mediaType = sniffMediaType(first);
  if (mediaType === undefined || !mediaType.startsWith('image/'))
    throw await noPicture(path, descriptor, first, mediaType);
  const isWhole = first.length < firstWindowBytes;
  const bytes = new HeaderBytes(first, isWhole ? first.length : Infinity);
  let windowBytes = firstWindowBytes;
  for (let windows = 0; ; windows += 1) {
    try {
      const { width, height, orientation } = readPictureHeader(bytes, mediaType);
      return { mediaType, width, height, orientation };
    } catch (error) {
      if (!(error instanceof MissingBytes) || windows === maxWindows) throw headerError(error, mediaType, path);
      if (bytes.length === Infinity) bytes.setLength((await status(descriptor)).size);
      if (error.offset + error.size > bytes.length) continue;
      const window = Buffer.allocUnsafeSlow(Math.min(Math.max(windowBytes, error.size), bytes.length - error.offset));
      const size = await readInto(descriptor, window, error.offset);
      // A file that shrank meanwhile ends where reading ended.
      if (size < error.size) bytes.setLength(error.offset + size);
      bytes.addWindow(error.offset, window.subarray(0, size));
      windowBytes = Math.min(windowBytes * 2, largestWindowBytes);
    }
  }
}

async function noPicture(
  path: string,
  descriptor: number,
  first: Uint8Array,
  mediaType: string | undefined,
): Promise<OcelliError> {
  const stats = await status(descriptor);
  if (!stats.isFile()) return notAFile(path, stats);
  if (first.length === 0) return emptySource(path);
  if (mediaType === undefined) return unknownMedium(path, first);
  return new OcelliError('image-unreadable', `"${path.slice(0, 200)}" is ${mediaType}, not a picture.`);
}

function openFile(path: string): Promise<number> {
  return new Promise((settle, reject) => {
    open(path, constants.O_RDONLY | constants.O_NONBLOCK, (error, descriptor) => {
      if (error) reject(error);
      else settle(descriptor);
    });
  });
}

function readInto(descriptor: number, window: Buffer, position: number): Promise<number> {
  return new Promise((settle, reject) => {
    read(descriptor, window, 0, window.length, position, (error, size) => {
      if (error) reject(error);
      else settle(size);
    });
  });
}

function status(descriptor: number): Promise<Stats> {
  return new Promise((settle, reject) => {
    fstat(descriptor, (error, stats) => {
      if (error) reject(error);
      else settle(stats);
    });
  });
}
