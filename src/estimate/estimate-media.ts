/** Estimates sound, video and documents: always ranges, since no vendor publishes the last detail of how it counts them. */

import { OcelliError } from '../errors/index.js';
import type { Detail } from '../request/index.js';
import { checkedOn, dayOf, type Confidence, type ModelRow } from '../models/index.js';
import { countImage } from './count-image.js';
import { estimateImage } from './estimate-image.js';
import type { Estimate, Rejection } from './estimate-record.js';
import { rowOf, type ModelChoice } from './find-row.js';
import { roundedRange, sumOf, times, type Range } from './range.js';

export interface AudioQuery extends ModelChoice {
  readonly seconds: number;
}

export interface VideoQuery extends ModelChoice {
  readonly seconds: number;
  /** Frames sampled from a second. Default 1. */
  readonly framesPerSecond?: number;
  /** Default: what the vendor does when nothing is said. */
  readonly detail?: Detail;
  /** The video has no sound. */
  readonly silent?: boolean;
  /** Pixels of a frame: for models without video, to which sampled frames are sent as pictures. */
  readonly width?: number;
  readonly height?: number;
}

export interface DocumentQuery extends ModelChoice {
  readonly pages: number;
  /** Default: what the vendor does when nothing is said. */
  readonly detail?: Detail;
}

/**
 * Tokens of a recording.
 *
 * @throws OcelliError `invalid-request` for a length that is none
 */
export function estimateAudio(query: AudioQuery): Estimate {
  const row = rowOf(query);
  checkAmount('seconds', query.seconds);
  if (row.audioRule === undefined) return refused(row, 'audio', 'The model takes no audio; choose one that does.');
  return record(row, 'audio-seconds', 'documented', times(row.audioRule, query.seconds));
}

/**
 * Tokens of a video. A model that takes none is refused; where it takes pictures and the size of a frame is given, the record says
 * what the sampled frames would cost as pictures.
 *
 * @throws OcelliError `invalid-request` for a length, rate or size that is none
 */
export function estimateVideo(query: VideoQuery): Estimate {
  const row = rowOf(query);
  const { seconds, silent = false, detail = 'auto', width, height } = query;
  checkAmount('seconds', seconds);
  const framesPerSecond = query.framesPerSecond ?? row.videoRule?.framesPerSecond ?? 1;
  checkAmount('framesPerSecond', framesPerSecond);
  const frames = Math.ceil(seconds * framesPerSecond);
  if (row.videoRule !== undefined) {
    const { perFrame, perFrameByDetail, audioPerSecond } = row.videoRule;
    const pictures = times(perFrameByDetail?.[detail] ?? perFrame, frames);
    const sound = silent ? [] : [times(audioPerSecond, seconds)];
    return record(row, 'video-frames', 'documented', sumOf([pictures, ...sound]));
  }
  const reason = 'The model takes no video; sample frames and send them as pictures.';
  if (width === undefined || height === undefined) return refused(row, 'sampled-frames', reason);
  const frame = estimateImage({ model: row, width, height, detail });
  return {
    ...record(row, 'sampled-frames', frame.confidence, times(frame, frames)),
    low: 0,
    rejected: { reason },
  };
}

/**
 * Tokens of a PDF by its pages, text and picture together where both are billed.
 *
 * @throws OcelliError `invalid-request` for a number of pages that is none
 */
export function estimateDocument(query: DocumentQuery): Estimate {
  const row = rowOf(query);
  const { pages, detail = 'auto' } = query;
  checkAmount('pages', pages);
  const rule = row.documentRule;
  if (rule === undefined)
    return refused(row, 'document-pages', 'The model takes no documents; send pages as pictures.');
  if (rule.rule === 'page-tokens')
    return record(row, rule.rule, rule.confidence, times(rule.perPageByDetail?.[detail] ?? rule.perPage, pages));
  const [smallest, likely, largest] = [rule.smallest, rule.likely, rule.largest].map((size) =>
    countImage(row.imageRule, size, detail),
  );
  const picture: Range = {
    tokens: likely?.tokens ?? 0,
    low: Math.min(smallest?.low ?? 0, likely?.low ?? 0),
    high: Math.max(largest?.high ?? 0, likely?.high ?? 0),
  };
  return record(row, rule.rule, rule.confidence, times(sumOf([picture, rule.text]), pages));
}

function record(row: ModelRow, rule: string, confidence: Confidence, range: Range): Estimate {
  return { ...roundedRange(range), rule, confidence, asOf: checkedOn(row) ?? dayOf() };
}

function refused(row: ModelRow, rule: string, reason: string): Estimate {
  const rejected: Rejection = { reason };
  return { ...record(row, rule, 'documented', { tokens: 0, low: 0, high: 0 }), rejected };
}

function checkAmount(name: string, amount: number): void {
  if (!Number.isFinite(amount) || amount < 0)
    throw new OcelliError('invalid-request', `\`${name}\` is ${String(amount)}; a number of at least 0 is needed.`);
}
