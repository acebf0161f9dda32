/** Fits all pictures of a request, so that together they keep to the limit of the whole request. */

import { OcelliError } from '../../errors/index.js';
import type { MediaBytes } from '../../request/index.js';
import { inOrder } from '../in-order.js';
import { createFitCache } from './fit-cache.js';
import { fitPicture, type FitPictureOptions, type FittedMedia } from './fit-picture.js';
import type { FitReason, FitTarget } from './fit-target.js';

/** A picture with what it is fitted to; targets of one request differ only by detail. */
export interface PictureToFit {
  readonly media: MediaBytes;
  readonly target: FitTarget;
  /** What it is called in errors, for example `messages[0].content[1]`. */
  readonly subject?: string;
}

export interface FitPicturesOptions extends FitPictureOptions {
  /** Bytes of the request that are no pictures. Default 0. */
  readonly otherBytes?: number;
}

/** sharp uses several threads a picture, and every picture being decoded takes memory. */
const concurrency = 3;
/** What the wire writes around everything, and around each picture. */
const framingBytes = 65_536;
const framingBytesPerPicture = 512;

/** @throws OcelliError as {@link fitPicture}; of several failures the first in order */
export async function fitPictures(
  pictures: readonly PictureToFit[],
  options: FitPicturesOptions = {},
): Promise<readonly FittedMedia[]> {
  // The same picture twice, and the second round below, are done once.
  const shared = { ...options, cache: options.cache ?? createFitCache() };
  const fitted = await inOrder(pictures, concurrency, (picture) => fitNamed(picture, shared));
  const most = pictures[0]?.target.limits.requestBytes;
  if (most === undefined || options.mode === 'off') return fitted;
  const budget = most - framingBytes - framingBytesPerPicture * pictures.length - (options.otherBytes ?? 0);
  const largest = largestShare(
    fitted.map(({ media }) => base64Length(media.bytes.length)),
    budget,
  );
  // Too little is left for any picture: what checks the limits says so better than a failure to compress could.
  if (largest === undefined || largest < 1_024) return fitted;
  const pairs = pictures.map((picture, index) => ({ picture, first: fitted[index] }));
  return inOrder(pairs, concurrency, async ({ picture, first }) => {
    if (first !== undefined && base64Length(first.media.bytes.length) <= largest) return first;
    return asShared(await fitNamed({ ...picture, target: withLimit(picture.target, largest) }, shared), first);
  });
}

/** Errors of one picture say which one. */
async function fitNamed({ media, target, subject }: PictureToFit, options: FitPictureOptions): Promise<FittedMedia> {
  try {
    return await fitPicture(media, target, options);
  } catch (error) {
    if (subject === undefined || !OcelliError.isInstance(error) || error.kind === 'aborted') throw error;
    throw new OcelliError(error.kind, `${error.message} (${subject})`);
  }
}

/**
 * The largest size that a picture may have so that all keep to the budget, or `undefined` when they do already. Small pictures stay as
 * they are, and the large ones share what is left equally.
 */
export function largestShare(sizes: readonly number[], budget: number): number | undefined {
  const ascending = [...sizes].sort((first, second) => first - second);
  let left = budget;
  for (const [index, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (size > share) return Math.max(0, share);
    left -= size;
  }
  return undefined;
}

function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

function withLimit(target: FitTarget, base64Bytes: number): FitTarget {
  const { limits } = target;
  const maxBase64Bytes = Math.min(base64Bytes, limits.images?.maxBase64Bytes ?? Infinity);
  return { ...target, limits: { ...limits, images: { ...limits.images, maxBase64Bytes } } };
}

/** The limit that was added is the request's, not the picture's. */
function asShared(fitted: FittedMedia, before: FittedMedia | undefined): FittedMedia {
  const known = before?.report.reasons ?? [];
  const reasons = fitted.report.reasons.map((reason): FitReason =>
    reason === 'bytes-limit' && !known.includes(reason) ? 'request-limit' : reason,
  );
  return { ...fitted, report: { ...fitted.report, reasons } };
}
