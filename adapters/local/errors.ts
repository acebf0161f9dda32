/** Turns whatever the engine throws into an `OcelliError` that says whose it is. */

import { OcelliError } from '../../src/errors/index.js';
import { provider } from './to-wire.js';

/** @param modelId the id after `local:`, when it is known */
export function toOcelliError(error: unknown, modelId?: string): OcelliError {
  const known = { provider, ...(modelId === undefined ? {} : { model: `${provider}:${modelId}` }) };
  if (OcelliError.isInstance(error)) return error.with(known);
  if (error instanceof Error && error.name === 'AbortError') return abortedError().with(known);
  const message = error instanceof Error ? error.message : String(error);
  return new OcelliError('local-model', `The local model failed: ${message}`, known);
}

export function abortedError(): OcelliError {
  return new OcelliError('aborted', 'The request to the local model was aborted.', { provider });
}
