/** Carries out what `planFit` decided: the one place that decodes and writes pictures. */

import { OcelliError } from '../../errors/index.js';
import type { MediaBytes } from '../../request/index.js';
import { untilAborted } from '../abort.js';
import { checkMedia, type CheckedMedia } from '../media-bytes.js';
import { decodeBmp } from './bmp-pixels.js';
import { encodePicture } from './encode-picture.js';
import type { CachedFit, FitCache } from './fit-cache.js';
import {
  factsOf,
  makeReport,
  noteForModel,
  toOriginal,
  type Box,
  type FitReport,
  type PlaceSpace,
  type Point,
} from './fit-report.js';
import type { FitReason, FitTarget } from './fit-target.js';
import { decodeHeic, type DecodeHeic } from './heic-pixels.js';
import { loadSharp, reasonOf, sharpMissing, type SharpFactory } from './load-sharp.js';
import { lookAtPixels, rawSource, type PixelFacts, type PixelSource } from './look-at-pixels.js';
import { describePicture, readTraits, type FitPicture } from './picture-traits.js';
import { planFit, type FitPlan, type PlanFitOptions } from './plan-fit.js';
import { stripMetadata } from './strip-metadata.js';
import type { PictureTraits } from './traits.js';

export interface FitPictureOptions extends PlanFitOptions {
  /** Where fitted pictures are kept for the next target. Default: nowhere. */
  readonly cache?: FitCache | undefined;
  /** Most pixels that are decoded. Default 300,000,000: a photo of 108 megapixels is fitted, a bomb is not. */
  readonly maxPixels?: number;
  /** Decodes HEIC. Default: the package heic-decode, when it is installed. */
  readonly decodeHeic?: DecodeHeic;
  /** Loads sharp. Default: the package sharp, when it is installed. */
  readonly loadSharp?: () => Promise<SharpFactory>;
  readonly signal?: AbortSignal | undefined;
}

/** A picture for the wire, and how it differs from what was given. */
export interface FittedMedia {
  /** The very object that was given when nothing had to be done. */
  readonly media: MediaBytes;
  readonly report: FitReport;
  /** Absent where original and sent picture have the same size. */
  readonly noteForModel?: string;
  /** See the function of the same name. */
  toOriginal(place: Point, space?: PlaceSpace): Point;
  toOriginal(place: Box, space?: PlaceSpace): Box;
}

const defaultMaxPixels = 300_000_000;

/**
 * Makes a picture fit for one target: upright, without metadata, in a type, size and number of bytes that it takes. What needs none of
 * this goes out byte for byte.
 *
 * @param media a checked picture, as `loadMedia` gives it
 * @throws OcelliError `unsupported-input` (sharp or heic-decode is needed and missing, or nothing that the target reads can be written),
 *   `image-unreadable` (it cannot be decoded), `image-too-large` (over `maxPixels`, or not to be had within the limit of bytes), `aborted`
 *
 * @example
 * const { media } = await loadMedia('coins.jpg');
 * const fitted = await fitPicture(media, target);
 * fitted.report.reasons; // ['vendor-scaling', 'orientation', 'metadata']
 * fitted.toOriginal({ x: 10, y: 20 });
 */
export async function fitPicture(
  media: MediaBytes,
  target: FitTarget,
  options: FitPictureOptions = {},
): Promise<FittedMedia> {
  if (options.mode === 'off') return toFitted(media, media, []);
  const traits = readTraits(media.bytes, media.mediaType);
  const picture = describePicture(media, traits);
  if (picture === undefined) return toFitted(media, media, []);
  const plan = planFit(picture, target, options);
  const done = fitAs(plan, { media, traits, picture, target, options });
  const { result, reasons, steps } = await untilAborted(done, options.signal);
  // A limit that played a part only after writing is a reason too.
  const all = steps > 0 && !reasons.includes('bytes-limit') ? [...reasons, 'bytes-limit' as const] : reasons;
  return toFitted(media, result, all);
}

interface FitJob {
  readonly media: MediaBytes;
  readonly traits: PictureTraits;
  readonly picture: FitPicture;
  readonly target: FitTarget;
  readonly options: FitPictureOptions;
}

interface FitOutcome {
  readonly result: MediaBytes;
  readonly reasons: readonly FitReason[];
  readonly steps: number;
}

async function fitAs(plan: FitPlan, job: FitJob): Promise<FitOutcome> {
  const { media, traits, options } = job;
  if (plan.action === 'pass') return { result: media, reasons: plan.reasons, steps: 0 };
  const remember = (work: () => Promise<CachedFit>): Promise<CachedFit> =>
    options.cache === undefined ? work() : options.cache.fit(media.sha256, plan, work);
  if (plan.action === 'strip') {
    const { media: result } = await remember(async () => ({
      media: await checkMedia(stripMetadata(media.bytes, media.mediaType, traits), 'the picture without metadata'),
      steps: 0,
    }));
    return { result, reasons: plan.reasons, steps: 0 };
  }
  let sharp: SharpFactory;
  try {
    sharp = await (options.loadSharp ?? loadSharp)();
  } catch (error) {
    return fitWithoutSharp(error, plan, job);
  }
  const { media: result, steps } = await remember(() => convert(sharp, plan, job));
  return { result, reasons: plan.reasons, steps };
}

/** What the vendor would scale anyway may go out as it is; everything else needs sharp. */
async function fitWithoutSharp(error: unknown, plan: FitPlan, job: FitJob): Promise<FitOutcome> {
  const bare = planFit(job.picture, job.target, { ...job.options, mode: 'limits' });
  if (bare.action === 'convert') {
    throw sharpMissing(error, bare.reasons.join(', '));
  }
  const outcome = await fitAs(bare, job);
  return { ...outcome, reasons: [...outcome.reasons, 'not-scaled-without-sharp'] };
}

async function convert(sharp: SharpFactory, plan: FitPlan, job: FitJob): Promise<CachedFit> {
  const { media, picture, options } = job;
  const { maxPixels = defaultMaxPixels } = options;
  if (picture.width * picture.height > maxPixels) {
    throw new OcelliError(
      'image-too-large',
      `A picture of ${picture.width} × ${picture.height} pixels would have to be decoded; at most ${maxPixels} pixels are. Send a smaller picture.`,
    );
  }
  try {
    const { source, alpha } = await openPicture(media, picture, maxPixels, options);
    const facts = await pixelFacts(sharp, source, plan, alpha);
    const { bytes, steps } = await encodePicture(sharp, source, plan, facts);
    return { media: await checkFitted(bytes), steps };
  } catch (error) {
    if (OcelliError.isInstance(error)) throw error;
    throw new OcelliError(
      'image-unreadable',
      `A picture that begins as ${media.mediaType} could not be decoded: ${reasonOf(error)}. Save it again and retry.`,
    );
  }
}

async function checkFitted(bytes: Uint8Array): Promise<CheckedMedia> {
  return checkMedia(bytes, 'the fitted picture');
}

interface OpenPicture {
  readonly source: PixelSource;
  readonly alpha: boolean | 'unknown';
}

/** Formats that sharp does not read are decoded first. */
async function openPicture(
  { bytes, mediaType }: MediaBytes,
  picture: FitPicture,
  maxPixels: number,
  options: FitPictureOptions,
): Promise<OpenPicture> {
  const isHeic = mediaType === 'image/heic' || mediaType === 'image/heif';
  if (isHeic || mediaType === 'image/bmp') {
    const raw = isHeic ? await (options.decodeHeic ?? decodeHeic)(bytes) : await decodeBmp(bytes);
    return { source: rawSource(raw), alpha: raw.channels === 4 };
  }
  return {
    // Warnings, such as superfluous bytes between markers, are common in photos and harmless.
    source: {
      input: bytes,
      options: { limitInputPixels: maxPixels, failOn: 'error' },
      shrinkOnLoad: mediaType === 'image/jpeg',
    },
    alpha: picture.alpha ?? false,
  };
}

async function pixelFacts(
  sharp: SharpFactory,
  source: PixelSource,
  plan: FitPlan,
  alpha: boolean | 'unknown',
): Promise<PixelFacts> {
  const hasAlpha =
    alpha === 'unknown' ? ((await sharp(source.input, source.options).metadata()).hasAlpha ?? false) : alpha;
  if (plan.content === 'photo' && !hasAlpha) return { transparent: false, fewColours: false };
  if (plan.content === 'drawing' && !hasAlpha) return { transparent: false, fewColours: true };
  const seen = await lookAtPixels(sharp, source, hasAlpha);
  return plan.content === 'unknown' ? seen : { ...seen, fewColours: plan.content === 'drawing' };
}

function toFitted(original: MediaBytes, media: MediaBytes, reasons: readonly FitReason[]): FittedMedia {
  const facts = factsOf(original);
  const report = makeReport(facts, original === media ? facts : factsOf(media), reasons);
  const note = noteForModel(report);
  // One function for both shapes of place, as `toOriginal` has them.
  const back = (place: Point | Box, space?: PlaceSpace): Point | Box =>
    'x' in place ? toOriginal(report, place, space) : toOriginal(report, place, space);
  return {
    media,
    report,
    toOriginal: back as FittedMedia['toOriginal'],
    ...(note === undefined ? {} : { noteForModel: note }),
  };
}
