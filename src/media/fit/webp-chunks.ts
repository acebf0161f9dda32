/** Looks into a WebP's chunks, and takes EXIF and XMP away without touching a pixel. */

import type { PictureTraits, Span } from './traits.js';

const maxChunks = 100_000;
const animationFlag = 0x02;
const xmpFlag = 0x04;
const exifFlag = 0x08;
const alphaFlag = 0x10;

/** Layouts: RFC 9649, section 2. Only the extended kind (`VP8X`) can hold metadata. */
export function readWebpTraits(bytes: Uint8Array): PictureTraits {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.toString('latin1', 12, 16) === 'VP8X' ? (view[20] ?? 0) : 0;
  const kept: Span[] = [{ start: 0, end: 12 }];
  let hasMetadata = (flags & (xmpFlag | exifFlag)) !== 0;
  let alpha = (flags & alphaFlag) !== 0;
  let isLossless = false;
  let profile: Uint8Array | undefined;
  let offset = 12;
  for (let chunk = 0; offset + 8 <= view.length; chunk += 1) {
    if (chunk === maxChunks) return { metadata: 'embedded', alpha: 'unknown' };
    const type = view.toString('latin1', offset, offset + 4);
    const size = view.readUInt32LE(offset + 4);
    const end = Math.min(offset + 8 + size + (size % 2), view.length);
    if (type === 'EXIF' || type === 'XMP ') hasMetadata = true;
    else kept.push({ start: offset, end });
    if (type === 'ICCP') profile = view.subarray(offset + 8, offset + 8 + size);
    if (type === 'VP8L') {
      isLossless = true;
      // 14 bits of width, 14 of height, then whether alpha is used.
      if (flags === 0) alpha = ((view[offset + 12] ?? 0) & 0x10) !== 0;
    }
    offset = end;
  }
  return {
    metadata: hasMetadata ? 'removable' : 'none',
    animation: (flags & animationFlag) !== 0 ? 'embedded' : 'none',
    alpha,
    ...(isLossless ? {} : { content: 'photo' as const }),
    profile,
    kept,
  };
}

/** The length in front and the flags are to say what is left. Changes `bytes`. */
export function mendWebp(bytes: Buffer): void {
  bytes.writeUInt32LE(bytes.length - 8, 4);
  if (bytes.toString('latin1', 12, 16) === 'VP8X') bytes[20] = (bytes[20] ?? 0) & ~(xmpFlag | exifFlag);
}
