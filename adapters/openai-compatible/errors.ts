/** Sorts what goes wrong at a Chat Completions server into our kinds of error. */

import { redact, type OcelliError } from '../../src/errors/index.js';
import { openaiError, type ErrorContext } from '../shared/openai-error.js';

/** What the factory knows that belongs into errors. */
export interface ErrorSettings {
  readonly provider: string;
  readonly baseURL: string | undefined;
  /** Where the key comes from, for the advice. */
  readonly apiKeyVariable: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly secrets: readonly string[];
}

export function errorContext(settings: ErrorSettings): ErrorContext {
  const { provider, baseURL, apiKeyVariable, now, secrets } = settings;
  const address = baseURL === undefined ? '' : ` at ${redact(baseURL, 120)}`;
  const key = apiKeyVariable === undefined ? 'the key' : `the key in ${apiKeyVariable}`;
  return {
    provider,
    serverName: `The server${address}`,
    now,
    secrets,
    advice: {
      authentication: `Check ${key}, or pass openaiCompatible({ apiKey }).`,
      'model-not-found': 'Check the model id against the list at the /models address of the server.',
      network: 'Check that the server is running and that the base URL is right.',
      quota: 'Waiting does not help: check the account.',
    },
  };
}

/** Never throws; errors that are ours already stay what they are. */
export function toError(error: unknown, settings: ErrorSettings): OcelliError {
  return openaiError(error, errorContext(settings));
}
