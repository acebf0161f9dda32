/** What a picture's bytes say of everything but its size: metadata, frames, transparency, colours. Nothing is decoded. */

import type { MediaBytes } from '../../request/index.js';
import { readGifTraits } from './gif-blocks.js';
import { readHeifTraits } from './heif-items.js';
import { isSrgbProfile } from './icc-profile.js';
import { readJpegTraits } from './jpeg-segments.js';
import { readPngTraits } from './png-chunks.js';
import { readTiffTraits } from './tiff-tags.js';
import type { PictureTraits, Removable } from './traits.js';
import { readWebpTraits } from './webp-chunks.js';

/** A picture as `planFit` sees it. What is left out is taken as harmless. */
export interface FitPicture {
  /** Pixels as stored, before `orientation` is applied. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation, 1 to 8. Default 1. */
  readonly orientation?: number;
  readonly mediaType: string;
  /** Bytes of the file. Default 0, which breaks no limit. */
  readonly bytes?: number;
  /** EXIF, XMP and the like. Default `none`. */
  readonly metadata?: Removable;
  /** More than one frame. Default `none`. */
  readonly animation?: Removable;
  /** Whether pixels may be transparent. Default false. */
  readonly alpha?: boolean | 'unknown';
  readonly content?: 'photo' | 'drawing';
  /** `other`: CMYK, or an RGB profile that is not sRGB. Default `srgb`. */
  readonly colours?: 'srgb' | 'other';
}

/** What the bytes say beside size and type. */
export function readTraits(bytes: Uint8Array, mediaType: string): PictureTraits {
  switch (mediaType) {
    case 'image/jpeg':
      return readJpegTraits(bytes);
    case 'image/png':
      return readPngTraits(bytes);
    case 'image/webp':
      return readWebpTraits(bytes);
    case 'image/gif':
      return readGifTraits(bytes);
    case 'image/avif':
    case 'image/heic':
    case 'image/heif':
      return readHeifTraits(bytes);
    case 'image/tiff':
      return readTiffTraits(bytes);
    case 'image/svg+xml':
      return { metadata: 'none', alpha: true, content: 'drawing' };
    default:
      return { metadata: 'none', alpha: 'unknown' };
  }
}

/** A medium's facts for `planFit`, or `undefined` when it is no picture of known size. */
export function describePicture(media: MediaBytes, traits: PictureTraits): FitPicture | undefined {
  const { width, height, orientation = 1, mediaType, bytes } = media;
  if (width === undefined || height === undefined) return undefined;
  const isForeign = traits.isCmyk === true || (traits.profile !== undefined && !isSrgbProfile(traits.profile));
  return {
    width,
    height,
    orientation,
    mediaType,
    bytes: bytes.length,
    metadata: traits.metadata,
    animation: traits.animation ?? 'none',
    alpha: traits.alpha,
    colours: isForeign ? 'other' : 'srgb',
    ...(traits.content === undefined ? {} : { content: traits.content }),
  };
}
