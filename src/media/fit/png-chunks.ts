/** Looks into a PNG's chunks, and takes those about the picture and those of an animation away without touching a pixel. */

import { inflateSync } from 'node:zlib';
import type { PictureTraits, Span } from './traits.js';

const metadataChunks: ReadonlySet<string> = new Set(['eXIf', 'tEXt', 'iTXt', 'zTXt', 'tIME']);
/** Without these an animated PNG is its own first picture (PNG specification, third edition, section 4.9). */
const animationChunks: ReadonlySet<string> = new Set(['acTL', 'fcTL', 'fdAT']);

/** A writer makes one chunk of 8 kB or more of pixels; this bounds a hostile file. */
const maxChunks = 100_000;
const maxProfileBytes = 4 * 1_048_576;

export function readPngTraits(bytes: Uint8Array): PictureTraits {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const colourType = view[25] ?? 0;
  const kept: Span[] = [{ start: 0, end: 8 }];
  let hasMetadata = false;
  let isAnimated = false;
  let hasTransparency = false;
  let profile: Uint8Array | undefined;
  let offset = 8;
  for (let chunk = 0; ; chunk += 1) {
    if (chunk === maxChunks || offset + 12 > view.length) return { metadata: 'embedded', alpha: 'unknown' };
    const end = offset + 12 + view.readUInt32BE(offset);
    const type = view.toString('latin1', offset + 4, offset + 8);
    if (metadataChunks.has(type)) hasMetadata = true;
    else if (animationChunks.has(type)) isAnimated = true;
    else kept.push({ start: offset, end: Math.min(end, view.length) });
    if (type === 'tRNS') hasTransparency = true;
    if (type === 'iCCP') profile = inflateProfile(view.subarray(offset + 8, end - 4));
    offset = end;
    if (type === 'IEND') break;
  }
  return {
    metadata: hasMetadata || offset < view.length ? 'removable' : 'none',
    animation: isAnimated ? 'removable' : 'none',
    alpha: hasTransparency || colourType === 4 || colourType === 6,
    ...(colourType === 3 ? { content: 'drawing' as const } : {}),
    profile,
    kept,
  };
}

/** A name of at most 79 bytes, a zero, the method and the compressed profile. A broken one counts as foreign. */
function inflateProfile(content: Buffer): Uint8Array {
  const start = content.indexOf(0) + 2;
  try {
    return inflateSync(content.subarray(start), { maxOutputLength: maxProfileBytes });
  } catch {
    return new Uint8Array();
  }
}
