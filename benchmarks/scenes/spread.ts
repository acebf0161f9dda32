/** Spreads sub-tasks and answers evenly over a run, so that the most frequent answer is never a good guess. */

import type { GeneratorParameters } from './item.js';
import { createRandom, type Random } from './random.js';

/** How many seeds a run of one seed number may use. */
export const slotsPerSeed = 100_000;

export interface Draw {
  readonly random: Random;
  readonly subtask: string;
  /**
   * One of the answers, each once in every block of so many items of the sub-task, in an order of its own per block.
   * Call it once.
   */
  answerFrom<T>(answers: readonly T[]): T;
}

/** Starts one item: its generator of chance, its sub-task and its answer. */
export function startDraw(generator: string, subtasks: readonly string[], parameters: GeneratorParameters): Draw {
  const { seed, slot, level, split } = parameters;
  const subtask = subtasks[slot % subtasks.length] ?? '';
  const rank = Math.floor(slot / subtasks.length);
  return {
    random: createRandom(`${generator}|${split}|${level}|${seed}`),
    subtask,
    answerFrom: (answers) => {
      const block = Math.floor(rank / answers.length);
      const run = Math.floor(seed / slotsPerSeed);
      const order = createRandom(`${generator}|answers|${split}|${level}|${run}|${subtask}|${block}`).shuffle(answers);
      const answer = order[rank % answers.length];
      if (answer === undefined) throw new RangeError('A sub-task needs at least one possible answer.');
      return answer;
    },
  };
}

/** The integers from `low` to `high`. */
export function range(low: number, high: number): number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}
