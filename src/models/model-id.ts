/** Model ids, `provider:model-id`, taken apart, and what to say of a provider that nobody knows. */

import { OcelliError } from '../errors/index.js';
import { didYouMean } from '../request/index.js';

/**
 * Taken apart at the first colon; without one there is no provider.
 *
 * @example
 * splitModelId('openai:ft:gpt-4o:me'); // { provider: 'openai', modelId: 'ft:gpt-4o:me' }
 */
export function splitModelId(id: string): { readonly provider: string; readonly modelId: string } {
  const colon = id.indexOf(':');
  return { provider: id.slice(0, Math.max(0, colon)), modelId: id.slice(colon + 1) };
}

/** @param known the providers that there are */
export function unknownProviderError(id: string, known: Iterable<string>): OcelliError {
  const { provider } = splitModelId(id);
  const names = [...known];
  return new OcelliError(
    'invalid-request',
    `Unknown provider "${provider}" in "${id}".${didYouMean(provider, names)} Known: ${names.join(', ')}.`,
  );
}
