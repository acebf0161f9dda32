/** What can be wrong with a run's folder, items and answers: told, or counted, and the rest of the run kept. */

import { appendFile, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { itemsOfFile, readManifest, runBenchmark, scoreRun, type RunOptions } from '../../benchmarks/index.js';
import { createFileLedger } from '../../src/index.js';
import type { ServerAnswer } from '../../src/testing/index.js';
import { billedServer, makeItems, model, responsesIn, type BilledServer } from './bench.js';

let folder = '';
let server: BilledServer;
beforeAll(async () => {
  server = await billedServer();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-bad-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => server.server.close());

async function options(more: Partial<RunOptions> = {}): Promise<RunOptions> {
  return {
    folder: join(folder, 'run'),
    suites: [await makeItems(join(folder, 'items'), 8)],
    models: [model],
    retries: 0,
    ocelli: { environment: server.environment },
    ...more,
  };
}

const run = async (more: Partial<RunOptions> = {}) => runBenchmark(await options(more));
const script = (...steps: ServerAnswer[]): void => server.server.script(...steps);
const at = (name: string): string => join(folder, 'run', name);
const outcomesOf = async (): Promise<string[]> =>
  (await scoreRun(join(folder, 'run'))).scores.map(({ outcome }) => outcome);

describe('the folder of a run', () => {
  it('with a half-written last line is mended and gone on with', async () => {
    await run();
    const whole = await readFile(at('responses.jsonl'), 'utf8');
    await truncate(at('responses.jsonl'), whole.length - 40);
    const before = server.served();
    const { manifest, notes } = await run({ resume: true });
    expect(notes.join()).toMatch(/half-written last line/);
    expect(server.served() - before).toBe(1);
    expect(manifest).toMatchObject({ status: 'complete', counts: { calls: 8, answered: 8 } });
    const lines = (await readFile(at('responses.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { itemId: string }).itemId).sort()).toEqual(
      Array.from({ length: 8 }, (_, place) => `item-${place}`),
    );
  });

  it('keeps the other answers when a line in the middle is damaged', async () => {
    await run();
    const lines = (await readFile(at('responses.jsonl'), 'utf8')).split('\n');
    await writeFile(at('responses.jsonl'), lines.with(3, 'garbage').join('\n'));
    const before = server.served();
    const { manifest, notes } = await run({ resume: true });
    expect(notes.join()).toMatch(/line 4 was left out/);
    expect(server.served() - before).toBe(1);
    expect(manifest.status).toBe('complete');
  });

  it('whose items end in half a line goes on with the whole ones', async () => {
    await run({ budgetUsd: 1 });
    const items = await readFile(at('items.jsonl'), 'utf8');
    await truncate(at('items.jsonl'), items.length - 40);
    await rm(at('responses.jsonl'));
    const { manifest, notes } = await run({ resume: true, budgetUsd: 1 });
    expect(notes.join()).toMatch(/items\.jsonl: the half-written last line was left out/);
    expect(manifest).toMatchObject({ status: 'complete', counts: { items: 7, answered: 7 } });
    await appendFile(at('items.jsonl'), '\n{"record":"item","version":2}\n');
    await expect(run({ resume: true, budgetUsd: 1 })).rejects.toThrow(/version 2; this release reads up to version 1/);
  });

  it('whose ledger ends in half a line books on from the last whole one', async () => {
    await run({ budgetUsd: 1 });
    const ledger = await readFile(at('ledger.jsonl'), 'utf8');
    await truncate(at('ledger.jsonl'), ledger.length - 20);
    const lines = (await readFile(at('responses.jsonl'), 'utf8')).trimEnd().split('\n');
    await writeFile(at('responses.jsonl'), `${lines.slice(0, -1).join('\n')}\n`);
    const { manifest } = await run({ resume: true, budgetUsd: 1 });
    expect(manifest).toMatchObject({ status: 'complete', counts: { answered: 8 } });
    const { settled } = await createFileLedger(at('ledger.jsonl')).read();
    const recorded = (await responsesIn(join(folder, 'run'))).reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
    expect(settled.usd).toBeGreaterThanOrEqual(recorded - 1e-9);
  });

  it('whose scores were cut or are of another version is scored again', async () => {
    await run();
    const whole = await readFile(at('scores.jsonl'), 'utf8');
    for (const broken of [whole.slice(0, -30), '{"record":"score","version":99}\n']) {
      await writeFile(at('scores.jsonl'), broken);
      await scoreRun(join(folder, 'run'));
      expect(await readFile(at('scores.jsonl'), 'utf8')).toBe(whole);
    }
  });

  it('that shares a cache with half an answer in it asks again', async () => {
    const cache = join(folder, 'cache');
    await run({ cache });
    const [some = ''] = (await readdir(cache, { recursive: true })).filter((name) => name.endsWith('.json'));
    await truncate(join(cache, some), 20);
    const before = server.served();
    await run({ cache, folder: join(folder, 'again') });
    expect(server.served() - before).toBe(1);
    expect(JSON.parse(await readFile(join(cache, some), 'utf8'))).toHaveProperty('text');
  });

  it('from a later version is not read', async () => {
    await run();
    await appendFile(at('responses.jsonl'), '{"record":"response","version":99}\n');
    await expect(run({ resume: true })).rejects.toThrow(/version 99; this release reads up to version 1/);
    await writeFile(at('manifest.json'), '{"record":"manifest","version":7}');
    await expect(run({ resume: true })).rejects.toThrow(/version 7/);
    await writeFile(at('manifest.json'), '{"record":"mani');
    await expect(run({ resume: true })).rejects.toThrow(/is no manifest of a run, or is damaged/);
  });

  it('of another run is not written to', async () => {
    await run();
    await expect(run()).rejects.toThrow(/holds a run already.*--resume/);
    await expect(run({ resume: true, temperature: 1 })).rejects.toThrow(
      /holds another run: temperature was not set and is 1/,
    );
    await expect(run({ resume: true, models: ['openai:gpt-4o-mini'] })).rejects.toThrow(/models was/);
    await expect(run({ folder: join(folder, 'new'), resume: true })).rejects.toThrow(/holds no run to go on with/);
    expect(await readdir(join(folder, 'new'))).toEqual([]);
  });

  it('that another process works in is left alone; one that is gone does not count', async () => {
    await run();
    await writeFile(at('run.lock'), JSON.stringify({ pid: process.ppid, host: 'elsewhere' }));
    await expect(run({ resume: true })).rejects.toThrow(/on elsewhere is at work in this run's folder/);
    const { hostname } = await import('node:os');
    await writeFile(at('run.lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
    await expect(run({ resume: true })).resolves.toMatchObject({ manifest: { status: 'complete' } });
    expect(await readdir(join(folder, 'run'))).not.toContain('run.lock');
  });
});

describe('an item', () => {
  it('whose picture is no longer what it was fails alone', async () => {
    const wanted = await options();
    const broken = { ...wanted, models: ['baseline:majority'] };
    await runBenchmark(broken);
    await rm(at('responses.jsonl'));
    const [picture = ''] = await readdir(at('pictures'));
    await appendFile(at(`pictures/${picture}`), 'x');
    await writeFile(
      at('manifest.json'),
      (await readFile(at('manifest.json'), 'utf8')).replace('"baseline:majority"', `"${model}"`),
    );
    const { manifest, responses } = await runBenchmark({ ...wanted, resume: true });
    expect(manifest).toMatchObject({ status: 'partial', counts: { failed: 8 } });
    expect(responses[0]?.error).toMatchObject({ kind: 'image-unreadable' });
    expect(new Set(await outcomesOf())).toEqual(new Set(['provider-error']));
  });

  it('without truth, question or picture is left out, and told', async () => {
    const { suites } = await options();
    const path = suites[0]?.path ?? '';
    await appendFile(
      path,
      [
        '{"question":"How many?","image":"dots.png"}',
        '{"image":"dots.png","answer":3}',
        '{"question":"How many?","image":"gone.png","answer":3}',
        '{"question":"How many?","image":"dots.png","answer":3,"imageSha256":"00"}',
        '{"id":"item-0","question":"How many?","answer":3}',
        '{"question":"How many?","answer":"three","answerType":"integer"}',
        '{"question":"How m',
      ].join('\n'),
    );
    const { manifest, notes } = await run({ suites: [{ suite: await itemsOfFile(path), path }] });
    expect(manifest.counts).toMatchObject({ items: 8, answered: 8 });
    expect(manifest.problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/no truth/),
      expect.stringMatching(/no question/),
      expect.stringMatching(/gone\.png" cannot be read/),
      expect.stringMatching(/SHA-256 does not match/),
      expect.stringMatching(/id "item-0" was used before/),
      expect.stringMatching(/"three" is none of type integer/),
      expect.stringMatching(/no JSON/),
    ]);
    expect(notes).toHaveLength(7);
  });
});

describe('a model', () => {
  it('whose price is not known is refused under a budget, before anything is sent', async () => {
    const environment = { OPENAI_COMPATIBLE_BASE_URL: server.server.url, OPENAI_COMPATIBLE_API_KEY: 'test' };
    const unpriced = { models: ['openai-compatible:mine'], budgetUsd: 1, ocelli: { environment } };
    const before = server.server.requests.length;
    await expect(run(unpriced)).rejects.toThrow(/No price of openai-compatible:mine is known/);
    expect(server.server.requests).toHaveLength(before);
  });

  it('without a key, or that is misspelt, is told before a folder is made', async () => {
    await expect(run({ ocelli: { environment: {} } })).rejects.toThrow(/OPENAI_API_KEY/);
    const misspelt = { models: ['anthropic:claude-opus-55'], ocelli: { environment: { ANTHROPIC_API_KEY: 'x' } } };
    await expect(run(misspelt)).rejects.toThrow(/claude-opus-5/);
    await expect(run({ models: ['baseline:mean'] })).rejects.toThrow(/baseline:majority/);
    expect(await readdir(folder)).not.toContain('run');
  });

  it('that takes no option is told so, unless it was allowed', async () => {
    const anthropic = {
      models: ['anthropic:claude-opus-5'],
      temperature: 0.5,
      ocelli: { environment: { ANTHROPIC_API_KEY: 'x' } },
    };
    await expect(run(anthropic)).rejects.toThrow(/does not take temperature/);
  });

  it('that keeps refusing the key is given up, and goes on later', async () => {
    server.server.setDefault({ error: 'authentication' });
    const refused = await run({ concurrency: 1 });
    expect(refused.manifest).toMatchObject({ status: 'partial', counts: { calls: 8, failed: 3 } });
    expect(refused.manifest.reason).toMatch(/was given up after 3 failures in a row/);
    server.server.setDefault({ reply: { text: '3' } });
    const { manifest } = await run({ resume: true });
    expect(manifest).toMatchObject({ status: 'complete', counts: { answered: 8, failed: 0 } });
    expect(manifest.reason).toBeUndefined();
  });
});

describe('an answer', () => {
  it('of a megabyte, or with HTML and ANSI in it, is kept as it is', async () => {
    const long = 'I count and count. '.repeat(55_000);
    const odd = '<script>alert(1)</script>\u001b[31m\u0007 3 \u2028 </pre>';
    script({ reply: { text: long } }, { reply: { text: odd } }, { reply: { text: '' } });
    const { manifest } = await run({ concurrency: 1 });
    expect(manifest).toMatchObject({ status: 'complete', counts: { answered: 8 } });
    const texts = (await responsesIn(join(folder, 'run'))).map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual([long, odd, '']);
    expect((await outcomesOf()).filter((outcome) => outcome === 'unparseable').length).toBeGreaterThanOrEqual(2);
  });

  it('that is an error page is a failure of the provider, and asked for again later', async () => {
    script({
      status: 502,
      body: '<html><h1>\u001b[31mBad gateway</h1></html>',
      headers: { 'content-type': 'text/html' },
    });
    const { manifest } = await run({ concurrency: 1 });
    expect(manifest).toMatchObject({ status: 'partial', counts: { answered: 7, failed: 1 } });
    expect((await outcomesOf()).filter((outcome) => outcome === 'provider-error')).toHaveLength(1);
    const again = await run({ resume: true });
    expect(again.manifest).toMatchObject({ status: 'complete', counts: { answered: 8, failed: 0 } });
    expect(await outcomesOf()).toHaveLength(8);
  });

  it('after a refusal for coming too often shows both attempts', async () => {
    script({ error: 'rate-limit', retryAfterMs: 20 });
    await run({ concurrency: 1, retries: 2 });
    const [first] = await responsesIn(join(folder, 'run'));
    expect(first?.attempts).toMatchObject([
      { outcome: 'failed', errorKind: 'rate-limit', status: 429 },
      { outcome: 'answered', waitedMs: 20 },
    ]);
  });
});

describe('a manifest', () => {
  it('says what was asked of whom, and when', async () => {
    await run({ system: 'Be brief.', repeats: 2 });
    expect(await readManifest(at('manifest.json'))).toMatchObject({
      name: 'run',
      status: 'complete',
      partial: false,
      options: { models: [model], fit: 'off', repeats: 2, system: 'Be brief.', suites: [{ name: 'mine', version: 1 }] },
      counts: { items: 8, calls: 16, answered: 16 },
    });
  });
});
