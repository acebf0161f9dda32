/** Which kind of error OpenAI's words stand for; the Responses API and every Chat Completions server speak this vocabulary. */

import type { ErrorKind } from '../../src/errors/index.js';
import { kindOfStatus } from './status.js';

/** What a server said about a failure, in an HTTP answer or in an event of a stream. */
export interface VendorFailure {
  readonly status?: number;
  readonly code?: string;
  readonly type?: string;
  readonly message: string;
}

/** Codes of the API reference (`ResponseError.code`, error codes guide) and those that gateways send in the same field. */
const kindsByCode: Readonly<Record<string, ErrorKind>> = {
  context_length_exceeded: 'context-length',
  exceed_context_size_error: 'context-length',
  rate_limit_exceeded: 'rate-limit',
  rate_limit_error: 'rate-limit',
  insufficient_quota: 'quota',
  quota_exceeded: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  invalid_api_key: 'authentication',
  invalid_authentication: 'authentication',
  authentication_error: 'authentication',
  permission_error: 'permission',
  unsupported_country_region_territory: 'permission',
  data_residency_mismatch: 'permission',
  model_not_found: 'model-not-found',
  deploymentnotfound: 'model-not-found',
  content_filter: 'content-filter',
  content_policy_violation: 'content-filter',
  image_content_policy_violation: 'content-filter',
  bio_policy: 'content-filter',
  // Sent for prompts that were flagged, not for malformed ones.
  invalid_prompt: 'content-filter',
  server_error: 'server',
  internal_error: 'server',
  internal_server_error: 'server',
  overloaded_error: 'overloaded',
  server_overloaded: 'overloaded',
  server_is_overloaded: 'overloaded',
  engine_overloaded: 'overloaded',
  slow_down: 'overloaded',
  service_unavailable: 'overloaded',
  timeout: 'timeout',
  vector_store_timeout: 'timeout',
  image_too_large: 'image-too-large',
  image_file_too_large: 'image-too-large',
  unsupported_image_media_type: 'unsupported-input',
  invalid_image: 'image-unreadable',
  invalid_image_format: 'image-unreadable',
  invalid_base64_image: 'image-unreadable',
  invalid_image_mode: 'image-unreadable',
  invalid_image_url: 'image-unreadable',
  image_too_small: 'image-unreadable',
  image_parse_error: 'image-unreadable',
  empty_image_file: 'image-unreadable',
  failed_to_download_image: 'image-unreadable',
  image_file_not_found: 'image-unreadable',
};

/** Only where nothing more exact is said: a 404 is also an `invalid_request_error`. */
const kindsByType: Readonly<Record<string, ErrorKind>> = {
  invalid_request_error: 'invalid-request',
  badrequesterror: 'invalid-request',
  not_found_error: 'model-not-found',
  notfounderror: 'model-not-found',
  api_error: 'server',
};

interface MessageRule {
  readonly pattern: RegExp;
  readonly kind: ErrorKind;
  /** Statuses for which the words count; an error inside a stream has none and always counts. */
  readonly statuses: readonly number[];
}

/** Servers without codes say it in words: vLLM, llama.cpp, Ollama, OpenRouter and older OpenAI answers. */
const messageRules: readonly MessageRule[] = [
  {
    pattern:
      /maximum context length|context (?:length|window|size)[^.]{0,60}exceed|exceed[^.]{0,80}context|(?:prompt|input) is too long|too many (?:input )?tokens/i,
    kind: 'context-length',
    statuses: [400, 413, 422, 500],
  },
  {
    pattern:
      /(?:does not|doesn't|not) support (?:image|vision|multimodal)|support image input|image input is not supported/i,
    kind: 'unsupported-input',
    statuses: [400, 404, 415, 422, 500, 501],
  },
  {
    pattern: /image[^.]{0,80}(?:too large|too big|exceed|larger than)|(?:too large|too big|exceed)[^.]{0,60}\bimage/i,
    kind: 'image-too-large',
    statuses: [400, 413, 422],
  },
  {
    pattern: /insufficient (?:quota|credits|balance|funds)|exceeded your current quota|billing limit|credit balance/i,
    kind: 'quota',
    statuses: [402, 403, 429],
  },
  {
    pattern: /content (?:policy|filter|management policy)|safety system|flagged/i,
    kind: 'content-filter',
    statuses: [400, 403],
  },
  {
    pattern:
      /\b(?:model|deployment)\b[^.]{0,120}(?:not found|does not exist|not exist)|invalid model|unknown model|not a valid model/i,
    kind: 'model-not-found',
    statuses: [400, 404],
  },
];

/** The kind of error that a server's failure is: its code first, then its words, its type, its status. */
export function kindOfFailure(failure: VendorFailure): ErrorKind {
  const byCode = lookUp(kindsByCode, failure.code);
  if (byCode !== undefined) return byCode;
  const byMessage = messageRules.find(
    (rule) =>
      (failure.status === undefined || rule.statuses.includes(failure.status)) && rule.pattern.test(failure.message),
  );
  if (byMessage !== undefined) return byMessage.kind;
  const byType = lookUp(kindsByCode, failure.type);
  // `server_error` is the type of everything from 500 on; the status says more.
  if (byType !== undefined && !(byType === 'server' && failure.status !== undefined)) return byType;
  // A 404 that is not about a model is a wrong address.
  if (failure.status === 404) return 'invalid-request';
  if (failure.status !== undefined) return kindOfStatus(failure.status);
  return lookUp(kindsByType, failure.type) ?? 'server';
}

/** Whether waiting can help; a single request over the limit stays over it. */
export function isHopelessRateLimit(failure: VendorFailure): boolean {
  return /request too large/i.test(failure.message);
}

/** Reads `{ message, code, type }` in all the shapes that servers use; a number as code is an HTTP status (OpenRouter). */
export function readFailure(value: unknown, known: { status?: number; message?: string } = {}): VendorFailure {
  const fields = isRecord(value) ? value : {};
  const code = fields['code'];
  const status = known.status ?? (isStatus(code) ? code : undefined);
  return {
    ...(status === undefined ? {} : { status }),
    ...(typeof code === 'string' && code !== '' ? { code } : {}),
    ...(typeof fields['type'] === 'string' ? { type: fields['type'] } : {}),
    message: firstText(value, fields['message'], fields['detail'], known.message) ?? 'no message',
  };
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value.trim() !== '');
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && value >= 400 && value < 600;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lookUp(table: Readonly<Record<string, ErrorKind>>, word: string | undefined): ErrorKind | undefined {
  if (word === undefined) return undefined;
  const key = word.toLowerCase();
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
