/** Looks into a GIF's blocks: whether it moves, is transparent, and holds XMP, which can be taken away. */

import type { PictureTraits, Span } from './traits.js';

const maxBlocks = 1_000_000;

/** Layouts: GIF89a specification; XMP in GIF: Adobe XMP specification, part 3, section 1.1.2. */
export function readGifTraits(bytes: Uint8Array): PictureTraits {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Span[] = [];
  let frames = 0;
  let alpha = false;
  let hasMetadata = false;
  let offset = 13 + tableBytes(view[10] ?? 0);
  kept.push({ start: 0, end: offset });
  for (let block = 0; offset < view.length && block < maxBlocks; block += 1) {
    const start = offset;
    const kind = view[offset];
    if (kind === 0x21) {
      const label = view[offset + 1];
      if (label === 0xf9 && ((view[offset + 3] ?? 0) & 1) === 1) alpha = true;
      offset = skipBlocks(view, offset + 2);
      if (label === 0xff && view.toString('latin1', start + 3, start + 14) === 'XMP DataXMP') {
        hasMetadata = true;
        continue;
      }
    } else if (kind === 0x2c) {
      frames += 1;
      // From the second frame on it is converted, so that nobody needs to know the rest.
      if (frames > 1) break;
      offset = skipBlocks(view, offset + 11 + tableBytes(view[offset + 9] ?? 0));
    } else offset = view.length;
    kept.push({ start, end: Math.min(offset, view.length) });
  }
  return {
    metadata: hasMetadata ? 'removable' : 'none',
    animation: frames > 1 ? 'embedded' : 'none',
    alpha,
    content: 'drawing',
    kept,
  };
}

function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function skipBlocks(view: Buffer, start: number): number {
  let offset = start;
  while (offset < view.length && view[offset] !== 0) offset += 1 + (view[offset] ?? 0);
  return offset + 1;
}
