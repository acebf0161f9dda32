/** What a picture is fitted to, as plain data: the media room knows no models. */

import type { MediaLimits } from '../check-limits.js';

/**
 * `vendor`: scaled to its detail and to what the vendor would scale it to anyway. `limits`: only what would be refused is scaled.
 * Both turn it upright, take its metadata off, make it sRGB and take the first frame. `off`: nothing is touched.
 */
export type FitMode = 'vendor' | 'limits' | 'off';

/** Pixels, upright. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** What one target does to pictures and what it refuses. */
export interface FitTarget {
  /** Media types the target reads; others are ignored that are no pictures. Not given: nothing is known, nothing converted. */
  readonly mediaTypes?: readonly string[];
  readonly limits: MediaLimits;
  /** Pictures in the whole request, those that go out as URL or file id included. */
  readonly pictureCount: number;
  /** The size that stands for the detail that was asked for, where the vendor has no word for it. Not given: nothing has to be done. */
  readonly detailScaling?: (width: number, height: number) => PixelSize;
  /** The size that the vendor scales a picture of this upright size to before the model sees it. Not given: it does not. */
  readonly vendorScaling?: (width: number, height: number) => PixelSize;
  /** The nearest size that is not refused, where a vendor refuses by more than the longest side. */
  readonly nearestTaken?: (width: number, height: number) => PixelSize;
  /** What becomes of transparency. Default `keep`, as far as a media type of the target can. */
  readonly alpha?: 'keep' | 'white';
  /**
   * The bytes do not leave this machine, and the target itself turns pictures upright and takes the first frame, as the local engine
   * does: orientation, metadata, frames and profile are left alone. Default false.
   */
  readonly staysHere?: boolean;
}

/** Why a picture does not go out as it came. */
export type FitReason =
  /** Turned upright by its EXIF orientation. */
  | 'orientation'
  /** EXIF, XMP, GPS or other data about the picture taken off. */
  | 'metadata'
  /** Converted to sRGB. */
  | 'colour-profile'
  /** Put on white. */
  | 'transparency'
  /** First frame of an animation. */
  | 'animation'
  /** Not a media type that the target reads. */
  | 'media-type'
  /** Scaled to the detail that was asked for. */
  | 'detail'
  /** Scaled to what the vendor would scale it to anyway. */
  | 'vendor-scaling'
  /** Over the longest side that the target takes. */
  | 'side-limit'
  /** Over the longest side that it takes when many pictures go out. */
  | 'many-pictures-limit'
  /** Of a size that it would refuse for another reason. */
  | 'size-refused'
  /** Too many bytes for one picture. */
  | 'bytes-limit'
  /** Too many bytes for the whole request. */
  | 'request-limit'
  /** Would have been scaled, but sharp is not installed and nothing had to be changed. */
  | 'not-scaled-without-sharp';
