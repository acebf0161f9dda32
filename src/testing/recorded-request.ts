/** What a fake server remembers of a request: enough to check what was sent, never a key. */

import type { IncomingHttpHeaders } from 'node:http';
import type { JsonValue } from '../request/index.js';

/** How a request ended: `aborted` by the caller, or `cut` by the script. */
export type RequestOutcome = 'answered' | 'aborted' | 'cut';

/** One request as the server got it. */
export interface RecordedRequest {
  readonly method: string;
  /** Path with query; a key in it is masked. */
  readonly path: string;
  /** Lower-case names; keys are replaced by `[key removed]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; `undefined` when there was no body or it was not JSON. */
  readonly body: JsonValue | undefined;
  /** What was asked: an answer, a count of tokens, or nothing this wire knows. */
  readonly endpoint: 'generate' | 'count' | 'unknown';
  /** Whether an event stream was asked for. */
  readonly stream: boolean;
  /** The model id asked for. */
  readonly model: string;
  /** The caller closed the connection before the answer was complete. */
  readonly aborted: boolean;
  /** Settles when the connection's part in this request is over. */
  readonly ended: Promise<RequestOutcome>;
}

const keyHeaders = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'cookie',
  'proxy-authorization',
]);

/** Headers as they are recorded. */
export function maskedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const masked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    masked[name] = keyHeaders.has(name) ? '[key removed]' : typeof value === 'string' ? value : value.join(', ');
  }
  return masked;
}

/** A path as it is recorded. */
export function maskedPath(path: string): string {
  return path.replace(/([?&](?:key|api_key|access_token)=)[^&]*/gi, '$1[key removed]');
}
