/** `ocelli estimate`: the numbers of the estimate room in tables, JSON and CSV, whatever is on the command line. */

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimateImage, estimateRequest, listModels } from '../../src/estimate/index.js';
import { loadTokenizers } from '../../src/index.js';
import { makePngHeader } from '../media/pictures.js';
import { date, documentOf, makeAlbum, two } from './album.js';
import { ocelli } from './terminal.js';

let folder = '';
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await makeAlbum();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the JSON of an estimate', () => {
  it('has the agreed names, with the numbers of the estimate room', async () => {
    const said = await ocelli(['estimate', at('album', 'a.png'), ...two, '--json']);
    const { pictures, totals, problems } = documentOf(said);
    expect(said.code).toBe(0);
    const expected = estimateImage({ model: 'openai:gpt-4o', width: 1_024, height: 1_024, date: '2026-11-24' });
    expect(pictures[0]).toEqual({
      picture: at('album', 'a.png'),
      width: 1_024,
      height: 1_024,
      count: 1,
      model: 'openai:gpt-4o',
      detail: 'high',
      tokens: 765,
      low: 765,
      high: 765,
      rule: 'openai-tiles',
      confidence: expected.confidence,
      asOf: expected.asOf,
      resizedTo: { width: 768, height: 768 },
      rejected: null,
      usd: 0.0019125,
      usdLow: 0.0019125,
      usdHigh: 0.0019125,
      priceAsOf: expected.money?.priceAsOf,
    });
    expect(pictures).toHaveLength(2);
    expect(totals.map(({ model, pictures: count, usd, cheapest }) => [model, count, usd, cheapest])).toEqual([
      ['openai:gpt-4o', 1, 0.0019125, true],
      ['anthropic:claude-opus-5', 1, 0.006845, false],
    ]);
    expect(problems).toEqual([]);
  });

  it('has null for a price that nobody knows, with a warning', async () => {
    const said = await ocelli([
      'estimate',
      '--size',
      '640x480',
      '--model',
      'anthropic:claude-mythos-5',
      ...date,
      '--json',
    ]);
    const { pictures, totals, warnings } = documentOf(said);
    expect(pictures[0]).toMatchObject({ usd: null, usdLow: null, usdHigh: null, priceAsOf: null });
    expect(totals[0]).toMatchObject({ usd: null, usdPerThousand: null, cheapest: false });
    expect(warnings).toEqual([
      { model: 'anthropic:claude-mythos-5', message: 'No price of anthropic:claude-mythos-5 is known.' },
    ]);
  });

  it('says of an expired price that it may be wrong', async () => {
    const words = ['estimate', '--size', '640x480', '--model', 'openai:gpt-5.6-sol', '--json', '--date'];
    const before = documentOf(await ocelli([...words, '2026-11-21']));
    const after = documentOf(await ocelli([...words, '2026-11-22']));
    expect(before.warnings).toEqual([]);
    expect(after.warnings[0]?.message).toMatch(/held until 2026-11-21/);
    expect(after.totals[0]?.['usdHigh']).toBeGreaterThan(after.totals[0]?.['usd'] as number);
  });

  it('counts the prompt, its answer and the cache in for each picture', async () => {
    const prompt = 'How many coins are there? Answer with a number.';
    const words = ['--prompt', prompt, '--max-output-tokens', '50', '--cached', '100', '--batch'];
    const said = await ocelli([
      'estimate',
      '--size',
      '1024x1024x3',
      '--model',
      'openai:gpt-4o',
      ...date,
      ...words,
      '--json',
    ]);
    const expected = estimateRequest({
      model: 'openai:gpt-4o',
      prompt,
      images: [{ width: 1_024, height: 1_024 }],
      maxOutputTokens: 50,
      cachedInputTokens: 100,
      batch: true,
      date: '2026-11-24',
      tokenizers: await loadTokenizers(),
    });
    const { totals, pictures } = documentOf(said);
    expect(totals[0]).toMatchObject({
      tokens: 3 * expected.input.tokens,
      low: 3 * expected.input.low,
      high: 3 * expected.input.high,
    });
    expect(totals[0]?.['usd']).toBeCloseTo(3 * (expected.money?.usd ?? 0), 12);
    expect(totals[0]?.['usdHigh']).toBeCloseTo(3 * (expected.money?.high ?? 0), 12);
    expect(totals[0]?.['output']).toEqual({ tokens: 150, low: 3, high: 150 });
    // The picture alone stays the picture alone.
    expect(pictures[0]).toMatchObject({ tokens: 765, usd: 0.00095625, count: 3 });
  });

  it('can be about a prompt without pictures', async () => {
    const { totals, pictures } = documentOf(await ocelli(['estimate', '--prompt', 'Hello there', ...two, '--json']));
    expect(pictures).toEqual([]);
    expect(totals[0]?.['tokens']).toBeGreaterThan(2);
    expect(totals[0]).toMatchObject({ pictures: 0, rejected: 0 });
  });

  it('covers with --all every model that takes pictures and still answers', async () => {
    const { totals } = documentOf(await ocelli(['estimate', '--size', '1024x1024', '--all', ...date, '--json']));
    const expected = listModels().filter(
      (row) =>
        row.capabilities.input.includes('image') && row.retired !== true && (row.retiresOn ?? '9') >= '2026-11-24',
    );
    expect(new Set(totals.map(({ model }) => model))).toEqual(new Set(expected.map(({ id }) => id)));
    const prices = totals.map(({ usd }) => (usd ?? Infinity) as number);
    expect(prices).toEqual(prices.toSorted((left, right) => left - right));
    const later = documentOf(await ocelli(['estimate', '--size', '1x1', '--all', '--date', '2027-01-15', '--json']));
    expect(later.totals.map(({ model }) => model)).not.toContain('openai:gpt-4o');
  });
});

describe('the table of an estimate', () => {
  it('fits 100 columns, with numbers that stand under each other', async () => {
    for (const words of [
      ['--size', '4032x3024', '--all'],
      [at('album'), '--prompt', 'What is it?', ...two],
    ]) {
      const said = await ocelli(['estimate', ...words]);
      // Reasons are sentences, which a terminal may wrap.
      const lines = said.out.split('\n').filter((line) => !line.includes('No side may be over'));
      expect(lines.filter((line) => line.length > 100)).toEqual([]);
      const heading = lines.find((line) => line.startsWith('  model')) ?? '';
      const rows = lines.filter((line) => /^[*+ ] (?:openai|anthropic|google):/.test(line));
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(heading.length);
    }
  });

  it('looks as it does', async () => {
    const said = await ocelli([
      'estimate',
      '--size',
      '1024x1024x10',
      '--model',
      'openai:gpt-4o,google:gemini-2.5-flash,local:tiny',
      ...date,
    ]);
    expect(`\n${said.out}`).toBe(`
1024x1024, 10 of them, detail high, prices of 2026-11-24.

  model                    tokens         range  resized  USD each  × 1,000  in all
  openai:gpt-4o             7,650                768x768   0.00191     1.91  0.0191
+ google:gemini-2.5-flash  10,320  2,580–10,320            0.00031     0.31  0.0031
* local:tiny                3,810                             free     free    free

* free, on this machine   + the cheapest of the others
`);
  });

  it('says why a model would refuse, and marks the cheapest of the rest', async () => {
    const said = await ocelli([
      'estimate',
      '--size',
      '9000x800',
      '--model',
      'anthropic:claude-opus-5,openai:gpt-4o,openai:gpt-5.1',
      ...date,
    ]);
    expect(said.out).toMatch(/^\* openai:gpt-5\.1 /m);
    expect(said.out).toMatch(/Would be rejected:\n {2}anthropic:claude-opus-5 {2}No side may be over 8000 px/);
  });

  it('is sorted as asked', async () => {
    const order = async (...words: string[]) =>
      [
        ...(await ocelli(['estimate', '--size', '1024x1024', ...two, ...words])).out.matchAll(
          /(?:openai|anthropic):\S+/g,
        ),
      ].map(([id]) => id);
    expect(await order()).toEqual(['openai:gpt-4o', 'anthropic:claude-opus-5']);
    const mini = ['--model', 'openai:gpt-4o-mini,openai:gpt-4o'];
    expect(await order(...mini, '--sort', 'tokens')).toEqual(['openai:gpt-4o', 'openai:gpt-4o-mini']);
    const dear = ['--model', 'anthropic:claude-opus-5,openai:gpt-4o-mini'];
    expect(await order(...dear, '--sort', 'price')).toEqual(['openai:gpt-4o-mini', 'anthropic:claude-opus-5']);
  });

  it('has every picture for a few of them', async () => {
    const said = await ocelli(['estimate', at('album'), ...two]);
    expect(said.out).toContain('3 pictures, detail high');
    expect(said.out).toMatch(/a\.png +1024x1024 +765 +768x768/);
    expect(said.out).toMatch(/c\.png: rejected\. No side may be over 8000 px/);
    expect(said.out).toMatch(/anthropic:claude-opus-5 {2}1 of 3, the first: /);
  });

  it('never sends what a file name says to the terminal', async () => {
    const name = at('album', 'evil\u001b[31m.png');
    await writeFile(name, makePngHeader(10, 10));
    const said = await ocelli(['estimate', name, at('album', 'b.png'), ...two]);
    await rm(name);
    expect(said.out).toContain('evil[31m.png');
    expect(said.out).not.toContain('\u001b');
  });
});

describe('a limit on money', () => {
  it('fails when any model may cost more, or nobody knows', async () => {
    const words = ['estimate', '--size', '1024x1024x1000', ...two];
    expect((await ocelli([...words, '--fail-over-usd', '6.845'])).code).toBe(0);
    const over = await ocelli([...words, '--fail-over-usd', '6.84']);
    expect(over.code).toBe(1);
    expect(over.err).toBe('error: anthropic:claude-opus-5 may cost 6.845 USD in all, over --fail-over-usd 6.84.\n');
    const unknown = ['--model', 'anthropic:claude-mythos-5', '--fail-over-usd', '100'];
    expect((await ocelli([...words, ...unknown])).code).toBe(1);
  });
});

describe('CSV', () => {
  it('has a line for each picture and model, quoted where it must be', async () => {
    const name = at('album', 'a, "b".png');
    await writeFile(name, makePngHeader(1_024, 1_024));
    const said = await ocelli([
      'estimate',
      name,
      '--size',
      '9000x800',
      '--model',
      'anthropic:claude-opus-5',
      ...date,
      '--csv',
    ]);
    await rm(name);
    expect(said.out.split('\n')).toEqual([
      'picture,width,height,count,model,detail,tokens,low,high,rule,confidence,asOf,resizedTo,rejected,usd,usdLow,usdHigh,priceAsOf',
      `"${name.replaceAll('"', '""')}",1024,1024,1,anthropic:claude-opus-5,high,1369,1369,1369,claude,documented,2026-11-23,,,0.006845,0.006845,0.006845,2026-11-23`,
      expect.stringMatching(/^9000x800,9000,800,1,.*,"?No side may be over 8000 px/) as string,
      '',
    ]);
  });
});
