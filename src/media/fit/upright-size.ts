/** The size of a picture as it is looked at. */

import type { PixelSize } from './fit-target.js';

/** Width and height as they are looked at: orientations 5 to 8 lie on their side. */
export function uprightSize({
  width,
  height,
  orientation = 1,
}: PixelSize & { readonly orientation?: number }): PixelSize {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}
