/** Width, height and orientation of a picture from its header, without decoding a pixel. */

import { type HeaderBytes, InvalidHeader } from './header-bytes.js';
import { readHeifHeader } from './heif-header.js';
import { readJpegHeader } from './jpeg-header.js';
import type { PictureSize } from './picture-size.js';
import { readPngHeader } from './png-header.js';
import { readSvgHeader, svgSearchBytes } from './svg-header.js';
import { readTiffHeader } from './tiff-header.js';
import { readWebpHeader } from './webp-header.js';

const readers: Readonly<Record<string, (bytes: HeaderBytes) => PictureSize>> = {
  'image/jpeg': readJpegHeader,
  'image/png': readPngHeader,
  'image/gif': readGifHeader,
  'image/webp': readWebpHeader,
  'image/avif': readHeifHeader,
  'image/heic': readHeifHeader,
  'image/heif': readHeifHeader,
  'image/bmp': readBmpHeader,
  'image/tiff': readTiffHeader,
  'image/svg+xml': (bytes) => readSvgHeader(bytes.slice(0, Math.min(bytes.length, svgSearchBytes))),
};

/**
 * Reads the header of a picture.
 *
 * @param bytes the file, or the windows of it that were read so far
 * @param mediaType what the bytes were found to be, one of those above
 * @throws TruncatedHeader, InvalidHeader, or MissingBytes when a window is to be added
 */
export function readPictureHeader(bytes: HeaderBytes, mediaType: string): PictureSize {
  const read = readers[mediaType];
  if (read === undefined) throw new InvalidHeader(`the size of ${mediaType} cannot be read`);
  const size = read(bytes);
  if (!(size.width >= 1 && size.height >= 1)) {
    throw new InvalidHeader(`its header says ${size.width} × ${size.height} pixels`);
  }
  return size;
}

/** The logical screen (GIF89a specification, section 18), which every frame lies within. */
function readGifHeader(bytes: HeaderBytes): PictureSize {
  return { width: bytes.u16le(6), height: bytes.u16le(8), orientation: 1 };
}

/** The oldest header has 16-bit sizes; in the others a negative height means that rows go downwards. */
function readBmpHeader(bytes: HeaderBytes): PictureSize {
  if (bytes.u32le(14) === 12) return { width: bytes.u16le(18), height: bytes.u16le(20), orientation: 1 };
  return { width: bytes.i32le(18), height: Math.abs(bytes.i32le(22)), orientation: 1 };
}
