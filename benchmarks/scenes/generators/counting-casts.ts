/** Who plays in a counting scene: the targets, what else stands about, and the ground they stand on. */

import { distinctFrom, edgeColour, objectClasses, type ObjectClass } from '../classes.js';
import { namedColours, objectGround, shapeGround, type ColourName } from '../colours.js';
import {
  coloursFor,
  objectElement,
  objectTurn,
  pluralShape,
  shapeElement,
  shapesFor,
  shapeTurn,
  stylesOf,
  treatmentFor,
  type ShapeLook,
} from '../elements.js';
import type { GeneratorParameters, Level } from '../item.js';
import type { Placed } from '../placement.js';
import type { Random } from '../random.js';
import type { Background, Colour, Role, SceneElement, ShapeName } from '../scene.js';

/** What stands where before it is placed; `draw` makes the element once its place is known. */
export interface Thing {
  readonly turn: number;
  draw(index: number, placed: Placed): SceneElement;
}

/** The things of one scene. */
export interface Cast {
  readonly plural: string;
  readonly background: Background;
  /** In the order of drawing. */
  readonly things: readonly Thing[];
  /** One target more, for the twin. */
  readonly extra: Thing;
  readonly leastSize: number;
  readonly distractors: number;
}

/** One kind of shape and nothing else; from level 3 on in several colours. */
export function plainShapes(random: Random, count: number, level: Level): Cast {
  const [shape = 'circle'] = shapesFor(random, 1);
  const colours = coloursFor(random, level <= 2 ? 1 : 3);
  const thing = (): Thing => shapeThing(random, { shape, colour: random.pick(colours), role: 'target' }, level);
  return {
    plural: pluralShape(shape),
    background: groundFor(random, colours, level),
    things: Array.from({ length: count }, thing),
    extra: thing(),
    leastSize: 26,
    distractors: 0,
  };
}

/** Red circles among red squares and blue circles: neither the colour nor the shape alone gives the count. */
export function attributeShapes(random: Random, count: number, level: Level): Cast {
  const shapes = shapesFor(random, level <= 2 ? 2 : 3);
  const colours = coloursFor(random, level <= 2 ? 2 : 3);
  const shape = shapes[0] ?? 'circle';
  const colour = colours[0] ?? 'red';
  const distractors = random.between(level + 1, 2 * level + 3);
  const others: Thing[] = Array.from({ length: distractors }, (_, index) => {
    // The two halves of the description take turns, so that each alone is present too.
    const look: { shape: ShapeName; colour: ColourName } =
      index % 2 === 0
        ? { shape, colour: random.pick(colours.slice(1)) }
        : { shape: random.pick(shapes.slice(1)), colour: index % 4 === 1 ? colour : random.pick(colours) };
    return shapeThing(random, { ...look, role: 'distractor' }, level);
  });
  const target = (): Thing => shapeThing(random, { shape, colour, role: 'target' }, level);
  return {
    plural: `${colour} ${pluralShape(shape)}`,
    background: groundFor(random, colours, level),
    things: random.shuffle([...others, ...Array.from({ length: count }, target)]),
    extra: target(),
    leastSize: 26,
    distractors,
  };
}

/** Objects of one class, alone or among others; from level 4 on the others come from the same part of the world. */
export function namedObjects(
  random: Random,
  count: number,
  among: boolean,
  { level, split }: GeneratorParameters,
): Cast {
  const asked = random.pick(objectClasses);
  const styles = level <= 2 ? [random.pick(stylesOf(split))] : stylesOf(split);
  const edges: Colour[] = [];
  const thing = (object: ObjectClass, role: Role): Thing => {
    const look = { object, role, style: random.pick(styles), treatment: treatmentFor(random, level) };
    edges.push(edgeColour(object, look.style));
    return { turn: objectTurn(random, level), draw: (index, placed) => objectElement(random, index, look, placed) };
  };
  const distractors = among ? random.between(level, 2 * level + 1) : 0;
  const others = otherClasses(random, asked, level, Math.min(2 + level, 5));
  const crowd = Array.from({ length: distractors }, () => thing(random.pick(others), 'distractor'));
  const targets = Array.from({ length: count }, () => thing(asked, 'target'));
  const extra = thing(asked, 'target');
  return {
    plural: asked.plural,
    background: objectGround(random, edges, level),
    things: random.shuffle([...crowd, ...targets]),
    extra,
    leastSize: 48,
    distractors,
  };
}

/** Classes that may stand beside `asked` and beside each other. */
export function otherClasses(random: Random, asked: ObjectClass, level: Level, count: number): ObjectClass[] {
  const near = objectClasses.filter((entry) => entry.category === asked.category);
  const chosen: ObjectClass[] = [];
  const pools = level >= 4 ? [near, objectClasses] : [objectClasses];
  for (const pool of pools) {
    while (chosen.length < count) {
      const left = distinctFrom(pool, [asked, ...chosen]);
      if (left.length === 0) break;
      chosen.push(random.pick(left));
    }
  }
  return chosen;
}

function shapeThing(random: Random, look: ShapeLook, level: Level): Thing {
  return {
    turn: shapeTurn(random, look.shape, level),
    draw: (index: number, placed: Placed): SceneElement => shapeElement(random, index, look, placed),
  };
}

function groundFor(random: Random, colours: readonly ColourName[], level: Level): Background {
  return shapeGround(
    random,
    colours.map((colour) => namedColours[colour]),
    level,
  );
}
