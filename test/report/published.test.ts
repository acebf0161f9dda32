/** BlindTest's published verdicts through the report: the accuracies and discordant pairs that were counted by hand in the data's README. */

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyse, readPublishedRun, writeReport, type CorrectedResult } from '../../benchmarks/report/index.js';
import { holm, mcNemarExact } from '../../benchmarks/statistics/index.js';
import { ocelli } from '../cli/terminal.js';

const data = process.env['OCELLI_BLINDTEST'] ?? resolve(import.meta.dirname, '../../../shared/data/blindtest');
const file = join(data, 'verdicts.jsonl.gz');
const pair = ['published:gpt-4o', 'published:claude-3.5-sonnet'] as const;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-published-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** GPT-4o only right / Sonnet only right, prompt 1 then 2, and n: from ../shared/data/README.md. */
const discordant: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  'line-intersections': [138, 800, 144, 697, 1_800],
  'two-circles': [13, 150, 68, 186, 672],
  'overlapping-circles': [19, 91, 18, 88, 240],
  'overlapping-pentagons': [12, 108, 5, 124, 192],
  'nested-squares': [10, 51, 6, 52, 120],
  'grid-blank': [1, 46, 2, 46, 132],
  'grid-text': [4, 39, 2, 53, 132],
};

/** Accuracy in %, Claude 3 Sonnet, Claude 3.5 Sonnet, Gemini 1.5 Pro, GPT-4o: from the same page. */
const accuracies: Readonly<Record<string, readonly number[]>> = {
  'line-intersections': [43.4, 75.4, 66.9, 41.6],
  'two-circles': [84.5, 91.7, 92.8, 72.7],
  'overlapping-circles': [34.6, 71.7, 28.8, 42.1],
  'overlapping-pentagons': [9.8, 77.3, 19.4, 17.5],
  'nested-squares': [65.0, 92.1, 87.1, 55.8],
  'grid-blank': [25.0, 59.8, 26.5, 26.1],
  'grid-text': [47.3, 85.6, 52.3, 53.0],
  'circled-word': [72.6, 88.7, 92.5, 70.7],
  'subway-map': [22.7, 48.0, 36.8, 46.1],
};
const models = ['claude-3-sonnet', 'claude-3.5-sonnet', 'gemini-1.5-pro', 'gpt-4o'];

describe.skipIf(!existsSync(file))('the published verdicts of BlindTest', () => {
  let slices: readonly CorrectedResult[] = [];
  let html = '';
  let rows: string[][] = [];
  beforeAll(async () => {
    const run = await readPublishedRun(file);
    const { analysis, files } = await writeReport(run, folder, {
      version: '1.2.3',
      pairs: [pair],
      samples: { failures: 10, successes: 5 },
    });
    slices = analysis.suites[0]?.slices ?? [];
    html = await readFile(files.html, 'utf8');
    rows = [...parseHTML(html).document.querySelectorAll('#ranking tr, #pairs tr')].map((row) =>
      [...row.children].map(({ textContent }) => textContent ?? ''),
    );
  }, 240_000);

  it('have the counted discordant pairs, exact p-values and Holm over the table', () => {
    const counted = Object.entries(discordant).flatMap(([subtask, [a1, b1, a2, b2, n]]) => [
      { subtask, prompt: 0, n, baselineOnly: a1, candidateOnly: b1 },
      { subtask, prompt: 1, n, baselineOnly: a2, candidateOnly: b2 },
    ]);
    for (const { subtask, prompt, n, baselineOnly, candidateOnly } of counted) {
      const slice = slices.find((result) => result.subtask === subtask && result.prompt === prompt);
      expect(slice).toMatchObject({ n, test: 'mcnemar', counts: { baselineOnly, candidateOnly } });
      expect(slice?.p).toBe(mcNemarExact({ baselineOnly, candidateOnly }));
    }
    expect(slices.map((slice) => slice.holm)).toEqual(holm(slices.map(({ p }) => p)));
  });

  it('stand on the page as they were counted', () => {
    for (const [subtask, [a1, b1, , , n]] of Object.entries(discordant)) {
      const row = rows.find(
        ([name, prompt, , , , only]) => name === subtask && prompt === '1' && only === `${a1} / ${b1}`,
      );
      expect(row?.[2]).toBe(n.toLocaleString('en-US'));
    }
  });

  it('have the known accuracies on the page', () => {
    const head = rows.find(([first, ...rest]) => first === 'sub-task' && rest.includes('n each')) ?? [];
    for (const [subtask, expected] of Object.entries(accuracies)) {
      const row =
        rows.find(([name, , , , , last]) => name === subtask && last !== undefined && !last.includes('/')) ?? [];
      for (const [place, model] of models.entries())
        expect(
          Math.abs(Number.parseFloat(row[head.indexOf(model)] ?? '') - (expected[place] ?? 0)),
        ).toBeLessThanOrEqual(0.1001);
    }
  });

  it('name the pictures whose keys cannot be paired', () => {
    expect(html).toContain('No pairs are left for subway-map');
  });
});

describe('a file of verdicts', () => {
  const line = (picture: number, model: string, correct: boolean): string =>
    JSON.stringify({
      imageGitBlob: picture.toString(16).padStart(4, '0').padEnd(40, 'a'),
      subtask: 'grid-blank',
      truth: '3,4',
      model,
      prompt: 1,
      correct,
    });
  const lines = Array.from({ length: 40 }, (_, picture) => [
    line(picture, 'a', picture < 10),
    line(picture, 'b', picture < 35),
  ]).flat();

  it.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['packed', (text: string) => gzipSync(text)],
  ])('is read %s, reported and compared without items or pictures', async (name, pack) => {
    const path = join(folder, `${name}.jsonl`);
    await writeFile(path, pack(`${lines.join('\n')}\n`));
    const said = await ocelli(['bench', 'report', '--verdicts', path, '--out', join(folder, name), '--pair', 'a,b']);
    expect(said.code).toBe(0);
    expect(said.out).toContain('b is better at BlindTest than a by');
    const compared = await ocelli(['bench', 'compare', 'a', 'b', '--verdicts', path]);
    expect(compared.out).toMatch(/25\/0|0\/25/);
    const suite = analyse(await readPublishedRun(path)).suites[0];
    expect(suite?.overall[0]?.counts).toEqual({ bothRight: 10, bothWrong: 5, baselineOnly: 0, candidateOnly: 25 });
  });

  it('whose pictures cannot be told apart has no verdict, and says why', async () => {
    const path = join(folder, 'alike.jsonl');
    await writeFile(
      path,
      Array.from({ length: 4 }, () => [line(1, 'a', true), line(1, 'b', false)].join('\n')).join('\n'),
    );
    const { code, out } = await ocelli(['bench', 'report', '--verdicts', path, '--out', join(folder, 'alike')]);
    expect(code).toBe(0);
    expect(out).toContain('a and b share no questions that could be paired');
  });

  it('that is damaged ends with 3 and a sentence', async () => {
    const path = join(folder, 'damaged.jsonl.gz');
    await writeFile(path, gzipSync(lines.join('\n')).subarray(0, 60));
    const { code, err } = await ocelli(['bench', 'report', '--verdicts', path, '--out', folder]);
    expect(code).toBe(3);
    expect(err).toMatch(/is damaged; expected gzip/);
  });
});
