/** The entry `ocelli/media`: the media room for programs of their own, with fitting and downloading, which calls load on first use. */

export * from './index.js';
export { findBlockingRule } from './blocked-address.js';
export { guardedDownload, type Download, type DownloadOptions, type ResolvedAddress } from './guarded-download.js';
export { fitPicture, type FitPictureOptions, type FittedMedia } from './fit/fit-picture.js';
export { fitPictures, type FitPicturesOptions, type PictureToFit } from './fit/fit-pictures.js';
export { planFit, type FitPlan, type PlanFitOptions } from './fit/plan-fit.js';
