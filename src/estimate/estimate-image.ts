/** Estimates one picture: how many tokens, at which size, for how much, and whether it would be taken at all. */

import { OcelliError } from '../errors/index.js';
import type { Detail } from '../request/index.js';
import { checkedOn, dayOf, priceOf, type ModelRow } from '../models/index.js';
import { countImage } from './count-image.js';
import type { ImageEstimate, Rejection, Size } from './estimate-record.js';
import { rowOf, type ModelChoice } from './find-row.js';
import { fitLongSide, wholePixels, type ImageCount } from './image-count.js';
import { scaleForDetail } from './portable-detail.js';

/** The request's option of the same name. */
export type FitMode = 'vendor' | 'limits' | 'off';

export interface ImageQuery extends ModelChoice {
  /** Pixels, upright: after EXIF orientation. Whole and over 0. */
  readonly width: number;
  readonly height: number;
  /** Default `high`. What it means for which model is in docs/pictures.md. */
  readonly detail?: Detail;
  /**
   * How the picture would be fitted. Default `vendor`: it is scaled to its detail where the vendor does not do so itself. With `limits` and
   * `off` it goes out at its own size.
   */
  readonly fit?: FitMode;
  /** Bytes of the file, to check the limit on encoded size. */
  readonly bytes?: number;
  /** Pictures in the same request, history included: over 20, Claude takes only smaller ones. Default 1. */
  readonly imagesInRequest?: number;
  /** Day of the price. Default: today; give it to be repeatable. */
  readonly date?: string | Date;
  /** Half price on most vendors. */
  readonly batch?: boolean;
}

const details: readonly string[] = ['low', 'medium', 'high', 'original', 'auto'] satisfies Detail[];

/**
 * Tokens and money of one picture, before sending it. Pure and synchronous.
 *
 * @throws OcelliError `model-not-found` with the nearest ids; `invalid-request` for a size, detail or date that is none
 * @example
 * estimateImage({ model: 'openai:gpt-4o', width: 1024, height: 1024 }).tokens; // 765
 */
export function estimateImage(query: ImageQuery): ImageEstimate {
  const row = rowOf(query);
  const { width, height, detail = row.defaultDetail ?? 'high' } = query;
  checkSize(width, height);
  checkDetail(detail);
  const size = { width, height };
  const day = dayOf(query.date);
  const { count, rejected } = countAsSent(row, size, detail, query);
  const low = rejected === undefined ? count.low : 0;
  const isResized = count.resizedTo.width !== width || count.resizedTo.height !== height;
  return {
    model: row.id,
    width,
    height,
    tokens: count.tokens,
    low,
    high: count.high,
    rule: row.imageRule.rule,
    confidence: 'confidence' in row.imageRule ? row.imageRule.confidence : 'assumed',
    asOf: checkedOn(row) ?? day,
    seenLongEdge: count.seenLongEdge,
    money: priceOf({
      row,
      day,
      tokens: { input: count.tokens, output: 0 },
      low: { input: low, output: 0 },
      high: { input: count.high, output: 0 },
      batch: query.batch === true,
    }),
    ...(count.units === undefined ? {} : { units: count.units }),
    ...(isResized ? { resizedTo: count.resizedTo } : {}),
    ...(rejected === undefined ? {} : { rejected }),
  };
}

/** What the estimate of a picture depends on besides its size and detail. */
export type SentAs = Pick<ImageQuery, 'imagesInRequest' | 'bytes' | 'fit'>;

/** Counts the picture that would be sent, and says whether that one would be taken. */
export function countAsSent(
  row: ModelRow,
  size: Size,
  detail: Detail,
  { fit = 'vendor', imagesInRequest, bytes }: SentAs,
): { readonly count: ImageCount; readonly rejected: Rejection | undefined } {
  const sent = fit === 'vendor' ? scaleForDetail(row.imageRule, size, detail) : size;
  const count = countImage(row.imageRule, sent, detail);
  const rejected =
    count.rejected ??
    rejectionByLimits(row, sent, {
      ...(imagesInRequest === undefined ? {} : { imagesInRequest }),
      // What is scaled is written anew, so that the bytes of the file say nothing of it.
      ...(bytes === undefined || sent !== size ? {} : { bytes }),
    });
  return { count, rejected };
}

function checkSize(width: number, height: number): void {
  for (const [name, pixels] of [
    ['width', width],
    ['height', height],
  ] as const)
    if (!Number.isSafeInteger(pixels) || pixels < 1)
      throw new OcelliError(
        'invalid-request',
        `The picture's ${name} is ${String(pixels)}; a whole number of pixels of at least 1 is needed.`,
      );
}

function checkDetail(detail: string): void {
  if (!details.includes(detail))
    throw new OcelliError('invalid-request', `There is no detail "${detail}"; use ${details.join(', ')}.`);
}

/** The limits that hold whatever the rule: sides, encoded size, number of pictures. */
export function rejectionByLimits(
  row: ModelRow,
  size: Size,
  query: Pick<ImageQuery, 'imagesInRequest' | 'bytes'>,
): Rejection | undefined {
  const limits = row.limits.images;
  if (limits === undefined) return undefined;
  const { imagesInRequest = 1, bytes } = query;
  if (limits.perRequest !== undefined && imagesInRequest > limits.perRequest)
    return { reason: `A request takes at most ${limits.perRequest} pictures, not ${imagesInRequest}.` };
  const isMany = limits.manyImages !== undefined && imagesInRequest > limits.manyImages;
  const maxSide = isMany ? (limits.manyImagesMaxSide ?? limits.maxSide) : limits.maxSide;
  if (maxSide !== undefined && Math.max(size.width, size.height) > maxSide) {
    const nearest = fitLongSide(size, maxSide, wholePixels);
    const when = isMany ? ` when a request holds more than ${limits.manyImages ?? 0} pictures` : '';
    return {
      reason: `No side may be over ${maxSide} px${when}; send at most ${nearest.width}x${nearest.height}.`,
      nearest,
    };
  }
  const encoded = bytes === undefined ? 0 : 4 * Math.ceil(bytes / 3);
  if (limits.maxBase64Bytes !== undefined && encoded > limits.maxBase64Bytes)
    return {
      reason: `The picture is ${encoded} bytes as base64, over the limit of ${limits.maxBase64Bytes}; save it smaller or with a lower quality.`,
    };
  return undefined;
}
