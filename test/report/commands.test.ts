/** `ocelli bench report`, `compare`, `gate` and `power`: what they say, and with which exit code. */

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordLine, recordVersion, type ScoreRecord } from '../../benchmarks/scoring/index.js';
import {
  pairedDifferenceInterval,
  pairedSampleSize,
  smallestDetectableDifference,
} from '../../benchmarks/statistics/index.js';
import { ocelli } from '../cli/terminal.js';
import { writeSmallRun } from './small-run.js';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A run of scores alone: item by item, whether it was right. */
async function runOf(model: string, rights: readonly boolean[], name = 'run'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ocelli-compare-'));
  folders.push(folder);
  const lines = rights.map((right, place): ScoreRecord => ({
    record: 'score',
    version: recordVersion,
    itemId: `item-${place}`,
    suite: 'counting',
    task: 'counting',
    subtask: place % 2 === 0 ? 'shapes' : 'things',
    cluster: `scene-${place}`,
    model,
    prompt: 0,
    repeat: 0,
    parser: 1,
    outcome: right ? 'correct' : 'wrong',
    parsed: right ? 3 : 4,
    truth: 3,
    answerType: 'integer',
    measures: {},
  }));
  await writeFile(join(folder, 'scores.jsonl'), lines.map((line) => recordLine(line)).join(''));
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({ record: 'manifest', version: 1, name, status: 'complete', partial: false }),
  );
  return folder;
}

/** `n` items, right up to `right`. */
const rightUpTo = (right: number, n: number): boolean[] => Array.from({ length: n }, (_, place) => place < right);

describe('ocelli bench compare', () => {
  it('says who is better at what, by how much and how sure that is', async () => {
    const a = await runOf('openai:gpt-4o', rightUpTo(320, 400));
    const b = await runOf('local:tiny', rightUpTo(290, 400));
    const { code, out, err } = await ocelli(['bench', 'compare', a, b]);
    const { lower, upper } = pairedDifferenceInterval({
      bothRight: 290,
      bothWrong: 80,
      baselineOnly: 30,
      candidateOnly: 0,
    });
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(
      `local:tiny is worse at counting than openai:gpt-4o by ${Math.round(-upper * 100)} to ${Math.round(-lower * 100)} points (n = 400, p < 0.001).`,
    );
    expect(out).toMatch(/^counting +1 +400 +80\.0% +72\.5% +-7\.5 .* 30\/0 +1\.9e-9/m);
    expect(out).toMatch(/^counting +shapes +1 +200/m);
  });

  it('says what could have been found where nothing was', async () => {
    const a = await runOf('a:model', rightUpTo(50, 100));
    const b = await runOf('b:model', rightUpTo(49, 100));
    const { code, out } = await ocelli(['bench', 'compare', a, b]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /b:model and a:model cannot be told apart at counting: the difference lies between −5\.\d and \+\d\.\d points/,
    );
  });

  it('calls two runs of one model by the names of the runs', async () => {
    const a = await runOf('local:tiny', rightUpTo(100, 100), 'before');
    const b = await runOf('local:tiny', rightUpTo(60, 100), 'after');
    const { out } = await ocelli(['bench', 'compare', a, b]);
    expect(out).toContain('after is worse at counting than before by');
  });

  it('leaves out keys that occur more than once, and says so', async () => {
    const a = await runOf('a:model', rightUpTo(80, 100));
    const b = await runOf('b:model', rightUpTo(60, 100));
    const scores = await readFile(join(a, 'scores.jsonl'), 'utf8');
    await writeFile(join(a, 'scores.jsonl'), `${scores}${scores.split('\n').slice(0, 3).join('\n')}\n`);
    const { out, err } = await ocelli(['bench', 'compare', a, b]);
    expect(out).toContain('n = 97');
    expect(err).toContain('counting: 3 keys occur more than once and were left out');
  });

  it('compares two models of one run, as JSON and as Markdown', async () => {
    const run = await writeSmallRun({ items: 20 });
    folders.push(run);
    const words = ['bench', 'compare', 'gpt-4o', 'gemini-2.5-flash', '--run', run];
    const json = JSON.parse((await ocelli([...words, '--json'])).out) as { suites: { suite: string; n: number }[] };
    expect(json.suites.map(({ suite }) => suite)).toEqual(['counting', 'spatial', 'existence', 'ocr']);
    const markdown = await ocelli([...words, '--markdown']);
    expect(markdown.out).toContain('| models | sub-task | prompt | n | points |');
  });

  it.each([
    [['bench', 'compare', '/nowhere/a', '/nowhere/b'], /holds no run/],
    [['bench', 'compare', 'one'], /missing required argument/],
    [['bench', 'compare', 'a', 'b', '--run', 'x', '--verdicts', 'y'], /not both/],
  ])('ends with 3 for %j', async (words, message) => {
    const { code, err } = await ocelli(words);
    expect(code).toBe(3);
    expect(err).toMatch(message);
  });
});

describe('ocelli bench gate', () => {
  let baseline = '';
  beforeAll(async () => {
    baseline = await runOf('openai:gpt-4o', rightUpTo(800, 1_000), 'baseline');
  });
  const gate = async (right: number, ...more: readonly string[]) =>
    ocelli([
      'bench',
      'gate',
      await runOf('openai:gpt-4o', rightUpTo(right, 1_000), 'candidate'),
      '--baseline',
      baseline,
      ...more,
    ]);

  it.each([
    ['pass', 0, 800],
    ['pass', 0, 900],
    ['inconclusive', 2, 780],
    ['regression', 1, 700],
  ])('says %s with exit code %i for %i of 1,000 against 800', async (verdict, exitCode, right) => {
    const { code, out } = await gate(right, '--margin', '0.02');
    expect(code).toBe(exitCode);
    expect(out.trimEnd().split('\n').at(-1)).toBe(verdict);
  });

  it('decides on the end of the interval, not on the point', async () => {
    const { lower, estimate } = pairedDifferenceInterval({
      bothRight: 785,
      bothWrong: 200,
      baselineOnly: 15,
      candidateOnly: 0,
    });
    expect(estimate).toBeGreaterThan(-0.02);
    expect((await gate(785, '--margin', String(-lower + 1e-6))).code).toBe(0);
    expect((await gate(785, '--margin', String(-lower - 1e-6))).code).toBe(2);
  });

  it('takes the worst suite of several', async () => {
    const [before, after] = [
      await writeSmallRun({ items: 60 }),
      await writeSmallRun({ items: 60, models: { 'openai:gpt-4o': 0.3 } }),
    ];
    folders.push(before, after);
    const { code, out } = await ocelli([
      'bench',
      'gate',
      after,
      '--baseline',
      before,
      '--baseline-model',
      'openai:gpt-4o',
      '--json',
    ]);
    const decision = JSON.parse(out) as { verdict: string; suites: { verdict: string }[] };
    expect(decision.suites).toHaveLength(4);
    expect([code, decision.verdict]).toEqual([1, 'regression']);
  });

  it.each([
    [['bench', 'gate', '/nowhere'], /--baseline/],
    [['bench', 'gate', '/nowhere', '--baseline', '/nowhere/else'], /holds no run/],
    [['bench', 'gate', '--margin', '2'], /share from 0 to 1/],
    [['bench', 'gate', '--nonsense'], /unknown option/],
  ])('ends with 3, never with a verdict, for %j', async (words, message) => {
    const { code, err } = await ocelli(words);
    expect(code).toBe(3);
    expect(err).toMatch(message);
  });

  it('ends with 3 where a run has several models and none was named', async () => {
    const run = await writeSmallRun({ items: 4 });
    folders.push(run);
    const { code, err } = await ocelli(['bench', 'gate', run, '--baseline', run]);
    expect(code).toBe(3);
    expect(err).toContain('has several models: openai:gpt-4o, local:tiny, google:gemini-2.5-flash. Name the one');
  });
});

describe('ocelli bench power', () => {
  it('says how many items a difference takes, and what they find', async () => {
    const words = ['bench', 'power', '--discordance', '0.2', '--difference', '0.05', '--n', '1742', '--json'];
    const { code, out } = await ocelli(words);
    const answer = JSON.parse(out) as { itemsNeeded: number; smallestDetectable: number; powerReached: number };
    expect(code).toBe(0);
    expect(answer.itemsNeeded).toBe(pairedSampleSize(0.05, { discordance: 0.2 }));
    expect(answer.itemsNeeded).toBe(626);
    expect(answer.smallestDetectable).toBe(smallestDetectableDifference(1_742, { discordance: 0.2 }));
    expect(answer.powerReached).toBeGreaterThan(0.99);
  });

  it('says it in words too', async () => {
    const { out } = await ocelli(['bench', 'power', '--difference', '0.03']);
    expect(out).toContain('A difference of 3.0 points takes 1,742 items.');
  });

  it.each([[['bench', 'power']], [['bench', 'power', '--difference', '0.5', '--discordance', '0.2']]])(
    'ends with 3 for %j',
    async (words) => {
      expect((await ocelli(words)).code).toBe(3);
    },
  );
});

describe('ocelli bench report', () => {
  it('writes four files beside the run and prints the verdicts', async () => {
    const run = await writeSmallRun({ items: 20 });
    folders.push(run);
    const { code, out } = await ocelli(['bench', 'report', run]);
    expect(code).toBe(0);
    expect(out).toContain('google:gemini-2.5-flash');
    expect(out.trimEnd().endsWith(join(run, 'report.html'))).toBe(true);
    for (const name of ['report.html', 'report.md', 'report.json', 'junit.xml'])
      expect((await stat(join(run, name))).size).toBeGreaterThan(100);
    expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('Written by ocelli 1.2.3.');
  });

  it('compares the pair that was asked for', async () => {
    const run = await writeSmallRun({ items: 20 });
    folders.push(run);
    await ocelli(['bench', 'report', run, '--pair', 'local:tiny,openai:gpt-4o', '--failures', '5']);
    const html = await readFile(join(run, 'report.html'), 'utf8');
    expect(html).toContain('openai:gpt-4o against local:tiny†, by sub-task');
    expect(html).toContain('5 items that a model failed, of ');
  });

  it.each([
    [['bench', 'report', '/nowhere'], /holds no run/],
    [['bench', 'report', '--verdicts', '/nowhere.jsonl.gz'], /could not be read/],
    [['bench', 'report', 'run', '--verdicts', 'file'], /not both/],
  ])('ends with 3 for %j', async (words, message) => {
    const { code, err } = await ocelli(words);
    expect(code).toBe(3);
    expect(err).toMatch(message);
  });
});
