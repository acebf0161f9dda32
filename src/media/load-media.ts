/** From a source to a checked medium in one call. */

import type { MediaKind } from '../request/index.js';
import { byteLimitFor, type ByteLimits } from './byte-limits.js';
import type { DownloadOptions } from './guarded-download.js';
import { checkMedia, type CheckedMedia } from './media-bytes.js';
import { readSource, type ReadableSource } from './read-source.js';

export interface LoadMediaOptions extends ByteLimits {
  /** How http(s) sources are fetched. */
  readonly download?: DownloadOptions;
  /** Most pixels a picture's header may claim. Default 1,000,000,000. */
  readonly maxPixels?: number;
  /** What is expected, which picks the byte limit. Default `image`. */
  readonly kind?: MediaKind;
  readonly signal?: AbortSignal | undefined;
}

/** A medium, and what its source had declared it to be. */
export interface LoadedMedia {
  readonly media: CheckedMedia;
  readonly declaredType?: string;
}

/**
 * Reads a source and finds its type, its size in pixels and its identity (SHA-256), without decoding it.
 * A stream is used up by this; everything else can be loaded again.
 *
 * @throws OcelliError `invalid-request`, `image-unreadable`, `image-too-large`, `image-fetch-blocked`, `network`, `timeout`, `aborted`
 *
 * @example
 * const { media } = await loadMedia('coins.jpg');
 * media.mediaType; // 'image/jpeg'
 * media.width; // 4032
 */
export async function loadMedia(source: ReadableSource, options: LoadMediaOptions = {}): Promise<LoadedMedia> {
  const { bytes, declaredType } = await readSource(source, {
    maxBytes: byteLimitFor(options.kind ?? 'image', options),
    ...(options.download === undefined ? {} : { download: options.download }),
    signal: options.signal,
  });
  const media = await checkMedia(bytes, source, options.maxPixels);
  return { media, ...(declaredType === undefined ? {} : { declaredType }) };
}
