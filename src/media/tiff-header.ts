/** Size and orientation from TIFF directories, which are also the shape of EXIF data inside other formats. */

import { type HeaderBytes, InvalidHeader, MissingBytes } from './header-bytes.js';
import type { PictureSize } from './picture-size.js';

// TIFF 6.0, section 8, and EXIF 2.32, section 4.6.4: the tags that are looked at.
const widthTag = 256;
const heightTag = 257;
const orientationTag = 274;

/** Directories of real files hold some dozens of entries; more than this is a broken or hostile file. */
const maxEntries = 4_096;

/** The first picture of a TIFF or BigTIFF file, in either byte order. */
export function readTiffHeader(bytes: HeaderBytes): PictureSize {
  const tags = readTiffTags(bytes, 0);
  const width = tags.get(widthTag);
  const height = tags.get(heightTag);
  if (width === undefined || height === undefined) throw new InvalidHeader('its first directory has no size');
  return { width, height, orientation: validOrientation(tags.get(orientationTag)) };
}

/**
 * The orientation in a block of EXIF data that starts at `start` (at its byte order mark, or at the `Exif` text before it).
 * Damaged EXIF does not make a picture unreadable: it counts as orientation 1.
 */
export function readExifOrientation(bytes: HeaderBytes, start: number, end: number): number {
  try {
    const hasPrefix = end - start >= 6 && bytes.latin1(start, 4) === 'Exif';
    return validOrientation(readTiffTags(bytes, hasPrefix ? start + 6 : start, end).get(orientationTag));
  } catch (error) {
    if (error instanceof MissingBytes && error.offset + error.size <= end) throw error;
    return 1;
  }
}

function validOrientation(value: number | undefined): number {
  return value !== undefined && value >= 1 && value <= 8 ? value : 1;
}

/** The tags of the first directory with their values; 0 where the value is no single whole number. `start` is where offsets count from. */
export function readTiffTags(bytes: HeaderBytes, start: number, end = Infinity): Map<number, number> {
  const order = bytes.latin1(start, 2);
  if (order !== 'II' && order !== 'MM') throw new InvalidHeader('it has no byte order mark');
  const little = order === 'II';
  const u16 = (offset: number): number => (little ? bytes.u16le(offset) : bytes.u16be(offset));
  const u32 = (offset: number): number => (little ? bytes.u32le(offset) : bytes.u32be(offset));
  const u64 = (offset: number): number => (little ? bytes.u64le(offset) : bytes.u64be(offset));

  const version = u16(start + 2);
  if (version !== 42 && version !== 43) throw new InvalidHeader('it has no TIFF version number');
  const big = version === 43;
  const directory = start + (big ? u64(start + 8) : u32(start + 4));
  if (directory >= end) throw new InvalidHeader('its directory is out of place');
  const count = big ? u64(directory) : u16(directory);
  if (count > maxEntries) throw new InvalidHeader('its directory is too long');

  const tags = new Map<number, number>();
  const firstEntry = directory + (big ? 8 : 2);
  const entrySize = big ? 20 : 12;
  for (let index = 0; index < count; index += 1) {
    const entry = firstEntry + index * entrySize;
    if (entry + entrySize > end) throw new InvalidHeader('its directory is cut off');
    const tag = u16(entry);
    const value = entry + (big ? 12 : 8);
    // Types 3 (16 bits) and 4 (32 bits) are what these tags may have; a writer that uses 1 (8 bits) or 16 (64 bits) is tolerated.
    const type = u16(entry + 2);
    if (type === 3) tags.set(tag, u16(value));
    else if (type === 4) tags.set(tag, u32(value));
    else if (type === 1) tags.set(tag, bytes.u8(value));
    else if (type === 16 && big) tags.set(tag, u64(value));
    else if (tag !== widthTag && tag !== heightTag && tag !== orientationTag) tags.set(tag, 0);
  }
  return tags;
}
