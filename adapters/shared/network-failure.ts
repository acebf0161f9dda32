/** Recognises failures of the connection itself, whichever vendor's SDK wrapped them. */

import type { ErrorKind } from '../../src/errors/index.js';

/** Codes of Node and undici; `nodejs.org/api/errors.html` and undici's `lib/core/errors.js`. */
const kindsByCode: Readonly<Record<string, ErrorKind>> = {
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'network',
  ECONNREFUSED: 'network',
  ECONNABORTED: 'network',
  EHOSTUNREACH: 'network',
  ENETUNREACH: 'network',
  ENOTFOUND: 'network',
  EAI_AGAIN: 'network',
  EPIPE: 'network',
  UND_ERR_SOCKET: 'network',
  UND_ERR_CLOSED: 'network',
  UND_ERR_DESTROYED: 'network',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'network',
  ERR_INVALID_URL: 'invalid-request',
};

/** Certificates and half-spoken HTTP have whole families of codes. */
const kindsByPattern: readonly (readonly [RegExp, ErrorKind])[] = [
  [/^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/, 'network'],
  [/^(?:HPE_|UND_ERR_)/, 'network'],
];

const deepest = 5;

/** What is known of a broken connection: the kind, and the code to name in the message. */
interface NetworkFailure {
  readonly kind: ErrorKind;
  readonly code: string;
}

/** Looks at the error and its causes; `undefined` when none of them is about the connection. */
export function networkFailureOf(error: unknown): NetworkFailure | undefined {
  let current: unknown = error;
  let found: NetworkFailure | undefined;
  for (let depth = 0; depth < deepest && typeof current === 'object' && current !== null; depth += 1) {
    // The innermost one knows best: undici says "terminated", its cause says why.
    found = readOne(current) ?? found;
    current = (current as { cause?: unknown }).cause;
  }
  return found;
}

function readOne(error: Partial<Record<'name' | 'message' | 'code', unknown>>): NetworkFailure | undefined {
  if (error.name === 'AbortError') return { kind: 'aborted', code: 'aborted' };
  if (error.name === 'TimeoutError') return { kind: 'timeout', code: 'timed out' };
  if (typeof error.code === 'string') {
    const code = error.code;
    const kind = kindsByCode[code] ?? kindsByPattern.find(([pattern]) => pattern.test(code))?.[1];
    if (kind !== undefined) return { kind, code };
  }
  // undici's words for a body that was cut and for a connection that could not be made.
  if (error.message === 'terminated' || error.message === 'fetch failed' || error.message === 'other side closed')
    return { kind: 'network', code: error.message };
  return undefined;
}
