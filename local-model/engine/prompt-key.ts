/** What a prompt is compared by: its tokens, and in place of image tokens the pictures themselves. */

import { createHash } from 'node:crypto';
import type { PixelValues } from './preprocess.js';

/** Token ids; for an image token the hash of its picture's pixels. */
export type PromptKey = readonly (number | string)[];

/** Pictures are the same when what the tower sees of them is the same, whatever file they came in. */
export function pixelHash(picture: PixelValues & { readonly tiles?: unknown; readonly grid?: unknown }): string {
  const { data, width, height, tiles, grid } = picture;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash('sha256')
    .update(JSON.stringify([width, height, tiles, grid]))
    .update(bytes)
    .digest('base64');
}

/** @param counts image tokens of each picture, in order */
export function promptKey(
  ids: readonly number[],
  imageTokenId: number,
  hashes: readonly string[],
  counts: readonly number[],
): PromptKey {
  const names = hashes.flatMap((hash, picture) => Array<string>(counts[picture] ?? 0).fill(hash));
  let next = 0;
  return ids.map((id) => (id === imageTokenId ? (names[next++] ?? id) : id));
}

/** How many of the first tokens can be taken over, and how many whole pictures lie in them. */
export interface SharedPart {
  readonly tokens: number;
  readonly pictures: number;
}

/** The longest common beginning that ends within no picture and leaves at least one token to run. */
export function sharedPart(key: PromptKey, known: PromptKey, counts: readonly number[]): SharedPart {
  const most = Math.min(key.length - 1, known.length);
  let tokens = 0;
  while (tokens < most && key[tokens] === known[tokens]) tokens++;
  let images = key.slice(0, tokens).filter((part) => typeof part === 'string').length;
  let pictures = 0;
  while (pictures < counts.length && (counts[pictures] ?? 0) <= images) images -= counts[pictures++] ?? 0;
  if (images === 0) return { tokens, pictures };
  // The cut is within a picture: back to before its first token.
  for (let place = tokens - 1; images > 0; place--) {
    if (typeof key[place] === 'string') images--;
    tokens = place;
  }
  return { tokens, pictures };
}
