/** A run that is killed at any point and gone on with ends as an undisturbed one does, and pays nothing twice that it knew of. */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileLedger } from '../../src/index.js';
import { readManifest, runBenchmark } from '../../benchmarks/index.js';
import { billedServer, makeItems, model, responsesIn, type BilledServer } from './bench.js';
import { makeRunner } from './runner-program.js';

const items = 200;
const kills = 3;

let folder = '';
let program = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-kill-'));
  program = await makeRunner(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs it until its end, or kills it once the server has served so many more. */
function runOnce(server: BilledServer, words: readonly string[], killAfter?: number): Promise<number | null> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [program, ...words], {
      env: { ...server.environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const from = server.served();
    server.onServed = () => {
      if (killAfter !== undefined && server.served() - from >= killAfter) child.kill('SIGKILL');
    };
    child.once('error', reject);
    child.once('close', (code) => settle(code));
  });
}

const scoresOf = (run: string): Promise<string> => readFile(join(run, 'scores.jsonl'), 'utf8');

async function undisturbed(name: string): Promise<string> {
  const server = await billedServer();
  const run = join(folder, `${name}-undisturbed`);
  try {
    const suite = await makeItems(join(folder, 'items'), items);
    await runBenchmark({
      folder: run,
      suites: [suite],
      models: [model],
      budgetUsd: 50,
      maxOutputTokens: 64,
      ocelli: { environment: server.environment },
    });
  } finally {
    await server.server.close();
  }
  return run;
}

describe('a run', () => {
  it('that is killed three times ends as if nothing had happened', async () => {
    const expected = await scoresOf(await undisturbed('kill'));
    expect(expected.split('\n')).toHaveLength(items + 1);
    const server = await billedServer({ delayMs: 4 });
    const run = join(folder, 'killed');
    const words = [run, join(folder, 'items/mine.jsonl'), '50'];
    try {
      for (let kill = 0; kill < kills; kill++) expect(await runOnce(server, words, 37 + 11 * kill)).toBe(null);
      expect(await readManifest(join(run, 'manifest.json'))).toMatchObject({ status: 'running' });
      expect(await runOnce(server, words)).toBe(0);
    } finally {
      await server.server.close();
    }
    expect(await scoresOf(run)).toBe(expected);
    const responses = await responsesIn(run);
    expect(new Set(responses.map(({ itemId }) => itemId)).size).toBe(items);
    // Not more were asked twice than were under way, or being written down, when it was killed.
    expect(server.served() - items).toBeLessThanOrEqual(kills * 2 * 8);
    const { settled, reserved } = await createFileLedger(join(run, 'ledger.jsonl')).read();
    const recorded = responses.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
    expect(settled.usd).toBeCloseTo(recorded, 9);
    expect(server.bill()).toBeGreaterThanOrEqual(settled.usd - 1e-9);
    expect(server.bill()).toBeLessThanOrEqual(settled.usd + reserved.usd + 1e-9);
  }, 120_000);

  it('that its budget stops goes on with a larger one', async () => {
    const expected = await scoresOf(await undisturbed('budget'));
    const server = await billedServer();
    const run = join(folder, 'stopped');
    const path = join(folder, 'items/mine.jsonl');
    try {
      expect(await runOnce(server, [run, path, '0.03'])).toBe(3);
      const stopped = await readManifest(join(run, 'manifest.json'));
      expect(stopped).toMatchObject({
        status: 'partial',
        partial: true,
        reason: expect.stringMatching(/budget ended/) as string,
      });
      expect(stopped?.counts.skipped).toBeGreaterThan(0);
      expect(stopped?.counts.answered).toBeGreaterThan(0);
      expect((stopped?.counts.answered ?? 0) + (stopped?.counts.skipped ?? 0)).toBe(items);
      expect(server.bill()).toBeLessThanOrEqual(0.03);
      expect(await scoresOf(run)).toContain('"budget-skipped"');
      expect(await runOnce(server, [run, path, '50'])).toBe(0);
    } finally {
      await server.server.close();
    }
    expect(await scoresOf(run)).toBe(expected);
    expect(server.served()).toBe(items);
    expect(await readManifest(join(run, 'manifest.json'))).toMatchObject({
      status: 'complete',
      servedModels: { [model]: ['gpt-4o-2024-11-20'] },
    });
  }, 120_000);
});
