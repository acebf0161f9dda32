/** The one error class of the package. */

import { isRetryableKind, type ErrorKind } from './error-kind.js';
import { redact } from './redact.js';

/** The part of an attempt that an error may carry; the full record is `Attempt` in the request room. */
export interface AttemptSummary {
  /** `provider:model-id` */
  readonly model: string;
  /** What became of it. */
  readonly outcome: 'answered' | 'failed' | 'skipped' | 'aborted';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly errorKind?: ErrorKind;
  /** Why it failed, was skipped or was left, in one sentence. */
  readonly reason?: string;
}

export interface OcelliErrorOptions {
  readonly provider?: string;
  /** `provider:model-id` */
  readonly model?: string;
  /** HTTP status, when there was a response. */
  readonly status?: number;
  /** Default: by kind, see `isRetryableKind`. */
  readonly retryable?: boolean;
  /** Milliseconds that the provider asked to wait. */
  readonly retryAfterMs?: number;
  readonly attempts?: readonly AttemptSummary[];
  /** The reply as far as it had come. Not enumerable, so that logging the error does not print it. */
  readonly partialReply?: unknown;
}

const marker = Symbol.for('ocelli.error');
/** `util.inspect.custom`, named without importing `node:util`, so that `ocelli/estimate` runs in a browser. */
const inspectCustom = Symbol.for('nodejs.util.inspect.custom');
const maxMessageLength = 2_000;
const maxReasonLength = 300;
/** 12 attempts of at most about 700 bytes each keep the serialised error far below 16 kB. */
const maxAttemptsShown = 12;

/**
 * Every failure of this package. Tell failures apart by `kind`, never by message.
 *
 * It is at most 16 kB as JSON and in `util.inspect`; it never holds a key, a picture's bytes or the vendor's own error.
 *
 * @example
 * try {
 *   await ocelli.generate({ model: 'openai:gpt-4o', prompt: 'What is this?', images: ['photo.jpg'] });
 * } catch (error) {
 *   if (OcelliError.isInstance(error) && error.kind === 'rate-limit') console.log(error.retryAfterMs);
 * }
 */
export class OcelliError extends Error {
  static {
    // A bundler may rename the class; stacks and inspected errors should say what it is all the same.
    Object.defineProperty(this, 'name', { value: 'OcelliError' });
  }

  readonly kind: ErrorKind;
  readonly provider?: string;
  readonly model?: string;
  readonly status?: number;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly attempts: readonly AttemptSummary[];
  /** The reply as far as it had come, if anything had. Not enumerable. */
  declare readonly partialReply?: unknown;

  constructor(kind: ErrorKind, message: string, options: OcelliErrorOptions = {}) {
    super(redact(message, maxMessageLength));
    this.name = 'OcelliError';
    this.kind = kind;
    if (options.provider !== undefined) this.provider = options.provider;
    if (options.model !== undefined) this.model = options.model;
    if (options.status !== undefined) this.status = options.status;
    this.retryable = options.retryable ?? isRetryableKind(kind);
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    this.attempts = options.attempts ?? [];
    Object.defineProperty(this, marker, { value: true });
    Object.defineProperty(this, 'partialReply', { value: options.partialReply, writable: true, configurable: true });
  }

  /** True for an `OcelliError` of any copy of this package in the process. */
  static isInstance(value: unknown): value is OcelliError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }

  /** The same error with more known about it; message and stack stay. */
  with(options: OcelliErrorOptions): OcelliError {
    const copy = new OcelliError(this.kind, this.message, {
      ...definedOptions(this),
      ...options,
    });
    if (this.stack !== undefined) copy.stack = this.stack;
    return copy;
  }

  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      kind: this.kind,
      message: this.message,
      ...(this.provider === undefined ? {} : { provider: this.provider }),
      ...(this.model === undefined ? {} : { model: this.model }),
      ...(this.status === undefined ? {} : { status: this.status }),
      retryable: this.retryable,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      attempts: this.attempts.slice(-maxAttemptsShown).map(boundedAttempt),
      ...(this.attempts.length > maxAttemptsShown ? { attemptsNotShown: this.attempts.length - maxAttemptsShown } : {}),
    };
  }

  [inspectCustom](_depth: number, _options: unknown, inspect: (value: unknown, options: object) => string): string {
    const { name: _name, message: _message, ...rest } = this.toJSON();
    const stack = (this.stack ?? `${this.name}: ${this.message}`).slice(0, 6_000);
    return `${stack} ${inspect(rest, { depth: 4, maxArrayLength: maxAttemptsShown, maxStringLength: maxReasonLength })}`;
  }
}

function definedOptions(error: OcelliError): OcelliErrorOptions {
  return {
    ...(error.provider === undefined ? {} : { provider: error.provider }),
    ...(error.model === undefined ? {} : { model: error.model }),
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    retryable: error.retryable,
    attempts: error.attempts,
    partialReply: error.partialReply,
  };
}

function boundedAttempt(attempt: AttemptSummary): AttemptSummary {
  return {
    model: attempt.model.slice(0, 120),
    outcome: attempt.outcome,
    startedAt: attempt.startedAt,
    durationMs: attempt.durationMs,
    ...(attempt.errorKind === undefined ? {} : { errorKind: attempt.errorKind }),
    ...(attempt.reason === undefined ? {} : { reason: redact(attempt.reason, maxReasonLength) }),
  };
}
