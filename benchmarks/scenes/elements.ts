/** Builds the scenes' elements: which art and colours a split may use, and the fields every element has. */

import { colourNames, namedColours, jitter, tellApart, type ColourName } from './colours.js';
import type { ObjectClass } from './classes.js';
import type { Level, Split } from './item.js';
import type { Placed, Wanted } from './placement.js';
import type { Random } from './random.js';
import type { ArtStyle, Colour, ObjectElement, Role, ShapeElement, ShapeName, Treatment } from './scene.js';

/** Shapes with an everyday name. Pairs that could be taken for one another are kept apart by `shapesFor`. */
export const shapeNames: readonly ShapeName[] = [
  'circle',
  'square',
  'triangle',
  'star',
  'cross',
  'heart',
  'diamond',
  'pentagon',
  'hexagon',
  'crescent',
];

const similarShapes: readonly (readonly [ShapeName, ShapeName])[] = [
  ['square', 'diamond'],
  ['pentagon', 'hexagon'],
  ['circle', 'hexagon'],
  ['triangle', 'diamond'],
];

/** How far each may be turned, in degrees to both sides, and still be called by its name. */
const turns: Readonly<Record<ShapeName, number>> = {
  circle: 0,
  square: 8,
  triangle: 180,
  star: 180,
  cross: 12,
  heart: 20,
  diamond: 8,
  pentagon: 180,
  hexagon: 180,
  crescent: 60,
};

/** "circles", "crosses". */
export function pluralShape(shape: ShapeName): string {
  return shape === 'cross' ? 'crosses' : `${shape}s`;
}

/** Up to `count` shapes of which no two look alike. */
export function shapesFor(random: Random, count: number, first?: ShapeName): ShapeName[] {
  const chosen: ShapeName[] = first === undefined ? [] : [first];
  for (const shape of random.shuffle(shapeNames)) {
    if (chosen.length >= count) break;
    const clash = chosen.some(
      (other) => other === shape || similarShapes.some((pair) => pair.includes(other) && pair.includes(shape)),
    );
    if (!clash) chosen.push(shape);
  }
  return chosen;
}

/** Up to `count` colours of which no two are called by the same name by anyone. */
export function coloursFor(random: Random, count: number, first?: ColourName): ColourName[] {
  const chosen: ColourName[] = first === undefined ? [] : [first];
  for (const colour of random.shuffle(colourNames)) {
    if (chosen.length >= count) break;
    if (chosen.every((other) => other !== colour && tellApart(colour, other))) chosen.push(colour);
  }
  return chosen;
}

/** A value of a named colour. */
export function shade(random: Random, name: ColourName): Colour {
  return jitter(random, namedColours[name], 10);
}

/** How far to turn a shape at this level. */
export function shapeTurn(random: Random, shape: ShapeName, level: Level): number {
  const most = level === 1 ? Math.min(turns[shape], 0) : turns[shape];
  return random.between(-most, most);
}

/** How far to turn an object at this level. */
export function objectTurn(random: Random, level: Level): number {
  const most = [0, 8, 15, 25, 35][level - 1] ?? 0;
  return random.between(-most, most);
}

/** The art styles of a split: three to train on, one that is never seen in training. */
export function stylesOf(split: Split): readonly ArtStyle[] {
  return split === 'test' ? ['noto'] : ['fluent-3d', 'twemoji', 'fxemoji'];
}

export function treatmentFor(random: Random, level: Level): Treatment {
  if (level === 1 || random.chance(55)) return 'none';
  return random.pick(['outline', 'posterise', 'warm', 'cool'] as const);
}

/** Numbers elements in the order in which they are drawn. */
export function elementId(index: number): string {
  return `e${index + 1}`;
}

export interface ShapeLook {
  readonly shape: ShapeName;
  readonly colour: ColourName;
  readonly role: Role;
}

/** A filled shape called "red circle". */
export function shapeElement(random: Random, index: number, look: ShapeLook, placed: Placed): ShapeElement {
  return {
    kind: 'shape',
    id: elementId(index),
    role: look.role,
    name: `${look.colour} ${look.shape}`,
    shape: look.shape,
    x: placed.x,
    y: placed.y,
    size: placed.size,
    rotation: placed.rotation,
    fill: shade(random, look.colour),
    stroke: null,
    strokeWidth: 0,
  };
}

export interface ObjectLook {
  readonly object: ObjectClass;
  readonly style: ArtStyle;
  readonly treatment: Treatment;
  readonly role: Role;
}

/** A sprite called by its class name. */
export function objectElement(random: Random, index: number, look: ObjectLook, placed: Placed): ObjectElement {
  return {
    kind: 'object',
    id: elementId(index),
    role: look.role,
    name: look.object.name,
    object: look.object.name,
    style: look.style,
    treatment: look.treatment,
    x: placed.x,
    y: placed.y,
    size: placed.size,
    rotation: placed.rotation,
    flip: random.chance(50),
  };
}

/**
 * Sizes for `count` things on a canvas on which `room` of them (default: as many) would fill about a fifth to a third,
 * within the limits. A `room` drawn apart from the count keeps the size of one thing from telling how many there are.
 */
export function sizesFor(
  random: Random,
  count: number,
  canvas: { readonly width: number; readonly height: number },
  limits: { readonly least: number; readonly most: number; readonly uniform: boolean; readonly room?: number },
  turn: (index: number) => number,
): Wanted[] {
  const cell = Math.floor(Math.sqrt((canvas.width * canvas.height) / Math.max(limits.room ?? count, 2)));
  const clamp = (size: number): number => Math.max(limits.least, Math.min(limits.most, size));
  const low = clamp(Math.floor((cell * 38) / 100));
  const high = clamp(Math.floor((cell * 58) / 100));
  const common = random.between(low, high);
  return Array.from({ length: count }, (_, index) => ({
    size: limits.uniform ? common : random.between(low, high),
    rotation: turn(index),
  }));
}

/** The canvas shapes that pictures come in. */
export function canvasFor(random: Random): { width: number; height: number } {
  const [width, height] = random.pick([
    [512, 512],
    [512, 512],
    [512, 512],
    [576, 448],
    [448, 576],
  ] as const);
  return { width, height };
}
