/** Existence: is there a thing of this kind? As often yes as no; the absent things are near to what is there. */

import { distinctFrom, edgeColour, objectClasses, withArticle, type ObjectClass } from '../classes.js';
import { namedColours, objectGround, shapeGround, type ColourName } from '../colours.js';
import { degradationDifficulty, degradationsFor } from '../degradations.js';
import {
  canvasFor,
  coloursFor,
  elementId,
  objectElement,
  objectTurn,
  shapeElement,
  shapesFor,
  shapeTurn,
  sizesFor,
  stylesOf,
  treatmentFor,
} from '../elements.js';
import type { GeneratedScene, Generator, GeneratorParameters, Level } from '../item.js';
import { inside, place, type Placed } from '../placement.js';
import type { Random } from '../random.js';
import { sceneVersion, type Background, type Colour, type Scene, type SceneElement, type ShapeName } from '../scene.js';
import { startDraw } from '../spread.js';
import { existenceWordings } from '../wording.js';

const version = 1;
const name = `existence@${version}`;
const subtasks = ['random', 'adversarial', 'binding'];
const crowd: Readonly<Record<Level, readonly [least: number, most: number]>> = {
  1: [2, 3],
  2: [3, 5],
  3: [5, 7],
  4: [7, 10],
  5: [10, 14],
};

export const existence: Generator = {
  name: 'existence',
  version,
  subtasks,
  generate(parameters) {
    const draw = startDraw(name, subtasks, parameters);
    const answer = draw.answerFrom(['yes', 'no'] as const);
    const count = draw.random.between(...crowd[parameters.level]);
    const cast =
      draw.subtask === 'binding'
        ? bindingCast(draw.random, count, parameters.level)
        : objectCast(draw.random, count, draw.subtask === 'adversarial', parameters);
    return twoScenes(draw.random, draw.subtask, cast, count, answer, parameters.level);
  },
};

interface Figure {
  readonly turn: number;
  draw(index: number, placed: Placed): SceneElement;
}

interface Cast {
  /** With its article. */
  readonly thing: string;
  readonly background: Background;
  /** One fewer than the scene holds: the last place goes to the asked thing or to its stand-in. */
  readonly others: readonly Figure[];
  readonly asked: Figure;
  /** Takes the asked thing's place where the answer is no. */
  readonly standIn: Figure;
  readonly leastSize: number;
}

function twoScenes(
  random: Random,
  subtask: string,
  cast: Cast,
  count: number,
  answer: 'yes' | 'no',
  level: Level,
): readonly [GeneratedScene, GeneratedScene] {
  const canvas = canvasFor(random);
  const degradations = degradationsFor(random, level);
  const spot = random.below(count);
  const turns = [...cast.others.slice(0, spot), cast.asked, ...cast.others.slice(spot)].map((figure) => figure.turn);
  const wanted = sizesFor(
    random,
    count,
    canvas,
    { least: cast.leastSize, most: 140, uniform: level === 1 },
    (index) => turns[index] ?? 0,
  );
  const overlap = level <= 2 ? 0 : 4 * level;
  const placed = place(random, wanted, { area: inside(canvas.width, canvas.height, 10), gap: 6, overlap });
  const crowdElements = placed.map((where, index) => {
    if (index === spot) return undefined;
    return cast.others[index < spot ? index : index - 1]?.draw(index, where);
  });
  const build = (verdict: 'yes' | 'no', twin?: 'toggled'): GeneratedScene => {
    const figure = verdict === 'yes' ? cast.asked : cast.standIn;
    const elements = crowdElements.map((element, index) => element ?? figure.draw(index, placed[index] as Placed));
    const scene: Scene = {
      version: sceneVersion,
      generator: name,
      ...canvas,
      background: cast.background,
      elements,
      degradations,
    };
    return {
      scene,
      task: 'existence',
      subtask,
      questions: existenceWordings(cast.thing),
      answerSpec: { type: 'yesno' },
      answer: verdict,
      ...(verdict === 'no' && subtask !== 'random' ? { expectedBias: 'yes' } : {}),
      evidence: verdict === 'yes' ? [elementId(spot)] : [],
      difficulty: {
        total: count,
        size: placed[spot]?.size ?? 0,
        overlap,
        ...degradationDifficulty(degradations),
      },
      ...(twin === undefined ? {} : { twin }),
    };
  };
  return [build(answer), build(answer === 'yes' ? 'no' : 'yes', 'toggled')];
}

/** Classes drawn at random, or from the asked thing's own part of the world. The asked class is drawn the same way for yes and no. */
function objectCast(random: Random, count: number, adversarial: boolean, { level, split }: GeneratorParameters): Cast {
  const asked = random.pick(objectClasses);
  const pool = adversarial ? objectClasses.filter((entry) => entry.category === asked.category) : objectClasses;
  const kinds: ObjectClass[] = [];
  for (const from of [pool, objectClasses]) {
    while (kinds.length < Math.min(count, 6)) {
      const left = distinctFrom(from, [asked, ...kinds]);
      if (left.length === 0) break;
      kinds.push(random.pick(left));
    }
  }
  const styles = level <= 2 ? [random.pick(stylesOf(split))] : stylesOf(split);
  const edges: Colour[] = [];
  const figure = (object: ObjectClass, role: 'target' | 'distractor'): Figure => {
    const look = { object, role, style: random.pick(styles), treatment: treatmentFor(random, level) };
    edges.push(edgeColour(object, look.style));
    return { turn: objectTurn(random, level), draw: (index, placed) => objectElement(random, index, look, placed) };
  };
  const others = Array.from({ length: count - 1 }, (_, index) =>
    figure(kinds[index % kinds.length] ?? asked, 'distractor'),
  );
  const target = figure(asked, 'target');
  const standIn = figure(random.pick(kinds), 'distractor');
  return {
    thing: withArticle(asked),
    background: objectGround(random, edges, level),
    others,
    asked: target,
    standIn,
    leastSize: 48,
  };
}

/** "Is there a red circle?" where there are red things and circles in any case. */
function bindingCast(random: Random, count: number, level: Level): Cast {
  const shapes = shapesFor(random, Math.min(2 + level, 4));
  const colours = coloursFor(random, Math.min(2 + level, 4));
  const [shape = 'circle', ...otherShapes] = shapes;
  const [colour = 'red', ...otherColours] = colours;
  const figure = (look: { shape: ShapeName; colour: ColourName }, role: 'target' | 'distractor'): Figure => ({
    turn: shapeTurn(random, look.shape, level),
    draw: (index, placed) => shapeElement(random, index, { ...look, role }, placed),
  });
  // One of each half at least, where there is room for two.
  const others = Array.from({ length: count - 1 }, (_, index) => {
    const half = index < 2 ? index : random.below(3);
    if (half === 0) return figure({ shape, colour: random.pick(otherColours) }, 'distractor');
    if (half === 1) return figure({ shape: random.pick(otherShapes), colour }, 'distractor');
    return figure({ shape: random.pick(otherShapes), colour: random.pick(otherColours) }, 'distractor');
  });
  const standIn = random.chance(50)
    ? { shape, colour: random.pick(otherColours) }
    : { shape: random.pick(otherShapes), colour };
  return {
    thing: `a ${colour} ${shape}`.replace(/^a (?=[aeiou])/, 'an '),
    background: shapeGround(
      random,
      colours.map((used) => namedColours[used]),
      level,
    ),
    others: random.shuffle(others),
    asked: figure({ shape, colour }, 'target'),
    standIn: figure(standIn, 'distractor'),
    leastSize: 28,
  };
}
