/** The events of a stream. A stream has exactly one last event: `finish` or `error`, and both carry the reply so far. */

import type { OcelliError } from '../errors/index.js';
import type { Attempt } from './attempt.js';
import type { FinishReason } from './finish-reason.js';
import type { JsonObject } from './json.js';
import type { ProviderData } from './parts.js';
import type { Reply } from './reply.js';
import type { Usage } from './usage.js';
import type { Warning } from './warning.js';

/** The first event of an answer: a candidate has begun to answer. At most one in a stream. */
export interface StartEvent {
  readonly type: 'start';
  /** `provider:model-id` as asked for. */
  readonly model: string;
  readonly provider: string;
  /** The id the server said it used, which may be more exact. */
  readonly responseModel?: string;
  readonly responseId?: string;
}

export interface TextDeltaEvent {
  readonly type: 'text-delta';
  readonly text: string;
  /** Opaque data for the part under construction; merged into it. */
  readonly providerData?: ProviderData;
  /** Begin a new text part although the last one was text too. */
  readonly newPart?: boolean;
}

export interface ReasoningDeltaEvent {
  readonly type: 'reasoning-delta';
  readonly text: string;
  readonly providerData?: ProviderData;
  readonly newPart?: boolean;
}

export interface ToolCallStartEvent {
  readonly type: 'tool-call-start';
  readonly id: string;
  readonly name: string;
}

/** A piece of the arguments' JSON text. Calls may be interleaved; `id` tells them apart. */
export interface ToolCallDeltaEvent {
  readonly type: 'tool-call-delta';
  readonly id: string;
  readonly argumentsText: string;
}

export interface ToolCallEndEvent {
  readonly type: 'tool-call-end';
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
  readonly providerData?: ProviderData;
}

export interface WarningEvent {
  readonly type: 'warning';
  readonly warning: Warning;
}

/** An attempt is over that did not make the answer: skipped, failed, and what comes next. */
export interface AttemptEvent {
  readonly type: 'attempt';
  readonly attempt: Attempt;
}

export interface FinishEvent<T = unknown> {
  readonly type: 'finish';
  readonly reason: FinishReason;
  readonly usage: Usage;
  readonly reply: Reply<T>;
}

export interface ErrorEvent<T = unknown> {
  readonly type: 'error';
  readonly error: OcelliError;
  readonly usage: Usage;
  /** What had come before the failure; `text` may be empty. */
  readonly reply: Reply<T>;
}

/** Events that carry the answer itself. */
export type ContentEvent =
  TextDeltaEvent | ReasoningDeltaEvent | ToolCallStartEvent | ToolCallDeltaEvent | ToolCallEndEvent;

/** What a caller sees. */
export type StreamEvent<T = unknown> =
  StartEvent | ContentEvent | WarningEvent | AttemptEvent | FinishEvent<T> | ErrorEvent<T>;

/** The server has begun to answer; may come before any content. */
export interface ResponseStartEvent {
  readonly type: 'response-start';
  readonly responseId?: string;
  readonly responseModel?: string;
}

/** What is known of the usage by now; each replaces the last. */
export interface UsageEvent {
  readonly type: 'usage';
  readonly usage: Usage;
}

/** An adapter's own last event. Failures are thrown as `OcelliError` instead. */
export interface AdapterFinishEvent {
  readonly type: 'finish';
  readonly reason: FinishReason;
  readonly usage: Usage;
}

/** What an adapter yields: content, metadata and one `finish`. The router turns it into {@link StreamEvent}s. */
export type AdapterEvent = ResponseStartEvent | ContentEvent | WarningEvent | UsageEvent | AdapterFinishEvent;
