/** Takes metadata and animations out of a file without decoding its picture. */

import type { PictureTraits } from './traits.js';
import { mendWebp } from './webp-chunks.js';

/** A copy without what `traits` found to be removable; the coded pixels stay byte for byte. */
export function stripMetadata(bytes: Uint8Array, mediaType: string, traits: PictureTraits): Uint8Array {
  const { kept, blanked } = traits;
  if (kept !== undefined) {
    const left = Buffer.concat(kept.map(({ start, end }) => bytes.subarray(start, end)));
    if (mediaType === 'image/webp') mendWebp(left);
    return left;
  }
  const copy = Buffer.from(bytes);
  for (const { start, end } of blanked ?? []) copy.fill(0, start, end);
  return copy;
}
