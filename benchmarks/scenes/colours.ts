/** Colours that have one everyday name, the grounds they are drawn on, and how far apart two colours are. */

import type { Random } from './random.js';
import type { Background, Colour } from './scene.js';

/** Names whose everyday meaning is not in doubt, each with a middle value. */
export const namedColours = {
  red: '#d62828',
  orange: '#f58518',
  yellow: '#f7d51d',
  green: '#2f9e44',
  blue: '#2457d6',
  purple: '#7b2fa8',
  pink: '#f78fbf',
  brown: '#7a4a21',
  black: '#161616',
  white: '#f8f8f8',
  gray: '#868686',
} as const satisfies Record<string, Colour>;

export type ColourName = keyof typeof namedColours;

export const colourNames = Object.keys(namedColours) as ColourName[];

/** Pairs that one person calls by one name and the next by the other once they are jittered or blurred. */
const closePairs: readonly (readonly [ColourName, ColourName])[] = [
  ['red', 'orange'],
  ['red', 'pink'],
  ['red', 'brown'],
  ['orange', 'yellow'],
  ['orange', 'brown'],
  ['blue', 'purple'],
  ['purple', 'pink'],
  ['brown', 'black'],
  ['black', 'gray'],
  ['white', 'gray'],
];

/** Whether a scene that asks about colour may hold both. */
export function tellApart(left: ColourName, right: ColourName): boolean {
  return !closePairs.some(([one, other]) => (one === left && other === right) || (one === right && other === left));
}

export function channels(colour: Colour): [red: number, green: number, blue: number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export function colourOf(red: number, green: number, blue: number): Colour {
  const part = (value: number): string =>
    Math.max(0, Math.min(255, Math.round(value)))
      .toString(16)
      .padStart(2, '0');
  return `#${part(red)}${part(green)}${part(blue)}`;
}

/** A nearby colour: each channel moves by at most `amount` levels. */
export function jitter(random: Random, colour: Colour, amount: number): Colour {
  const [red, green, blue] = channels(colour);
  const move = (value: number): number => value + random.between(-amount, amount);
  return colourOf(move(red), move(green), move(blue));
}

/** Weighted distance 0-255; the eye is most sensitive to green. */
export function colourDistance(left: Colour, right: Colour): number {
  const [r1, g1, b1] = channels(left);
  const [r2, g2, b2] = channels(right);
  const square = 30 * (r1 - r2) ** 2 + 52 * (g1 - g2) ** 2 + 18 * (b1 - b2) ** 2;
  return Math.round(Math.sqrt(square / 100));
}

/** The least distance at which a shape stands out from its ground. */
export const leastContrast = 55;

const lightGrounds: readonly Colour[] = ['#ffffff', '#f4f1ea', '#eef3f8', '#f5f5dc', '#e8efe6', '#fdf0f0', '#f0ecf7'];
const darkGrounds: readonly Colour[] = ['#10131a', '#1d2b3a', '#2a1f2d', '#15291f', '#2b2b2b'];
/** Neither white nor black sprites vanish on these. */
const middleGrounds: readonly Colour[] = [
  '#a9c4d8',
  '#b7c9a8',
  '#d8bf9a',
  '#c3b1d1',
  '#d9a9a0',
  '#9fb8ad',
  '#c9c3b0',
  '#b0b7c6',
  '#d3cf9d',
  '#a8aeb5',
];

/** Stronger ones, for grey, white and pale sprites. */
const strongGrounds: readonly Colour[] = ['#4f86b8', '#4d9a6a', '#c98a3d', '#8d6bb3', '#b8605a', '#3f8f8b', '#52606d'];
/** Pale ones, for dark and saturated sprites. */
const paleGrounds: readonly Colour[] = ['#eaf2f8', '#f3eee2', '#e9f3e4', '#f6e8ec', '#ffffff'];
/** Distance from which a sprite's edge is clearly seen. */
const clearOfSprites = 70;

/** Ground for shapes: the farther from all the colours used the better; level 1 and 2 stay light and plain. */
export function shapeGround(random: Random, used: readonly Colour[], level: number): Background {
  const choices = level <= 2 ? lightGrounds : [...lightGrounds, ...darkGrounds, ...middleGrounds];
  for (let attempt = 0; attempt < 40; attempt++) {
    const ground = textured(random, random.pick(choices), level);
    if (groundColours(ground).every((colour) => used.every((other) => colourDistance(colour, other) >= leastContrast)))
      return ground;
  }
  // Some palettes hold white and black and much between: the first ground that suits is searched, not drawn.
  const suited = [...lightGrounds, ...middleGrounds, ...darkGrounds].map((colour) => ({
    colour,
    least: Math.min(255, ...used.map((other) => colourDistance(colour, other))),
  }));
  suited.sort((left, right) => right.least - left.least);
  return { kind: 'plain', colour: suited[0]?.colour ?? '#ffffff' };
}

/**
 * Ground for sprites, given the colours of their edges: of a few grounds drawn, the one from which the least visible
 * sprite stands out most.
 */
export function objectGround(random: Random, edges: readonly Colour[], level: number): Background {
  const drawn = random.sample([...middleGrounds, ...strongGrounds, ...paleGrounds], 8).map((colour) => ({
    colour,
    least: Math.min(255, ...edges.map((edge) => colourDistance(colour, edge))),
  }));
  // The first that is clear enough is taken, so that pictures do not all end on the same few grounds.
  const clear = drawn.find(({ least }) => least >= clearOfSprites);
  const best = drawn.reduce((left, right) => (right.least > left.least ? right : left));
  return textured(random, (clear ?? best).colour, level);
}

/** A plain light sheet, for drawings of lines and for print. */
export function paperGround(random: Random): Background {
  return { kind: 'plain', colour: random.pick(lightGrounds) };
}

function textured(random: Random, colour: Colour, level: number): Background {
  if (level <= 1 || random.chance(level <= 2 ? 60 : 40)) return { kind: 'plain', colour };
  const other = jitter(random, colour, 8 + 3 * level);
  const kind = random.pick(['gradient', 'checks', 'stripes'] as const);
  if (kind === 'gradient') return { kind, from: colour, to: other, direction: random.pick(['down', 'right']) };
  return { kind, from: colour, to: other, cell: random.pick([16, 24, 32, 48, 64]) };
}

/** The extreme colours of a ground. */
export function groundColours(background: Background): readonly Colour[] {
  return background.kind === 'plain' ? [background.colour] : [background.from, background.to];
}
