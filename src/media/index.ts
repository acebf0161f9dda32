/** The media room: a picture's way in, from any source to checked bytes, a URL or a file id for one target. */

export { findBlockingRule } from './blocked-address.js';
export type { ByteLimits } from './byte-limits.js';
export { checkMediaLimits, findMediaProblem, type LimitedTarget, type MediaLimits } from './check-limits.js';
export { guardedDownload, type Download, type DownloadOptions, type ResolvedAddress } from './guarded-download.js';
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
export { fitPicture, type FitPictureOptions, type FittedMedia } from './fit/fit-picture.js';
export { fitPictures, type FitPicturesOptions, type PictureToFit } from './fit/fit-pictures.js';
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
export { planFit, uprightSize, type FitPlan, type PlanFitOptions } from './fit/plan-fit.js';
export type { RawPicture } from './fit/raw-picture.js';
