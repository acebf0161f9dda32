/** A wire body that a person can read: every run of encoded bytes replaced by its size and digest. */

import { createHash } from 'node:crypto';
import type { JsonValue } from '../request/index.js';

/** A text this long without a blank is encoded bytes, in a wire body always base64. */
const minimumEncodedLength = 64;
const encoded = /^(?:data:([^;,]+)[^,]*;base64,)?([A-Za-z0-9+/]{64,}={0,2})$/;

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
  const match = encoded.exec(text);
  return match === null ? text : digest(Buffer.from(match[2] ?? '', 'base64'), match[1]);
}

function digest(bytes: Uint8Array, mediaType: string | undefined): string {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return `[${mediaType === undefined ? '' : `${mediaType}, `}${bytes.byteLength} bytes, sha256 ${hash}]`;
}
