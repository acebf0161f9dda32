/** Errors in OpenAI's words, used by both of its wire formats; codes from https://platform.openai.com/docs/guides/error-codes (written from the SDK's types and general knowledge; the page itself was not opened). */

import type { JsonObject } from '../../request/index.js';
import type { ServerErrorKind } from '../server-step.js';
import type { WireError, WireErrorDetails } from './wire.js';

interface ErrorRow {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

const rows: Readonly<Record<ServerErrorKind, ErrorRow>> = {
  'invalid-request': {
    status: 400,
    type: 'invalid_request_error',
    code: 'unknown_parameter',
    message: "Unknown parameter: 'colour'.",
  },
  'image-too-large': {
    status: 400,
    type: 'invalid_request_error',
    code: 'image_too_large',
    message: 'The image is too large. Maximum size is 50 MB.',
  },
  'image-unreadable': {
    status: 400,
    type: 'invalid_request_error',
    code: 'image_parse_error',
    message: 'You uploaded an unsupported image. Please make sure your image is valid.',
  },
  authentication: {
    status: 401,
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message: 'Incorrect API key provided: sk-fake1*******************wxyz.',
  },
  permission: {
    status: 403,
    type: 'request_forbidden',
    code: 'unsupported_country_region_territory',
    message: 'Country, region, or territory not supported',
  },
  'model-not-found': {
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: "The model 'gpt-none' does not exist or you do not have access to it.",
  },
  'rate-limit': {
    status: 429,
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached for requests per minute (RPM): Limit 3, Used 3, Requested 1.',
  },
  quota: {
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message: 'You exceeded your current quota, please check your plan and billing details.',
  },
  overloaded: {
    status: 503,
    type: 'server_error',
    code: 'server_is_overloaded',
    message: 'The server is currently overloaded with other requests. Sorry about that!',
  },
  timeout: { status: 408, type: 'timeout', code: null, message: 'Request timed out.' },
  server: {
    status: 500,
    type: 'server_error',
    code: 'server_error',
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  'content-filter': {
    status: 400,
    type: 'invalid_request_error',
    code: 'content_policy_violation',
    message: 'Your request was rejected as a result of our safety system.',
  },
  'context-length': {
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
  },
};

/** The `error` object of a body or an event. */
export function openaiErrorObject(kind: ServerErrorKind, message?: string): JsonObject {
  const row = rows[kind];
  return { message: message ?? row.message, type: row.type, param: null, code: row.code };
}

/** An error response. */
export function openaiError(kind: ServerErrorKind, details: WireErrorDetails): WireError {
  const wait = details.retryAfterMs;
  return {
    status: rows[kind].status,
    headers:
      wait === undefined ? {} : { 'retry-after-ms': String(wait), 'retry-after': String(Math.ceil(wait / 1_000)) },
    body: { error: openaiErrorObject(kind, details.message) },
  };
}
