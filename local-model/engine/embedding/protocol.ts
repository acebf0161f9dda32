/** What is asked of a dual encoder and what it answers: the words that cross between the threads. */

import type { PlainError } from '../protocol.js';
import type { Dtype, LoadOptions } from '../request.js';

/** How a score comes from a cosine: all labels share 1 (CLIP), or each stands for itself (SigLIP). */
export type ScoreKind = 'softmax' | 'sigmoid';

/** What is known of a loaded dual encoder. */
export interface DualEncoderSummary {
  readonly family: string;
  /** Numbers of one embedding. */
  readonly dimension: number;
  /** Tokens of a text beyond which it is cut. */
  readonly maxTextTokens: number;
  readonly score: ScoreKind;
  /** Scores are made of `scale` × cosine + `bias`. */
  readonly scale: number;
  readonly bias: number;
  /**
   * Where scale and bias come from: the graph's own, the folder's config.json, or what models of the family usually have, in which case
   * the order of labels is right but the numbers are only near.
   */
  readonly scaleSource: 'graph' | 'config' | 'assumed';
  readonly dtypes: Readonly<Record<string, Dtype>>;
  readonly weightBytes: number;
  /** Tells models apart: an index made with one cannot be searched with another. */
  readonly fingerprint: string;
}

export type ToEncoder =
  | { readonly type: 'load'; readonly folder: string; readonly options: LoadOptions; readonly gate: SharedArrayBuffer }
  | {
      readonly type: 'embed';
      readonly id: number;
      readonly images: readonly Uint8Array[];
      readonly texts: readonly string[];
      /** One Int32 that becomes 1 when the caller is gone. */
      readonly abort: SharedArrayBuffer;
    }
  | { readonly type: 'close' };

export type FromEncoder =
  | { readonly type: 'loaded'; readonly summary: DualEncoderSummary }
  | { readonly type: 'load-failed'; readonly error: PlainError }
  | {
      readonly type: 'embedded';
      readonly id: number;
      readonly images: readonly Float32Array[];
      readonly texts: readonly Float32Array[];
    }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError };
