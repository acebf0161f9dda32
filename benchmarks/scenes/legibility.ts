/** When print must be read and when saying "unreadable" is right; what lies between is never asked. */

import type { Degradations } from './scene.js';

/** The least x-height in tenths of a pixel, at the scene's own size, of text that must be read. */
export const leastReadable = 60;

/** Whether blur leaves the strokes apart: sigma at most an eighth of the x-height. */
export function mustBeRead(xHeightTenths: number, degradations: Degradations): boolean {
  return xHeightTenths >= leastReadable && degradations.blur * 8 <= xHeightTenths;
}

/** The blur in tenths of a pixel from which no reader can tell the letters: sigma of eleven tenths of the x-height. */
export function unreadableBlur(xHeightTenths: number): number {
  return Math.ceil((xHeightTenths * 11) / 10);
}

/**
 * The x-height in pixels that a model sees when the picture's longer side is scaled to `side` pixels (never enlarged).
 *
 * @example
 * seenXHeight(item.difficulty.xHeight, item.scene, 224);
 */
export function seenXHeight(
  xHeightTenths: number,
  scene: { readonly width: number; readonly height: number },
  side: number,
): number {
  return (xHeightTenths / 10) * Math.min(1, side / Math.max(scene.width, scene.height));
}
