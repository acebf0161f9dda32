import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { itemSchema, scoreResponse, scoreSchema, summariseScores } from '../../benchmarks/scoring/index.js';
import { comparePairs, holm, mcNemarExact, type Comparison } from '../../benchmarks/statistics/index.js';
import {
  blindTestItems,
  hasBlindTest,
  loadBlindTest,
  pairPublished,
  publishedAccuracies,
  readVerdicts,
  verdictScores,
} from '../../benchmarks/suites/blindtest/index.js';
import { reply } from './records-in-tests.js';

const folder = process.env['OCELLI_BLINDTEST'] ?? resolve(import.meta.dirname, '../../../shared/data/blindtest');
const there = existsSync(join(folder, 'items.jsonl'));

/** The tables of the data's README. */
const accuracies: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  'line-intersections': [43.4, 75.4, 66.9, 41.6, 3600],
  'two-circles': [84.5, 91.7, 92.8, 72.7, 1344],
  'overlapping-circles': [34.6, 71.7, 28.8, 42.1, 480],
  'overlapping-pentagons': [9.8, 77.3, 19.4, 17.5, 480],
  'nested-squares': [65.0, 92.1, 87.1, 55.8, 240],
  'grid-blank': [25.0, 59.8, 26.5, 26.1, 264],
  'grid-text': [47.3, 85.6, 52.3, 53.0, 264],
  'circled-word': [72.6, 88.7, 92.5, 70.7, 2496],
  'subway-map': [22.7, 48.0, 36.8, 46.1, 1072],
};
const models = ['claude-3-sonnet', 'claude-3.5-sonnet', 'gemini-1.5-pro', 'gpt-4o'];
/** Sub-task, only GPT-4o right / only Sonnet right under prompt 1, under prompt 2, n. */
const discordant: readonly (readonly [string, readonly [number, number], readonly [number, number], number])[] = [
  ['line-intersections', [138, 800], [144, 697], 1800],
  ['two-circles', [13, 150], [68, 186], 672],
  ['overlapping-circles', [19, 91], [18, 88], 240],
  ['overlapping-pentagons', [12, 108], [5, 124], 192],
  ['nested-squares', [10, 51], [6, 52], 120],
  ['grid-blank', [1, 46], [2, 46], 132],
  ['grid-text', [4, 39], [2, 53], 132],
];

describe.skipIf(!there)(
  `BlindTest's published verdicts${there ? '' : ` (skipped: there is no ${folder})`}`,
  async () => {
    const { items, verdicts } = there ? await loadBlindTest(folder) : { items: [], verdicts: [] };
    const compare = (subtasks: readonly string[], prompt?: number): Comparison =>
      comparePairs(
        pairPublished(verdicts, {
          baseline: 'gpt-4o',
          candidate: 'claude-3.5-sonnet',
          subtasks,
          ...(prompt === undefined ? {} : { prompt }),
        }).pairs,
      );

    it('are 40,960 and give the accuracy table', () => {
      expect(verdicts).toHaveLength(40_960);
      const rows = publishedAccuracies(verdicts);
      expect(rows).toHaveLength(36);
      for (const { subtask, model, correct, n } of rows) {
        const row = accuracies[subtask];
        expect([subtask, model, n]).toEqual([subtask, model, row?.[4]]);
        expect(Math.abs((100 * correct) / n - (row?.[models.indexOf(model)] ?? Number.NaN))).toBeLessThanOrEqual(
          0.0501,
        );
      }
    });

    for (const [subtask, first, second, n] of discordant)
      it(`give the discordant pairs of ${subtask} under each prompt`, () => {
        for (const [prompt, [baselineOnly, candidateOnly]] of [
          [1, first],
          [2, second],
        ] as const) {
          const result = compare([subtask], prompt);
          expect(result).toMatchObject({ n, test: 'mcnemar', counts: { baselineOnly, candidateOnly } });
          expect(result.p).toBe(mcNemarExact({ baselineOnly, candidateOnly }));
          expect(result.difference.lower).toBeGreaterThan(0);
        }
      });

    it('give both grids together under prompt 1', () => {
      expect(compare(['grid-blank', 'grid-text'], 1)).toMatchObject({
        n: 264,
        counts: { baselineOnly: 5, candidateOnly: 85 },
      });
    });

    it('stay significant in all fourteen comparisons after Holm', () => {
      const adjusted = holm(discordant.flatMap(([subtask]) => [1, 2].map((prompt) => compare([subtask], prompt).p)));
      expect(adjusted).toHaveLength(14);
      expect(Math.max(...adjusted)).toBeLessThan(1e-7);
    });

    it('leave out keys that repeat: 192 in pentagons and 1,440 in the subway map, over models and prompts', () => {
      const keys = new Map<string, boolean[]>();
      for (const { model, prompt, subtask, imageGitBlob, correct } of verdicts) {
        const key = `${subtask} ${model} ${prompt} ${imageGitBlob}`;
        keys.set(key, [...(keys.get(key) ?? []), correct]);
      }
      const repeated = [...keys].filter(([, list]) => list.length > 1);
      const of = (subtask: string): number => repeated.filter(([key]) => key.startsWith(`${subtask} `)).length;
      expect([of('overlapping-pentagons'), of('subway-map'), repeated.length]).toEqual([192, 1_440, 1_632]);
      expect(repeated.filter(([, list]) => new Set(list).size > 1)).toHaveLength(710);
      // 192 over four models and two prompts are 24 for one pair of models under one prompt: 216 pictures less 24 make n = 192.
      const { pairs, repeatedKeys, unmatchedKeys } = pairPublished(verdicts, {
        baseline: 'gpt-4o',
        candidate: 'claude-3.5-sonnet',
        subtasks: ['overlapping-pentagons'],
        prompt: 1,
      });
      expect({ n: pairs.length, repeatedKeys, unmatchedKeys }).toEqual({ n: 192, repeatedKeys: 24, unmatchedKeys: 0 });
    });

    it('are pooled over prompts by picture, which widens the interval', () => {
      const pooled = compare(['two-circles']);
      expect(pooled).toMatchObject({ n: 1_344, clusters: 672, test: 'permutation', intervalMethod: 'clustered' });
      expect(pooled.p).toBeLessThan(0.001);
    });

    it('are scores that the rest of the harness reads', () => {
      const scores = verdictScores(verdicts);
      for (const score of scores.slice(0, 500)) expect(scoreSchema.parse(score)).toEqual(score);
      const one = summariseScores(
        scores.filter(({ model, subtask }) => model === 'published:gpt-4o' && subtask === 'nested-squares'),
      );
      expect(one).toMatchObject({ total: 240, asked: 240, clusters: 120 });
      expect(one.accuracyOverAsked).toBeCloseTo(0.558, 3);
    });

    it('come with items whose constant answers reach what the README lists', () => {
      expect(items.flatMap(({ questions }) => questions)).toHaveLength(3_244);
      for (const of of items.slice(0, 50)) expect(itemSchema.parse(of)).toEqual(of);
      const constant = (subtask: string, text: string): number => {
        const scores = items
          .filter((of) => of.subtask === subtask)
          .flatMap((of) => of.questions.map((_, prompt) => scoreResponse(of, reply(text, { itemId: of.id, prompt }))));
        return (100 * scores.filter(({ outcome }) => outcome === 'correct').length) / scores.length;
      };
      for (const [subtask, text, share] of [
        ['two-circles', 'no', 75.8],
        ['line-intersections', '{1}', 35.2],
        ['overlapping-circles', '7', 21.8],
        ['overlapping-pentagons', '9', 25.5],
        ['nested-squares', '{5}', 27.0],
      ] as const)
        expect(constant(subtask, text)).toBeCloseTo(share, 1);
      const grids = ['grid-blank', 'grid-text'].flatMap((subtask) =>
        ['(4,4)', 'rows={5} columns={5}', '7 rows, 7 columns'].map((text) => constant(subtask, text)),
      );
      expect(Math.max(...grids)).toBeLessThan(9);
      expect(Math.max(...grids)).toBeGreaterThan(0);
    });
  },
);

describe('the BlindTest folder', () => {
  const line = {
    subtask: 'grid-blank',
    image: 'images/a.webp',
    imageSha256: 'a'.repeat(64),
    imageGitBlob: 'b'.repeat(40),
    width: 10,
    height: 10,
    question: 'How many?',
    answer: '7,8',
    licence: 'MIT',
    source: 'x',
  };
  const verdict = { imageGitBlob: 'b', subtask: 'subway-map', truth: null, model: 'm', prompt: 1, correct: true };

  it('is read wherever it lies, and both wordings of a picture become one item', async () => {
    const made = await mkdtemp(join(tmpdir(), 'blindtest-'));
    try {
      expect(await hasBlindTest(made)).toBe(false);
      await expect(loadBlindTest(made)).rejects.toThrow(/there is no items.jsonl/);
      await writeFile(
        join(made, 'items.jsonl'),
        [1, 2].map((prompt) => JSON.stringify({ ...line, prompt })).join('\n'),
      );
      await writeFile(join(made, 'verdicts.jsonl.gz'), gzipSync(`${JSON.stringify(verdict)}\n`));
      expect(await hasBlindTest(made)).toBe(true);
      const { items, verdicts } = await loadBlindTest(made);
      expect(items).toMatchObject([
        {
          id: 'blindtest-bbbbbbbbbbbb',
          answer: [7, 8],
          answerSpec: { type: 'pair' },
          questions: ['How many?', 'How many?'],
        },
      ]);
      expect(verdicts).toEqual([verdict]);
      await writeFile(join(made, 'verdicts.jsonl.gz'), 'no gzip');
      await expect(loadBlindTest(made)).rejects.toThrow(/damaged/);
    } finally {
      await rm(made, { recursive: true });
    }
  });

  it('keeps wordings apart that ask for different things', () => {
    const lines = [
      { ...line, subtask: 'two-circles', prompt: 1, answer: 'yes' },
      { ...line, subtask: 'two-circles', prompt: 2, answer: 'no' },
    ];
    const items = blindTestItems(lines.map((of) => JSON.stringify(of)).join('\n'));
    expect(items.map(({ id, answer }) => [id, answer])).toEqual([
      ['blindtest-bbbbbbbbbbbb-p1', 'yes'],
      ['blindtest-bbbbbbbbbbbb-p2', 'no'],
    ]);
  });

  it('says which line is damaged', () => {
    expect(() => blindTestItems('{"a":1}\n')).toThrow(/Line 1 .*subtask/);
    expect(() => blindTestItems('nonsense')).toThrow(/no JSON/);
    expect(() => blindTestItems(JSON.stringify({ ...line, prompt: 1, answer: 'many' }))).toThrow(/"many"/);
    expect(() => readVerdicts('{"model":"x"}')).toThrow(/Line 1/);
  });
});
