/** What an HTTP status means when the body of the answer says nothing better. */

import type { ErrorKind } from '../../src/errors/index.js';

/** The statuses whose meaning is the same at every provider. */
const kinds: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid-request',
  401: 'authentication',
  402: 'quota',
  403: 'permission',
  404: 'model-not-found',
  408: 'timeout',
  // A conflict is a lock that somebody else held: the same request may pass in a moment.
  409: 'server',
  // Only pictures and files make a request that large.
  413: 'image-too-large',
  415: 'unsupported-input',
  422: 'invalid-request',
  425: 'server',
  429: 'rate-limit',
  503: 'overloaded',
  504: 'timeout',
  // Anthropic's and some gateways' own word for overloaded.
  529: 'overloaded',
};

/** The kind of error that a failing status stands for; adapters look at the vendor's own codes first. */
export function kindOfStatus(status: number): ErrorKind {
  const kind = kinds[status];
  if (kind !== undefined) return kind;
  if (status >= 500) return 'server';
  if (status >= 400) return 'invalid-request';
  return 'malformed-response';
}
