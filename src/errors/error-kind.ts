/** The closed list of ways a call can fail; the router's fallback table has one row for each of them. */

/** What went wrong, independent of the provider. */
export const errorKinds = [
  'invalid-request',
  'unsupported-input',
  'image-too-large',
  'image-unreadable',
  'image-fetch-blocked',
  'authentication',
  'permission',
  'model-not-found',
  'rate-limit',
  'quota',
  'overloaded',
  'timeout',
  'network',
  'server',
  'content-filter',
  'context-length',
  'budget-exceeded',
  'aborted',
  'malformed-response',
  'invalid-output',
  'no-candidate',
  'local-model',
] as const;

/** One of {@link errorKinds}. */
export type ErrorKind = (typeof errorKinds)[number];

/** Kinds that may succeed when the same request is sent to the same target again. */
const retryableKinds: ReadonlySet<ErrorKind> = new Set([
  'rate-limit',
  'overloaded',
  'timeout',
  'network',
  'server',
  'malformed-response',
]);

/** Whether sending the same request again to the same target may help. */
export function isRetryableKind(kind: ErrorKind): boolean {
  return retryableKinds.has(kind);
}
