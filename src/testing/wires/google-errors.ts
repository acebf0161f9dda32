/** Errors in Google's words: https://ai.google.dev/gemini-api/docs/troubleshooting (written from the SDK's types and general knowledge; the page itself was not opened). */

import type { JsonObject } from '../../request/index.js';
import type { ServerErrorKind } from '../server-step.js';
import type { WireError, WireErrorDetails } from './wire.js';

interface ErrorRow {
  readonly status: number;
  readonly name: string;
  readonly message: string;
  readonly details?: readonly JsonObject[];
}

function quotaFailure(quotaId: string): JsonObject {
  return {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [
      {
        quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
        quotaId,
        quotaValue: '5',
      },
    ],
  };
}

const rows: Readonly<Record<ServerErrorKind, ErrorRow>> = {
  'invalid-request': {
    status: 400,
    name: 'INVALID_ARGUMENT',
    message: 'Invalid JSON payload received. Unknown name "colour": Cannot find field.',
  },
  'image-too-large': {
    status: 400,
    name: 'INVALID_ARGUMENT',
    message: 'Request payload size exceeds the limit: 20971520 bytes.',
  },
  'image-unreadable': { status: 400, name: 'INVALID_ARGUMENT', message: 'Unable to process input image.' },
  // A wrong key is a 400 here, not a 401: only the reason in the details tells it from a bad request.
  authentication: {
    status: 400,
    name: 'INVALID_ARGUMENT',
    message: 'API key not valid. Please pass a valid API key.',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
    ],
  },
  permission: {
    status: 403,
    name: 'PERMISSION_DENIED',
    message: 'Your project has been denied access. Please contact support.',
  },
  'model-not-found': {
    status: 404,
    name: 'NOT_FOUND',
    message: 'models/gemini-none is not found for API version v1beta, or is not supported for generateContent.',
  },
  'rate-limit': {
    status: 429,
    name: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
    details: [quotaFailure('GenerateRequestsPerMinutePerProjectPerModel-FreeTier')],
  },
  quota: {
    status: 429,
    name: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
    details: [quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier')],
  },
  overloaded: {
    status: 503,
    name: 'UNAVAILABLE',
    message: 'The model is overloaded. Please try again later.',
  },
  timeout: {
    status: 504,
    name: 'DEADLINE_EXCEEDED',
    message: 'Deadline expired before operation could complete.',
  },
  server: { status: 500, name: 'INTERNAL', message: 'An internal error has occurred. Please retry.' },
  'content-filter': { status: 200, name: 'OK', message: 'The prompt was blocked.' },
  'context-length': {
    status: 400,
    name: 'INVALID_ARGUMENT',
    message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  },
};

/** An error response. A blocked prompt is no error here but an answer without candidates. */
export function googleError(kind: ServerErrorKind, details: WireErrorDetails): WireError {
  if (kind === 'content-filter') {
    return {
      status: 200,
      headers: {},
      body: {
        promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
        usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 },
      },
    };
  }
  const row = rows[kind];
  const allDetails = [...(row.details ?? []), ...retryInfo(details.retryAfterMs)];
  return {
    status: row.status,
    headers: {},
    body: {
      error: {
        code: row.status,
        message: details.message ?? row.message,
        status: row.name,
        ...(allDetails.length === 0 ? {} : { details: allDetails }),
      },
    },
  };
}

function retryInfo(retryAfterMs: number | undefined): readonly JsonObject[] {
  if (retryAfterMs === undefined) return [];
  return [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterMs / 1_000}s` }];
}
