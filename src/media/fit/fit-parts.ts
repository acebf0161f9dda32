/** Fits the pictures of a prepared conversation and says what was done to each. */

import type { Detail, PreparedMediaPart } from '../../request/index.js';
import type { FitCache } from './fit-cache.js';
import type { FitPictureOptions } from './fit-picture.js';
import { fitPictures, type PictureToFit } from './fit-pictures.js';
import { upright, type FitReport } from './fit-report.js';
import type { FitTarget } from './fit-target.js';

/** How the pictures of a conversation are fitted. */
export interface PrepareFit extends Omit<FitPictureOptions, 'cache' | 'signal'> {
  /** What a picture is fitted to that is looked at with this detail, in a request with so many pictures. */
  readonly target: (detail: Detail, pictureCount: number) => FitTarget;
  /** Shared by all candidates of a request, or by all requests. */
  readonly cache?: FitCache;
  /** Tell the model the original size in a text behind every picture that was scaled. Default false. */
  readonly note?: boolean;
}

/** A part and where it stood in the conversation. */
export interface PlacedPart {
  readonly subject: string;
  readonly part: PreparedMediaPart;
}

export interface FittedPart extends PlacedPart {
  /** The part as it was loaded, where `part` is another. */
  readonly original?: PreparedMediaPart;
  readonly report?: FitReport;
  readonly note?: string;
}

/**
 * @param bytesOfTexts worked out only where the target limits the whole request
 * @throws OcelliError as `fitPicture`
 */
export async function fitParts(
  parts: readonly PlacedPart[],
  fit: PrepareFit,
  bytesOfTexts: () => number,
  signal: AbortSignal | undefined,
): Promise<readonly FittedPart[]> {
  const { target, cache, note = false, ...options } = fit;
  const pictureCount = parts.filter(({ part }) => part.type === 'image').length;
  const pictures: (PictureToFit & { readonly subject: string })[] = [];
  let mediaBytes = 0;
  for (const { part, subject } of parts) {
    if (part.media.type !== 'bytes') continue;
    if (part.type === 'image') {
      pictures.push({ media: part.media, target: target(part.detail ?? 'high', pictureCount), subject });
    } else mediaBytes += 4 * Math.ceil(part.media.bytes.length / 3);
  }
  if (pictures.length === 0) return parts;
  const limit = pictures[0]?.target.limits.requestBytes;
  const otherBytes = limit === undefined ? 0 : mediaBytes + bytesOfTexts();
  const fitted = await fitPictures(pictures, { ...options, cache, otherBytes, signal });
  const bySubject = new Map(pictures.map(({ subject }, index) => [subject, fitted[index]]));
  return parts.map(({ part, subject }): FittedPart => {
    const found = bySubject.get(subject);
    if (found === undefined) return { part, subject };
    const { media, report, noteForModel } = found;
    return {
      subject,
      part: {
        ...part,
        media,
        ...(isScaledToDetail(report, target(part.detail ?? 'high', pictureCount)) ? { scaledToDetail: true } : {}),
      },
      original: part,
      report,
      ...(note && noteForModel !== undefined ? { note: noteForModel } : {}),
    };
  });
}

/** Also true of a picture that was small enough as it came. */
function isScaledToDetail({ sent }: FitReport, { detailScaling }: FitTarget): boolean {
  const { width, height } = upright(sent);
  if (detailScaling === undefined || width === 0 || height === 0) return false;
  const meant = detailScaling(width, height);
  return meant.width >= width && meant.height >= height;
}
