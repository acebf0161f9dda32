/** The media room: a picture's way in, from any source to checked bytes, a URL or a file id. What is loaded on first use is in `entry.ts`. */

export type { ByteLimits } from './byte-limits.js';
export { checkMediaLimits, findMediaProblem, type LimitedTarget, type MediaLimits } from './check-limits.js';
export { loadMedia, type LoadedMedia, type LoadMediaOptions } from './load-media.js';
export { CheckedMedia, checkMedia } from './media-bytes.js';
export { createMediaStore, type MediaStore, type MediaStoreOptions } from './media-store.js';
export type { PictureSize } from './picture-size.js';
export { prepareMessages, type PreparedMedia, type PrepareTarget } from './prepare-media.js';
export { probePictureFile, type PictureProbe, type ProbeOptions } from './probe-picture-file.js';
export type { ReadableSource } from './read-source.js';
export { sniffMediaType } from './sniff.js';
export { createFitCache, type CachedFit, type FitCache, type FitCacheOptions } from './fit/fit-cache.js';
export type { PrepareFit } from './fit/fit-parts.js';
export {
  toOriginal,
  type Box,
  type FitReport,
  type PlacedReport,
  type PlaceSpace,
  type Point,
} from './fit/fit-report.js';
export type { FitMode, FitReason, FitTarget, PixelSize } from './fit/fit-target.js';
export type { DecodeHeic } from './fit/heic-pixels.js';
export type { SharpFactory } from './fit/load-sharp.js';
export type { FitPicture } from './fit/picture-traits.js';
export type { RawPicture } from './fit/raw-picture.js';
export { uprightSize } from './fit/upright-size.js';
export type { DownloadOptions } from './guarded-download.js';
export type { FittedMedia } from './fit/fit-picture.js';
export type { FitPlan } from './fit/plan-fit.js';
