/** The fonts: which families there are, which half of the splits each belongs to, and how large their text comes out. */

import { fontTable } from './font-metrics.js';
import type { Split } from './item.js';
import { hashNumber } from './random.js';

/** One family in its regular weight. Heights and widths are thousandths of an em. */
export interface FontFamily {
  /** The folder in `@expo-google-fonts`, and the name in scenes. */
  readonly name: string;
  /** The TTF in the package's `400Regular` folder, without its ending. */
  readonly file: string;
  readonly xHeight: number;
  readonly capitalHeight: number;
  readonly ascent: number;
  readonly descent: number;
  /** Of the characters U+0020 to U+007E. */
  readonly advances: readonly number[];
  /** A third of the families is for testing only, by a hash of the name. */
  readonly split: Split;
}

export const fontFamilies: readonly FontFamily[] = fontTable
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', file = '', ...numbers] = line.split('|');
    const [xHeight = 0, capitalHeight = 0, ascent = 0, descent = 0] = numbers.slice(0, 4).map(Number);
    const advances = (numbers[4] ?? '').split(',').map(Number);
    const split = hashNumber(name) % 3 === 0 ? 'test' : 'train';
    return { name, file, xHeight, capitalHeight, ascent, descent, advances, split };
  });

/** The families that a split may use. */
export function fontsOf(split: Split): readonly FontFamily[] {
  return fontFamilies.filter((family) => family.split === split);
}

/** Width in whole pixels of a line of ASCII text, kerning left out (it makes text a little narrower, never wider). */
export function textWidth(family: FontFamily, size: number, text: string): number {
  let thousandths = 0;
  for (const character of text) {
    const advance = family.advances[character.charCodeAt(0) - 32];
    if (advance === undefined) throw new RangeError(`Scenes hold printable ASCII text only, not "${character}".`);
    thousandths += advance;
  }
  return Math.ceil((thousandths * size) / 1000);
}

/** The font size in whole pixels whose x-height comes nearest to the one wanted, at least 4. */
export function sizeForXHeight(family: FontFamily, xHeight: number): number {
  return Math.max(4, Math.round((xHeight * 1000) / family.xHeight));
}

/** The x-height in tenths of a pixel of text of this size. */
export function xHeightTenths(family: FontFamily, size: number): number {
  return Math.round((family.xHeight * size) / 100);
}

/** The largest size up to the one wanted at which the text is at most `width` pixels wide. */
export function fitSize(family: FontFamily, size: number, text: string, width: number): number {
  let fitted = size;
  while (fitted > 4 && textWidth(family, fitted, text) > width) fitted--;
  return fitted;
}
