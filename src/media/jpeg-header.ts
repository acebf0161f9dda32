/** Size and orientation of a JPEG from its marker segments. */

import { type HeaderBytes, InvalidHeader } from './header-bytes.js';
import type { PictureSize } from './picture-size.js';
import { readExifOrientation } from './tiff-header.js';

/** Walks the segments up to the frame header (ITU T.81, annex B); an `Exif` APP1 segment stands before it. */
export function readJpegHeader(bytes: HeaderBytes): PictureSize {
  let orientation: number | undefined;
  let offset = 2;
  for (;;) {
    if (bytes.u8(offset) !== 0xff) throw new InvalidHeader('a marker is missing');
    const marker = bytes.u8(offset + 1);
    // Any number of 0xff bytes may stand before a marker; 0x01 and the restart markers have no length.
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    offset += 2;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    if (marker === 0xd9 || marker === 0xda || marker === 0x00) throw new InvalidHeader('it has no frame header');
    const size = bytes.u16be(offset);
    if (size < 2) throw new InvalidHeader('a segment has an impossible length');
    if (isFrameHeader(marker)) {
      return { height: bytes.u16be(offset + 3), width: bytes.u16be(offset + 5), orientation: orientation ?? 1 };
    }
    if (marker === 0xe1 && orientation === undefined && size >= 8 && bytes.latin1(offset + 2, 6) === 'Exif\0\0') {
      orientation = readExifOrientation(bytes, offset + 8, offset + size);
    }
    offset += size;
  }
}

/** SOF0 to SOF15; of the same range 0xc4, 0xc8 and 0xcc are tables and extensions. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
