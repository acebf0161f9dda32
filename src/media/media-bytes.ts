/** Turns bytes into a checked medium: type found, size read, nothing decoded. */

import { createHash, webcrypto } from 'node:crypto';
import { OcelliError } from '../errors/index.js';
import type { MediaBytes } from '../request/index.js';
import { capitalise } from './byte-limits.js';
import { describeContent } from './describe-content.js';
import { describeSource } from './describe-source.js';
import { isCutOff } from './cut-off.js';
import { HeaderBytes, InvalidHeader, TruncatedHeader } from './header-bytes.js';
import { readPictureHeader } from './picture-header.js';
import type { PictureSize } from './picture-size.js';
import { sniffMediaType } from './sniff.js';

/** A header that claims more pixels than this is a decompression bomb or broken; real gigapixel pictures are never sent to a model. */
export const defaultMaxPixels = 1_000_000_000;

/** Hashing more than this on the event loop could be felt; above it the hash is made on another thread. */
const hashInlineBytes = 1_048_576;

/** Bytes with what was found in them. Base64 is made on first use and kept; JSON and `util.inspect` never show the bytes. */
export class CheckedMedia implements MediaBytes {
  readonly type = 'bytes';
  declare readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly sha256: string;
  declare readonly width?: number;
  declare readonly height?: number;
  declare readonly orientation?: number;
  #base64: string | undefined;

  constructor(bytes: Uint8Array, mediaType: string, sha256: string, size?: PictureSize) {
    // Not enumerable, so that neither a log nor a copy by spread takes the bytes along.
    Object.defineProperty(this, 'bytes', { value: bytes });
    this.mediaType = mediaType;
    this.sha256 = sha256;
    if (size !== undefined) {
      this.width = size.width;
      this.height = size.height;
      this.orientation = size.orientation;
    }
  }

  get base64(): string {
    this.#base64 ??= Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength).toString('base64');
    return this.#base64;
  }

  /** The same bytes under another name, for containers that hold either sound or video. */
  withMediaType(mediaType: string): CheckedMedia {
    const { width, height, orientation } = this;
    const hasSize = width !== undefined && height !== undefined && orientation !== undefined;
    return new CheckedMedia(this.bytes, mediaType, this.sha256, hasSize ? { width, height, orientation } : undefined);
  }

  toJSON(): Record<string, unknown> {
    const { type, mediaType, sha256, width, height, orientation } = this;
    return { type, mediaType, sha256, width, height, orientation, byteLength: this.bytes.length };
  }
}

/**
 * Finds type and size of bytes and makes their identity.
 *
 * @param source only for messages
 * @throws OcelliError `image-unreadable` for bytes that are empty, no known medium, or a broken or cut-off picture;
 *   `image-too-large` for a picture whose header claims more than `maxPixels`
 */
export async function checkMedia(
  bytes: Uint8Array,
  source: unknown,
  maxPixels = defaultMaxPixels,
): Promise<CheckedMedia> {
  if (bytes.length === 0) throw emptySource(source);
  const mediaType = sniffMediaType(bytes);
  if (mediaType === undefined) throw unknownMedium(source, bytes);
  const size = mediaType.startsWith('image/') ? readSize(bytes, mediaType, source) : undefined;
  if (size !== undefined) checkPixels(size, source, maxPixels);
  return new CheckedMedia(bytes, mediaType, await hash(bytes), size);
}

function readSize(bytes: Uint8Array, mediaType: string, source: unknown): PictureSize {
  try {
    const size = readPictureHeader(new HeaderBytes(bytes), mediaType);
    if (isCutOff(bytes, mediaType)) throw new TruncatedHeader('the file ends before its picture does');
    return size;
  } catch (error) {
    throw headerError(error, mediaType, source);
  }
}

async function hash(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= hashInlineBytes) return createHash('sha256').update(bytes).digest('hex');
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

export function emptySource(source: unknown): OcelliError {
  return new OcelliError(
    'image-unreadable',
    `${capitalise(describeSource(source))} is empty (0 bytes). Was it written or uploaded completely?`,
  );
}

export function unknownMedium(source: unknown, bytes: Uint8Array): OcelliError {
  return new OcelliError(
    'image-unreadable',
    `${capitalise(describeSource(source))} is no picture or other medium that can be sent: it looks like ${describeContent(bytes)}. Give a JPEG, PNG, GIF or WebP picture, a PDF, or a sound or video file.`,
  );
}

/** What a failure of a header reader is to the caller. */
export function headerError(error: unknown, mediaType: string, source: unknown): unknown {
  const isKnown = error instanceof TruncatedHeader || error instanceof InvalidHeader;
  if (!isKnown) return error;
  const name = describeSource(source);
  return new OcelliError(
    'image-unreadable',
    error instanceof TruncatedHeader
      ? `${capitalise(name)} is cut off: it begins as ${mediaType}, but ${error.message}. Was it copied or uploaded completely?`
      : `${capitalise(name)} begins as ${mediaType} but is damaged: ${error.message}. Save the picture again and retry.`,
  );
}

export function checkPixels({ width, height }: PictureSize, source: unknown, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new OcelliError(
    'image-too-large',
    `The header of ${describeSource(source)} claims ${width} × ${height} pixels; at most ${maxPixels} pixels are accepted, so that a small file cannot fill the memory. Give a smaller picture.`,
  );
}
