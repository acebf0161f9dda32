/** Lays the caller's raw `providerOptions` over a finished body: objects are merged, everything else is replaced. */

import type { JsonObject } from '../../src/request/index.js';

/**
 * A copy of the body with the options in it. An option set to `undefined` is ignored.
 *
 * @example mergeOptions({ a: { b: 1 } }, { a: { c: 2 } }); // { a: { b: 1, c: 2 } }
 */
export function mergeOptions<Body extends object>(body: Body, options: JsonObject): Body {
  const merged: Record<string, unknown> = Object.fromEntries<unknown>(Object.entries(body));
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || name === '__proto__') continue;
    const present = merged[name];
    merged[name] = isPlainObject(present) && isPlainObject(value) ? mergeOptions(present, value as JsonObject) : value;
  }
  return merged as Body;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
