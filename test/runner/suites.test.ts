/** Suites: the same wishes give the same items for ever; files and modules of one's own. */

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSuite, gatherItems, itemsOfFile, itemSchema, loadSuite, suites } from '../../benchmarks/index.js';
import { readCsv } from '../../benchmarks/suites/csv.js';
import { makePicture } from '../media/pictures.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-suites-'));
  await writeFile(join(folder, 'dots.png'), await makePicture('png', 16, 12));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const wanted = { level: 2, n: 60, seed: 5, twins: true };
const file = async (name: string, content: string): Promise<string> => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

/** A name or a value read off a chart has no smallest change. */
const untwinned = new Set(['naming', 'charts']);

describe('a suite of ours', () => {
  it.each(suites.map(({ name }) => name))('%s makes items that records can hold', async (name) => {
    const suite = findSuite(name);
    const { items, problems } = await suite.items(wanted);
    expect(problems).toEqual([]);
    expect(items).toHaveLength(60);
    for (const { record } of items) expect(itemSchema.safeParse(record)).toMatchObject({ success: true });
    expect(new Set(items.map(({ record }) => record.suite))).toEqual(new Set([name]));
    expect(items.every(({ record }) => record.split === 'test')).toBe(true);
    if (!untwinned.has(name)) expect(items.some(({ record }) => record.twin !== undefined)).toBe(true);
  });

  it('stays as it is under version 1', async () => {
    const digests: Record<string, string> = {};
    for (const suite of suites.filter(({ levels }) => levels.length > 0)) {
      const { name, version } = suite;
      const made = await Promise.all([1, 2, 3, 4, 5].map((level) => suite.items({ ...wanted, level, seed: 0 })));
      const text = JSON.stringify(made.map((each) => each.items.map(({ record }) => record)));
      digests[`${name} ${version}`] = createHash('sha256').update(text).digest('hex').slice(0, 16);
    }
    expect(digests).toMatchSnapshot();
  });

  it('is a folder with the same files as every other', async () => {
    const room = resolve(import.meta.dirname, '../../benchmarks/suites');
    for (const { name } of suites) expect(await readdir(join(room, name))).toEqual(['index.ts']);
  });

  it('that is unknown, or a level that it has not, is told', async () => {
    expect(() => findSuite('count')).toThrow(/no suite "count"; there are counting, spatial/);
    await expect(gatherItems({ suites: [{ suite: findSuite('ocr') }], levels: [6] })).rejects.toThrow(/no level 6/);
  });
});

describe('items of several suites and levels', () => {
  it('take turns, twins behind their items', async () => {
    const { items } = await gatherItems({
      suites: [{ suite: findSuite('counting') }, { suite: findSuite('ocr') }],
      levels: [1, 3],
      n: 12,
      twins: true,
    });
    expect(items).toHaveLength(48);
    const firsts = items.filter(({ record }) => record.twin === undefined).slice(0, 4);
    expect(firsts.map(({ record }) => `${record.suite} ${record.generator?.level ?? 0}`)).toEqual([
      'counting 1',
      'counting 3',
      'ocr 1',
      'ocr 3',
    ]);
    for (const [place, { record }] of items.entries())
      if (record.twin !== undefined) {
        const before = items[place - 1]?.record;
        expect([before?.id, before?.twin?.of]).toContain(record.twin.of);
      }
  });
});

describe('a file of items', () => {
  it('may be a table with quotes, commas and line ends in its cells', async () => {
    const path = await file(
      'mine.csv',
      '\uFEFFquestion,image,answer,choices,accept,caseSensitive\r\n' +
        '"Which one, then?",dots.png,cat,dog|cat,,\r\n' +
        '"He said ""how\nmany""?",dots.png,12,,,\r\n' +
        'Read it.,dots.png,Total,,total|sum,true\r\n' +
        'Is it there?,dots.png,Yes,,,\r\n' +
        'No truth?,dots.png,,,,\r\n' +
        'None of them?,dots.png,cow,dog|cat,,\r\n',
    );
    const { items, problems } = await (await itemsOfFile(path)).items({ ...wanted, n: 99 });
    expect(
      items.map(({ record }) => [record.questions[0], record.answer, record.answerSpec.type, record.task]),
    ).toEqual([
      ['Which one, then?', 'cat', 'choice', 'spatial'],
      ['He said "how\nmany"?', 12, 'integer', 'counting'],
      ['Read it.', 'Total', 'text', 'ocr'],
      ['Is it there?', 'yes', 'yesno', 'existence'],
    ]);
    expect(items[2]?.record.answerSpec).toMatchObject({ accept: ['total', 'sum'], caseSensitive: true });
    expect(problems.map(({ where }) => where)).toEqual(['line 7', 'line 8']);
  });

  it('may hold whole records, such as those of `bench generate`', async () => {
    const { items } = await findSuite('counting').items({ level: 1, n: 2, seed: 0, twins: false });
    const sha256 = createHash('sha256')
      .update(await readFile(join(folder, 'dots.png')))
      .digest('hex');
    const lines = items.map(({ record }) => JSON.stringify({ ...record, picture: { sha256, path: 'dots.png' } }));
    const path = await file('whole.jsonl', `${lines.join('\n')}\n{"record":"item","version":1,"answer":1}\n`);
    const read = await (await itemsOfFile(path)).items({ ...wanted, n: 99 });
    expect(read.items.map(({ record }) => record)).toEqual(items.map(({ record }) => record));
    expect(read.problems).toHaveLength(1);
    const later = await file('later.jsonl', '{"record":"item","version":2,"answer":1}');
    await expect((await itemsOfFile(later)).items(wanted)).rejects.toThrow(/version 2/);
  });

  it('must name its columns, be there, and have an item', async () => {
    await expect(itemsOfFile(await file('bare.csv', '1,2\n3,4\n'))).rejects.toThrow(/must name the columns/);
    await expect(itemsOfFile(join(folder, 'gone.jsonl'))).rejects.toThrow(/ENOENT/);
    const path = await file('empty.jsonl', '\n\n');
    await expect(gatherItems({ suites: [{ suite: await itemsOfFile(path), path }] })).rejects.toThrow(/no items/);
  });
});

describe('a module of a suite', () => {
  it('is loaded where it exports one, and told what it lacks', async () => {
    const good = await file(
      'mine.mjs',
      "export default { name: 'mine', version: 3, description: '', generators: [], levels: [1], subtasks: [], items: async () => ({ items: [], problems: [] }) };",
    );
    expect(await loadSuite(good)).toMatchObject({ name: 'mine', version: 3 });
    const poor = await file(
      'poor.mjs',
      "export const suite = { name: 'poor', version: 1, generators: [], levels: [], subtasks: [] };",
    );
    await expect(loadSuite(poor)).rejects.toThrow(/has no function items\(\)/);
    await expect(loadSuite(await file('none.mjs', 'export const x = 1;'))).rejects.toThrow(/neither default nor suite/);
    await expect(loadSuite(join(folder, 'gone.mjs'))).rejects.toThrow(/could not be loaded/);
  });
});

describe('comma-separated values', () => {
  it('are read with the line that each row began on', () => {
    expect(readCsv('a,b\n"x\ny",2\n\nlast,""\n')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['x\ny', '2'] },
      { line: 5, cells: ['last', ''] },
    ]);
  });
});
