/** Abstract drawings of the kind that "Vision language models are blind" made known; our own ranges, after its description. */

import { degradationDifficulty, degradationsFor } from '../degradations.js';
import type { GeneratedScene, Generator, Split } from '../item.js';
import { sceneVersion } from '../scene.js';
import { startDraw } from '../spread.js';
import {
  crossings,
  gridDrawing,
  nestedSquares,
  overlappingShapes,
  side,
  touchingCircles,
  type Drawing,
  type DrawingOptions,
} from './geometric-drawings.js';

const version = 1;
const name = `geometric@${version}`;
const subtasks = [
  'crossings',
  'touching-circles',
  'nested-squares',
  'grid-blank',
  'grid-text',
  'overlapping-rings',
  'overlapping-pentagons',
];

export const geometric: Generator = {
  name: 'geometric',
  version,
  subtasks,
  generate(parameters) {
    const draw = startDraw(name, subtasks, parameters);
    const { random, subtask } = draw;
    const drawing = drawingOf(subtask, { random, level: parameters.level, draw }, parameters.split);
    const degradations = degradationsFor(random, parameters.level, { gentle: true });
    const { twin, ...first } = drawing;
    const itemOf = ({ scene, ...rest }: Omit<Drawing, 'twin'>): GeneratedScene => ({
      ...rest,
      scene: { version: sceneVersion, generator: name, width: side, height: side, ...scene, degradations },
      subtask,
      evidence: scene.elements.filter((element) => element.role === 'target').map((element) => element.id),
      difficulty: { ...rest.difficulty, ...degradationDifficulty(degradations) },
    });
    if (twin === undefined) return [itemOf(first)];
    const { kind, ...changed } = twin;
    return [itemOf(first), { ...itemOf({ ...first, ...changed }), twin: kind }];
  },
};

function drawingOf(subtask: string, options: DrawingOptions, split: Split): Drawing {
  switch (subtask) {
    case 'crossings':
      return crossings(options);
    case 'touching-circles':
      return touchingCircles(options);
    case 'nested-squares':
      return nestedSquares(options);
    case 'grid-blank':
      return gridDrawing(options, undefined);
    case 'grid-text':
      return gridDrawing(options, split);
    case 'overlapping-rings':
      return overlappingShapes(options, 'circle');
    default:
      return overlappingShapes(options, 'pentagon');
  }
}
