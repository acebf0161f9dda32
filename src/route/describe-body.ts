/** A wire body that a person can read: every run of encoded bytes replaced by its size and digest. */

import { createHash } from 'node:crypto';
import type { JsonValue } from '../request/index.js';

/** A text this long without a blank is encoded bytes, in a wire body always base64. */
const minimumEncodedLength = 64;
const dataUrlHead = /^data:([^;,]{1,200})[^,]{0,200};base64,/;

/** The same body as plain JSON, with pictures and other bytes as `[image/png, 1234 bytes, sha256 …]`. */
export function describeBody(body: unknown): JsonValue {
  if (body === null || typeof body === 'boolean' || typeof body === 'number') return body;
  if (typeof body === 'string') return describeText(body);
  if (body instanceof Uint8Array) return digest(body, undefined);
  if (Array.isArray(body)) return body.map(describeBody);
  if (typeof body === 'object') {
    return Object.fromEntries(
      Object.entries(body as Record<string, unknown>)
        .filter(([, value]) => value !== undefined && typeof value !== 'function')
        .map(([key, value]) => [key, describeBody(value)]),
    );
  }
  return typeof body;
}

function describeText(text: string): string {
  if (text.length < minimumEncodedLength) return text;
  const head = dataUrlHead.exec(text.slice(0, 500));
  const bytes = decoded(head === null ? text : text.slice(head[0].length));
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

function digest(bytes: Uint8Array, mediaType: string | undefined): string {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return `[${mediaType === undefined ? '' : `${mediaType}, `}${bytes.byteLength} bytes, sha256 ${hash}]`;
}
