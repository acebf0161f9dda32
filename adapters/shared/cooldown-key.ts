/** Names an address and a key for the router's cooldown table without giving the key away. */

import { createHash } from 'node:crypto';

/**
 * The same address and key give the same text, and the key cannot be read from it.
 *
 * @example cooldownKey('anthropic', undefined, 'sk-…'); // 'anthropic default 3f2a…'
 */
export function cooldownKey(provider: string, baseURL: string | undefined, apiKey: string | undefined): string {
  const fingerprint = apiKey === undefined ? 'no key' : createHash('sha256').update(apiKey).digest('hex').slice(0, 12);
  return `${provider} ${baseURL ?? 'default'} ${fingerprint}`;
}
