/** What to assume of a medium whose size or length nobody knows: a wide range, so that a budget still holds. */

import type { Detail } from '../request/index.js';
import { checkedOn, dayOf, type ModelRow } from '../models/index.js';
import { countImage } from './count-image.js';
import type { FitMode } from './estimate-image.js';
import type { Estimate, Size } from './estimate-record.js';
import { scaleForDetail } from './portable-detail.js';
import type { Range } from './range.js';

/** From an icon to a phone's photo; the wide ones are there because some rules charge for shape. */
const smallestPicture: Size = { width: 64, height: 64 };
const likelyPicture: Size = { width: 1_280, height: 960 };
const largestPictures: readonly Size[] = [
  { width: 4_032, height: 3_024 },
  { width: 4_032, height: 1_512 },
  { width: 3_000, height: 3_000 },
];

/** A picture that a provider fetches itself, or that was uploaded before: that one cannot be scaled, so both cases are in the range. */
export function pictureOfUnknownSize(row: ModelRow, detail: Detail, fit: FitMode): Estimate {
  const rule = row.imageRule;
  const asItIs = (size: Size) => countImage(rule, size, detail);
  const count = (size: Size) => asItIs(fit === 'vendor' ? scaleForDetail(rule, size, detail) : size);
  const likely = count(likelyPicture);
  const all = [count(smallestPicture), likely, ...largestPictures.map(asItIs)];
  return {
    tokens: likely.tokens,
    low: Math.min(...all.map(({ low }) => low)),
    high: Math.max(...all.map(({ high }) => high)),
    rule: rule.rule,
    confidence: 'assumed',
    asOf: checkedOn(row) ?? dayOf(),
    ...(likely.rejected === undefined ? {} : { rejected: likely.rejected }),
  };
}

/** Bytes for a second or a page: dense, usual and sparse files. */
const bytesEach = {
  // From CD sound without compression to speech at 16 kbit/s.
  audio: { dense: 176_400, usual: 16_000, sparse: 2_000 },
  // From 4K at 50 Mbit/s to a call at 0.2 Mbit/s.
  video: { dense: 6_250_000, usual: 500_000, sparse: 25_000 },
  // From scans at 300 dpi to plain text.
  document: { dense: 1_000_000, usual: 60_000, sparse: 2_000 },
} as const;
const nothingKnown = {
  audio: { tokens: 60, low: 1, high: 3_600 },
  video: { tokens: 30, low: 1, high: 3_600 },
  document: { tokens: 5, low: 1, high: 100 },
};

/** Seconds or pages of a file by its bytes. */
export function amountOfUnknownLength(kind: keyof typeof bytesEach, bytes: number | undefined): Range {
  if (bytes === undefined) return nothingKnown[kind];
  const { dense, usual, sparse } = bytesEach[kind];
  const amount = (each: number): number => Math.max(1, Math.ceil(bytes / each));
  return { tokens: amount(usual), low: amount(dense), high: amount(sparse) };
}
