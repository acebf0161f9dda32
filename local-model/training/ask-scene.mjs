/** Asks a model about a drawn scene, and scores the answer as `ocelli bench` does: for measures whose pictures or questions are no suite's. */

import { recordVersion, scoreResponse } from '../../dist/benchmarks/index.js';
import { createOcelli } from '../../dist/src/index.js';
import { scenes } from '../../scripts/load-scenes.mjs';

/**
 * @param model such as local:tiny
 * @returns a function of an item, the scene drawn instead of its own and the question asked: the outcome, as `scoreResponse` names it
 */
export function askerOf(model) {
  const ocelli = createOcelli();
  return async (item, scene, question) => {
    const { png } = await scenes.renderScene(scene);
    const { text } = await ocelli.generate({ model, prompt: question, images: [png], maxOutputTokens: 24 });
    const response = {
      record: 'response',
      version: recordVersion,
      itemId: item.id,
      model,
      prompt: 0,
      repeat: 0,
      text,
      finishReason: 'stop',
    };
    return scoreResponse({ ...item, record: 'item', version: recordVersion, suite: item.generator.name }, response).outcome;
  };
}

/** Items of the test split (unseen look), as many of each level. */
export function someItems({ suite, subtasks, levels, perLevel, seed }) {
  return levels.flatMap((level) =>
    scenes
      .generateItems({ suite, level, n: 24 * perLevel, seed, split: 'test' })
      .filter((item) => subtasks.includes(item.subtask))
      .slice(0, perLevel),
  );
}
