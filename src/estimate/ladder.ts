/** The resolution ladder: the sizes at which a picture's cost changes, so that no pixel is paid for that could be had for less. */

import type { Detail } from '../request/index.js';
import type { ModelRow } from '../models/index.js';
import { countAsSent, estimateImage, type ImageQuery, type SentAs } from './estimate-image.js';
import type { ImageEstimate, Size } from './estimate-record.js';
import { rowOf } from './find-row.js';
import type { ImageCount } from './image-count.js';

/** Every size is tried up to this long side; larger pictures are tried as they are and from here down. */
const largestTriedSide = 20_000;

/**
 * The largest size for each cost, smallest first: any size between two rungs costs at least as much as the upper one. Sizes keep the
 * picture's shape and are never larger than it; sizes that would be rejected are left out, so that it may be empty.
 *
 * @throws OcelliError as {@link estimateImage}
 * @example
 * ladder({ model: 'openai:gpt-5.4', width: 1025, height: 1025 }).at(-2); // 1024 x 1024: a patch row and column less
 */
export function ladder(query: ImageQuery): ImageEstimate[] {
  const row = rowOf(query);
  // Checks the query; the rungs themselves are found by the bare rule, which is a hundred times faster than whole records.
  estimateImage({ ...query, model: row });
  return rungsOf(row, query, query.detail ?? row.defaultDetail ?? 'high', query).map(({ size }) =>
    estimateImage({ ...query, ...size, model: row }),
  );
}

export interface Rung {
  readonly size: Size;
  readonly count: ImageCount;
}

/** The rungs of a picture whose size was checked already, smallest first. */
export function rungsOf(row: ModelRow, picture: Size, detail: Detail, request: SentAs): Rung[] {
  const rungs: Rung[] = [];
  // A smaller size is another file, so that the bytes of this one say nothing of it.
  const { bytes: _bytes, ...others } = request;
  const long = Math.max(picture.width, picture.height);
  const isTall = picture.height > picture.width;
  const perLong = Math.min(picture.width, picture.height) / long;
  const tryRung = (size: Size, sentAs: SentAs): void => {
    const { count, rejected } = countAsSent(row, size, detail, sentAs);
    const above = rungs.at(-1);
    if (above !== undefined && count.tokens >= above.count.tokens) return;
    if (rejected === undefined) rungs.push({ size, count });
  };
  tryRung({ width: picture.width, height: picture.height }, request);
  for (let side = Math.min(long - 1, largestTriedSide); side >= 1; side -= 1) {
    const short = Math.max(1, Math.round(side * perLong));
    tryRung(isTall ? { width: short, height: side } : { width: side, height: short }, others);
  }
  return rungs.toReversed();
}
