/** Places for spatial scenes: relations with a margin, quarters clear of the middle, outermost things clear of the next. */

import { halfExtent } from '../geometry.js';
import type { Level } from '../item.js';
import { findPlace, inside, overlapDepth, type Placed } from '../placement.js';
import type { Random } from '../random.js';
import type { Relation, SpatialCast } from './spatial-cast.js';

export type Corner = 'top left' | 'top right' | 'bottom left' | 'bottom right';

export interface Layout {
  readonly random: Random;
  readonly canvas: { readonly width: number; readonly height: number };
  readonly level: Level;
  readonly cast: SpatialCast;
}

/** Sizes in pixels: the more stands about, the smaller. */
const sizes: Readonly<Record<Level, readonly [least: number, most: number]>> = {
  1: [100, 130],
  2: [80, 110],
  3: [64, 88],
  4: [56, 76],
  5: [48, 64],
};
const margin = 10;

/**
 * Places the first two members so that the first lies on the named side of the second, and the others anywhere.
 *
 * The free gap between the two is at least half the larger one, and on the other axis their centres differ by at most a
 * tenth of the smaller one, so that even flat sprites overlap there by more than half.
 */
export function placeRelation(layout: Layout, relation: Relation): Placed[] {
  return retry((shrink) => {
    const [first, second] = [sized(layout, 0, shrink), sized(layout, 1, shrink)];
    const { random, canvas } = layout;
    const horizontal = relation === 'left' || relation === 'right';
    const [along, across] = horizontal ? [canvas.width, canvas.height] : [canvas.height, canvas.width];
    const reach = first.half + second.half;
    const least = reach + Math.ceil(Math.max(first.size, second.size) / 2);
    const most = along - 2 * margin - reach;
    if (most < least) return undefined;
    const distance = random.between(least, Math.min(most, least + Math.floor(along / 3)));
    const [before, after] = relation === 'left' || relation === 'above' ? [first, second] : [second, first];
    const start = random.between(margin + before.half, along - margin - after.half - distance);
    const slack = Math.floor(Math.min(first.size, second.size) / 10);
    const widest = Math.max(first.half, second.half) + margin + slack;
    const level = random.between(widest, across - widest);
    const at = (thing: Sized, place: number, side: number): Placed =>
      horizontal ? { ...thing, x: place, y: side } : { ...thing, x: side, y: place };
    const beforePlaced = at(before, start, level);
    const afterPlaced = at(after, start + distance, level + random.between(-slack, slack));
    const pair = before === first ? [beforePlaced, afterPlaced] : [afterPlaced, beforePlaced];
    return fill(layout, pair, shrink);
  });
}

/** Places the first member in a quarter, at least a tenth of the picture away from both middle lines. */
export function placeCorner(layout: Layout, corner: Corner): Placed[] {
  return retry((shrink) => {
    const target = sized(layout, 0, shrink);
    const { random, canvas } = layout;
    const within = (length: number, low: boolean): number | undefined => {
      const clear = Math.floor(length / 10);
      const room = Math.floor(length / 2) - clear - target.half;
      if (room < margin + target.half) return undefined;
      const place = random.between(margin + target.half, room);
      return low ? place : length - place;
    };
    const x = within(canvas.width, corner.endsWith('left'));
    const y = within(canvas.height, corner.startsWith('top'));
    return x === undefined || y === undefined ? undefined : fill(layout, [{ ...target, x, y }], shrink);
  });
}

/**
 * Places all members so that on one axis the first and the last in order stand clear of their neighbours by half a size.
 * `order` are the members' numbers from the left (or top) to the right (or bottom).
 */
export function placeOutermost(layout: Layout, horizontal: boolean): { places: Placed[]; order: number[] } {
  const { random, canvas, cast } = layout;
  const order = random.shuffle(cast.members.map((_, index) => index));
  const places = retry((shrink) => {
    const things = cast.members.map((_, index) => sized(layout, index, shrink));
    const [along, across] = horizontal ? [canvas.width, canvas.height] : [canvas.height, canvas.width];
    const spans = order.map((index) => 2 * (things[index]?.half ?? 0) + Math.ceil((things[index]?.size ?? 0) / 2));
    const free = along - 2 * margin - spans.reduce((sum, span) => sum + span, 0);
    if (free < 0) return undefined;
    const placed: Placed[] = [];
    let edge = margin + random.between(0, free);
    for (const [rank, index] of order.entries()) {
      const thing = things[index];
      if (thing === undefined) return undefined;
      const side = random.between(margin + thing.half, across - margin - thing.half);
      const place = edge + thing.half;
      placed[index] = horizontal ? { ...thing, x: place, y: side } : { ...thing, x: side, y: place };
      edge += spans[rank] ?? 0;
    }
    return placed;
  });
  return { places, order };
}

type Sized = Omit<Placed, 'x' | 'y'>;

function sized({ random, level, cast }: Layout, index: number, shrink: number): Sized {
  const [least, most] = sizes[level];
  const size = Math.max(32, Math.floor((random.between(least, most) * shrink) / 100));
  const rotation = cast.members[index]?.turn ?? 0;
  return { size, rotation, half: halfExtent(size, rotation) };
}

/** Adds the bystanders; undefined where one finds no room. */
function fill(layout: Layout, placed: readonly Placed[], shrink: number): Placed[] | undefined {
  const { random, canvas, cast } = layout;
  const rules = { area: inside(canvas.width, canvas.height, margin), gap: 6, overlap: 0 };
  const all = [...placed];
  const [first, second] = placed;
  if (first !== undefined && second !== undefined && overlapDepth(first, second) > 0) return undefined;
  for (let index = placed.length; index < cast.members.length; index++) {
    const { size, rotation } = sized(layout, index, shrink);
    const found = findPlace(random, size, rotation, all, new Set(), rules);
    if (found === undefined) return undefined;
    all.push(found);
  }
  return all;
}

/** Tries again with the same sizes, then with smaller ones. */
function retry<T>(attempt: (shrink: number) => T | undefined): T {
  for (let shrink = 100; shrink >= 30; shrink -= 10) {
    for (let time = 0; time < 6; time++) {
      const result = attempt(shrink);
      if (result !== undefined) return result;
    }
  }
  throw new RangeError('No layout was found for a spatial scene; its level asks for more than the canvas holds.');
}
