/** Decodes HEIC with an optional package: its video codec is patented, so that sharp's own builds leave it out. */

import { OcelliError } from '../../errors/index.js';
import { reasonOf } from './load-sharp.js';
import type { RawPicture } from './raw-picture.js';

/** Decodes a HEIC file to upright RGBA pixels. */
export type DecodeHeic = (bytes: Uint8Array) => Promise<RawPicture>;

/** What heic-decode (a build of libheif, version 2) exports. */
type HeicDecode = (options: {
  buffer: Uint8Array;
}) => Promise<{ width: number; height: number; data: Uint8ClampedArray }>;

// Not a literal, so that neither the compiler nor a bundler looks for a package that most users do not have.
const packageName: string = 'heic-decode';

/** @throws OcelliError `unsupported-input` when heic-decode is not installed, `image-unreadable` when it cannot read the file */
export async function decodeHeic(bytes: Uint8Array): Promise<RawPicture> {
  let decode: HeicDecode;
  try {
    const loaded = (await import(packageName)) as { default: HeicDecode };
    decode = loaded.default;
  } catch {
    throw new OcelliError(
      'unsupported-input',
      'A HEIC picture has to be converted before it can be sent, for which the package heic-decode is not installed. Run `npm install heic-decode`, or save the picture as JPEG.',
    );
  }
  try {
    const { width, height, data } = await decode({ buffer: bytes });
    return { width, height, channels: 4, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  } catch (error) {
    throw new OcelliError('image-unreadable', `The HEIC picture could not be decoded: ${reasonOf(error)}.`);
  }
}
