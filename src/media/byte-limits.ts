/** How many bytes a source may have, and the error for one that has more. */

import { OcelliError } from '../errors/index.js';
import type { MediaKind } from '../request/index.js';
import { describeSource } from './describe-source.js';

const mebibyte = 1_048_576;

/** Most bytes a source may have. Downloads have their own limit. */
export interface ByteLimits {
  /** For pictures. Default 64 MiB. */
  readonly pictureBytes?: number;
  /** For audio, video and documents. Default 512 MiB. */
  readonly otherBytes?: number;
}

export function byteLimitFor(kind: MediaKind, limits: ByteLimits = {}): number {
  return kind === 'image' ? (limits.pictureBytes ?? 64 * mebibyte) : (limits.otherBytes ?? 512 * mebibyte);
}

/** For example `20 MiB`, `1.5 MiB` or `900 bytes`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const [size, unit] = bytes < mebibyte ? [bytes / 1_024, 'KiB'] : [bytes / mebibyte, 'MiB'];
  return `${Number(size.toFixed(1))} ${unit}`;
}

/** `bytes` is what is known of the size; a stream that was stopped at the limit has no known size. */
export function tooManyBytes(source: unknown, limit: number, bytes?: number): OcelliError {
  const size = bytes === undefined ? `more than ${formatBytes(limit)}` : formatBytes(bytes);
  return new OcelliError(
    'image-too-large',
    `${capitalise(describeSource(source))} has ${size}; the limit for one source is ${formatBytes(limit)}. Give a smaller file, or raise the byte limit.`,
  );
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
