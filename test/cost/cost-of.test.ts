/** From usage to money: each token billed once, at the price of its day, and unknown is never 0. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf } from '../../src/cost/index.js';
import { createCatalogue, findModel, listModels, type ModelRow } from '../../src/models/index.js';
import { unknownUsage, type Usage } from '../../src/request/index.js';

const day = '2026-11-24';
const row = (id: string): ModelRow => {
  const found = findModel(id);
  if (found === undefined) throw new Error(`No row ${id}`);
  return found;
};
const usage = (inputTokens: number, outputTokens: number, more: Partial<Usage> = {}): Usage => ({
  ...unknownUsage,
  inputTokens,
  outputTokens,
  ...more,
});
const usd = (used: Usage, id: string, date = day, options = {}) => costOf(used, row(id), date, options)?.usd;

describe('the price of a call', () => {
  it('is input and output at their prices', () => {
    expect(usd(usage(1_000_000, 1_000_000), 'openai:gpt-4o')).toBe(12.5);
    expect(usd(usage(1_000, 10), 'anthropic:claude-opus-5')).toBeCloseTo(0.00525, 9);
  });

  it('bills cached tokens at their own price and only once', () => {
    const used = usage(100_000, 0, { cacheReadTokens: 60_000, cacheWriteTokens: 30_000 });
    // Claude Opus 5: 10,000 at 5, 60,000 read at 0.50, 30,000 written at 6.25 (5 minutes) or 10 (an hour).
    expect(usd(used, 'anthropic:claude-opus-5')).toBeCloseTo(0.05 + 0.03 + 0.1875, 9);
    expect(usd(used, 'anthropic:claude-opus-5', day, { cache: 'long' })).toBeCloseTo(0.05 + 0.03 + 0.3, 9);
    // Writing was free before GPT-5.6.
    expect(usd(usage(1_000_000, 0, { cacheWriteTokens: 500_000 }), 'openai:gpt-4o')).toBe(2.5);
  });

  it('takes reasoning as part of the output', () => {
    const used = usage(0, 1_000, { reasoningTokens: 900 });
    expect(usd(used, 'google:gemini-2.5-pro')).toBe(usd(usage(0, 1_000), 'google:gemini-2.5-pro'));
  });

  it('has the dearer tier for the whole call, by all input, cached included', () => {
    const input = (tokens: number, cached = 0) => usage(tokens, 1_000_000, { cacheReadTokens: cached });
    expect(usd(input(272_000), 'openai:gpt-5.4')).toBeCloseTo(0.272 * 2.5 + 15, 9);
    expect(usd(input(272_001), 'openai:gpt-5.4')).toBeCloseTo(0.272001 * 5 + 22.5, 9);
    expect(usd(input(272_001, 272_001), 'openai:gpt-5.4')).toBeCloseTo(0.272001 * 0.5 + 22.5, 9);
    expect(usd(input(272_001), 'openai:gpt-5.4-mini')).toBeCloseTo(0.272001 * 0.75 + 4.5, 9);
    expect(usd(usage(100_001, 0), 'anthropic:claude-haiku-5-5')).toBeCloseTo(0.100001 * 0.5, 9);
  });

  it('takes sound at its own price where there is one', () => {
    const used = usage(1_000_000, 0, { byModality: { text: 400_000, audio: 600_000 } });
    expect(usd(used, 'google:gemini-2.5-flash')).toBeCloseTo(0.4 * 0.3 + 0.6 * 1, 9);
    expect(usd(used, 'google:gemini-2.5-pro')).toBeCloseTo(2.5, 9);
  });

  it('is half in a batch', () => {
    expect(usd(usage(1_000_000, 0), 'openai:gpt-4o', day, { batch: true })).toBe(1.25);
  });

  it('is that of its day, so that old records can be worked out again', () => {
    const used = usage(100_000, 0);
    expect(usd(used, 'openai:gpt-5.6-luna', '2026-07-29')).toBe(0.1);
    expect(usd(used, 'openai:gpt-5.6-luna', '2026-07-30')).toBe(0.02);
    const read = usage(1_000_000, 0, { cacheReadTokens: 1_000_000 });
    expect(usd(read, 'anthropic:claude-sonnet-5-5', '2026-10-06')).toBe(0.2);
    expect(usd(read, 'anthropic:claude-sonnet-5-5', '2026-10-07')).toBe(0.1);
  });

  it('has a range once the price has expired', () => {
    const money = costOf(usage(1_000_000, 1_000_000), row('openai:gpt-5.6-sol'), day);
    // Over 272,000 tokens: 8 and 30 by the promotion, 10 and 45 before it.
    expect(money).toEqual({ usd: 38, low: 38, high: 55, priceAsOf: '2026-11-23', priceExpiredOn: '2026-11-21' });
  });
});

describe('an unknown price', () => {
  it('is undefined when the usage is not known', () => {
    expect(costOf(unknownUsage, row('openai:gpt-4o'), day)).toBeUndefined();
    expect(costOf({ ...unknownUsage, inputTokens: 5 }, row('openai:gpt-4o'), day)).toBeUndefined();
  });

  it('is undefined when the price is not known', () => {
    expect(costOf(usage(1, 1), row('anthropic:claude-mythos-5'), day)).toBeUndefined();
    const written = usage(1_000, 1, { cacheWriteTokens: 10 });
    expect(costOf(written, row('anthropic:claude-fable-5-2'), day)?.usd).toBeGreaterThan(0);
    expect(costOf(written, row('anthropic:claude-fable-5-2'), day, { cache: 'long' })).toBeUndefined();
  });

  it('is undefined in a batch where there is no batch price', () => {
    const catalogue = createCatalogue({
      rows: [{ id: 'my:model', like: 'local:tiny', prices: [{ tiers: [{ aboveInput: 0, input: 1, output: 1 }] }] }],
    });
    const mine = catalogue.findModel('my:model');
    expect(mine && costOf(usage(1, 1), mine, day)?.usd).toBeGreaterThan(0);
    expect(mine && costOf(usage(1, 1), mine, day, { batch: true })).toBeUndefined();
  });

  it('is a known 0 for the local model, whatever was used', () => {
    expect(usd(usage(10, 10), 'local:tiny')).toBe(0);
    expect(costOf(unknownUsage, row('local:tiny'), day, { batch: true })?.usd).toBe(0);
  });
});

it('is never negative and grows with every token', () => {
  const priced = listModels().filter((model) => model.prices.length > 0);
  const count = fc.nat(2_000_000);
  fc.assert(
    fc.property(fc.constantFrom(...priced), count, count, count, (model, input, output, cacheReadTokens) => {
      const cost = (extra: number) => costOf(usage(input + extra, output + extra, { cacheReadTokens }), model, day);
      const [less, more] = [cost(0), cost(1)];
      expect(less?.usd).toBeGreaterThanOrEqual(0);
      expect(more?.usd).toBeGreaterThanOrEqual(less?.usd ?? Infinity);
    }),
    { numRuns: 1_000 },
  );
});
