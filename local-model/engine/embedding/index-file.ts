/** An image index as one file: what it is, the names, the vectors, and a checksum over all of it. */

import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { endianness } from 'node:os';
import { isRecord, numberAt, stringAt } from '../json.js';
import { localModelError, reasonOf } from '../local-model-error.js';

export interface IndexContent {
  /** Of the model that made the vectors. */
  readonly fingerprint: string;
  readonly dimension: number;
  readonly ids: readonly string[];
  /** One row per id. */
  readonly rows: Float32Array;
}

/** Layout: these 8 bytes, length of the header (4 bytes, little-endian), header as JSON, rows as little-endian float32, SHA-256 of all before. */
const magic = Buffer.from('OCELIDX1', 'latin1');
const checksumBytes = 32;
const maxDimension = 65_536;

/** Written aside and renamed, so that a file under this name is always whole. */
export async function writeIndexFile(path: string, content: IndexContent): Promise<void> {
  const header = Buffer.from(
    JSON.stringify({ fingerprint: content.fingerprint, dimension: content.dimension, ids: content.ids }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const rows = littleEndian(Buffer.from(content.rows.buffer, content.rows.byteOffset, content.rows.byteLength));
  const hash = createHash('sha256');
  const part = `${path}.${process.pid}.part`;
  try {
    const file = await open(part, 'w');
    try {
      for (const piece of [magic, length, header, rows]) {
        hash.update(piece);
        await file.writeFile(piece);
      }
      await file.writeFile(hash.digest());
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw localModelError(
      `The index could not be saved (${reasonOf(error)}). Check the path and the room on the disk.`,
    );
  }
}

/** @throws OcelliError `local-model` when the file is missing, cut off, changed, or something else */
export async function readIndexFile(path: string): Promise<IndexContent> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw localModelError(`The index ${path} cannot be read (${reasonOf(error)}).`);
  }
  if (bytes.length < magic.length + 4 + checksumBytes || !bytes.subarray(0, magic.length).equals(magic)) {
    throw localModelError(`${path} is no image index. Give a file that save() wrote.`);
  }
  const end = bytes.length - checksumBytes;
  const checksum = createHash('sha256').update(bytes.subarray(0, end)).digest();
  if (!checksum.equals(bytes.subarray(end))) throw localModelError(`The index ${path} is damaged. Build it again.`);
  const start = magic.length + 4;
  const headerEnd = start + bytes.readUInt32LE(magic.length);
  const { fingerprint, dimension, ids } = headerOf(bytes.subarray(start, Math.min(end, headerEnd)), path);
  const rowBytes = bytes.subarray(headerEnd, end);
  if (headerEnd > end || rowBytes.length !== ids.length * dimension * 4) {
    throw localModelError(`The index ${path} is damaged: its rows do not fit its names. Build it again.`);
  }
  // Copied: rows begin at any byte of the file, floats only at every fourth.
  const rows = new Float32Array(ids.length * dimension);
  Buffer.from(rows.buffer).set(littleEndian(rowBytes));
  return { fingerprint, dimension, ids, rows };
}

function headerOf(bytes: Buffer, path: string): Omit<IndexContent, 'rows'> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isRecord(value)) {
      const fingerprint = stringAt(value, 'fingerprint');
      const dimension = numberAt(value, 'dimension');
      const ids = value['ids'];
      const isGood =
        dimension !== undefined && Number.isInteger(dimension) && dimension > 0 && dimension <= maxDimension;
      if (fingerprint !== undefined && isGood && Array.isArray(ids) && ids.every((id) => typeof id === 'string')) {
        return { fingerprint, dimension, ids };
      }
    }
  } catch {
    // Said below.
  }
  throw localModelError(`The index ${path} has a header that makes no sense. Build it again.`);
}

/** Every machine that Node runs on today stores floats this way round already, but for s390x. */
function littleEndian(bytes: Buffer): Buffer {
  return endianness() === 'LE' ? bytes : Buffer.from(bytes).swap32();
}
