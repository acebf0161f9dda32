/** The record that every estimate is: never a bare number, always with its range, its rule and how far to trust it. */

import type { Confidence, Money } from '../models/index.js';

/** Pixels, upright: after EXIF orientation. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Why the provider would answer with an error, which costs nothing and helps nobody. */
export interface Rejection {
  /** One sentence: what is exceeded and what would be taken. */
  readonly reason: string;
  /** The largest size of the same shape that would be taken, where size is the reason. */
  readonly nearest?: Size;
}

/**
 * Tokens of one thing.
 *
 * When it is `rejected`, `tokens` and `high` say what it would have cost if it were taken and `low` is 0.
 */
export interface Estimate {
  readonly tokens: number;
  readonly low: number;
  readonly high: number;
  /** The rule that was used, for example `openai-patches` or `o200k`. */
  readonly rule: string;
  readonly confidence: Confidence;
  /** ISO date on which the rule's sources were last looked at. */
  readonly asOf: string;
  /** The size that is counted, after our scaling to the detail and the vendor's own, when that is another than the picture's. */
  readonly resizedTo?: Size;
  readonly rejected?: Rejection;
}

/** An estimate of a picture: what was asked about, and what it costs. */
export interface ImageEstimate extends Estimate {
  /** `provider:model-id` of the row that was used. */
  readonly model: string;
  readonly width: number;
  readonly height: number;
  /** Tiles, patches or crop units that were counted, where the rule counts any. */
  readonly units?: number;
  /** The long edge in pixels of what the model gets to see: never more than the picture's own. */
  readonly seenLongEdge: number;
  /** The picture alone as input; `undefined` when the price is not known. */
  readonly money: Money | undefined;
}
