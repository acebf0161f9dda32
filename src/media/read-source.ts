/** Reads any source to bytes, within a limit and without hanging on what is not a file. */

import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { OcelliError } from '../errors/index.js';
import type { FileReference, MediaSource } from '../request/index.js';
import { throwIfAborted, untilAborted } from './abort.js';
import { tooManyBytes } from './byte-limits.js';
import { parseDataUrl } from './data-url.js';
import { describeSource } from './describe-source.js';
import { fileError, notAFile } from './file-error.js';
import type { DownloadOptions } from './guarded-download.js';

/** A source that has bytes, in contrast to ids of uploaded files. */
export type ReadableSource = Exclude<MediaSource, FileReference>;

export interface SourceContent {
  readonly bytes: Uint8Array;
  /** What a data URL, a Blob or a server said the bytes are. */
  readonly declaredType?: string;
}

export interface ReadOptions {
  /** Most bytes; a download also obeys `download.maxBytes`. */
  readonly maxBytes: number;
  readonly download?: DownloadOptions;
  readonly signal?: AbortSignal | undefined;
}

/** Longer than any path; a string of this length that is no URL is the picture itself, in base64 or worse. */
const longestPath = 4_096;
const foreignScheme =
  /^(?:[a-z][a-z0-9+.-]+:\/\/|(?:about|az|blob|cid|content|filesystem|ftps?|gs|javascript|mailto|s3|urn|view-source|wss?):)/i;

/**
 * The bytes of a source. Byte arrays are not copied, so they must not be changed while a call runs.
 *
 * @throws OcelliError `invalid-request` for what is no source, `image-unreadable`, `image-too-large`, `aborted`, and what
 *   `guardedDownload` throws
 */
export async function readSource(source: ReadableSource, options: ReadOptions): Promise<SourceContent> {
  throwIfAborted(options.signal);
  if (typeof source === 'string') return readText(source, options);
  if (source instanceof URL) return readText(source.href, options, true);
  if (source instanceof ArrayBuffer) return withinLimit(source, new Uint8Array(source), options);
  if (ArrayBuffer.isView(source)) {
    return withinLimit(source, new Uint8Array(source.buffer, source.byteOffset, source.byteLength), options);
  }
  if (source instanceof Blob) return readBlob(source, options);
  if (typeof source === 'object' && source !== null) {
    if (source instanceof ReadableStream) return readChunks(source, webStreamChunks(source), options);
    if (Symbol.asyncIterator in source) return readChunks(source, source[Symbol.asyncIterator](), options);
  }
  throw new OcelliError(
    'invalid-request',
    `A value of type ${nameOfType(source)} is not a source. Give a file path, a URL, bytes, a Blob, a stream, or { fileIds }.`,
  );
}

async function readText(text: string, options: ReadOptions, isUrl = false): Promise<SourceContent> {
  if (/^data:/i.test(text)) {
    const { bytes, mediaType } = parseDataUrl(text, options.maxBytes);
    return { bytes, ...(mediaType === undefined ? {} : { declaredType: mediaType }) };
  }
  if (/^https?:/i.test(text)) {
    const { guardedDownload } = await import('./guarded-download.js');
    const { bytes, contentType } = await guardedDownload(text, options.download, options.signal);
    return { bytes, ...(contentType === undefined ? {} : { declaredType: contentType }) };
  }
  return { bytes: await readFile(toPath(text, isUrl), options) };
}

/** The path that a string or `file:` URL means. `~` is not expanded: that is the shell's work. */
export function toPath(text: string, isUrl = false): string {
  if (/^file:/i.test(text)) {
    try {
      return fileURLToPath(text);
    } catch {
      throw new OcelliError(
        'invalid-request',
        `${describeSource(text)} is not a usable file: URL. Write file:///folder/picture.jpg.`,
      );
    }
  }
  if (text === '')
    throw new OcelliError('invalid-request', 'The source is an empty string. Give a file path or a URL.');
  if (isUrl || foreignScheme.test(text)) {
    throw new OcelliError(
      'invalid-request',
      `${describeSource(text)} has a scheme that cannot be read; file:, http:, https: and data: can. For a file of that name, put ./ before it.`,
    );
  }
  if (text.length > longestPath || text.includes('\0')) {
    throw new OcelliError(
      'invalid-request',
      `A string of ${text.length} characters is not a file path. Put "data:image/png;base64," before base64 text, or pass the bytes.`,
    );
  }
  return text;
}

/** Opens without blocking, so that a named pipe without a writer does not hang, and reads only from regular files. */
async function readFile(path: string, options: ReadOptions): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = await file.stat();
    if (!status.isFile()) throw notAFile(path, status);
    if (status.size > options.maxBytes) throw tooManyBytes(path, options.maxBytes, status.size);
    throwIfAborted(options.signal);
    const bytes = Buffer.allocUnsafeSlow(status.size);
    let size = 0;
    while (size < bytes.length) {
      const { bytesRead } = await file.read(bytes, size, bytes.length - size, size);
      if (bytesRead === 0) break;
      size += bytesRead;
      throwIfAborted(options.signal);
    }
    const after = await file.stat();
    if (size !== status.size || after.size !== status.size || after.mtimeMs !== status.mtimeMs) {
      throw new OcelliError(
        'image-unreadable',
        `${describeSource(path)} changed while it was read. Try again when it is written completely.`,
      );
    }
    return bytes;
  } catch (error) {
    throw fileError(path, error);
  } finally {
    await file?.close();
  }
}

async function readBlob(blob: Blob, options: ReadOptions): Promise<SourceContent> {
  if (blob.size > options.maxBytes) throw tooManyBytes(blob, options.maxBytes, blob.size);
  const bytes = new Uint8Array(await untilAborted(blob.arrayBuffer(), options.signal));
  return { bytes, ...(blob.type === '' ? {} : { declaredType: blob.type }) };
}

function webStreamChunks(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array> {
  if (stream.locked) {
    throw new OcelliError(
      'invalid-request',
      'The stream given is already being read elsewhere. Pass a stream that nobody reads, or the bytes.',
    );
  }
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

async function readChunks(
  source: object,
  chunks: AsyncIterator<unknown>,
  options: ReadOptions,
): Promise<SourceContent> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const step = await untilAborted(Promise.resolve(chunks.next()), options.signal);
      if (step.done === true) return { bytes: Buffer.concat(parts, size) };
      if (!(step.value instanceof Uint8Array)) {
        throw new OcelliError(
          'invalid-request',
          `The stream given yields ${nameOfType(step.value)} values instead of bytes. Open it without an encoding.`,
        );
      }
      size += step.value.length;
      if (size > options.maxBytes) throw tooManyBytes(source, options.maxBytes);
      parts.push(step.value);
    }
  } catch (error) {
    // Closing may itself wait for a source that hangs, so nobody waits for it.
    Promise.resolve(chunks.return?.()).catch(() => undefined);
    if (OcelliError.isInstance(error)) throw error;
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'unknown reason';
    throw new OcelliError('image-unreadable', `The stream given failed before its end: ${reason}.`);
  }
}

function withinLimit(source: unknown, bytes: Uint8Array, options: ReadOptions): SourceContent {
  if (bytes.length > options.maxBytes) throw tooManyBytes(source, options.maxBytes, bytes.length);
  return { bytes };
}

function nameOfType(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? name.slice(0, 60) : 'object';
}
