/** Who plays in a spatial scene: things with different names, and for the prior-breaking ones a pair with a usual order. */

import { distinctFrom, edgeColour, objectClass, objectClasses, type ObjectClass } from '../classes.js';
import { namedColours, objectGround, shapeGround, type ColourName } from '../colours.js';
import {
  coloursFor,
  objectElement,
  objectTurn,
  shapeElement,
  shapesFor,
  shapeTurn,
  stylesOf,
  treatmentFor,
} from '../elements.js';
import type { Level, Split } from '../item.js';
import type { Placed } from '../placement.js';
import type { Random } from '../random.js';
import type { Background, Colour, Role, SceneElement, ShapeName } from '../scene.js';

/** On which side one thing lies, seen from another. */
export type Relation = 'left' | 'right' | 'above' | 'below';

/** A thing that is not placed yet. */
export interface Member {
  readonly name: string;
  readonly turn: number;
  draw(index: number, placed: Placed): SceneElement;
}

/** Those asked about come first. */
export interface SpatialCast {
  readonly members: readonly Member[];
  readonly background: Background;
  /** Where the first is usually found, seen from the second. */
  readonly usual?: Relation;
}

const inTheSky = [
  'sun',
  'moon',
  'cloud',
  'airplane',
  'helicopter',
  'rocket',
  'balloon',
  'dove',
  'lightning bolt',
  'star',
];
const onTheGround = [
  'house',
  'castle',
  'church',
  'factory',
  'tree',
  'palm tree',
  'car',
  'bus',
  'tractor',
  'bicycle',
  'dog',
  'cow',
  'pig',
  'elephant',
];

export function castOf(random: Random, subtask: string, count: number, level: Level, split: Split): SpatialCast {
  if (subtask === 'prior') return priorCast(random, count, level, split);
  if (subtask === 'relation-objects') return objectCast(random, [], count, level, split);
  if (subtask === 'relation-shapes') return shapeCast(random, count, level);
  return random.chance(50) ? shapeCast(random, count, level) : objectCast(random, [], count, level, split);
}

/** Things of different shape and colour; at level 1 and 2 the shape alone tells them apart. */
function shapeCast(random: Random, count: number, level: Level): SpatialCast {
  const looks = level <= 2 ? byShape(random, count) : byBoth(random, count);
  const members = looks.map(({ shape, colour }, index): Member => {
    const role: Role = index < 2 ? 'target' : 'distractor';
    return {
      name: `${colour} ${shape}`,
      turn: shapeTurn(random, shape, level),
      draw: (place, placed) => shapeElement(random, place, { shape, colour, role }, placed),
    };
  });
  const used = looks.map(({ colour }) => namedColours[colour]);
  return { members, background: shapeGround(random, used, level) };
}

interface Look {
  readonly shape: ShapeName;
  readonly colour: ColourName;
}

function byShape(random: Random, count: number): Look[] {
  const colours = coloursFor(random, 4);
  return shapesFor(random, count).map((shape) => ({ shape, colour: random.pick(colours) }));
}

/** Shapes and colours repeat, their pairs do not: both words of the name are needed. */
function byBoth(random: Random, count: number): Look[] {
  const shapes = shapesFor(random, 4);
  const colours = coloursFor(random, 4);
  const pairs = shapes.flatMap((shape) => colours.map((colour) => ({ shape, colour })));
  return random.sample(pairs, count);
}

function objectCast(
  random: Random,
  first: readonly ObjectClass[],
  count: number,
  level: Level,
  split: Split,
): SpatialCast {
  const chosen = [...first];
  while (chosen.length < count) {
    const left = distinctFrom(objectClasses, chosen);
    if (left.length === 0) break;
    chosen.push(random.pick(left));
  }
  const styles = level <= 2 ? [random.pick(stylesOf(split))] : stylesOf(split);
  const edges: Colour[] = [];
  const members = chosen.map((object, index): Member => {
    const look = {
      object,
      role: index < 2 ? ('target' as const) : ('distractor' as const),
      style: random.pick(styles),
      treatment: treatmentFor(random, level),
    };
    edges.push(edgeColour(object, look.style));
    return {
      name: object.name,
      turn: objectTurn(random, level),
      draw: (place, placed) => objectElement(random, place, look, placed),
    };
  });
  return { members, background: objectGround(random, edges, level) };
}

function priorCast(random: Random, count: number, level: Level, split: Split): SpatialCast {
  const sky = objectClass(random.pick(inTheSky));
  const ground = objectClass(random.pick(onTheGround));
  const skyFirst = random.chance(50);
  const cast = objectCast(random, skyFirst ? [sky, ground] : [ground, sky], count, level, split);
  return { ...cast, usual: skyFirst ? 'above' : 'below' };
}
