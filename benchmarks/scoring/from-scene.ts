/** A generated question as the record that a run keeps: the scene stays behind, its hash and how to make it again go along. */

import type { SceneItem } from '../scenes/item.js';
import { recordVersion, type ItemRecord } from './records.js';

/** The drawn picture, by its content. */
export type PictureRecord = NonNullable<ItemRecord['picture']>;

/**
 * The item record of a generated item. Its suite is its task: generators such as `geometric` feed several suites.
 *
 * @param picture of the drawn scene; left out before it is drawn
 * @example
 * const records = generateItems({ suite: 'counting', level: 2, n: 40 }).map((item) => itemOfScene(item));
 */
export function itemOfScene(item: SceneItem, picture?: PictureRecord): ItemRecord {
  return {
    record: 'item',
    version: recordVersion,
    id: item.id,
    suite: item.task,
    task: item.task,
    subtask: item.subtask,
    questions: item.questions,
    answerSpec: item.answerSpec,
    answer: item.answer,
    ...(item.expectedBias === undefined ? {} : { expectedBias: item.expectedBias }),
    cluster: item.cluster,
    ...(picture === undefined ? {} : { picture }),
    difficulty: item.difficulty,
    ...(item.twin === undefined ? {} : { twin: item.twin }),
    split: item.split,
    ...(item.look === undefined ? {} : { look: item.look }),
    generator: { name: item.generator.name, version: item.generator.version, seed: item.seed, level: item.level },
  };
}
