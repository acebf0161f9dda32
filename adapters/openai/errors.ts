/** Sorts what goes wrong at OpenAI into our kinds of error. */

import type { ErrorKind, OcelliError } from '../../src/errors/index.js';
import { openaiError, type ErrorContext } from '../shared/openai-error.js';

const advice: Readonly<Partial<Record<ErrorKind, string>>> = {
  authentication: 'Check the key in OPENAI_API_KEY, or pass openai({ apiKey }).',
  permission: 'Check that the key and its project may use this model.',
  quota: 'Waiting does not help: check plan and billing of the account.',
  'model-not-found': 'Check the model id, and that the account may use it.',
};

/** What the factory knows that belongs into errors. */
export interface ErrorSettings {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly secrets: readonly string[];
}

export function errorContext(settings: ErrorSettings): ErrorContext {
  return { provider: 'openai', serverName: 'OpenAI', advice, ...settings };
}

/** Never throws; errors that are ours already stay what they are. */
export function toError(error: unknown, settings: ErrorSettings): OcelliError {
  return openaiError(error, errorContext(settings));
}
