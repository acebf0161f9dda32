/** Charts: values read off an axis, the highest or lowest of several, labelled slices of a pie. */

import { degradationDifficulty, degradationsFor } from '../degradations.js';
import type { GeneratedScene, Generator, Level } from '../item.js';
import { sceneVersion } from '../scene.js';
import { range, startDraw } from '../spread.js';
import { heldBy, words } from '../words.js';
import { axisChart, pieChart, type Chart } from './charts-drawings.js';

const version = 1;
const name = `charts@${version}`;
const subtasks = ['bar-value', 'bar-extreme', 'line-value', 'line-extreme', 'pie-percent', 'pie-extreme'];

/** Categories in a chart. */
const categories: Readonly<Record<Level, readonly [least: number, most: number]>> = {
  1: [3, 3],
  2: [4, 4],
  3: [5, 5],
  4: [6, 6],
  5: [7, 8],
};

export const charts: Generator = {
  name: 'charts',
  version,
  subtasks,
  generate(parameters) {
    const { level, split } = parameters;
    const draw = startDraw(name, subtasks, parameters);
    const { random, subtask } = draw;
    const kind = subtask.startsWith('pie') ? 'pie' : subtask.startsWith('bar') ? 'bar' : 'line';
    const count = random.between(...categories[level]) - (kind === 'pie' && level >= 4 ? 1 : 0);
    const known = heldBy(words, 'train');
    const own = split === 'test' ? [...known, ...heldBy(words, 'test')] : known;
    const labels = random.sample(
      own.filter((word) => word.length <= 5),
      count,
    );
    const asked = draw.answerFrom(range(0, 19));
    const options = { random, level, split, labels, asksValue: !subtask.endsWith('extreme'), wish: asked };
    const chart = kind === 'pie' ? pieChart(options) : axisChart(options, kind);
    const degradations = degradationsFor(random, level, { gentle: true });
    const finished = (drawn: Chart): GeneratedScene => ({
      scene: {
        version: sceneVersion,
        generator: name,
        width: 512,
        height: 512,
        background: drawn.background,
        elements: drawn.elements,
        degradations,
      },
      task: 'ocr',
      subtask,
      questions: drawn.questions,
      answerSpec: drawn.answerSpec,
      answer: drawn.answer,
      evidence: drawn.evidence,
      difficulty: { categories: count, xHeight: drawn.xHeightTenths, ...degradationDifficulty(degradations) },
    });
    return [finished(chart)];
  },
};
