/** Finds out what only pixels can say: whether any is transparent, and whether a JPEG would do the picture harm. */

import type { SharpOptions } from 'sharp';
import type { SharpFactory } from './load-sharp.js';
import { pause, type RawPicture } from './raw-picture.js';

/** What is known of the pixels before they are written. */
export interface PixelFacts {
  readonly transparent: boolean;
  /** Drawings, screenshots and scans, whose edges a JPEG would blur, and which PNG keeps small. */
  readonly fewColours: boolean;
}

export interface PixelSource {
  readonly input: Uint8Array;
  readonly options: SharpOptions;
  /** A JPEG is made for being decoded smaller; in a WebP thin lines suffer from it. */
  readonly shrinkOnLoad: boolean;
}

const samplesAlong = 200;
/** More colours than this among the 40,000 samples make a photo. */
const fewColours = 2_048;
const fewGreys = 64;
const comparedAtOnce = 4 * 1_048_576;

/**
 * @param hasAlpha whether the file has a place for transparency; most such files do not use it
 */
export async function lookAtPixels(
  sharp: SharpFactory,
  { input, options }: Pick<PixelSource, 'input' | 'options'>,
  hasAlpha: boolean,
): Promise<PixelFacts> {
  // Without mixing neighbours, which would make new colours.
  const { data, info } = await sharp(input, options)
    .resize(samplesAlong, samplesAlong, { fit: 'inside', kernel: 'nearest', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const samples = countColours(data, info.channels);
  if (!hasAlpha) return { transparent: false, fewColours: samples.fewColours };
  // sharp gives four channels, or two for grey.
  const transparent =
    samples.transparent || !(await isOpaque(await sharp(input, options).extractChannel('alpha').raw().toBuffer()));
  return { transparent, fewColours: samples.fewColours };
}

function countColours(data: Uint8Array, channels: number): PixelFacts {
  const isGrey = channels < 3;
  const hasAlpha = channels === 2 || channels === 4;
  const colours = new Set<number>();
  let transparent = false;
  let onlyGrey = true;
  for (let at = 0; at < data.length; at += channels) {
    const red = data[at] ?? 0;
    const green = isGrey ? red : (data[at + 1] ?? 0);
    const blue = isGrey ? red : (data[at + 2] ?? 0);
    if (red !== green || green !== blue) onlyGrey = false;
    colours.add(red * 65_536 + green * 256 + blue);
    if (hasAlpha && data[at + channels - 1] !== 255) transparent = true;
  }
  return { transparent, fewColours: colours.size <= (onlyGrey ? fewGreys : fewColours) };
}

/** Compares with white piece by piece, which is memcmp and not a loop over millions of samples. */
async function isOpaque(alpha: Buffer): Promise<boolean> {
  const full = Buffer.alloc(Math.min(comparedAtOnce, alpha.length), 255);
  for (let start = 0; start < alpha.length; start += full.length) {
    const piece = alpha.subarray(start, start + full.length);
    if (!piece.equals(full.subarray(0, piece.length))) return false;
    await pause();
  }
  return true;
}

/** Decoded pixels in the form that sharp takes. */
export function rawSource({ data, width, height, channels }: RawPicture): PixelSource {
  return { input: data, options: { raw: { width, height, channels } }, shrinkOnLoad: false };
}
