/** Models that do not look: what they answer, and what they do not see. */

import { describe, expect, it } from 'vitest';
import { createBaseline, type ItemRecord } from '../../benchmarks/index.js';

function item(place: number, question: string, answer: ItemRecord['answer'], choices?: readonly string[]): ItemRecord {
  return {
    record: 'item',
    version: 1,
    id: `item-${place}`,
    suite: 'mine',
    task: choices === undefined ? 'counting' : 'spatial',
    subtask: 'only',
    questions: [question],
    answerSpec: choices === undefined ? { type: 'integer' } : { type: 'choice', choices },
    answer,
    cluster: `cluster-${place}`,
  };
}

async function answers(id: string, items: readonly ItemRecord[]): Promise<(string | undefined)[]> {
  const baseline = createBaseline(id);
  await baseline.begin?.(items);
  const signal = new AbortController().signal;
  const executed = await Promise.all(
    items.map((asked) => baseline.run({ item: asked, model: id, prompt: 0, repeat: 0 }, signal)),
  );
  return executed.map(({ answer }) => answer.text);
}

const right = (items: readonly ItemRecord[], said: readonly (string | undefined)[]): number =>
  items.filter(({ answer }, place) => String(answer) === said[place]).length / items.length;

describe('the majority', () => {
  it('is the commonest answer of a sub-task, always the same', async () => {
    const items = [3, 3, 2, 1, 3].map((answer, place) => item(place, 'How many?', answer));
    expect(await answers('baseline:majority', items)).toEqual(Array(5).fill('3'));
  });

  it('is a place among the choices where every item has its own', async () => {
    const items = [
      item(0, 'Which?', 'cat', ['dog', 'cat']),
      item(1, 'Which?', 'cup', ['tin', 'cup']),
      item(2, 'Which?', 'oak', ['oak', 'elm']),
    ];
    expect(await answers('baseline:majority', items)).toEqual(['cat', 'cup', 'elm']);
  });

  it('can be that nothing can be told', async () => {
    const items = [null, null, 1].map((answer, place) => item(place, 'How many?', answer));
    expect(new Set(await answers('baseline:majority', items))).toEqual(new Set(['I cannot tell.']));
  });
});

describe('the bag of words', () => {
  it('finds out what questions give away', async () => {
    const items = Array.from({ length: 100 }, (_, place) =>
      place % 2 === 0 ? item(place, 'How many legs has the dog?', 4) : item(place, 'How many wings has the bird?', 2),
    );
    expect(right(items, await answers('baseline:bag-of-words', items))).toBe(1);
    expect(right(items, await answers('baseline:majority', items))).toBe(0.5);
  });

  it('does not know the answer to the question it is asked', async () => {
    const items = Array.from({ length: 200 }, (_, place) =>
      item(place, `How many of thing${place}?`, (place * 7_919) % 5),
    );
    expect(right(items, await answers('baseline:bag-of-words', items))).toBeLessThan(0.4);
  });
});

describe('another name', () => {
  it('is no baseline', () => {
    expect(() => createBaseline('baseline:oracle')).toThrow(/baseline:majority and baseline:bag-of-words/);
  });
});
