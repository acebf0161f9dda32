/** A wire body that a person can read: every run of encoded bytes replaced by its size and digest. */

import { createHash } from 'node:crypto';
import type { JsonValue, MediaBytes } from '../request/index.js';

/** A text this long without a blank is encoded bytes, in a wire body always base64. */
const minimumEncodedLength = 64;
const dataUrlHead = /^data:([^;,]{1,200})[^,]{0,200};base64,/;

/**
 * The same body as plain JSON, with pictures and other bytes as `[image/png, 1234 bytes, sha256 …]`.
 *
 * @param media what is in the body and has its digest already: neither decoded nor hashed again
 */
export function describeBody(body: unknown, media: readonly MediaBytes[] = []): JsonValue {
  if (body === null || typeof body === 'boolean' || typeof body === 'number') return body;
  if (typeof body === 'string') return describeText(body, media);
  if (body instanceof Uint8Array) return digest(body, undefined, media.find(({ bytes }) => bytes === body)?.sha256);
  if (Array.isArray(body)) return body.map((entry) => describeBody(entry, media));
  if (typeof body === 'object') {
    return Object.fromEntries(
      Object.entries(body as Record<string, unknown>)
        .filter(([, value]) => value !== undefined && typeof value !== 'function')
        .map(([key, value]) => [key, describeBody(value, media)]),
    );
  }
  return typeof body;
}

function describeText(text: string, media: readonly MediaBytes[]): string {
  if (text.length < minimumEncodedLength) return text;
  const head = dataUrlHead.exec(text.slice(0, 500));
  const encoded = head === null ? text : text.slice(head[0].length);
  // Comparing two texts takes a hundredth of decoding and hashing one.
  const known = media.find(
    ({ bytes, base64 }) => 4 * Math.ceil(bytes.length / 3) === encoded.length && base64 === encoded,
  );
  if (known !== undefined) return digest(known.bytes, head?.[1], known.sha256);
  const bytes = decoded(encoded);
  return bytes === undefined ? text : digest(bytes, head?.[1]);
}

/** Told by the number of bytes, since a pattern over a whole picture takes longer than all else: what is no base64 is skipped. */
function decoded(text: string): Buffer | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const length = text.length - padding;
  if (length < minimumEncodedLength || text.includes('-') || text.includes('_')) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.byteLength === Math.floor((length * 3) / 4) ? bytes : undefined;
}

function digest(bytes: Uint8Array, mediaType: string | undefined, known?: string): string {
  const hash = known ?? createHash('sha256').update(bytes).digest('hex');
  return `[${mediaType === undefined ? '' : `${mediaType}, `}${bytes.byteLength} bytes, sha256 ${hash}]`;
}
