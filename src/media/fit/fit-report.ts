/** What was done to a picture, and the way back from places in what was sent to places in the original. */

import { OcelliError } from '../../errors/index.js';
import type { MediaBytes, MediaFacts, MediaReport, PreparedMediaPart } from '../../request/index.js';
import type { FitReason } from './fit-target.js';

/** A place in a picture; x to the right, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle; `right` and `bottom` lie outside it. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** `pixels` of the sent picture, or 0 to 1000 along each side as Gemini answers. */
export type PlaceSpace = 'pixels' | 'thousand';

/** A picture as it came and as it went out. */
export interface FitReport {
  readonly original: MediaFacts;
  readonly sent: MediaFacts;
  /** Empty when it went out byte for byte. */
  readonly reasons: readonly FitReason[];
  /** Pixels of the original, upright, for one pixel of the sent picture. */
  readonly scale: Point;
}

/** The facts of a medium, without its bytes. */
export function factsOf({ width = 0, height = 0, orientation = 1, mediaType, bytes, sha256 }: MediaBytes): MediaFacts {
  return { width, height, mediaType, bytes: bytes.length, sha256, orientation };
}

export function makeReport(original: MediaFacts, sent: MediaFacts, reasons: readonly FitReason[]): FitReport {
  const from = upright(original);
  const to = upright(sent);
  return { original, sent, reasons, scale: { x: ratio(from.width, to.width), y: ratio(from.height, to.height) } };
}

function ratio(original: number, sent: number): number {
  return sent === 0 ? 1 : original / sent;
}

/** Width and height as they are looked at. */
export function upright({ width, height, orientation }: MediaFacts): { width: number; height: number } {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** As much of a report as the way back needs: a `FitReport`, or one of `reply.images`. */
export type PlacedReport = Partial<Pick<FitReport, 'original' | 'scale'>>;

/**
 * Where a point or box that a model named lies in the original picture, in pixels of the original turned upright. What lies outside
 * the picture is moved to its edge.
 *
 * @param space what the numbers mean; default `pixels` of the sent picture
 * @throws OcelliError `invalid-request` for a picture whose size is not known, because it went out as URL or file id
 *
 * @example
 * toOriginal(reply.images[0], { x: 512, y: 384 }); // { x: 2016, y: 1512 }
 * toOriginal(reply.images[0], { left: 100, top: 100, right: 200, bottom: 150 }, 'thousand');
 */
export function toOriginal(report: PlacedReport, place: Point, space?: PlaceSpace): Point;
export function toOriginal(report: PlacedReport, place: Box, space?: PlaceSpace): Box;
export function toOriginal(report: PlacedReport, place: Point | Box, space: PlaceSpace = 'pixels'): Point | Box {
  const { original, scale } = report;
  if (original === undefined || scale === undefined) {
    throw new OcelliError(
      'invalid-request',
      'The size of this picture is not known, because it was not fitted here: it was sent as URL or file id, or with `fit` off. Send its bytes to map places back.',
    );
  }
  const { width, height } = upright(original);
  const perX = space === 'thousand' ? width / 1_000 : scale.x;
  const perY = space === 'thousand' ? height / 1_000 : scale.y;
  const x = (value: number): number => Math.min(width, Math.max(0, value * perX));
  const y = (value: number): number => Math.min(height, Math.max(0, value * perY));
  if ('x' in place) return { x: x(place.x), y: y(place.y) };
  return { left: x(place.left), top: y(place.top), right: x(place.right), bottom: y(place.bottom) };
}

/** What a model may be told, so that it names places and sizes in pixels of the original; nothing where the size is the same. */
export function noteForModel({ original, sent }: FitReport): string | undefined {
  const from = upright(original);
  const to = upright(sent);
  if (from.width === to.width && from.height === to.height) return undefined;
  return `The picture above is ${to.width} × ${to.height} pixels, scaled from an original of ${from.width} × ${from.height} pixels.`;
}

/** What a reply says of a picture: as it came, and how it went out. */
export function toMediaReport({ type, media }: PreparedMediaPart, report?: FitReport): MediaReport {
  if (media.type !== 'bytes') {
    return { kind: type, ...(media.mediaType === undefined ? {} : { mediaType: media.mediaType }) };
  }
  const { sha256, mediaType, bytes, width, height, orientation } = media;
  return {
    kind: type,
    sha256,
    mediaType,
    bytes: bytes.length,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(orientation === undefined ? {} : { orientation }),
    ...report,
  };
}
