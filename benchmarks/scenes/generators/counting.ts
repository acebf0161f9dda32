/** Counting: plain shapes, named objects, objects among others, shapes by two attributes, and drawings that break a prior. */

import { degradationDifficulty, degradationsFor } from '../degradations.js';
import { canvasFor, sizesFor } from '../elements.js';
import type { GeneratedScene, Generator, GeneratorParameters, Level } from '../item.js';
import { inside, place, type Placed, type PlacementRules } from '../placement.js';
import type { Random } from '../random.js';
import { sceneVersion, type Scene, type SceneElement } from '../scene.js';
import { range, startDraw } from '../spread.js';
import { countWordings } from '../wording.js';
import { attributeShapes, namedObjects, plainShapes, type Cast } from './counting-casts.js';
import { priorScene } from './counting-priors.js';

const version = 1;
const subtasks = ['shapes', 'objects', 'distractors', 'attribute', 'prior'];
const most: Readonly<Record<Level, number>> = { 1: 5, 2: 7, 3: 9, 4: 12, 5: 16 };
const overlap: Readonly<Record<Level, number>> = { 1: 0, 2: 0, 3: 8, 4: 15, 5: 20 };

export const counting: Generator = {
  name: 'counting',
  version,
  subtasks,
  generate(parameters) {
    const draw = startDraw(`counting@${version}`, subtasks, parameters);
    if (draw.subtask === 'prior') return priorScene(`counting@${version}`, draw, parameters);
    const least = parameters.level >= 2 && (draw.subtask === 'distractors' || draw.subtask === 'attribute') ? 0 : 1;
    const count = draw.answerFrom(range(least, most[parameters.level]));
    return countScene(draw.random, draw.subtask, count, parameters);
  },
};

function countScene(
  random: Random,
  subtask: string,
  count: number,
  parameters: GeneratorParameters,
): readonly [GeneratedScene, ...GeneratedScene[]] {
  const { level } = parameters;
  const canvas = canvasFor(random);
  const cast = castFor(random, subtask, count, parameters);
  const rules: PlacementRules = {
    area: inside(canvas.width, canvas.height, 10),
    gap: Math.max(4, 14 - 2 * level),
    overlap: overlap[level],
  };
  const turns = [...cast.things, cast.extra].map((thing) => thing.turn);
  const fullest = most[level] + cast.distractors + 1;
  const room = random.chance(50) ? fullest : random.between(turns.length, fullest);
  const wanted = sizesFor(
    random,
    turns.length,
    canvas,
    { least: cast.leastSize, most: 150, uniform: level === 1, room },
    (index) => turns[index] ?? 0,
  );
  // The extra target is placed with the others, so that it always has room; only the twin shows it.
  const placed = place(random, wanted, rules);
  const degradations = degradationsFor(random, level);
  const elements = cast.things.map((thing, index) => thing.draw(index, placed[index] as Placed));
  const extra = cast.extra.draw(elements.length, placed[elements.length] as Placed);
  const scene: Scene = {
    version: sceneVersion,
    generator: `counting@${version}`,
    ...canvas,
    background: cast.background,
    elements,
    degradations,
  };
  const result = (kept: readonly SceneElement[], twin?: 'one-more'): GeneratedScene => {
    const targets = kept.filter((element) => element.role === 'target');
    return {
      scene: { ...scene, elements: kept },
      task: 'counting',
      subtask,
      questions: countWordings(cast.plural),
      answerSpec: { type: 'integer', minimum: 0, maximum: 99 },
      answer: targets.length,
      evidence: targets.map((element) => element.id),
      difficulty: {
        count: targets.length,
        total: kept.length,
        distractors: cast.distractors,
        overlap: rules.overlap,
        ...crowding(kept, canvas.width * canvas.height),
        ...degradationDifficulty(degradations),
      },
      ...(twin === undefined ? {} : { twin }),
    };
  };
  return [result(elements), result([...elements, extra], 'one-more')];
}

function castFor(random: Random, subtask: string, count: number, parameters: GeneratorParameters): Cast {
  if (subtask === 'shapes') return plainShapes(random, count, parameters.level);
  if (subtask === 'attribute') return attributeShapes(random, count, parameters.level);
  return namedObjects(random, count, subtask === 'distractors', parameters);
}

/** Share of the canvas under the things' squares, and their mean size. */
function crowding(elements: readonly SceneElement[], area: number): { crowding: number; size: number } {
  const sizes = elements.map((element) => ('size' in element ? element.size : 0));
  if (sizes.length === 0) return { crowding: 0, size: 0 };
  const covered = sizes.reduce((sum, size) => sum + size * size, 0);
  return {
    crowding: Math.round((100 * covered) / area),
    size: Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length),
  };
}
