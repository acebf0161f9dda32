/** Mirrors a scene's things, for twins in which left and right (or above and below) change places and nothing else does. */

import type { Scene, SceneElement } from './scene.js';

/** `horizontal` swaps left and right; `vertical` swaps above and below and leaves every thing upright. */
export function mirrorScene(scene: Scene, axis: 'horizontal' | 'vertical'): Scene {
  return { ...scene, elements: scene.elements.map((element) => mirrorElement(element, scene, axis)) };
}

function mirrorElement(element: SceneElement, scene: Scene, axis: 'horizontal' | 'vertical'): SceneElement {
  if (element.kind !== 'shape' && element.kind !== 'object')
    throw new RangeError(`Only scenes of shapes and objects can be mirrored, not a ${element.kind}.`);
  if (axis === 'vertical') return { ...element, y: scene.height - element.y };
  const turned = { x: scene.width - element.x, rotation: 0 - element.rotation };
  return element.kind === 'object' ? { ...element, ...turned, flip: !element.flip } : { ...element, ...turned };
}
