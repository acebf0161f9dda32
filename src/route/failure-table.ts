/** What the router does with each kind of failure: one table of data, also printed in docs/routing.md. */

import type { ErrorKind } from '../errors/index.js';

/**
 * `retry`: the same candidate again after a wait, then the next one; `next`: the next candidate at once;
 * `stop`: the call fails, since no other candidate could do better.
 */
export type FailureAction = 'retry' | 'next' | 'stop';

export const failureTable: Readonly<Record<ErrorKind, { readonly action: FailureAction; readonly why: string }>> = {
  'invalid-request': { action: 'stop', why: 'The request itself is wrong; it would be wrong everywhere.' },
  'unsupported-input': { action: 'next', why: 'This target cannot take a part or option; another one may.' },
  'image-too-large': { action: 'next', why: 'Limits differ from target to target.' },
  'image-unreadable': { action: 'stop', why: 'The picture cannot be read; no target would see it.' },
  'image-fetch-blocked': { action: 'stop', why: 'The address must not be fetched, whoever asks.' },
  authentication: { action: 'next', why: 'The key is wrong; another provider has another key.' },
  permission: { action: 'next', why: 'The key may not use this model; another one may.' },
  'model-not-found': { action: 'next', why: 'The model is gone or misspelt; the next may exist.' },
  'rate-limit': { action: 'retry', why: 'The limit is over after a wait.' },
  quota: { action: 'next', why: 'The money or allowance is used up; waiting seconds does not help.' },
  overloaded: { action: 'retry', why: 'The provider is busy for a moment.' },
  timeout: { action: 'retry', why: 'Nothing came in time; the next try may be quicker.' },
  network: { action: 'retry', why: 'The connection broke.' },
  server: { action: 'retry', why: 'The provider failed; it may have been a moment.' },
  'content-filter': { action: 'next', why: 'Filters differ from provider to provider.' },
  'context-length': { action: 'next', why: 'Another model may have a longer context.' },
  'budget-exceeded': { action: 'next', why: 'A cheaper candidate may still fit.' },
  aborted: { action: 'stop', why: 'The caller asked for it.' },
  'malformed-response': { action: 'retry', why: 'The answer was garbled on the way.' },
  'invalid-output': { action: 'next', why: 'This model did not keep to the schema; another may.' },
  'no-candidate': { action: 'stop', why: 'There is nothing left to try.' },
  'local-model': { action: 'next', why: 'The engine on this machine failed; a hosted model may answer.' },
};
