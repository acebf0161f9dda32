/** Size and orientation of a WebP, in its three kinds: lossy, lossless and extended. */

import { type HeaderBytes, InvalidHeader } from './header-bytes.js';
import type { PictureSize } from './picture-size.js';
import { readExifOrientation } from './tiff-header.js';

const maxChunks = 10_000;
const exifFlag = 0x08;

/** Layouts from the WebP container specification (RFC 9649, section 2) and RFC 6386, section 9.1. */
export function readWebpHeader(bytes: HeaderBytes): PictureSize {
  const kind = bytes.latin1(12, 4);
  if (kind === 'VP8 ') {
    if (bytes.u8(23) !== 0x9d || bytes.u8(24) !== 0x01 || bytes.u8(25) !== 0x2a) {
      throw new InvalidHeader('its first frame has no start code');
    }
    return { width: bytes.u16le(26) & 0x3fff, height: bytes.u16le(28) & 0x3fff, orientation: 1 };
  }
  if (kind === 'VP8L') {
    if (bytes.u8(20) !== 0x2f) throw new InvalidHeader('its lossless frame has no signature');
    const bits = bytes.u32le(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, orientation: 1 };
  }
  if (kind === 'VP8X') {
    const hasExif = (bytes.u8(20) & exifFlag) !== 0;
    const width = bytes.u24le(24) + 1;
    const height = bytes.u24le(27) + 1;
    return { width, height, orientation: hasExif ? findOrientation(bytes) : 1 };
  }
  throw new InvalidHeader('its first chunk is none of VP8, VP8L and VP8X');
}

/** The EXIF chunk stands behind the pixels. */
function findOrientation(bytes: HeaderBytes): number {
  let offset = 12;
  for (let chunk = 0; chunk < maxChunks; chunk += 1) {
    if (offset + 8 > bytes.length) return 1;
    const size = bytes.u32le(offset + 4);
    if (bytes.latin1(offset, 4) === 'EXIF') return readExifOrientation(bytes, offset + 8, offset + 8 + size);
    offset += 8 + size + (size % 2);
  }
  return 1;
}
