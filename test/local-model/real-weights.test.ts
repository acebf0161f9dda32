import { describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import {
  answersOf,
  constrainedResults,
  greedyResults,
  openReference,
  openWay,
  perplexityOf,
  ways,
} from './real-weights.js';

const folder = fileURLToPath(new URL('../../.cache/real-weights', import.meta.url));
const reference = openReference(folder);

/** Skipped where `scripts/real-weights/make.py` and `reference.py` were not run: 98 MB that are not part of the repository. */
describe.skipIf(reference === undefined)('with the real weights of SmolLM2-135M', { timeout: 600_000 }, () => {
  it('greedy answers to 20 prompts are those of PyTorch at fp32, up to the first near-tie', async () => {
    if (reference === undefined) return;
    const way = ways[2];
    if (way === undefined) throw new Error('no way');
    const runner = await openWay(folder, way);
    const results = await greedyResults(runner, reference);
    await runner.close();
    expect(results).toHaveLength(20);
    expect(results.filter(({ compared, equal }) => equal < compared)).toEqual([]);
    expect(results.reduce((sum, { compared }) => sum + compared, 0)).toBeGreaterThan(150);
  });

  it('every way of running the decoder has the perplexity of its weights', async () => {
    if (reference === undefined) return;
    const first = reference.windows.slice(0, 1).map((ids) => ids.slice(0, 257));
    const found = new Map<string, number>();
    for (const way of ways) {
      const runner = await openWay(folder, way);
      found.set(way.name, await perplexityOf(runner, first));
      await runner.close();
    }
    const of = (name: string): number => found.get(name) ?? NaN;
    for (const [name, value] of found) {
      const base = name.startsWith('fp32') ? 'fp32, cache fed back' : '4-bit, cache fed back';
      const most = name.includes('level 4') ? 0.05 : 1e-3;
      expect(Math.abs(value / of(base) - 1), name).toBeLessThan(most);
    }
  });

  it('guessing changes no answer where products are not rounded, and constrained answers are valid', async () => {
    if (reference === undefined) return;
    const prompts = reference.cases.slice(0, 4).map(({ prompt }) => prompt);
    const options = { fastFourBit: false };
    const q4 = join(folder, 'q4');
    const guessed = await answersOf(q4, prompts, { ...options, promptLookup: true });
    expect(guessed).toEqual(await answersOf(q4, prompts, { ...options, promptLookup: false }));
    const { valid, of } = await constrainedResults(folder, prompts);
    expect(valid).toBe(of);
  });
});
