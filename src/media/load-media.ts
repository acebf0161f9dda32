/** From a source to a checked medium in one call. */

import type { MediaKind } from '../request/index.js';
import { byteLimitFor, tooManyBytes, type ByteLimits } from './byte-limits.js';
import type { DownloadOptions } from './guarded-download.js';
import { CheckedMedia, checkMedia, checkPixels, defaultMaxPixels } from './media-bytes.js';
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
 * A stream is used up by this; everything else can be loaded again. What was loaded before is itself a source, and nothing is done twice.
 *
 * @throws OcelliError `invalid-request`, `image-unreadable`, `image-too-large`, `image-fetch-blocked`, `network`, `timeout`, `aborted`
 *
 * @example
 * const { media } = await loadMedia('coins.jpg');
 * media.mediaType; // 'image/jpeg'
 * media.width; // 4032
 */
export async function loadMedia(source: ReadableSource, options: LoadMediaOptions = {}): Promise<LoadedMedia> {
  const maxBytes = byteLimitFor(options.kind ?? 'image', options);
  if (source instanceof CheckedMedia) return { media: withinLimits(source, maxBytes, options.maxPixels) };
  const { bytes, declaredType } = await readSource(source, {
    maxBytes,
    ...(options.download === undefined ? {} : { download: options.download }),
    signal: options.signal,
  });
  const media = await checkMedia(bytes, source, options.maxPixels);
  return { media, ...(declaredType === undefined ? {} : { declaredType }) };
}

/** Another caller may have loaded it with wider limits. */
function withinLimits(media: CheckedMedia, maxBytes: number, maxPixels = defaultMaxPixels): CheckedMedia {
  const { bytes, width = 0, height = 0, orientation = 1 } = media;
  if (bytes.length > maxBytes) throw tooManyBytes(media, maxBytes, bytes.length);
  checkPixels({ width, height, orientation }, media, maxPixels);
  return media;
}
