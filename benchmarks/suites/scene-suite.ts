/** Makes a suite of a scene generator: items held out for testing, drawn when they are asked about. */

import {
  generateItems,
  generators,
  levels,
  renderScene,
  type GeneratorName,
  type Level,
  type RenderedBox,
  type SceneItem,
} from '../scenes/index.js';
import { recordVersion } from '../scoring/index.js';
import type { Picture, Suite, SuiteItem } from './suite.js';

export interface SceneSuiteOptions {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly generator: GeneratorName;
}

/** The generator's own version is part of every item, so that items of two versions are never taken for the same. */
export function sceneSuite({ name, version, description, generator }: SceneSuiteOptions): Suite {
  return {
    name,
    version,
    description,
    generators: [generator],
    levels,
    subtasks: generators[generator].subtasks,
    items: ({ level, n, seed, twins, look = 'unseen' }) => {
      const made = generateItems({ suite: generator, level: level as Level, n, seed, twins, look, split: 'test' });
      return Promise.resolve({ items: made.map((item) => suiteItem(name, item)), problems: [] });
    },
  };
}

function suiteItem(suite: string, item: SceneItem): SuiteItem {
  const { scene } = item;
  return {
    record: {
      record: 'item',
      version: recordVersion,
      id: item.id,
      suite,
      task: item.task,
      subtask: item.subtask,
      questions: [...item.questions],
      answerSpec: item.answerSpec,
      answer: item.answer,
      ...(item.expectedBias === undefined ? {} : { expectedBias: item.expectedBias }),
      cluster: item.cluster,
      difficulty: { ...item.difficulty },
      ...(item.twin === undefined ? {} : { twin: { ...item.twin } }),
      split: item.split,
      ...(item.look === undefined ? {} : { look: item.look }),
      generator: { ...item.generator, seed: item.seed, level: item.level },
    },
    size: { width: scene.width, height: scene.height },
    picture: async () => {
      const { png, width, height, boxes } = await renderScene(scene);
      return { bytes: png, width, height, boxes: visibleBoxes(boxes, item.evidence) };
    },
  };
}

/** What the report draws on the picture: what can be seen, and of that what the answer rests on. */
function visibleBoxes(boxes: readonly RenderedBox[], evidence: readonly string[]): NonNullable<Picture['boxes']> {
  return boxes
    .filter(({ visibleFraction }) => visibleFraction > 0)
    .map(({ id, name, box }) => ({ name, ...box, evidence: evidence.includes(id) }));
}
