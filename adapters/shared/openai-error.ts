/** Turns anything that a call through the `openai` package throws into an OcelliError. */

import { OcelliError, redact, type ErrorKind } from '../../src/errors/index.js';
import { networkFailureOf } from './network-failure.js';
import { isHopelessRateLimit, kindOfFailure, readFailure, type VendorFailure } from './openai-failure.js';
import { parseRetryAfter, type HeaderReader } from './retry-after.js';

/** What an adapter knows about itself when something fails. */
export interface ErrorContext {
  readonly provider: string;
  /** How the server is called in messages, for example `OpenAI`. */
  readonly serverName: string;
  /** Milliseconds since the epoch, for `Retry-After` dates. */
  readonly now: () => number;
  /** Keys and header values in use; taken out of every message, whatever they look like. */
  readonly secrets: readonly string[];
  /** What the caller can do, by kind. */
  readonly advice: Readonly<Partial<Record<ErrorKind, string>>>;
}

const quotedLength = 300;

/** The package's own errors, by shape: an injected client may come from another copy or version of it. */
interface SdkError {
  readonly message: string;
  readonly status: number | undefined;
  readonly headers: HeaderReader | undefined;
  readonly error: unknown;
}

/** Never throws; an `OcelliError` comes back as it is, with the provider filled in. */
export function openaiError(error: unknown, context: ErrorContext): OcelliError {
  if (OcelliError.isInstance(error)) return fromOcelliError(error, context);
  if (isSdkError(error)) return fromSdkError(error, context);
  const network = networkFailureOf(error);
  if (network !== undefined) return connectionError(network.kind, network.code, context);
  if (error instanceof SyntaxError)
    return build('malformed-response', 'sent a part of its answer that is not JSON', context);
  const message = error instanceof Error ? error.message : typeof error;
  // The package's own words for a client without a key, and Node's for a key that cannot stand in a header.
  if (/missing credentials|authentication method|bytestring/i.test(message))
    return build('authentication', 'could not be called with this key', context);
  return build('malformed-response', `gave an answer that could not be read: ${quote(message, context)}`, context);
}

/** The error for a failure that came as an event inside a stream, or was read from one. */
export function failureError(failure: VendorFailure, context: ErrorContext, headers?: HeaderReader): OcelliError {
  const kind = kindOfFailure(failure);
  const retryAfterMs = parseRetryAfter(headers, context.now());
  const label = [failure.status, failure.code ?? failure.type].filter((word) => word !== undefined && word !== '');
  const answered = label.length === 0 ? 'answered with an error' : `answered ${label.join(' ')}`;
  return build(kind, `${answered}: ${quote(failure.message, context)}`, context, {
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(kind === 'rate-limit' && isHopelessRateLimit(failure) ? { retryable: false } : {}),
  });
}

/** The error for a call that the caller stopped. */
export function abortedError(context: ErrorContext): OcelliError {
  return new OcelliError('aborted', `The call to ${context.serverName} was aborted.`, { provider: context.provider });
}

/** The error for a stream that ended before its last event. */
export function cutError(context: Pick<ErrorContext, 'provider' | 'serverName'>): OcelliError {
  return new OcelliError('network', `${context.serverName} ended the stream before the answer was complete.`, {
    provider: context.provider,
  });
}

function fromOcelliError(error: OcelliError, context: ErrorContext): OcelliError {
  const message = clean(error.message, context);
  if (message === error.message)
    return error.provider === undefined ? error.with({ provider: context.provider }) : error;
  return new OcelliError(error.kind, message, {
    provider: context.provider,
    retryable: error.retryable,
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

function fromSdkError(error: SdkError, context: ErrorContext): OcelliError {
  const known = { ...(error.status === undefined ? {} : { status: error.status }), message: error.message };
  if (error.status !== undefined || (error.error !== undefined && error.error !== null))
    return failureError(readFailure(error.error, known), context, error.headers);
  if (/aborted/i.test(error.message)) return abortedError(context);
  const network = networkFailureOf(error);
  if (network !== undefined) return connectionError(network.kind, network.code, context);
  if (/timed out/i.test(error.message)) return connectionError('timeout', 'timed out', context);
  return connectionError('network', 'no connection', context);
}

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error && 'status' in error && 'headers' in error && 'error' in error;
}

function connectionError(kind: ErrorKind, code: string, context: ErrorContext): OcelliError {
  if (kind === 'aborted') return abortedError(context);
  if (kind === 'invalid-request') return build(kind, `has an address that is not a URL (${code})`, context);
  if (kind === 'timeout') return build(kind, `did not answer in time (${code})`, context);
  return build(kind, `could not be reached, or broke the connection (${code})`, context);
}

function build(
  kind: ErrorKind,
  what: string,
  context: ErrorContext,
  options: { status?: number; retryAfterMs?: number; retryable?: boolean } = {},
): OcelliError {
  const advice = context.advice[kind];
  const text = `${context.serverName} ${what}`;
  const sentence = /[.!?…]$/.test(text) ? text : `${text}.`;
  return new OcelliError(kind, advice === undefined ? sentence : `${sentence} ${advice}`, {
    provider: context.provider,
    ...options,
  });
}

function quote(text: string, context: ErrorContext): string {
  return redact(clean(text, context).replaceAll(/\s+/g, ' ').trim(), quotedLength);
}

/** Servers quote the key they refuse, whole or with stars in it. */
function clean(text: string, context: ErrorContext): string {
  let result = text;
  for (const secret of context.secrets) if (secret.length >= 4) result = result.replaceAll(secret, '[key removed]');
  return result.replaceAll(/[\w-]*\*{3,}[\w-]*/g, '[key removed]');
}
