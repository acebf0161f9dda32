/** Asks a model about a drawn scene, and scores the answer as `ocelli bench` does: for measures whose pictures or questions are no suite's. */

import { recordVersion, scoreResponse } from '../../dist/benchmarks/index.js';
import { createOcelli } from '../../dist/src/index.js';
import { scenes } from '../../scripts/load-scenes.mjs';

/**
 * @param model such as local:tiny
 * @returns a function of a scene and a question: the answer's text
 */
export function answererOf(model) {
  const ocelli = createOcelli();
  return async (scene, question) => {
    const { png } = await scenes.renderScene(scene);
    return (await ocelli.generate({ model, prompt: question, images: [png], maxOutputTokens: 24 })).text;
  };
}

/** @returns a function of an item, the scene drawn instead of its own and the question asked: whether the answer was right */
export function askerOf(model) {
  const answer = answererOf(model);
  return async (item, scene, question) => {
    const response = {
      record: 'response',
      version: recordVersion,
      itemId: item.id,
      model,
      prompt: 0,
      repeat: 0,
      text: await answer(scene, question),
      finishReason: 'stop',
    };
    const scored = { ...item, record: 'item', version: recordVersion, suite: item.generator.name };
    return scoreResponse(scored, response).outcome === 'correct';
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
