/** What the fake server needs of a wire format: where its endpoints are, and how replies and errors look in its words. */

import type { JsonObject, JsonValue } from '../../request/index.js';
import type { ScriptedReply } from '../scripted-reply.js';
import type { ServerErrorKind } from '../server-step.js';

/** The wire formats there are fake servers for. */
export type WireName = 'openai' | 'openai-compatible' | 'anthropic' | 'google';

/** One server-sent event before it is written. */
export interface Frame {
  /** Name in the `event:` line, on wires that use it. */
  readonly event?: string;
  /** A string goes out as it is. */
  readonly data: JsonObject | string;
  /** It carries answer text. */
  readonly text?: true;
  /** It only closes the stream and says nothing of the answer (`[DONE]`). */
  readonly terminator?: true;
}

/** What a request asks for. */
export interface Route {
  readonly endpoint: 'generate' | 'count';
  readonly stream: boolean;
  readonly model: string;
}

/** What a reply is rendered for. */
export interface RenderContext {
  /** The model id asked for. */
  readonly model: string;
  /** Number of the request, from 1; ids are made of it. */
  readonly number: number;
  readonly requestBody: JsonValue | undefined;
}

/** An error as the vendor answers it. */
export interface WireError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

export interface Wire {
  /** What an SDK takes as base URL, below the server's origin. */
  readonly basePath: string;
  route(method: string, path: string, body: JsonValue | undefined): Route | undefined;
  /** The reply as an event stream, complete with its last event. */
  frames(reply: ScriptedReply, context: RenderContext): readonly Frame[];
  /** The reply as one JSON document. */
  document(reply: ScriptedReply, context: RenderContext): JsonObject;
  count(tokens: number): JsonObject;
  error(kind: ServerErrorKind, details: WireErrorDetails): WireError;
  /** How an error looks inside a stream that began with status 200. */
  errorFrames(kind: ServerErrorKind, style: string | undefined, context: RenderContext, sent: number): readonly Frame[];
  /** What is sent to keep a connection open and is no event of the answer; `undefined` where the vendor sends nothing of the kind. */
  readonly keepAlive: string | undefined;
  /** Between events; Google's server writes carriage returns. */
  readonly lineEnd: '\n' | '\r\n';
  /** Header that carries the request id. */
  readonly requestIdHeader: string | undefined;
}

export interface WireErrorDetails {
  readonly message: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly number: number;
}

/** A field of a JSON object that may not be one. */
export function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject)[name] : undefined;
}

/** The model named in a body. */
export function modelOf(body: JsonValue | undefined): string {
  const model = fieldOf(body, 'model');
  return typeof model === 'string' ? model : 'unknown';
}

/** Seconds since the epoch in every fake reply, so that two runs are equal. */
export const unixTime = 1_790_000_000;
