import { describe, expect, it, vi } from 'vitest';
import { generateItems, generators, levels, type SceneItem } from '../../benchmarks/scenes/index.js';

vi.setConfig({ testTimeout: 120_000 });

function shares(items: readonly SceneItem[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { answer } of items) counts.set(JSON.stringify(answer), (counts.get(JSON.stringify(answer)) ?? 0) + 1);
  return counts;
}

/** What a guess among the offered choices reaches; 0 for other answers. */
function chance(items: readonly SceneItem[]): number {
  const each = items.map(({ answerSpec }) => (answerSpec.type === 'choice' ? 1 / answerSpec.choices.length : 0));
  return each.reduce((sum, share) => sum + share, 0) / each.length;
}

/** Naive Bayes over the words of the questions, fitted on the first half and tried on the second. */
function guessedFromWords(items: readonly SceneItem[]): {
  readonly right: number;
  readonly majority: number;
  readonly tried: number;
} {
  const half = items.length >> 1;
  const [known, tried] = [items.slice(0, half), items.slice(half)];
  const wordsOf = (item: SceneItem): string[] => (item.questions[0] ?? '').toLowerCase().split(/\W+/);
  const vocabulary = new Set(known.flatMap(wordsOf));
  const classes = new Map<string, { count: number; total: number; words: Map<string, number> }>();
  for (const item of known) {
    const key = JSON.stringify(item.answer);
    const entry = classes.get(key) ?? { count: 0, total: 0, words: new Map<string, number>() };
    classes.set(key, entry);
    entry.count++;
    for (const word of wordsOf(item)) {
      entry.total++;
      entry.words.set(word, (entry.words.get(word) ?? 0) + 1);
    }
  }
  const score = (item: SceneItem, key: string): number => {
    const entry = classes.get(key);
    if (entry === undefined) return Number.NEGATIVE_INFINITY;
    return wordsOf(item).reduce(
      (sum, word) => sum + Math.log(((entry.words.get(word) ?? 0) + 0.5) / (entry.total + 0.5 * vocabulary.size)),
      Math.log(entry.count),
    );
  };
  const keys = [...classes.keys()];
  const best = (item: SceneItem): string =>
    keys.reduce((left, right) => (score(item, right) > score(item, left) ? right : left));
  const most = keys.reduce((left, right) =>
    (classes.get(right)?.count ?? 0) > (classes.get(left)?.count ?? 0) ? right : left,
  );
  return {
    right: tried.filter((item) => best(item) === JSON.stringify(item.answer)).length / tried.length,
    majority: tried.filter((item) => most === JSON.stringify(item.answer)).length / tried.length,
    tried: tried.length,
  };
}

const closed = new Set(['integer', 'yesno', 'choice', 'pair']);

describe('answers', () => {
  it('are spread evenly over whole blocks: no answer of a counting, yes-no or relation question is frequent', () => {
    const cases = [
      ['counting', 'shapes', 1, 5],
      ['counting', 'attribute', 3, 10],
      ['counting', 'prior', 5, 6],
      ['existence', 'adversarial', 4, 2],
      ['spatial', 'relation-objects', 5, 4],
      ['spatial', 'relation-yesno', 2, 2],
      ['spatial', 'corner', 3, 4],
      ['geometric', 'crossings', 1, 3],
      ['ocr', 'legibility', 1, undefined],
    ] as const;
    for (const [suite, subtask, level, kinds] of cases) {
      const items = generateItems({ suite, level, n: 120, subtask });
      const counts = shares(items);
      if (kinds === undefined) expect(counts.get('null')).toBe(60);
      else {
        expect(counts.size, subtask).toBe(kinds);
        for (const count of counts.values()) expect(count, subtask).toBe(120 / kinds);
      }
    }
  });

  it('cannot be guessed from the question: a bag of words beats neither the most frequent answer nor a blind choice', () => {
    for (const generator of Object.values(generators)) {
      for (const subtask of generator.subtasks) {
        for (const level of [2, 5] as const) {
          const items = generateItems({ suite: generator.name, level, n: 300, subtask, split: 'train', seed: 3 });
          if (!closed.has(items[0]?.answerSpec.type ?? '')) continue;
          const { right, majority, tried } = guessedFromWords(items);
          const floor = Math.max(majority, chance(items));
          // Three points, and three standard errors for the size of this sample.
          const allowed = floor + 0.03 + 3 * Math.sqrt((floor * (1 - floor)) / tried);
          expect(right, `${generator.name} ${subtask} level ${level}: ${right} against ${floor}`).toBeLessThanOrEqual(
            allowed,
          );
        }
      }
    }
  });

  it('are of the type that the item states', () => {
    for (const generator of Object.values(generators)) {
      for (const level of levels) {
        for (const { id, answer, answerSpec } of generateItems({ suite: generator.name, level, n: 66, twins: true })) {
          if (answerSpec.type === 'integer') expect(Number.isInteger(answer), id).toBe(true);
          else if (answerSpec.type === 'yesno') expect(['yes', 'no'], id).toContain(answer);
          else if (answerSpec.type === 'choice') expect(answerSpec.choices, id).toContain(answer);
          else if (answerSpec.type === 'pair') expect(answer, id).toHaveLength(2);
          else if (answerSpec.abstain === 'right') expect(answer, id).toBeNull();
          else expect(String(answer).length, id).toBeGreaterThan(0);
        }
      }
    }
  });
});

describe('twins', () => {
  const twins = Object.values(generators).flatMap((generator) =>
    levels.flatMap((level) => generateItems({ suite: generator.name, level, n: 60, twins: true })),
  );
  const byId = new Map(twins.map((item) => [item.id, item]));

  it('share the cluster of the item they were made from, have another scene, and ask the same', () => {
    let seen = 0;
    for (const item of twins) {
      if (item.twin === undefined) {
        expect(item.cluster).toBe(item.sceneHash);
        continue;
      }
      const base = byId.get(item.twin.of);
      if (base === undefined) continue;
      seen++;
      expect(item.cluster, item.id).toBe(base.cluster);
      expect(item.sceneHash, item.id).not.toBe(base.sceneHash);
      expect(item.questions, item.id).toEqual(base.questions);
    }
    expect(seen).toBeGreaterThan(300);
  });

  it('change the answer in the way their kind says', () => {
    for (const item of twins) {
      const base = item.twin === undefined ? undefined : byId.get(item.twin.of);
      if (item.twin === undefined || base === undefined) continue;
      const swapped: Record<string, string> = {
        left: 'right',
        right: 'left',
        above: 'below',
        below: 'above',
        yes: 'no',
        no: 'yes',
      };
      if (item.twin.kind === 'one-more') expect(item.answer, item.id).toBe(Number(base.answer) + 1);
      else if (item.twin.kind === 'toggled') expect(item.answer, item.id).toBe(swapped[String(base.answer)]);
      else if (item.twin.kind === 'mirrored' && String(base.answer) in swapped)
        expect(item.answer, item.id).toBe(swapped[String(base.answer)]);
      else expect(item.answer, item.id).not.toEqual(base.answer);
    }
  });

  it('break a prior with the wrong answer named', () => {
    const breaking = twins.filter(({ twin, subtask }) => twin?.kind === 'prior-breaking' && subtask !== 'prior');
    expect(breaking.length).toBeGreaterThan(10);
    for (const item of breaking) expect(item.expectedBias, item.id).toBe(byId.get(item.twin?.of ?? '')?.answer);
  });
});

describe('receipts', () => {
  it('print the sum of their prices, and the twin another total, with the sum as the expected wrong answer', () => {
    const items = generateItems({ suite: 'ocr', level: 4, n: 40, subtask: 'receipt-total', twins: true });
    for (const { id, scene, answer, expectedBias, twin } of items) {
      const amounts = scene.elements.flatMap((element) =>
        element.kind === 'text' && /^\d+\.\d\d$/.test(element.text) ? [Number(element.text.replace('.', ''))] : [],
      );
      const total = amounts.pop() ?? 0;
      const sum = amounts.reduce((left, right) => left + right, 0);
      expect(String(answer).replace('.', ''), id).toBe(String(total));
      if (twin === undefined) expect(total, id).toBe(sum);
      else {
        expect(total, id).not.toBe(sum);
        expect(String(expectedBias).replace('.', ''), id).toBe(String(sum));
      }
    }
  });
});
