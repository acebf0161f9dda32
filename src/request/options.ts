/** The options of a request. Each is the same for every provider; what a target does not take is handled as `unsupported` says. */

import type { JsonObject } from './json.js';
import type { OutputSchema } from './output.js';
import type { Detail } from './parts.js';
import type { Tool, ToolChoice } from './tools.js';

export type ReasoningLevel = 'none' | 'low' | 'medium' | 'high';
export type CachePreference = 'none' | 'short' | 'long';

/** A limit on what calls may cost in all; the worst case of each is reserved before it is sent. */
export interface Budget {
  /** US dollars. */
  readonly usd?: number;
  /** Input and output tokens together. */
  readonly tokens?: number;
  /** Let models through whose price is not known. Default: they are refused under a budget in USD. */
  readonly allowUnpriced?: boolean;
}

export interface TimeoutOptions {
  /** Milliseconds until the first event of an attempt. Default 120,000. */
  readonly firstEventMs?: number;
  /** Longest gap in milliseconds between two events (events, not bytes) of an attempt. Default 60,000. */
  readonly idleMs?: number;
  /** Milliseconds for the whole call, retries and fallbacks included. Default: no limit. */
  readonly totalMs?: number;
}

export interface GenerateOptions<S extends OutputSchema = OutputSchema> {
  /** Instructions that stand before the conversation. */
  readonly system?: string;
  /** Most tokens to answer with. Unset: 4,096, or the model's limit if that is smaller. */
  readonly maxOutputTokens?: number;
  /** Randomness, 0 to 2. Not taken by Claude's current API and some reasoning models. */
  readonly temperature?: number;
  /** Nucleus sampling, above 0 to 1. */
  readonly topP?: number;
  /** Sample only from the k likeliest tokens, 1 or more. */
  readonly topK?: number;
  /** Makes sampling repeatable where the provider can. Integer. */
  readonly seed?: number;
  /** Texts that end the answer; never part of it. At most 4 are passed on by hosted models. Emulated where a wire has none. */
  readonly stop?: string | readonly string[];
  /**
   * How finely pictures are looked at, in the same words for every provider. Default `high` (a folder on this machine: `auto`); a part’s own wins. Where a vendor has no
   * such word, pictures are scaled to it, unless `fit` is `limits` or `off`. What it means for which model: docs/pictures.md.
   */
  readonly detail?: Detail;
  /**
   * What may be changed about pictures. `vendor` (default): scaled to their detail and to what the vendor would scale them to anyway, and what `limits` does;
   * `limits`: only what would be refused (size, format, orientation), and metadata goes; `off`: nothing, and what breaks a limit is refused.
   */
  readonly fit?: 'vendor' | 'limits' | 'off';
  /** Leave EXIF, XMP and GPS in pictures. Default false. */
  readonly keepMetadata?: boolean;
  /** Tell the model the original size of a picture that was scaled, so that coordinates can be right. Default false. */
  readonly noteOriginalSize?: boolean;
  /** Ask for JSON of this shape: any Standard Schema, or JSON Schema. `reply.object` holds the checked result. */
  readonly output?: S;
  /** Tools the model may ask for. Their calls come back in `reply.toolCalls`; nothing is run by ocelli. */
  readonly tools?: readonly Tool[];
  /** Default `auto`. */
  readonly toolChoice?: ToolChoice;
  /** How much to think before answering. Unset: the provider's default. */
  readonly reasoning?: ReasoningLevel;
  /** Prompt caching. Unset: the provider's default. `short` is about 5 minutes, `long` an hour or more. */
  readonly cache?: CachePreference;
  readonly timeout?: TimeoutOptions;
  /** Aborts the call: the caller is settled at once, the socket is closed, the usage so far is kept. */
  readonly signal?: AbortSignal;
  /** Passed to the provider where it has a place for it (OpenAI metadata, Anthropic user_id). Never sent elsewhere. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What this call may cost at most, retries and fallbacks together; beside the instance's own budget. */
  readonly budget?: Budget;
  /** What to do with an option that a target does not take: leave it out with a warning (default), refuse, or try the next candidate. */
  readonly unsupported?: 'warn' | 'error' | 'next';
  /** Raw extra parameters per provider, merged into the wire body last: `{ openai: { service_tier: 'flex' } }`. */
  readonly providerOptions?: Readonly<Record<string, JsonObject>>;
}
