/** Loads sharp on first use, and says how to get it when it is missing. */

import type { Sharp, SharpInput, SharpOptions } from 'sharp';
import { OcelliError } from '../../errors/index.js';

/** As much of sharp as fitting needs. */
export type SharpFactory = (input: SharpInput, options?: SharpOptions) => Sharp;

/** sharp is an optional dependency: an install without it has no picture code but our own. */
export async function loadSharp(): Promise<SharpFactory> {
  return (await import('sharp')).default;
}

/** `what` is for example `to turn it upright`. */
export function sharpMissing(error: unknown, what: string): OcelliError {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  const state = isMissing ? 'is not installed' : `could not be loaded (${reasonOf(error)})`;
  return new OcelliError(
    'unsupported-input',
    `A picture has to be changed before it can be sent (${what}), for which the package sharp ${state}. Run \`npm install sharp\`, change the picture yourself, or set \`fit: 'off'\` to send it as it is.`,
  );
}

/** The first line of somebody else's message. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
