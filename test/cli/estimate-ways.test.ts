/** The other ways of `ocelli estimate`: the ladder, the plan, the count endpoints and the drift of old records. */

import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ladder, plan } from '../../src/estimate/index.js';
import { createOcelli } from '../../src/index.js';
import { conformanceKey, createFakeServer } from '../../src/testing/index.js';
import { makePicture } from '../media/pictures.js';
import { date, documentOf } from './album.js';
import { ocelli } from './terminal.js';

let folder = '';
let picture = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-ways-'));
  picture = join(folder, 'picture.png');
  await writeFile(picture, await makePicture('png', 320, 200));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('--ladder', () => {
  it('gives the sizes at which the cost changes', async () => {
    const words = ['estimate', '--size', '1025x1025', '--model', 'openai:gpt-5.4', ...date, '--ladder'];
    const expected = ladder({ model: 'openai:gpt-5.4', width: 1_025, height: 1_025, date: '2026-11-24' });
    const { ladders } = JSON.parse((await ocelli([...words, '--json'])).out) as {
      ladders: { picture: string; model: string; rungs: { width: number; tokens: number; usd: number }[] }[];
    };
    expect(ladders[0]).toMatchObject({ picture: '1025x1025', model: 'openai:gpt-5.4' });
    expect(ladders[0]?.rungs.map(({ width, tokens }) => [width, tokens])).toEqual(
      expected.map(({ width, tokens }) => [width, tokens]),
    );
    expect(ladders[0]?.rungs.at(-2)?.width).toBe(1_024);
    const table = await ocelli(words);
    expect(table.code).toBe(0);
    expect(table.out).toMatch(/1025x1025 at openai:gpt-5\.4, detail high\n/);
    expect(table.out).toMatch(/^ +1024x1024 +1,229 /m);
    expect(table.out).toMatch(/24 of \d+ steps; all of them with --json or --csv/);
    const csv = await ocelli([...words, '--csv']);
    expect(csv.out.trimEnd().split('\n')).toHaveLength(1 + expected.length);
  });

  it('says so when no size of the shape is taken', async () => {
    const said = await ocelli(['estimate', '--size', '10x10', '--model', 'openai:gpt-4', '--ladder']);
    expect(said.out).toContain('No size of this shape is taken.');
  });
});

describe('--plan', () => {
  const words = [
    'estimate',
    '--size',
    '4032x3024x2',
    '--size',
    '640x480',
    '--model',
    'openai:gpt-5.4',
    ...date,
    '--plan',
  ];

  it('gives each picture a size within the budget', async () => {
    const pictures = [
      { width: 4_032, height: 3_024 },
      { width: 4_032, height: 3_024 },
      { width: 640, height: 480 },
    ];
    const [expected] = plan({ pictures, models: ['openai:gpt-5.4'], budget: { tokens: 3_000 }, date: '2026-11-24' });
    const said = await ocelli([...words, '--budget-tokens', '3000', '--json']);
    const { plans } = JSON.parse(said.out) as {
      plans: {
        fits: boolean;
        tokens: number;
        pictures: { picture: string; target: object; gaveUp: string | null }[];
      }[];
    };
    expect(said.code).toBe(0);
    expect(plans[0]?.fits).toBe(true);
    expect(plans[0]?.tokens).toBeLessThanOrEqual(3_000);
    expect(plans[0]?.pictures.map(({ target }) => target)).toEqual(expected?.pictures.map(({ target }) => target));
    expect(plans[0]?.pictures[2]).toMatchObject({ picture: '640x480', gaveUp: null });
    const table = await ocelli([...words, '--budget-usd', '0.01']);
    expect(table.out).toMatch(/^openai:gpt-5\.4: [\d,]+ tokens, 0\.\d+ USD of 0\.01 USD\n/);
    expect(table.out).toMatch(/4032x3024 +4032x3024 +\d+x\d+ /);
    const csv = await ocelli([...words, '--budget-usd', '0.01', '--csv']);
    expect(csv.out.trimEnd().split('\n')).toHaveLength(4);
  });

  it('fails when the smallest sizes that will do are too dear', async () => {
    const said = await ocelli([...words, '--budget-tokens', '100', '--min-long-edge', '600']);
    expect(said.code).toBe(1);
    expect(said.out).toMatch(
      /does not fit into 100 tokens\. The least sizes cost [\d,]+ tokens, over the budget of 100\./,
    );
  });

  it('is for so many pictures and no more', async () => {
    const said = await ocelli(['estimate', '--size', '10x10x20001', '--plan', '--budget-usd', '1']);
    expect(said.code).toBe(2);
    expect(said.err).toMatch(/at most 20000 pictures/);
  });
});

describe('--exact', () => {
  const key = { OPENAI_API_KEY: conformanceKey, GEMINI_API_KEY: conformanceKey };

  it('takes the count endpoint at its word, and sends the picture there', async () => {
    const openai = await createFakeServer({ wire: 'openai', countTokens: 1_000 });
    const google = await createFakeServer({ wire: 'google', countTokens: 2_000 });
    const environment = { ...key, OPENAI_BASE_URL: openai.url, GOOGLE_GEMINI_BASE_URL: google.url };
    const models = 'openai:gpt-4o,google:gemini-2.5-flash,anthropic:claude-opus-5';
    const words = [
      'estimate',
      picture,
      '--prompt',
      'What?',
      '--max-output-tokens',
      '100',
      '--model',
      models,
      ...date,
      '--json',
    ];
    const said = await ocelli([...words, '--exact'], { environment });
    const { pictures, totals, warnings } = documentOf(said);
    expect(said.code).toBe(0);
    expect(pictures.slice(0, 2)).toMatchObject([
      { tokens: 1_000, low: 1_000, high: 1_000, rule: 'count-endpoint', usd: 0.0025 },
      { tokens: 2_000, low: 2_000, high: 2_000, rule: 'count-endpoint', usd: 0.0006 },
    ]);
    // 1,000 at 2.50 and 100 at 10 USD for a million.
    expect(totals[0]).toMatchObject({ tokens: 1_000, usd: 0.0035, usdHigh: 0.0035 });
    expect(openai.requests.map(({ endpoint }) => endpoint)).toEqual(['count']);
    expect(JSON.stringify(openai.requests[0]?.body)).toContain('data:image/png;base64,');
    // Without a key it stays an estimate.
    expect(warnings).toEqual([
      { model: 'anthropic:claude-opus-5', message: expect.stringMatching(/ANTHROPIC_API_KEY/) as string },
    ]);
    expect(pictures[2]?.['rule']).toBe('claude');
    await Promise.all([openai.close(), google.close()]);
  });

  it('lists what the endpoint refused, and a size that is no file', async () => {
    const server = await createFakeServer({
      wire: 'openai',
      countTokens: () => ({ error: 'invalid-request', message: 'No.' }),
    });
    const environment = { ...key, OPENAI_BASE_URL: server.url };
    const words = ['estimate', picture, '--size', '10x10', '--model', 'openai:gpt-4o', '--json', '--exact'];
    const said = await ocelli(words, { environment });
    expect(said.code).toBe(1);
    const subjects = documentOf(said).problems.map(({ subject }) => subject);
    expect(subjects.sort()).toEqual(['--size 10x10', `${picture} at openai:gpt-4o`]);
    await server.close();
  });
});

describe('drift', () => {
  const records = () => join(folder, 'records.jsonl');
  const line = (model: string, estimate: unknown, inputTokens: number | null, more: object = {}) =>
    `${JSON.stringify({ model, estimate, usage: { inputTokens, outputTokens: 5, estimated: false, ...more } })}\n`;

  it('summarises estimates against usage by model', async () => {
    await writeFile(
      records(),
      [
        line('openai:gpt-4o', { input: { tokens: 110, low: 90, high: 130 } }, 100),
        line('openai:gpt-4o', { tokens: 90, low: 80, high: 95 }, 100),
        line('openai:gpt-4o', { inputTokens: 150 }, 100),
        line('google:gemini-2.5-flash', 258, 1_032),
        line('openai:gpt-4o', undefined, 100),
        line('openai:gpt-4o', 100, null),
        line('openai:gpt-4o', 100, 100, { estimated: true }),
      ].join('\n'),
    );
    const said = await ocelli(['estimate', 'drift', records(), '--json']);
    expect(said.code).toBe(0);
    expect(JSON.parse(said.out)).toEqual({
      models: [
        {
          model: 'google:gemini-2.5-flash',
          records: 1,
          estimatedTokens: 258,
          usedTokens: 1_032,
          bias: -0.75,
          medianError: 0.75,
          error95: 0.75,
          withinRange: null,
        },
        {
          model: 'openai:gpt-4o',
          records: 3,
          estimatedTokens: 350,
          usedTokens: 300,
          bias: expect.closeTo(1 / 6, 9) as number,
          medianError: expect.closeTo(0.1, 9) as number,
          error95: 0.5,
          withinRange: 0.5,
        },
      ],
      skipped: { 'no-estimate': 1, 'no-usage': 1, 'usage-estimated': 1 },
      problems: [],
    });
    const table = await ocelli(['estimate', 'drift', records()]);
    expect(table.out).toMatch(/openai:gpt-4o +3 +350 +300 +\+17 % +10 % +50 % +50 %/);
    expect(table.err).toContain('1 left out: no estimate in the record.');
  });

  it('reads a reply as it comes out of the library', async () => {
    const server = await createFakeServer({ wire: 'openai', default: { reply: { text: 'One.' } } });
    const environment = { OPENAI_API_KEY: conformanceKey, OPENAI_BASE_URL: server.url };
    const reply = await createOcelli({ environment }).generate({
      model: 'openai:gpt-4o',
      prompt: 'How many?',
      images: [picture],
    });
    await server.close();
    await writeFile(records(), `${JSON.stringify(reply)}\n`);
    const said = await ocelli(['estimate', 'drift', records(), '--json']);
    const { models } = JSON.parse(said.out) as { models: { model: string; records: number; usedTokens: number }[] };
    expect(models).toMatchObject([{ model: 'openai:gpt-4o', records: 1, usedTokens: reply.usage.inputTokens }]);
  });

  it('names bad lines and goes on; half a line at the end was still being written', async () => {
    await writeFile(records(), line('a:b', 10, 10));
    await appendFile(
      records(),
      `{"model":\n[]\n{"model":"a:b","estimate":"ten","usage":{"inputTokens":1}}\n${line('a:b', 10, 10)}`,
    );
    await appendFile(records(), line('a:b', 10, 10).slice(0, 20));
    const said = await ocelli(['estimate', 'drift', records(), '--json']);
    expect(said.code).toBe(1);
    const { models, problems } = JSON.parse(said.out) as {
      models: { records: number }[];
      problems: { subject: string; message: string }[];
    };
    expect(models[0]?.records).toBe(2);
    expect(problems.map(({ message }) => message)).toEqual([
      'The line is no record: it is not JSON.',
      'The line is no record: it is not a JSON object.',
      'The line is no record: `estimate` has no number of tokens.',
    ]);
    expect(problems[0]?.subject).toBe(`${records()}:2`);
  });

  it('fails when there is nothing to compare or nothing to read', async () => {
    await writeFile(records(), '');
    const empty = await ocelli(['estimate', 'drift', records()]);
    expect([empty.code, empty.err]).toEqual([
      1,
      `error: ${records()} holds no record with an estimate and its usage.\n`,
    ]);
    const missing = await ocelli(['estimate', 'drift', join(folder, 'missing.jsonl')]);
    expect([missing.code, missing.err]).toEqual([2, expect.stringMatching(/cannot be read \(ENOENT\)/) as string]);
    expect((await ocelli(['estimate', 'drift'])).code).toBe(2);
  });
});

describe('a model on this machine', () => {
  const qwen = fileURLToPath(new URL('../fixtures/families/qwen2-vl/model', import.meta.url));

  it('counts with its own files, exactly and for free', async () => {
    const words = [
      'estimate',
      picture,
      '--model',
      `local:${qwen},openai:gpt-4o`,
      '--prompt',
      'What is this?',
      '--json',
    ];
    const { pictures, totals } = documentOf(await ocelli(words));
    const [estimated] = await createOcelli({ environment: {} }).estimate({
      model: `local:${qwen}`,
      prompt: 'What is this?',
      images: [picture],
    });
    if (estimated?.status !== 'estimated') throw new TypeError('nothing estimated');
    const { tokens } = estimated.estimate.input;
    expect(pictures[0]).toMatchObject({ model: `local:${qwen}`, rule: 'own', confidence: 'documented', usd: 0 });
    expect(totals[0]).toMatchObject({
      model: `local:${qwen}`,
      tokens,
      low: tokens,
      high: tokens,
      usd: 0,
      cheapest: true,
    });
    expect(totals).toHaveLength(2);
  });

  it('that is not there is named, and the rest goes on', async () => {
    const said = await ocelli(['estimate', picture, '--model', 'local:some/model,openai:gpt-4o', '--json']);
    const { totals, problems } = documentOf(said);
    expect(said.code).toBe(1);
    expect(totals.map(({ model }) => model)).toEqual(['openai:gpt-4o']);
    expect(problems).toMatchObject([
      { subject: '--model local:some/model', message: expect.stringContaining('ocelli pull some/model') as string },
    ]);
  });
});
