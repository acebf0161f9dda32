/** What a fake server does with one request: a reply, an error or raw bytes, and what goes wrong on the way. */

import type { ErrorKind } from '../errors/index.js';
import type { JsonObject } from '../request/index.js';
import type { RecordedRequest } from './recorded-request.js';
import type { ScriptedReply } from './scripted-reply.js';

/** The kinds of error that a server can answer with; each wire has its own words for them. */
export type ServerErrorKind = Extract<
  ErrorKind,
  | 'invalid-request'
  | 'image-too-large'
  | 'image-unreadable'
  | 'authentication'
  | 'permission'
  | 'model-not-found'
  | 'rate-limit'
  | 'quota'
  | 'overloaded'
  | 'timeout'
  | 'server'
  | 'content-filter'
  | 'context-length'
>;

/** Every {@link ServerErrorKind}. */
export const serverErrorKinds = [
  'invalid-request',
  'image-too-large',
  'image-unreadable',
  'authentication',
  'permission',
  'model-not-found',
  'rate-limit',
  'quota',
  'overloaded',
  'timeout',
  'server',
  'content-filter',
  'context-length',
] as const satisfies readonly ServerErrorKind[];

/**
 * A place in the event stream: so many events have gone out before it; negative counts from the end (-1: all but the last).
 * `first-text`: right after the event that carries the first text.
 */
export type EventPosition = number | 'first-text';

/** What goes wrong, or slowly. All times are in milliseconds. */
export interface ServerFaults {
  /** Wait before the headers. */
  readonly delayMs?: number;
  /** Wait after the headers, before the first event. */
  readonly firstEventDelayMs?: number;
  /** Wait before every further event. */
  readonly betweenEventsMs?: number;
  /** Destroy the connection without any answer. */
  readonly closeImmediately?: boolean;
  /** Destroy the connection there. A JSON answer is cut in its middle. */
  readonly cutAfterEvents?: EventPosition;
  /** End the answer properly there, without the events that should follow. */
  readonly endAfterEvents?: EventPosition;
  /** Send broken JSON in place of the event there, then go on. */
  readonly malformedChunkAt?: EventPosition;
  /** Send an error as the wire does inside a stream that began with status 200, then end. */
  readonly errorInStreamAfterEvents?: EventPosition;
  /** The error for `errorInStreamAfterEvents`; default `overloaded`. */
  readonly errorInStream?: ServerErrorKind;
  /** How the wire says it, where it has several ways (openai: `response.failed`, `error`, `nested`). */
  readonly errorInStreamStyle?: string;
  /** Wait between single bytes, or between chunks of `chunkBytes`. */
  readonly dripMs?: number;
  /** Bytes per write, repeated in turn; default 1 with `dripMs`, else whole events. */
  readonly chunkBytes?: number | readonly number[];
  /** Cut writes inside multi-byte characters. */
  readonly splitUtf8?: boolean;
  /** Send the last event (before `[DONE]`) twice. */
  readonly repeatLastEvent?: boolean;
  /** Never end the answer: `before-last` leaves the last event out, `after-last` sends it. */
  readonly neverEnd?: 'before-last' | 'after-last';
  /** While nothing else is sent, send a comment or ping so often: bytes that are no event. */
  readonly keepAliveMs?: number;
  /** Replaces the content type. */
  readonly contentType?: string;
}

/** An answer in the wire's own words. */
export interface ReplyStep extends ServerFaults {
  readonly reply: ScriptedReply;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error in the vendor's own JSON. */
export interface ErrorStep extends ServerFaults {
  readonly error: ServerErrorKind;
  /** Default: the status the vendor uses. */
  readonly status?: number;
  readonly message?: string;
  /** The wait the server asks for, said as the vendor says it (header, or Google's RetryInfo). */
  readonly retryAfterMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Any bytes with any status. */
export interface RawStep extends ServerFaults {
  /** Default 200. */
  readonly status?: number;
  readonly body: string | Uint8Array | JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Nothing but a fault: a connection that is closed. */
export interface ClosedStep extends ServerFaults {
  readonly closeImmediately: true;
}

export type ServerStep = ReplyStep | ErrorStep | RawStep | ClosedStep;

/** A step, or a function that makes one from the request. */
export type ServerAnswer = ServerStep | ((request: RecordedRequest) => ServerStep | Promise<ServerStep>);
