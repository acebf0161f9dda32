/** Notices a picture whose end is missing, which decoders would show half grey without a word. */

/**
 * Whether the bytes stop before the picture is complete. Only what is cheap and certain is looked at: the end mark of JPEG and PNG,
 * the length that WebP states, the last box of AVIF and HEIC. The header must have been read before.
 */
export function isCutOff(bytes: Uint8Array, mediaType: string): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (mediaType) {
    case 'image/jpeg':
      return lacksEndOfJpeg(view);
    case 'image/png':
      return view.lastIndexOf('IEND', undefined, 'latin1') === -1;
    case 'image/webp':
      // Some writers count a last padding byte that they leave out.
      return view.readUInt32LE(4) + 8 > view.length + 1;
    case 'image/avif':
    case 'image/heic':
    case 'image/heif':
      return lastBoxEndsOutside(view);
    default:
      return false;
  }
}

/** The end mark of the picture itself; a thumbnail inside its header has one too, so the search starts at the first scan. */
function lacksEndOfJpeg(view: Buffer): boolean {
  const end = view.lastIndexOf('\u00ff\u00d9', undefined, 'latin1');
  if (end === -1) return true;
  let offset = 2;
  while (offset + 4 <= view.length && view[offset] === 0xff) {
    const marker = view[offset + 1] ?? 0;
    if (marker === 0xda) return end < offset;
    if (marker === 0xff) offset += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) offset += 2;
    else offset += 2 + Math.max(2, view.readUInt16BE(offset + 2));
  }
  return true;
}

function lastBoxEndsOutside(view: Buffer): boolean {
  let offset = 0;
  while (offset + 8 <= view.length) {
    const size = view.readUInt32BE(offset);
    if (size === 0) return false;
    if (size === 1 && offset + 16 > view.length) return true;
    const boxSize = size === 1 ? Number(view.readBigUInt64BE(offset + 8)) : size;
    if (boxSize < 8) return false;
    offset += boxSize;
  }
  return offset > view.length;
}
