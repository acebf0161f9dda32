/** One row of the catalogue: what is known of one exact model, with where it was read and when. */

import type { Detail, PartKind } from '../request/index.js';
import type { DocumentRule, ImageRule, OwnCounter, TextRule, TokenRange, VideoRule } from './token-rules.js';
import type { PriceInterval } from './price-interval.js';

/** What a model takes. The router skips a candidate that cannot take the request; adapters leave out what is not taken. */
export interface Capabilities {
  /** Kinds of part a user message may hold. */
  readonly input: readonly PartKind[];
  /** Media types the target reads, for example `image/png`; a picture of another type is refused before sending. */
  readonly mediaTypes: readonly string[];
  readonly tools: boolean;
  /** JSON Schema output enforced by the provider or the engine. */
  readonly structuredOutput: boolean;
  /** Whether `reasoning` can be set, and whether `none` is among the levels. */
  readonly reasoning: 'none' | 'levels' | 'levels-without-none';
  readonly temperature: boolean;
  readonly topP: boolean;
  readonly topK: boolean;
  readonly seed: boolean;
  /** Stop texts on the wire; where false the router emulates them. */
  readonly stop: boolean;
  /** The provider fetches http(s) URLs of these kinds itself. */
  readonly urls: readonly PartKind[];
}

/** What breaks a request when exceeded. `undefined` means that no limit is known. */
export interface Limits {
  /** Tokens of input and output together, or of input where the vendor counts apart. */
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly images?: {
    readonly perRequest?: number;
    /** Longest allowed side in pixels. */
    readonly maxSide?: number;
    /** Stricter longest side when a request holds more than `manyImages` pictures. */
    readonly manyImages?: number;
    readonly manyImagesMaxSide?: number;
    /** Characters of base64 text of one picture. */
    readonly maxBase64Bytes?: number;
  };
  /** Bytes of the whole request body. */
  readonly requestBytes?: number;
}

/** What the router and the adapters need to know of a model; a catalogue row is one of these and more. */
export interface ModelDescription {
  readonly capabilities: Capabilities;
  readonly limits: Limits;
  /** Detail of pictures for which none is named. Default `high`; a local model's is `auto` where `high` costs a run of its tower for each tile. */
  readonly defaultDetail?: Detail;
}

/** Where a fact was read, and when. */
export interface Source {
  readonly url: string;
  /** ISO date. */
  readonly checkedOn: string;
}

/** One exact model id with everything that is known of it. Ids are never matched by prefix: a family's members differ. */
export interface ModelRow extends ModelDescription {
  /** `provider:model-id` */
  readonly id: string;
  /** Other full ids of the very same model. */
  readonly aliases: readonly string[];
  readonly imageRule: ImageRule;
  readonly textRule: TextRule;
  /** Where the model's files are at hand; counts in place of `textRule`. */
  readonly counter?: OwnCounter;
  /** Tokens a second of sound; absent where the model takes no audio. */
  readonly audioRule?: TokenRange;
  readonly videoRule?: VideoRule;
  readonly documentRule?: DocumentRule;
  /** USD for a million tokens, oldest first. Empty when no price is known: unknown is never 0. */
  readonly prices: readonly PriceInterval[];
  /** What batch processing costs in relation to the price, for example 0.5; absent where there is none. */
  readonly batchFactor?: number;
  /** The last day (ISO date) on which the model answers or answered, where one was announced. */
  readonly retiresOn?: string;
  /** The model is known to be gone, also where the day is not known. */
  readonly retired?: true;
  /** Generators of the benchmark that the model's training saw; a verdict on suites drawn with them would flatter it. */
  readonly trainedOn?: readonly string[];
  readonly sources: readonly Source[];
}
