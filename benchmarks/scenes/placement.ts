/** Puts things on the canvas so that what lies where is beyond doubt: apart, or overlapping by a stated share. */

import { halfExtent } from './geometry.js';
import type { Random } from './random.js';

/** An upright square round a placed thing. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly rotation: number;
  /** Half the side of the square that surely holds it. */
  readonly half: number;
}

/** Where things may lie, in pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Wanted {
  readonly size: number;
  readonly rotation: number;
}

export interface PlacementRules {
  readonly area: Area;
  /** Pixels kept free between two things that do not overlap. */
  readonly gap: number;
  /**
   * How deep, in percent of the smaller size, one thing may reach over another; at most one other may reach over each.
   * At 20 and below at least 60 % of any sprite stays visible (the tests check it with the id buffer).
   */
  readonly overlap: number;
}

/** The deepest overlap any generator may ask for. */
export const deepestOverlap = 20;

/** The whole picture less a margin. */
export function inside(width: number, height: number, margin: number): Area {
  return { left: margin, top: margin, right: width - margin, bottom: height - margin };
}

/**
 * Finds a place for every wanted thing, in the order of drawing. Where they do not fit, all of them are made smaller by
 * a tenth and it starts again, so it ends for every input.
 */
export function place(random: Random, wanted: readonly Wanted[], rules: PlacementRules): Placed[] {
  let scale = 100;
  for (;;) {
    for (let attempt = 0; attempt < 6; attempt++) {
      const placed = tryPlace(random, wanted, rules, scale);
      if (placed !== undefined) return placed;
    }
    scale = Math.floor((scale * 9) / 10);
  }
}

function tryPlace(
  random: Random,
  wanted: readonly Wanted[],
  rules: PlacementRules,
  scale: number,
): Placed[] | undefined {
  const placed: Placed[] = [];
  const covered = new Set<Placed>();
  for (const thing of wanted) {
    const found = findPlace(
      random,
      Math.max(4, Math.floor((thing.size * scale) / 100)),
      thing.rotation,
      placed,
      covered,
      rules,
    );
    if (found === undefined) return undefined;
    placed.push(found);
  }
  return placed;
}

/** One more place among things that lie already; undefined where none was found in 60 draws. */
export function findPlace(
  random: Random,
  size: number,
  rotation: number,
  placed: readonly Placed[],
  covered: Set<Placed>,
  rules: PlacementRules,
): Placed | undefined {
  const half = halfExtent(size, rotation);
  const { left, top, right, bottom } = rules.area;
  if (right - left < 2 * half || bottom - top < 2 * half) return undefined;
  for (let draw = 0; draw < 60; draw++) {
    const x = random.between(left + half, right - half);
    const y = random.between(top + half, bottom - half);
    const candidate = { x, y, size, rotation, half };
    const touched = placed.filter((other) => overlapDepth(candidate, other) + rules.gap > 0);
    if (touched.length === 0) return candidate;
    const only = touched[0];
    if (rules.overlap === 0 || touched.length > 1 || only === undefined) continue;
    const depth = overlapDepth(candidate, only);
    const deepest = (Math.min(size, only.size) * Math.min(rules.overlap, deepestOverlap)) / 100;
    // A depth near nothing would be a contact that is neither apart nor over: leave it out.
    if (depth < 3 || depth > deepest || covered.has(only)) continue;
    covered.add(only);
    covered.add(candidate);
    return candidate;
  }
  return undefined;
}

/** How far two squares reach into one another along the axis where they do so least; negative: the gap between them. */
export function overlapDepth(left: Placed, right: Placed): number {
  const reach = left.half + right.half;
  return Math.min(reach - Math.abs(left.x - right.x), reach - Math.abs(left.y - right.y));
}
