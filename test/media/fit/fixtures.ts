/** Small pictures whose pixels are known, and targets, for the tests of fitting. */

import sharp, { type Sharp } from 'sharp';
import { checkMedia, type CheckedMedia, type FitTarget } from '../../../src/media/entry.js';
import type { MediaBytes } from '../../../src/request/index.js';

export type Colour = readonly [red: number, green: number, blue: number];

export const red: Colour = [230, 20, 20];
export const green: Colour = [20, 200, 40];
export const blue: Colour = [20, 40, 220];
export const white: Colour = [255, 255, 255];

/** Everything that is common; add what a test is about. */
export function targetWith(changes: Partial<FitTarget> = {}): FitTarget {
  return {
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/gif'],
    limits: {},
    pictureCount: 1,
    ...changes,
  };
}

/** Scales the long side to `side`. */
export const scaleTo =
  (side: number): NonNullable<FitTarget['vendorScaling']> =>
  (width, height) => {
    const scale = Math.min(1, side / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  };

/** Four quarters: red and green above, blue and white below. */
export async function quarters(
  width: number,
  height: number,
  colours: readonly Colour[] = [red, green, blue, white],
): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      data.set(colours[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)] ?? white, (y * width + x) * 3);
    }
  }
  return data;
}

/** A picture of four quarters, in any format that sharp writes. */
export async function quartersAs(
  write: (picture: Sharp) => Sharp,
  width = 64,
  height = 32,
  colours?: readonly Colour[],
): Promise<Buffer> {
  return write(sharp(await quarters(width, height, colours), { raw: { width, height, channels: 3 } })).toBuffer();
}

/** Noise in soft patches: compresses about as badly as a photo. */
export async function photo(width: number, height: number, seed = 1): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3);
  let state = seed;
  for (let at = 0; at < data.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const x = Math.floor(at / 3) % width;
    const y = Math.floor(at / 3 / width);
    data[at] = (((x * 3 + y * 2) >> 2) + (state >>> 26)) & 0xff;
  }
  return data;
}

export async function photoAs(
  write: (picture: Sharp) => Sharp,
  width: number,
  height: number,
  seed = 1,
): Promise<Buffer> {
  return write(sharp(await photo(width, height, seed), { raw: { width, height, channels: 3 } })).toBuffer();
}

export async function load(bytes: Uint8Array): Promise<CheckedMedia> {
  return checkMedia(bytes, 'the test picture');
}

/** The colour in the middle of each quarter, from left to right and top to bottom, and the size. */
export async function seenQuarters(media: MediaBytes): Promise<{ size: string; colours: Colour[] }> {
  const { data, info } = await sharp(media.bytes)
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const colours = [
    [1, 1],
    [3, 1],
    [1, 3],
    [3, 3],
  ].map(([x = 0, y = 0]): Colour => {
    const at = (Math.floor((info.height * y) / 4) * info.width + Math.floor((info.width * x) / 4)) * info.channels;
    return [data[at] ?? -1, data[at + 1] ?? -1, data[at + 2] ?? -1];
  });
  return { size: `${info.width}x${info.height}`, colours };
}

/** Largest difference in any channel. */
export function difference(first: readonly Colour[], second: readonly Colour[]): number {
  return Math.max(
    ...first.flatMap((colour, index) =>
      colour.map((value, channel) => Math.abs(value - (second[index]?.[channel] ?? 999))),
    ),
  );
}
