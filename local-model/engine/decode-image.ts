/** Turns a picture's file bytes into upright red, green and blue, with transparency laid on white. */

import { OcelliError } from '../../src/errors/index.js';
import { reasonOf } from './local-model-error.js';
import type { Bitmap } from './resize.js';
import type { SharpFactory } from './runtime.js';

/** Pixels that a picture may unpack to: about 300 MB of memory, and more than any camera makes. */
export const defaultLimitInputPixels = 100_000_000;

/**
 * Decodes JPEG, PNG, WebP, GIF (first frame), AVIF and TIFF.
 *
 * @throws OcelliError `image-too-large` when the header states more pixels than the limit, `image-unreadable` when it is broken
 */
export async function decodeImage(sharp: SharpFactory, bytes: Uint8Array, limitInputPixels: number): Promise<Bitmap> {
  try {
    // Colour profiles are ignored, as Pillow ignores them: the models were trained on such values.
    const decoded = await sharp(bytes, { limitInputPixels, failOn: 'error', autoOrient: true, ignoreIcc: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = decoded.info;
    return { width, height, data: toRgb(decoded.data, channels) };
  } catch (error) {
    const reason = reasonOf(error);
    if (/pixel limit/i.test(reason)) {
      throw new OcelliError(
        'image-too-large',
        `A picture has more than ${limitInputPixels.toLocaleString('en')} pixels, the local model's limit. Make it smaller first.`,
      );
    }
    throw new OcelliError(
      'image-unreadable',
      `A picture could not be decoded (${reason}). Check that the file is whole.`,
    );
  }
}

/** Drops or spreads channels to three; alpha is composited on white in Pillow's integer arithmetic. */
function toRgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const pixels = Math.floor(data.length / channels);
  const rgb = new Uint8Array(pixels * 3);
  const isGrey = channels < 3;
  const hasAlpha = channels === 2 || channels === 4;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const source = pixel * channels;
    const alpha = hasAlpha ? (data[source + channels - 1] ?? 255) : 255;
    for (let channel = 0; channel < 3; channel++) {
      const level = data[source + (isGrey ? 0 : channel)] ?? 0;
      rgb[pixel * 3 + channel] = alpha === 255 ? level : onWhite(level, alpha);
    }
  }
  return rgb;
}

/** Source: Pillow 13, src/libImaging/AlphaComposite.c, with an opaque white ground. */
function onWhite(level: number, alpha: number): number {
  if (alpha === 0) return 255;
  const sum = (level * alpha + 255 * (255 - alpha)) * 128 + 0x80 * 128;
  return (((sum >> 8) + sum) >> 8) >> 7;
}
