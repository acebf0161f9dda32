/** How a level spoils its pictures: compression, blur, noise and loss of contrast, never so far that the truth is in doubt. */

import type { Level } from './item.js';
import type { Random } from './random.js';
import { noDegradations, type Degradations } from './scene.js';

interface Ranges {
  /** Percent of pictures that are spoiled at all. */
  readonly share: number;
  readonly contrast: number;
  readonly blur: number;
  readonly noise: number;
  readonly jpeg: readonly [worst: number, best: number];
}

const byLevel: Readonly<Record<Level, Ranges>> = {
  1: { share: 0, contrast: 100, blur: 0, noise: 0, jpeg: [100, 100] },
  2: { share: 30, contrast: 95, blur: 0, noise: 2, jpeg: [85, 95] },
  3: { share: 50, contrast: 90, blur: 5, noise: 4, jpeg: [75, 95] },
  4: { share: 80, contrast: 80, blur: 8, noise: 7, jpeg: [60, 90] },
  5: { share: 100, contrast: 65, blur: 12, noise: 10, jpeg: [45, 80] },
};

/** Draws the degradations of one picture. `gentle` halves the blur, for fine lines and small print. */
export function degradationsFor(random: Random, level: Level, options: { gentle?: boolean } = {}): Degradations {
  const ranges = byLevel[level];
  if (!random.chance(ranges.share)) return noDegradations;
  const blur = random.chance(60) ? random.between(0, ranges.blur) : 0;
  return {
    rotation: 0,
    contrast: random.chance(50) ? random.between(ranges.contrast, 100) : 100,
    blur: options.gentle === true ? blur >> 1 : blur,
    noise: random.chance(60) ? random.between(0, ranges.noise) : 0,
    jpeg: random.chance(70) ? random.between(ranges.jpeg[0], ranges.jpeg[1]) : null,
  };
}

/** The degradations as entries of a difficulty vector, in the scene's own units. */
export function degradationDifficulty(degradations: Degradations): Record<string, number> {
  return {
    contrast: degradations.contrast,
    blur: degradations.blur,
    noise: degradations.noise,
    jpeg: degradations.jpeg ?? 100,
    rotation: Math.abs(degradations.rotation),
  };
}
