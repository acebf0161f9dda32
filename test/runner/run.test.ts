/** Runs: what is asked, what answers from elsewhere, what money stops, and what comes of it. */

import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  baselineIds,
  dryRun,
  findSuite,
  runBenchmark,
  scoreRun,
  type RunOptions,
  type RunProgress,
} from '../../benchmarks/index.js';
import { createFileLedger } from '../../src/index.js';
import { billedServer, makeItems, model, responsesIn, type BilledServer } from './bench.js';

let folder = '';
let server: BilledServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-run-'));
  server = await billedServer({ keepRequests: 1_000 });
});
afterEach(async () => {
  await server.server.close();
  await rm(folder, { recursive: true, force: true });
});

async function options(more: Partial<RunOptions> = {}): Promise<RunOptions> {
  return {
    folder: join(folder, 'run'),
    suites: [await makeItems(join(folder, 'items'), 12)],
    models: [model],
    ocelli: { environment: server.environment },
    ...more,
  };
}

const run = async (more: Partial<RunOptions> = {}) => runBenchmark(await options(more));
const scores = (name: string): Promise<string> => readFile(join(folder, name, 'scores.jsonl'), 'utf8');

describe('a run', () => {
  it('asks every item, wording and repeat of every model once, with the options of the run', async () => {
    const { manifest, responses } = await run({
      repeats: 3,
      temperature: 0.5,
      system: 'Be brief.',
      detail: 'low',
      maxOutputTokens: 99,
      models: [model, 'openai:gpt-4o-mini'],
    });
    expect(manifest).toMatchObject({ options: { fit: 'vendor' }, counts: { items: 12, calls: 72, answered: 72 } });
    expect(server.served()).toBe(72);
    expect(new Set(responses.map(({ requestHash }) => requestHash)).size).toBe(72);
    expect(server.server.requests[0]?.body).toMatchObject({ temperature: 0.5, max_output_tokens: 99 });
    expect(JSON.stringify(server.server.requests[0]?.body)).toContain('"detail":"low"');
    expect(
      responses.every(
        ({ costUsd, latencyMs, usage }) => costUsd !== undefined && latencyMs !== undefined && usage !== undefined,
      ),
    ).toBe(true);
  });

  it('draws a suite of ours and lets baselines and the same items meet', async () => {
    const suites = [{ suite: findSuite('counting') }, { suite: findSuite('existence') }];
    const progress: RunProgress[] = [];
    const { manifest } = await run({
      suites,
      n: 10,
      levels: [1, 2],
      models: baselineIds,
      prompts: 2,
      onProgress: (at) => progress.push(at),
    });
    expect(manifest).toMatchObject({
      status: 'complete',
      generators: ['counting', 'existence'],
      counts: { items: 40, calls: 160, answered: 160 },
    });
    expect(await readdir(join(folder, 'run/pictures'))).toHaveLength(40);
    expect(progress.at(-1)).toMatchObject({ step: 'asking', planned: 160, done: 160 });
    const before = await scores('run');
    expect((await scoreRun(join(folder, 'run'))).scores).toHaveLength(160);
    expect(await scores('run')).toBe(before);
  });

  it('that is stopped keeps what it has, and goes on from there', async () => {
    const stop = new AbortController();
    const stopped = await run({
      concurrency: 2,
      signal: stop.signal,
      onProgress: ({ step, done }) => {
        if (step === 'asking' && done >= 5) stop.abort();
      },
    });
    expect(stopped.manifest).toMatchObject({ status: 'partial', reason: 'it was stopped' });
    expect(stopped.responses.length).toBeGreaterThanOrEqual(5);
    expect(stopped.responses.length).toBeLessThan(12);
    const { manifest } = await run({ resume: true });
    expect(manifest).toMatchObject({ status: 'complete', counts: { answered: 12 } });
    expect(await responsesIn(join(folder, 'run'))).toHaveLength(12);
  });

  it('that is refused for coming too often has fewer calls under way', async () => {
    let open = 0;
    let most = 0;
    let refused = 0;
    server.server.setDefault(async ({ ended }) => {
      open += 1;
      if (open > 4) {
        refused += 1;
        void ended.then(() => (open -= 1));
        return { error: 'rate-limit', retryAfterMs: 30 };
      }
      most = Math.max(most, open);
      void ended.then(() => (open -= 1));
      return { reply: { text: '1' }, delayMs: 15 };
    });
    const { manifest } = await run({
      suites: [await makeItems(join(folder, 'items'), 60)],
      concurrency: 16,
      retries: 8,
    });
    expect(manifest).toMatchObject({ status: 'complete', counts: { answered: 60 } });
    expect(refused).toBeGreaterThan(0);
    // Each of the first round may be refused a few times; none is sent into a closed door again and again.
    expect(refused).toBeLessThan(60);
  });
});

describe('answers from elsewhere', () => {
  it('are replayed from the responses of a run, and give the same scores', async () => {
    await run();
    const served = server.served();
    await run({ folder: join(folder, 'again'), replay: join(folder, 'run'), ocelli: { environment: {} } });
    expect(server.served()).toBe(served);
    expect(await scores('again')).toBe(await scores('run'));
    await expect(run({ folder: join(folder, 'third'), replay: join(folder, 'items') })).rejects.toThrow(
      /no responses to replay/,
    );
  });

  it('come from the cache for the same request and repeat, and for no other', async () => {
    const cache = join(folder, 'cache');
    server.server.script({ reply: { text: 'cut', finishReason: 'length' } }, { error: 'invalid-request' });
    await run({ cache, concurrency: 1, retries: 0 });
    await run({ folder: join(folder, 'again'), cache });
    // Twelve, and again the one that was cut and the one that failed.
    expect(server.server.requests).toHaveLength(14);
    const again = await responsesIn(join(folder, 'again'));
    expect(again.filter(({ executor, costUsd }) => executor === 'cache' && costUsd === 0)).toHaveLength(10);
    await run({ folder: join(folder, 'warmer'), cache, temperature: 1 });
    expect(server.server.requests).toHaveLength(26);
    await run({ folder: join(folder, 'repeated'), cache, repeats: 2 });
    expect(server.server.requests).toHaveLength(38);
  });
});

describe('a budget', () => {
  it('of each model stops that model alone', async () => {
    const suites = [await makeItems(join(folder, 'items'), 30)];
    const { manifest, responses } = await run({
      suites,
      models: [model, 'openai:gpt-4o-mini'],
      budgetUsdPerModel: 0.006,
      maxOutputTokens: 64,
    });
    const answered = (id: string): number =>
      responses.filter((response) => response.model === id && response.text !== undefined).length;
    expect(answered('openai:gpt-4o-mini')).toBe(30);
    expect(answered(model)).toBeGreaterThan(0);
    expect(answered(model)).toBeLessThan(30);
    expect(manifest.reason).toMatch(/budget ended before openai:gpt-4o was asked everything/);
    const more = await run({
      suites,
      models: [model, 'openai:gpt-4o-mini'],
      budgetUsdPerModel: 1,
      maxOutputTokens: 64,
      resume: true,
    });
    expect(more.manifest).toMatchObject({ status: 'complete', counts: { answered: 60, skipped: 0 } });
  });

  it('books exactly what the responses say', async () => {
    await run({ budgetUsd: 5, repeats: 2 });
    const { settled, open } = await createFileLedger(join(folder, 'run/ledger.jsonl')).read();
    const recorded = (await responsesIn(join(folder, 'run'))).reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
    expect(open).toEqual([]);
    expect(settled.calls).toBe(24);
    expect(settled.usd).toBeCloseTo(recorded, 9);
    expect(settled.usd).toBeCloseTo(server.bill(), 9);
  });
});

describe('a forecast', () => {
  it('says calls, tokens and money of each model, and sends nothing', async () => {
    const [paid, free, unknown] = await dryRun({
      suites: [{ suite: findSuite('spatial') }],
      n: 5,
      levels: [1, 2],
      repeats: 2,
      models: [model, 'baseline:majority', 'openai-compatible:mine'],
      maxOutputTokens: 100,
    });
    expect(paid).toMatchObject({ model, calls: 20, rejected: 0, outputTokens: { expected: 400, high: 2_000 } });
    // 255 tokens of picture, and the question.
    expect(paid?.inputTokens?.expected).toBeGreaterThan(20 * 255);
    expect(paid?.usd?.expected).toBeGreaterThan((20 * 255 * 2.5) / 1e6);
    expect(free).toMatchObject({ calls: 20, usd: { expected: 0, high: 0 } });
    expect(unknown).toEqual({ model: 'openai-compatible:mine', calls: 20, rejected: 0 });
    expect(server.served()).toBe(0);
  });
});
