import { describe, expect, it } from 'vitest';
import { confusableWith, moreQuestions } from '../../benchmarks/scenes/index.js';
import { manyItems } from './many-items.js';

describe('further questions about a scene', () => {
  const items = manyItems({ suites: ['counting', 'spatial', 'existence', 'naming'], each: 24, split: 'train' });
  const all = items.flatMap((item) => moreQuestions(item).map((more) => ({ item, more })));

  it('count what is there', () => {
    for (const { item, more } of all.filter((entry) => entry.more.task === 'counting')) {
      const name = item.scene.elements.find(({ id }) => id === more.evidence[0])?.name;
      expect(item.scene.elements.filter((element) => element.name === name).length, item.id).toBe(more.answer);
    }
  });

  it('say no only to things that are neither there nor near to what is', () => {
    const absent = all.filter(({ more }) => more.answer === 'no');
    expect(absent.length).toBeGreaterThan(100);
    for (const { item, more } of absent) {
      const asked = /Is there an? (.+) in the picture/.exec(more.questions[0] ?? '')?.[1] ?? '';
      for (const { name } of item.scene.elements) {
        expect(name, item.id).not.toBe(asked);
        expect(confusableWith(asked), item.id).not.toContain(name);
      }
    }
  });

  it('place things with the margin of the spatial suite', () => {
    const placed = all.filter(({ more }) => more.task === 'spatial');
    expect(placed.length).toBeGreaterThan(30);
    for (const { item, more } of placed) {
      const [first, second] = more.evidence.map((id) => item.scene.elements.find((element) => element.id === id));
      if (first === undefined || second === undefined || !('x' in first) || !('x' in second)) throw new Error(item.id);
      const { left, right, above, below } = {
        left: first.x < second.x,
        right: first.x > second.x,
        above: first.y < second.y,
        below: first.y > second.y,
      };
      expect({ left, right, above, below }[String(more.answer) as 'left'], item.id).toBe(true);
    }
  });

  it('never repeat the item’s own question and are the same every time', () => {
    for (const item of items) {
      const more = moreQuestions(item);
      expect(more).toEqual(moreQuestions(item));
      expect(more.map(({ questions }) => questions[0])).not.toContain(item.questions[0]);
    }
  });
});
