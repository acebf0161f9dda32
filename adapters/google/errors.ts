/** Turns whatever a call to Google throws into an `OcelliError` that says what to do next. */

import { OcelliError, type ErrorKind, type OcelliErrorOptions } from '../../src/errors/index.js';
import { networkFailureOf } from '../shared/network-failure.js';
import { kindOfStatus } from '../shared/status.js';
import type { WireStatus } from './wire.js';

const provider = 'google';
const quotedLength = 400;

/** What the SDK's errors look like. Their class names are all that tells them apart, and a bundler may change those: read by words. */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly errorDetails?: unknown;
}

/** The status words of google.rpc.Code, for errors that come without a number. */
const kindsByWord: Readonly<Record<string, ErrorKind>> = {
  INVALID_ARGUMENT: 'invalid-request',
  FAILED_PRECONDITION: 'invalid-request',
  OUT_OF_RANGE: 'invalid-request',
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'model-not-found',
  RESOURCE_EXHAUSTED: 'rate-limit',
  CANCELLED: 'server',
  INTERNAL: 'server',
  UNKNOWN: 'server',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
};

/** Google says 400 for many things; its words tell them apart. First match wins. */
const kindsByText: readonly (readonly [RegExp, ErrorKind])[] = [
  [/API_KEY_INVALID|API key (?:not valid|expired|not found)|key was reported as leaked/i, 'authentication'],
  [/location is not supported|SERVICE_DISABLED|has not been used in project/i, 'permission'],
  [/token count.{0,60}exceeds|exceeds the maximum number of tokens|context (?:window|length)/i, 'context-length'],
  [/payload size exceeds|(?:image|request|file).{0,60}too large/i, 'image-too-large'],
  [
    /unable to process (?:input|the) image|image is not valid|could(?: not|n't) (?:read|decode).{0,20}image/i,
    'image-unreadable',
  ],
  [/cannot fetch content|unable to fetch|url_retrieval/i, 'image-unreadable'],
  [/unsupported mime ?type|mime ?type.{0,60}not supported/i, 'unsupported-input'],
];

const advice: Partial<Record<ErrorKind, string>> = {
  authentication: 'Check GEMINI_API_KEY or GOOGLE_API_KEY, or the apiKey given in code.',
  permission: 'The key may not use this model or feature here.',
  'model-not-found': 'Check the model id, or whether the key may see it.',
  quota: 'Check the plan and its limits; waiting a moment will not help.',
  'image-too-large': 'Send a smaller picture, or fewer of them.',
  'context-length': 'Send less, or use a model with a larger context.',
};

/** A failure that Google reported in the middle of a stream. */
export class StatusInStream extends Error {
  readonly wireStatus: WireStatus;

  constructor(wireStatus: WireStatus) {
    super('Google reported a failure inside the stream.');
    this.wireStatus = wireStatus;
  }
}

/** The error for anything thrown on the way to an answer. An `OcelliError` passes unchanged. */
export function toOcelliError(thrown: unknown, apiKey?: string): OcelliError {
  if (OcelliError.isInstance(thrown)) return thrown;
  if (thrown instanceof StatusInStream) return statusError(thrown.wireStatus, apiKey);
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as SdkError;
  const text = typeof error.message === 'string' ? error.message : '';
  if (error.name === 'AbortError' || /Request aborted when/.test(text)) return abortedError();
  if (typeof error.status === 'number') return statusError(statusOf(error, text), apiKey);
  const failure = networkFailureOf(thrown);
  if (failure !== undefined) return make(failure.kind, `The connection to Google failed (${failure.code}).`, apiKey);
  if (/Failed to parse URL|Invalid URL/.test(text))
    return make('invalid-request', "The base URL for Google is no URL. Give one like 'https://host'.", apiKey);
  // The SDK drops the cause of what fetch threw; only its own words are left.
  if (/Error fetching from|Error reading from the stream/.test(text))
    return make('network', 'The connection to Google failed or was cut.', apiKey);
  return make(
    'malformed-response',
    "Google's answer could not be read: it was not the stream of JSON that generateContent sends. Check the base URL.",
    apiKey,
  );
}

function statusError(status: WireStatus, apiKey?: string): OcelliError {
  const kind = kindOf(status);
  const retryAfterMs = retryAfterOf(status.details);
  const what = [status.code, status.status].filter((part) => part !== undefined && part !== '').join(' ');
  const said = status.message?.trim() ?? '';
  const text =
    said === '' ? `Google answered ${what} and gave no reason.` : `Google answered ${what}: ${sentence(said)}`;
  return make(kind, [text, advice[kind]].filter((part) => part !== undefined).join(' '), apiKey, {
    ...(status.code === undefined ? {} : { status: status.code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

export function abortedError(): OcelliError {
  return new OcelliError('aborted', 'The call to Google was aborted.', { provider });
}

/** The stream ended before the answer did. */
export function cutError(): OcelliError {
  return new OcelliError('network', 'The connection to Google ended before the answer was complete.', { provider });
}

/** The SDK puts address, status, words and details into one text; the words are what stands between the status and the details. */
function statusOf(error: SdkError, text: string): WireStatus {
  const details = Array.isArray(error.errorDetails) ? (error.errorDetails as Record<string, unknown>[]) : [];
  const words = /\[\d{3}[^\]]*\] ?([\s\S]*)$/.exec(text)?.[1] ?? '';
  const message = details.length === 0 ? words : words.replace(/ \[\{[\s\S]*$/, '');
  return { code: error.status as number, message, details };
}

function kindOf(status: WireStatus): ErrorKind {
  const details = (status.details ?? []).filter((detail) => typeof detail === 'object' && detail !== null);
  const reasons = details.map((detail) => (typeof detail['reason'] === 'string' ? detail['reason'] : '')).join(' ');
  const byWord = kindsByWord[status.status ?? ''];
  const byStatus = status.code === undefined ? (byWord ?? 'server') : kindOfStatus(status.code);
  if (byStatus === 'rate-limit') return isUsedUp(details, status.message ?? '') ? 'quota' : 'rate-limit';
  if (byStatus === 'server' || byStatus === 'overloaded') return byStatus;
  const byText = kindsByText.find(([pattern]) => pattern.test(`${reasons} ${status.message ?? ''}`))?.[1];
  // A missing file is no missing model.
  if (
    byStatus === 'model-not-found' &&
    /\bfiles?\b/i.test(status.message ?? '') &&
    !/\bmodels?\b/i.test(status.message ?? '')
  )
    return 'invalid-request';
  return byText ?? byStatus;
}

/** A limit for a day, or of 0, will not pass by waiting a moment. */
function isUsedUp(details: readonly Record<string, unknown>[], message: string): boolean {
  if (
    /limit: 0\b|check your billing|prepayment|credits? (?:are|is) depleted|monthly spending cap/i.test(message) &&
    !mentionsMinutes(details)
  )
    return true;
  return quotaIds(details).some((id) => /PerDay/i.test(id));
}

function mentionsMinutes(details: readonly Record<string, unknown>[]): boolean {
  const ids = quotaIds(details);
  return ids.length > 0 && ids.every((id) => /PerMinute/i.test(id));
}

function quotaIds(details: readonly Record<string, unknown>[]): string[] {
  return details.flatMap((detail) => {
    const violations = detail['violations'];
    if (!Array.isArray(violations)) return [];
    return violations.flatMap((violation: { quotaId?: unknown } | null) =>
      typeof violation?.quotaId === 'string' ? [violation.quotaId] : [],
    );
  });
}

/** RetryInfo's protobuf duration, for example `12s` or `0.4s`: the only wait that the SDK lets through. */
function retryAfterOf(details: WireStatus['details']): number | undefined {
  for (const detail of details ?? []) {
    const delay = detail?.['retryDelay'];
    const seconds = typeof delay === 'string' ? /^(\d+(?:\.\d+)?)s$/.exec(delay)?.[1] : undefined;
    if (seconds !== undefined) return Math.round(Number(seconds) * 1_000);
  }
  return undefined;
}

function sentence(text: string): string {
  const short = text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

function make(kind: ErrorKind, message: string, apiKey?: string, options: OcelliErrorOptions = {}): OcelliError {
  const clean = apiKey === undefined || apiKey === '' ? message : message.replaceAll(apiKey, '[key removed]');
  return new OcelliError(kind, clean, { provider, ...options });
}
