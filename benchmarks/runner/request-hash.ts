/** The key of a response: a digest of the request really sent, pictures included, and of which repeat it is. */

import { createHash } from 'node:crypto';
import type { JsonValue } from '../../src/index.js';

/**
 * @param body the wire body with pictures as their digests, as `ocelli.prepare` gives it
 */
export function requestHash(model: string, body: JsonValue, repeat: number): string {
  return createHash('sha256').update(canonical({ model, body, repeat })).digest('hex');
}

/** JSON with the fields in the order of their names, so that equal values are equal texts. */
function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((entry: JsonValue) => canonical(entry)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .sort(([first], [second]) => (first < second ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field as JsonValue)}`);
  return `{${fields.join(',')}}`;
}
