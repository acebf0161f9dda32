/** Turns whatever a call to Anthropic throws into an `OcelliError` that says what to do next. */

import { OcelliError, type ErrorKind, type OcelliErrorOptions } from '../../src/errors/index.js';
import { networkFailureOf } from '../shared/network-failure.js';
import { parseRetryAfter, type HeaderReader } from '../shared/retry-after.js';
import { kindOfStatus } from '../shared/status.js';

const provider = 'anthropic';
const quotedLength = 400;

export interface ErrorContext {
  /** Milliseconds since the epoch, for a `Retry-After` date. */
  readonly now: number;
  /** Cut out of every message, whatever it looks like. */
  readonly apiKey?: string | undefined;
}

/** What the SDK's errors look like. Read by shape, since an injected client may come from another copy of the SDK. */
interface VendorError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly headers?: unknown;
  readonly error?: unknown;
  readonly type?: unknown;
  readonly apiMessage?: unknown;
  readonly errorCode?: unknown;
}

/** `error.type` of the API, in a failed answer or inside a stream; platform.claude.com/docs/en/api/errors. */
const kindsByType: Readonly<Record<string, ErrorKind>> = {
  authentication_error: 'authentication',
  permission_error: 'permission',
  billing_error: 'quota',
  not_found_error: 'model-not-found',
  request_too_large: 'image-too-large',
  rate_limit_error: 'rate-limit',
  timeout_error: 'timeout',
  overloaded_error: 'overloaded',
  api_error: 'server',
};

/** The API says "invalid_request_error" for many things; its words tell them apart. First match wins. */
const kindsByWords: readonly (readonly [RegExp, ErrorKind])[] = [
  [/image_dimensions_too_large|image.{0,80}(?:exceed|too large)|dimensions exceed/i, 'image-too-large'],
  [/spend_limit|spend limit|credit balance|billing|usage limits?\b/i, 'quota'],
  [/prompt is too long|context (?:window|length|limit)|too many tokens|exceed.{0,40}context/i, 'context-length'],
  [/content filtering policy|blocked by .*(?:filter|policy)/i, 'content-filter'],
  [
    /could not process image|unable to (?:download|fetch)|image.{0,60}(?:corrupt|invalid|unsupported|does not match)/i,
    'image-unreadable',
  ],
];

const advice: Partial<Record<ErrorKind, string>> = {
  authentication: 'Check ANTHROPIC_API_KEY or the apiKey given in code.',
  permission: 'The key may not use this model or feature; check its workspace.',
  'model-not-found': 'Check the model id, or whether the key may see it.',
  quota: 'Check the plan and its limits; waiting a moment will not help.',
  'image-too-large': 'Send a smaller picture, or fewer of them.',
  'context-length': 'Send less, or use a model with a larger context.',
};

/** The error for anything thrown on the way to an answer. An `OcelliError` passes unchanged. */
export function toOcelliError(thrown: unknown, context: ErrorContext): OcelliError {
  if (OcelliError.isInstance(thrown)) return thrown;
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as VendorError;
  if (error.name === 'APIUserAbortError' || error.name === 'AbortError') return abortedError();
  if (error.name === 'APIConnectionTimeoutError')
    return make('timeout', 'Anthropic did not begin to answer in time.', context);
  const type = typeof error.type === 'string' ? error.type : undefined;
  if (typeof error.status === 'number' || type !== undefined) return answered(error, type, context);
  const failure = networkFailureOf(thrown);
  if (failure !== undefined)
    return make(failure.kind, `The connection to Anthropic failed (${failure.code}).`, context);
  if (error.name === 'APIConnectionError') return make('network', 'The connection to Anthropic failed.', context);
  return make(
    'malformed-response',
    "Anthropic's answer could not be read: it was not the stream of events that the Messages API sends. Check the base URL.",
    context,
  );
}

export function abortedError(): OcelliError {
  return new OcelliError('aborted', 'The call to Anthropic was aborted.', { provider });
}

/** The stream ended before the answer did. */
export function cutError(): OcelliError {
  return new OcelliError('network', 'The connection to Anthropic ended before the answer was complete.', { provider });
}

function answered(error: VendorError, type: string | undefined, context: ErrorContext): OcelliError {
  const status = typeof error.status === 'number' ? error.status : undefined;
  const said = typeof error.apiMessage === 'string' ? error.apiMessage : undefined;
  const code = typeof error.errorCode === 'string' ? error.errorCode : '';
  const kind = kindOf(status, type, `${code} ${said ?? ''}`);
  const retryAfterMs = parseRetryAfter(headersOf(error), context.now);
  const what = [status, type].filter((part) => part !== undefined).join(' ');
  const words = said === undefined ? 'with something other than its usual JSON.' : sentence(said);
  const text = said === undefined ? `Anthropic answered ${what} ${words}` : `Anthropic answered ${what}: ${words}`;
  return make(kind, [text, advice[kind]].filter((part) => part !== undefined).join(' '), context, {
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function kindOf(status: number | undefined, type: string | undefined, words: string): ErrorKind {
  const byWords = kindsByWords.find(([pattern]) => pattern.test(words))?.[1];
  const vague = type === undefined || type === 'invalid_request_error';
  if (vague) return byWords ?? (status === undefined ? 'invalid-request' : kindOfStatus(status));
  // A limit on money is reported as a rate limit, and a missing file as "not found".
  if (type === 'rate_limit_error' && byWords === 'quota') return 'quota';
  if (type === 'not_found_error' && /\bfile\b/i.test(words) && !/\bmodel\b/i.test(words)) return 'invalid-request';
  return kindsByType[type] ?? (status === undefined ? 'server' : kindOfStatus(status));
}

function headersOf(error: VendorError): HeaderReader | undefined {
  const headers = error.headers as Partial<HeaderReader> | undefined | null;
  return typeof headers?.get === 'function' ? (headers as HeaderReader) : undefined;
}

function sentence(text: string): string {
  const short = text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text.trim();
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

function make(kind: ErrorKind, message: string, context: ErrorContext, options: OcelliErrorOptions = {}): OcelliError {
  const key = context.apiKey;
  const clean = key === undefined || key === '' ? message : message.replaceAll(key, '[key removed]');
  return new OcelliError(kind, clean, { provider, ...options });
}
