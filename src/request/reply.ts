/** What comes back from a call. */

import type { Attempt } from './attempt.js';
import type { FinishReason } from './finish-reason.js';
import type { Message } from './messages.js';
import type { CallEstimate, Money } from './money.js';
import type { AssistantPart, MediaKind, ToolCallPart } from './parts.js';
import type { Usage } from './usage.js';
import type { Warning } from './warning.js';

/** One form of a picture: as it came, or as it was sent. */
export interface MediaFacts {
  /** Pixels as stored, before EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly mediaType: string;
  readonly bytes: number;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string;
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number;
}

/** What is known of a picture or other medium of the request, without its bytes. */
export interface MediaReport {
  readonly kind: MediaKind;
  /** SHA-256 of the original bytes in hexadecimal; absent when only an id or a passed URL went out. */
  readonly sha256?: string;
  readonly mediaType?: string;
  readonly bytes?: number;
  /** Pixels as stored, before EXIF orientation. */
  readonly width?: number;
  readonly height?: number;
  /** EXIF orientation, 1 to 8. */
  readonly orientation?: number;
  /** A picture that was fitted, or looked at and found fitting, as it came. Its fields are those above. */
  readonly original?: MediaFacts;
  /** The same picture as it was sent. */
  readonly sent?: MediaFacts;
  /** Image tokens it is estimated to cost as it was sent; absent for a model without a catalogue row or a picture of unknown size. */
  readonly tokens?: number;
  /** Why the two differ, for example `detail` or `vendor-scaling`; empty when it was sent byte for byte. */
  readonly reasons?: readonly string[];
  /** Pixels of the original, upright, for one pixel of the sent picture. `toOriginal` uses it. */
  readonly scale?: { readonly x: number; readonly y: number };
}

export interface Reply<T = unknown> {
  /** All text of the answer. */
  readonly text: string;
  /** The answer as checked against `output`; `undefined` without it. */
  readonly object: T | undefined;
  /** All reasoning that the provider showed. */
  readonly reasoning: string;
  /** The answer part by part, in order. */
  readonly content: readonly AssistantPart[];
  readonly toolCalls: readonly ToolCallPart[];
  /** Append these to the conversation to go on. */
  readonly messages: readonly Message[];
  /** `provider:model-id` of the candidate that answered; the last one tried when none did. */
  readonly model: string;
  /** The id the server said it used. */
  readonly responseModel?: string;
  readonly responseId?: string;
  /** `undefined` when the answer did not end by itself. */
  readonly finishReason: FinishReason | undefined;
  readonly usage: Usage;
  /** What the usage came to at the price of the day; `undefined` when a price or the usage is not known, 0 for the local model. */
  readonly cost: Money | undefined;
  /** What was expected before the call; `undefined` for a model without a catalogue row. */
  readonly estimate: CallEstimate | undefined;
  readonly warnings: readonly Warning[];
  readonly attempts: readonly Attempt[];
  /** The request's pictures in order of appearance. */
  readonly images: readonly MediaReport[];
}
