/** Decides what is done to a picture so that one target takes it: pure, nothing is decoded here. */

import { normalMediaType } from '../media-types.js';
import type { FitMode, FitReason, FitTarget, PixelSize } from './fit-target.js';
import type { FitPicture } from './picture-traits.js';
import { uprightSize } from './upright-size.js';

/** What can be written. */
export type OutputFormat = 'jpeg' | 'png' | 'webp';

/** What is to be done to one picture. Equal plans for equal bytes make equal pictures. */
export interface FitPlan {
  /** `pass`: byte for byte. `strip`: metadata cut out, pixels untouched. `convert`: decoded and written anew. */
  readonly action: 'pass' | 'strip' | 'convert';
  /** Upright size of what goes out, in pixels. */
  readonly width: number;
  readonly height: number;
  /** In order of discovery; empty for `pass`. */
  readonly reasons: readonly FitReason[];
  /** Turn by the EXIF orientation. */
  readonly turn: boolean;
  /** Put on white. */
  readonly white: boolean;
  /** What the target reads and can be written. */
  readonly formats: readonly OutputFormat[];
  /** What is known of the content without decoding. */
  readonly content: 'photo' | 'drawing' | 'unknown';
  /** Most bytes of the file, worked out from the limit on base64 text. */
  readonly maxFileBytes?: number;
  readonly keepMetadata: boolean;
}

export interface PlanFitOptions {
  /** Default `vendor`. */
  readonly mode?: FitMode;
  /** Leave EXIF, XMP and the like in. Default false. */
  readonly keepMetadata?: boolean;
}

/** What libjpeg can write; no target takes more. */
const longestSide = 65_500;

/**
 * @example
 * const plan = planFit({ width: 4032, height: 3024, mediaType: 'image/jpeg' }, fitTargetOf(row, 'high', 1));
 * plan.action; // 'convert'
 * plan.reasons; // ['vendor-scaling']
 */
export function planFit(picture: FitPicture, target: FitTarget, options: PlanFitOptions = {}): FitPlan {
  const { mode = 'vendor' } = options;
  const staysHere = target.staysHere === true;
  const keepMetadata = options.keepMetadata === true || staysHere;
  const upright = uprightSize(picture);
  const formats = outputFormats(target);
  const base = { formats, content: picture.content ?? 'unknown', keepMetadata } as const;
  if (mode === 'off') return { action: 'pass', ...upright, reasons: [], turn: false, white: false, ...base };

  const reasons: FitReason[] = [];
  const size = fittedSize(upright, target, mode, reasons);
  const isTurned = mustTurn(picture);
  const white = target.alpha === 'white' && picture.alpha !== undefined && picture.alpha !== false;
  const maxFileBytes = fileBytesFor(target.limits.images?.maxBase64Bytes);
  const { metadata = 'none', animation = 'none' } = picture;
  const dropsMetadata = metadata !== 'none' && !keepMetadata;
  // Cutting frames out would cut out the metadata beside them.
  const isAnimated = animation === 'embedded' || (animation === 'removable' && keepMetadata);
  if (isTurned && !staysHere) reasons.push('orientation');
  if (!isTaken(picture.mediaType, target)) reasons.push('media-type');
  if (isAnimated && !staysHere) reasons.push('animation');
  if (picture.colours === 'other' && !staysHere) reasons.push('colour-profile');
  if (white) reasons.push('transparency');
  if (maxFileBytes !== undefined && (picture.bytes ?? 0) > maxFileBytes) reasons.push('bytes-limit');
  if (dropsMetadata && metadata === 'embedded') reasons.push('metadata');
  const converts = reasons.length > 0;

  if (dropsMetadata && metadata === 'removable') reasons.push('metadata');
  if (animation === 'removable' && !isAnimated) reasons.push('animation');
  return {
    action: converts ? 'convert' : reasons.length > 0 ? 'strip' : 'pass',
    ...size,
    reasons,
    // What is written anew has to be turned whatever the reason, because its pixels are all that is left.
    turn: isTurned && converts,
    white,
    ...base,
    ...(maxFileBytes === undefined ? {} : { maxFileBytes }),
  };
}

/** AVIF and HEIC turn by their container, which every decoder obeys: they are upright for all that read them. */
function mustTurn({ mediaType, orientation = 1 }: FitPicture): boolean {
  return orientation !== 1 && !['image/avif', 'image/heic', 'image/heif'].includes(mediaType);
}

function isTaken(mediaType: string, { mediaTypes }: FitTarget): boolean {
  return mediaTypes === undefined || mediaTypes.some((type) => normalMediaType(type) === mediaType);
}

function outputFormats({ mediaTypes }: FitTarget): OutputFormat[] {
  const taken = mediaTypes?.map(normalMediaType) ?? ['image/jpeg', 'image/png'];
  return (['jpeg', 'png', 'webp'] as const).filter((format) => taken.includes(`image/${format}`));
}

/** Base64 makes four characters of three bytes. */
export function fileBytesFor(base64Bytes: number | undefined): number | undefined {
  return base64Bytes === undefined ? undefined : Math.floor(base64Bytes / 4) * 3;
}

/** Never larger than the picture. The detail and the vendor's own scaling come first: what it leaves over a limit is what the limit is about. */
function fittedSize(upright: PixelSize, target: FitTarget, mode: FitMode, reasons: FitReason[]): PixelSize {
  let size = upright;
  const shrinkTo = ({ width, height }: PixelSize, reason: FitReason): void => {
    const smaller = { width: Math.min(width, size.width), height: Math.min(height, size.height) };
    if (smaller.width === size.width && smaller.height === size.height) return;
    reasons.push(reason);
    size = smaller;
  };
  const { detailScaling, vendorScaling, nearestTaken, pictureCount } = target;
  if (mode === 'vendor' && detailScaling !== undefined) {
    shrinkTo(detailScaling(size.width, size.height), 'detail');
  }
  if (mode === 'vendor' && vendorScaling !== undefined) {
    shrinkTo(vendorScaling(size.width, size.height), 'vendor-scaling');
  }
  const { maxSide, manyImages, manyImagesMaxSide } = target.limits.images ?? {};
  if (maxSide !== undefined) shrinkTo(withinSide(size, maxSide), 'side-limit');
  if (manyImages !== undefined && manyImagesMaxSide !== undefined && pictureCount > manyImages) {
    shrinkTo(withinSide(size, manyImagesMaxSide), 'many-pictures-limit');
  }
  if (nearestTaken !== undefined) shrinkTo(nearestTaken(size.width, size.height), 'size-refused');
  if (reasons.length > 0) shrinkTo(withinSide(size, longestSide), 'side-limit');
  return size;
}

/** The same shape with no side over `most`. A strip keeps at least one pixel across. */
export function withinSide(size: PixelSize, most: number): PixelSize {
  const long = Math.max(size.width, size.height);
  if (long <= most) return size;
  const scaled = (side: number): number => Math.max(1, Math.floor((side * most) / long + 1e-9));
  return { width: scaled(size.width), height: scaled(size.height) };
}
