/** Models that do not look: the commonest answer, and a bag of words over the question. What they get right needs no eyes. */

import { createHash } from 'node:crypto';
import { OcelliError } from '../../src/index.js';
import type { ItemRecord } from '../scoring/index.js';
import type { BenchCall, Executed, Executor } from './executor.js';

/** Ids of the baselines, to be named like any model. */
export const baselineIds = ['baseline:majority', 'baseline:bag-of-words'] as const;
export type BaselineId = (typeof baselineIds)[number];

/** @throws OcelliError `model-not-found` */
export function createBaseline(id: string): Executor {
  if (id === 'baseline:majority') return new Baseline(majority);
  if (id === 'baseline:bag-of-words') return new Baseline(bagOfWords);
  throw new OcelliError('model-not-found', `There is no baseline "${id}"; there are ${baselineIds.join(' and ')}.`);
}

/** An item as a baseline sees it: a class to guess, and no picture. */
interface Example {
  readonly item: ItemRecord;
  readonly label: string;
}

/** Guesses one of the labels that are an answer to the item: there is no fourth of three choices. */
type Guesser = (item: ItemRecord, prompt: number, fits: (label: string) => boolean) => string | undefined;

/** Learns from the items of one sub-task. */
type Learner = (examples: readonly Example[]) => Guesser;

class Baseline implements Executor {
  readonly name = 'baseline';
  readonly #learn: Learner;
  readonly #guessers = new Map<string, Guesser>();
  readonly #byPosition = new Set<string>();

  constructor(learn: Learner) {
    this.#learn = learn;
  }

  concurrency(): number {
    return 16;
  }

  begin(items: readonly ItemRecord[]): Promise<void> {
    for (const [group, members] of groupsOf(items)) {
      const byPosition = choicesDiffer(members);
      if (byPosition) this.#byPosition.add(group);
      this.#guessers.set(group, this.#learn(members.map((item) => ({ item, label: labelOf(item, byPosition) }))));
    }
    return Promise.resolve();
  }

  run({ item, prompt }: BenchCall): Promise<Executed> {
    const group = groupOf(item);
    const byPosition = this.#byPosition.has(group);
    const fits = (candidate: string): boolean => textOf(candidate, item, byPosition) !== '';
    const label = this.#guessers.get(group)?.(item, prompt, fits);
    const text = label === undefined ? '' : textOf(label, item, byPosition);
    return Promise.resolve({ answer: { text, finishReason: 'stop', costUsd: 0 } });
  }
}

function groupOf({ suite, subtask, answerSpec }: ItemRecord): string {
  return JSON.stringify([suite, subtask, answerSpec.type]);
}

function groupsOf(items: readonly ItemRecord[]): ReadonlyMap<string, ItemRecord[]> {
  const groups = new Map<string, ItemRecord[]>();
  for (const item of items) {
    const group = groups.get(groupOf(item));
    if (group === undefined) groups.set(groupOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Where each item has choices of its own, an answer means nothing for another item; its place among them does. */
function choicesDiffer(items: readonly ItemRecord[]): boolean {
  const sets = items.flatMap(({ answerSpec }) =>
    answerSpec.type === 'choice' ? [JSON.stringify([...answerSpec.choices].sort())] : [],
  );
  return new Set(sets).size > 1;
}

function labelOf({ answer, answerSpec }: ItemRecord, byPosition: boolean): string {
  if (byPosition && answerSpec.type === 'choice') return String(answerSpec.choices.indexOf(String(answer)));
  return JSON.stringify(answer);
}

function textOf(label: string, { answerSpec }: ItemRecord, byPosition: boolean): string {
  if (byPosition && answerSpec.type === 'choice') return answerSpec.choices[Number(label)] ?? '';
  const answer = JSON.parse(label) as ItemRecord['answer'];
  if (answer === null) return 'I cannot tell.';
  return Array.isArray(answer) ? answer.join(',') : String(answer);
}

/** Over all items, the asked one included: left out, it would make the most even suite look impossible to guess. */
const majority: Learner = (examples) => {
  const counts = new Map<string, number>();
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1);
  const best = commonest(counts);
  return (_item, _prompt, fits) => (best !== undefined && fits(best) ? best : commonest(counts, fits));
};

/** The highest count; of several the first by name, so that the order of items does not matter. */
function commonest(
  scores: ReadonlyMap<string, number>,
  fits: (label: string) => boolean = () => true,
): string | undefined {
  let best: string | undefined;
  let highest = -Infinity;
  for (const [label, score] of scores)
    if ((score > highest || (score === highest && best !== undefined && label < best)) && fits(label)) {
      best = label;
      highest = score;
    }
  return best;
}

const folds = 10;

/** Naive Bayes on the words of the question, fitted on items of other clusters only. */
const bagOfWords: Learner = (examples) => {
  const models = Array.from({ length: folds }, (_, fold) =>
    fitWords(examples.filter(({ item }) => foldOf(item) !== fold)),
  );
  return (item, prompt, fits) => models[foldOf(item)]?.(item.questions[prompt] ?? item.questions[0] ?? '', fits);
};

function foldOf({ cluster }: ItemRecord): number {
  return createHash('sha256').update(cluster).digest().readUInt32BE(0) % folds;
}

interface LabelCounts {
  items: number;
  words: number;
  readonly byWord: Map<string, number>;
}

function fitWords(
  examples: readonly Example[],
): (question: string, fits: (label: string) => boolean) => string | undefined {
  const vocabulary = new Set<string>();
  const labels = new Map<string, LabelCounts>();
  for (const { item, label } of examples) {
    const counts = labels.get(label) ?? { items: 0, words: 0, byWord: new Map<string, number>() };
    labels.set(label, counts);
    counts.items++;
    for (const question of item.questions) {
      for (const word of wordsOf(question)) {
        vocabulary.add(word);
        counts.words++;
        counts.byWord.set(word, (counts.byWord.get(word) ?? 0) + 1);
      }
    }
  }
  return (question, fits) => {
    const scores = new Map<string, number>();
    for (const [label, { items, words, byWord }] of labels) {
      let score = Math.log(items / examples.length);
      for (const word of wordsOf(question))
        score += Math.log(((byWord.get(word) ?? 0) + 1) / (words + vocabulary.size + 1));
      scores.set(label, score);
    }
    return commonest(scores, fits);
  };
}

function wordsOf(question: string): readonly string[] {
  return question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
