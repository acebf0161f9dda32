/** Small media made on the spot, so that the conformance suite needs no files. */

import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { MediaBytes } from '../../request/index.js';

/**
 * A PNG of random colours, the same for the same seed.
 *
 * @param side width and height in pixels; 100 gives about 30 kB
 */
export function samplePicture(seed: number, side = 8): MediaBytes {
  const next = randomBytes(seed);
  // Every row begins with its filter type, 0.
  const rows = Array.from({ length: side }, () => [0, ...Array.from({ length: side * 3 }, next)]).flat();
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const bytes = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.from(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
  return { ...sampleMedia(bytes, 'image/png'), width: side, height: side, orientation: 1 };
}

/** A WAV of random noise. */
export function sampleAudio(seed: number): MediaBytes {
  const samples = Buffer.from(Array.from({ length: 400 }, randomBytes(seed)));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8_000, 24);
  header.writeUInt32LE(8_000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return sampleMedia(Buffer.concat([header, samples]), 'audio/wav');
}

/** Bytes that begin like an MP4; no adapter decodes them. */
export function sampleVideo(seed: number): MediaBytes {
  const box = Buffer.from([0, 0, 0, 16, ...Buffer.from('ftypisom'), 0, 0, 2, 0]);
  return sampleMedia(Buffer.concat([box, Buffer.from(Array.from({ length: 400 }, randomBytes(seed)))]), 'video/mp4');
}

/** Bytes that begin like a PDF; no adapter decodes them. */
export function sampleDocument(seed: number): MediaBytes {
  const body = Buffer.from(Array.from({ length: 400 }, randomBytes(seed)));
  return sampleMedia(Buffer.concat([Buffer.from('%PDF-1.7\n'), body, Buffer.from('\n%%EOF\n')]), 'application/pdf');
}

function sampleMedia(bytes: Buffer, mediaType: string): MediaBytes {
  return {
    type: 'bytes',
    bytes: new Uint8Array(bytes),
    base64: bytes.toString('base64'),
    mediaType,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** A linear congruential generator (constants of Numerical Recipes): enough for bytes that look like nothing. */
function randomBytes(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
}

function pngChunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
