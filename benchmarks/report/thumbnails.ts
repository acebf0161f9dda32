/** Pictures of items as small WebP data URLs, each drawn once. */

import type { RunRecords } from './run-folder.js';

export interface Thumbnail {
  readonly dataUrl: string;
  /** Of the original, in pixels: boxes are given in these. */
  readonly width: number;
  readonly height: number;
}

/** Long side, in pixels; of pictures with one sample each, 3 to 17 kB (reference: benchmarks 6). */
const thumbnailSide = 480;
/** A picture that sharp cannot shrink is shown as it is up to this size. */
const mostBytesAsIs = 60_000;

/**
 * Shrinks pictures.
 *
 * @returns by digest; pictures that are missing or damaged are not in it
 * @example
 * const thumbnails = await drawThumbnails(run, ['9f86d0…']);
 */
export async function drawThumbnails(run: RunRecords, digests: Iterable<string>): Promise<Map<string, Thumbnail>> {
  const thumbnails = new Map<string, Thumbnail>();
  const sharp = await import('sharp').then(
    (module) => module.default,
    () => undefined,
  );
  for (const digest of new Set(digests)) {
    const bytes = await run.readPicture(digest);
    if (bytes === undefined) continue;
    try {
      if (sharp === undefined) throw new Error('not installed');
      const picture = sharp(bytes);
      const { width, height } = await picture.metadata();
      const small = await picture
        .resize({ width: thumbnailSide, height: thumbnailSide, fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 72, effort: 4 })
        .toBuffer();
      thumbnails.set(digest, { dataUrl: `data:image/webp;base64,${small.toString('base64')}`, width, height });
    } catch {
      const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
      if (isPng && bytes.length <= mostBytesAsIs) thumbnails.set(digest, asIs(bytes));
    }
  }
  return thumbnails;
}

/** A PNG says its size in its first chunk. */
function asIs(bytes: Uint8Array): Thumbnail {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    dataUrl: `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`,
    width: view.getUint32(16),
    height: view.getUint32(20),
  };
}
