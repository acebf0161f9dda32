/** Size and orientation of a PNG from its chunks. */

import { type HeaderBytes, InvalidHeader } from './header-bytes.js';
import type { PictureSize } from './picture-size.js';
import { readExifOrientation } from './tiff-header.js';

/** Chunks before the pixels are few; this bounds a hostile file. */
const maxChunks = 10_000;

/** IHDR comes first; eXIf, if there is one, before the pixels (PNG specification, third edition, section 5.6). */
export function readPngHeader(bytes: HeaderBytes): PictureSize {
  if (bytes.latin1(12, 4) !== 'IHDR') throw new InvalidHeader('it does not begin with an IHDR chunk');
  const width = bytes.u32be(16);
  const height = bytes.u32be(20);
  return { width, height, orientation: findOrientation(bytes) };
}

function findOrientation(bytes: HeaderBytes): number {
  let offset = 8;
  for (let chunk = 0; chunk < maxChunks; chunk += 1) {
    if (offset + 12 > bytes.length) return 1;
    const size = bytes.u32be(offset);
    const type = bytes.latin1(offset + 4, 4);
    if (type === 'IDAT' || type === 'IEND') return 1;
    if (type === 'eXIf') return readExifOrientation(bytes, offset + 8, offset + 8 + size);
    offset += 12 + size;
  }
  return 1;
}
