/** `ocelli bench generate`, `run`, `score` and `list`: words, tables, folders and exit codes. */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { progressText } from '../../src/cli/bench-progress.js';
import { createFakeServer, type FakeServer } from '../../src/testing/index.js';
import { makePicture } from '../media/pictures.js';
import { ocelli } from './terminal.js';

let folder = '';
let server: FakeServer;
const home = process.cwd();
beforeAll(async () => {
  server = await createFakeServer({
    wire: 'openai',
    default: { reply: { text: '1', usage: { inputTokens: 100, outputTokens: 2 } } },
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-bench-'));
  await writeFile(join(folder, 'dots.png'), await makePicture('png', 20, 20));
  await writeFile(
    join(folder, 'mine.csv'),
    'question,image,answer\nHow many dots?,dots.png,1\nHow many lines?,dots.png,2\nHow many eyes?,dots.png,1\n',
  );
});
afterEach(async () => {
  server.reset();
  server.setDefault({ reply: { text: '1', usage: { inputTokens: 100, outputTokens: 2 } } });
  await rm(folder, { recursive: true, force: true });
});

const bench = (words: readonly string[], options: Parameters<typeof ocelli>[1] = {}) =>
  ocelli(['bench', ...words], {
    environment: { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: server.url },
    ...options,
  });
const mine = (): string[] => ['--items', join(folder, 'mine.csv'), '--model', 'openai:gpt-4o'];
const out = (): string[] => ['--out', join(folder, 'run')];

describe('bench run', () => {
  it('prints how often each model was right and where the run is, and ends with 0', async () => {
    const said = await bench(['run', ...mine(), ...out()]);
    expect([said.code, said.err]).toEqual([0, '']);
    expect(said.out).toMatch(/openai:gpt-4o +mine +3 +66\.7 % +.* % to .* % +1 /);
    expect(said.out.trimEnd().split('\n').at(-1)).toBe(join(folder, 'run'));
    expect(await readdir(join(folder, 'run'))).toEqual(
      expect.arrayContaining(['items.jsonl', 'manifest.json', 'pictures', 'responses.jsonl', 'scores.jsonl']),
    );
    expect(JSON.parse(await readFile(join(folder, 'run/manifest.json'), 'utf8'))).toMatchObject({
      versions: { ocelli: '1.2.3' },
    });
  });

  it('prints one JSON document with --json', async () => {
    const said = await bench(['run', ...mine(), ...out(), '--json']);
    expect(JSON.parse(said.out)).toMatchObject({
      manifest: { status: 'complete' },
      results: [
        {
          model: 'openai:gpt-4o',
          suite: 'mine',
          items: 3,
          accuracy: { estimate: 2 / 3 },
          outcomes: { correct: 2, wrong: 1 },
        },
      ],
    });
  });

  it('ends with 3 when something is missing, and goes on with --resume and no other word', async () => {
    server.setDefault({ error: 'authentication' });
    const failed = await bench(['run', ...mine(), ...out(), '--repeats', '2', '--temperature', '0']);
    expect(failed.code).toBe(3);
    expect(failed.err).toMatch(/the run is partial: .*given up.*Go on with "ocelli bench run --resume --out/);
    server.setDefault({ reply: { text: '2' } });
    const said = await bench(['run', '--resume', ...out(), '--json']);
    expect(said.code).toBe(0);
    expect(JSON.parse(said.out)).toMatchObject({
      manifest: { status: 'complete', options: { repeats: 2, temperature: 0 }, counts: { calls: 6, answered: 6 } },
    });
    const other = await bench(['run', '--resume', ...out(), '--repeats', '3']);
    expect([other.code, other.err]).toEqual([3, expect.stringMatching(/repeats was 2 and is 3/) as string]);
  });

  it('keeps escapes of a reply and of names off the terminal', async () => {
    server.setDefault({ reply: { text: '\u001b[31m1\u0007' } });
    const path = join(folder, 'odd.jsonl');
    await writeFile(
      path,
      `${JSON.stringify({ id: 'a\u001b[2J', question: 'How many?', image: 'gone\u001b[1m.png', answer: 1 })}\n${JSON.stringify({ question: 'How many?', answer: 1 })}\n`,
    );
    const said = await bench(['run', '--items', path, '--model', 'openai:gpt-4o', ...out()]);
    expect(said.code).toBe(0);
    expect(said.out + said.err).not.toContain('\u001b');
    expect(said.err).toMatch(/left out/);
  });

  it('says with --dry-run what it would come to, writes nothing and sends nothing', async () => {
    const said = await bench(['run', ...mine(), ...out(), '--dry-run', '--repeats', '4', '--budget-usd', '0.0001']);
    expect(said.code).toBe(0);
    expect(said.out).toMatch(/openai:gpt-4o +12 /);
    expect(said.err).toMatch(/will not come to its end within the budget/);
    expect(await readdir(folder)).not.toContain('run');
    expect(server.requests).toEqual([]);
  });

  it('shows on a terminal how far it is', async () => {
    const said = await bench(['run', ...mine(), ...out()], { isTerminal: true });
    expect(said.err).toMatch(/(?:drawing|asking) \d+\/3/);
    expect(said.err.endsWith('\r\u001b[2K')).toBe(true);
  });

  it.each([
    [['run', '--suite', 'nope'], /no suite "nope"/],
    [['run', '--level', 'x'], /"x" is no level/],
    [['run', '--suite', ','], /--suite is empty/],
    [
      ['run', '--suite', 'counting', '--level', '9', '--model', 'baseline:majority', '--out', '/dev/null/x'],
      /\/dev\/null/,
    ],
    [['run', '--nope'], /unknown option/],
    [['run', '--fit', 'tight'], /--fit: "tight" is none/],
    [['run', '--n', 'many'], /whole number/],
    [['run', '--resume', '--out', '/nowhere'], /no run to go on with/],
    [['run', '--suite', 'blindtest', '--data', '/nowhere'], /not in "\/nowhere\/blindtest"/],
    [['score', '/nowhere'], /no items\.jsonl/],
    [['what'], /unknown command/],
  ])('ends with 3 for wrong words: %j', async (words, message) => {
    const said = await bench(words);
    expect([said.code, said.out]).toEqual([3, '']);
    expect(said.err).toMatch(message);
  });
});

describe('--look seen', () => {
  it('asks about new scenes in the look of training, and the run, its items and its report say so', async () => {
    const words = ['--suite', 'naming', '--n', '2', '--look', 'seen', '--model', 'baseline:majority', ...out()];
    expect((await bench(['run', ...words])).code).toBe(0);
    const items = (await readFile(join(folder, 'run/items.jsonl'), 'utf8')).trim().split('\n');
    for (const line of items)
      expect(JSON.parse(line)).toMatchObject({ id: expect.stringMatching(/-seen$/), look: 'seen', split: 'test' });
    expect(JSON.parse(await readFile(join(folder, 'run/manifest.json'), 'utf8'))).toMatchObject({
      options: { look: 'seen' },
    });
    expect((await bench(['run', '--resume', ...out()])).code).toBe(0);
    expect((await bench(['report', join(folder, 'run')])).err).toContain('--look seen');
    expect(await bench(['run', ...words.with(5, 'new')])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/neither unseen nor seen/),
    });
  });
});

describe('bench generate', () => {
  it('draws items that can be asked about later', async () => {
    const items = join(folder, 'items');
    const said = await bench([
      'generate',
      '--suite',
      'counting,ocr',
      '--level',
      '1-2',
      '--n',
      '3',
      '--seed',
      '7',
      '--out',
      items,
    ]);
    expect([said.code, said.out]).toEqual([0, `12 items\n${items}/items.jsonl\n`]);
    expect(await readdir(join(items, 'pictures'))).toHaveLength(12);
    const asked = await bench([
      'run',
      '--items',
      join(items, 'items.jsonl'),
      '--model',
      'openai:gpt-4o',
      ...out(),
      '--json',
    ]);
    expect(JSON.parse(asked.out)).toMatchObject({
      manifest: { generators: ['counting', 'ocr'], counts: { items: 12, answered: 12 } },
      results: [{ suite: 'counting' }, { suite: 'ocr' }],
    });
  });
});

describe('bench score', () => {
  it('scores again what is stored', async () => {
    await bench(['run', ...mine(), ...out()]);
    const before = await readFile(join(folder, 'run/scores.jsonl'), 'utf8');
    await rm(join(folder, 'run/scores.jsonl'));
    const said = await bench(['score', join(folder, 'run')]);
    expect([said.code, said.err]).toEqual([0, '']);
    expect(said.out).toContain('66.7 %');
    expect(await readFile(join(folder, 'run/scores.jsonl'), 'utf8')).toBe(before);
  });
});

describe('bench list', () => {
  it('names suites, sub-tasks and baselines', async () => {
    const said = await bench(['list']);
    expect(said.code).toBe(0);
    for (const name of [
      'counting',
      'spatial',
      'existence',
      'ocr',
      'blindtest',
      'relation-yesno',
      'baseline:bag-of-words',
    ])
      expect(said.out).toContain(name);
    expect(JSON.parse((await bench(['list', '--json'])).out)).toMatchObject({
      suites: [{ name: 'counting', version: 1 }, {}, {}, {}, {}, {}, {}],
    });
  });
});

describe('the line of progress', () => {
  it('has calls, tokens, money, rate and the time left', () => {
    const progress = {
      planned: 400,
      done: 110,
      doneNow: 100,
      failed: 2,
      skipped: 0,
      inputTokens: 12_345,
      outputTokens: 678,
      usd: 0.01234,
      elapsedMs: 50_000,
    };
    expect(progressText({ step: 'asking', ...progress })).toBe(
      'asking 110/400 · 2 failed · 12,345 + 678 tokens · 0.0123 USD · 2.0/s · 2 min 25 s left',
    );
    expect(progressText({ step: 'drawing', ...progress, failed: 0, elapsedMs: 0 })).toBe('drawing 110/400');
  });
});

it('leaves the working folder as it was', async () => {
  expect(process.cwd()).toBe(home);
});
