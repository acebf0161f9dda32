/** The catalogue finds exact ids only, keeps its rows sound and takes rows of the user's own. */

import { describe, expect, it } from 'vitest';
import {
  createCatalogue,
  currentPrice,
  describeModel,
  findModel,
  listModels,
  nearestModelIds,
} from '../../src/models/index.js';

describe('finding a model', () => {
  it('finds an exact id and a listed alias', () => {
    expect(findModel('openai:gpt-4o')?.id).toBe('openai:gpt-4o');
    expect(findModel('openai:gpt-4o-2024-11-20')?.id).toBe('openai:gpt-4o');
    expect(describeModel('anthropic:claude-opus-5')?.limits.contextTokens).toBe(1_000_000);
  });

  it.each(['openai:gpt-4o-2099-01-01', 'openai:gpt', 'openai:', 'gpt-4o', '', 'anthropic:claude-sonnet-5-'])(
    'never matches by prefix: %s',
    (id) => {
      expect(findModel(id)).toBeUndefined();
      expect(describeModel(id)).toBeUndefined();
    },
  );

  it('keeps apart models whose names begin alike', () => {
    expect(findModel('openai:gpt-5')?.imageRule.rule).toBe('openai-tiles');
    expect(findModel('openai:gpt-5-mini')?.imageRule.rule).toBe('openai-patches');
    expect(findModel('openai:gpt-5.1')?.imageRule.rule).toBe('openai-tiles');
    expect(findModel('openai:gpt-5.2')?.imageRule.rule).toBe('openai-patches');
    expect(findModel('anthropic:claude-sonnet-5')?.prices.at(-1)?.tiers[0]?.cacheRead).toBe(0.2);
    expect(findModel('anthropic:claude-sonnet-5-5')?.prices.at(-1)?.tiers[0]?.cacheRead).toBe(0.1);
  });

  it('names the nearest ids of a misspelt one, with or without the provider', () => {
    expect(nearestModelIds('openai:gpt4o')[0]).toBe('openai:gpt-4o');
    expect(nearestModelIds('claude-opus5')[0]).toBe('anthropic:claude-opus-5');
    expect(nearestModelIds('GEMINI-2.5-flash', 1)).toEqual(['google:gemini-2.5-flash']);
    expect(nearestModelIds('openai:gpt-4o', 5)).toHaveLength(5);
  });

  it('marks the models of the background article that are gone', () => {
    expect(findModel('openai:gpt-4o')?.retired).toBeUndefined();
    for (const id of ['openai:gpt-4v', 'anthropic:claude-3-7-sonnet', 'google:gemini-2.0-flash'])
      expect(findModel(id), id).toMatchObject({ retired: true, prices: [] });
  });
});

describe('the rows', () => {
  const rows = listModels();

  it('have unique ids and aliases of the form provider:model-id', () => {
    const names = rows.flatMap((row) => [row.id, ...row.aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^(openai|anthropic|google|local):[a-z0-9.-]+$/);
  });

  it('cite a source with the day it was checked', () => {
    for (const row of rows) {
      expect(row.sources.length, row.id).toBeGreaterThan(0);
      for (const source of row.sources) {
        expect(new URL(source.url).protocol).toBe('https:');
        expect(source.checkedOn).toMatch(/^2026-\d\d-\d\d$/);
      }
    }
  });

  it('have prices in rising intervals that neither overlap nor leave a gap, with rising tiers', () => {
    for (const row of rows) {
      row.prices.forEach((interval, index) => {
        const before = row.prices[index - 1];
        if (before !== undefined) expect(nextDay(before.until), row.id).toBe(interval.from);
        interval.tiers.forEach((tier, place) => {
          const lower = interval.tiers[place - 1];
          if (lower === undefined) expect(tier.aboveInput).toBe(0);
          else expect(tier.aboveInput).toBeGreaterThan(lower.aboveInput);
          if (tier.cacheRead !== undefined) expect(tier.cacheRead, row.id).toBeLessThanOrEqual(tier.input);
          expect(tier.output, row.id).toBeGreaterThanOrEqual(tier.input);
        });
      });
    }
  });

  it('have no price of 0 but for the local model', () => {
    for (const row of rows) {
      const amounts = row.prices.flatMap(({ tiers }) =>
        tiers.flatMap(({ aboveInput: _, ...tier }) => Object.values(tier)),
      );
      if (row.id.startsWith('local:')) expect(new Set(amounts)).toEqual(new Set([0]));
      else
        expect(
          amounts.every((usd) => usd > 0),
          row.id,
        ).toBe(true);
    }
  });

  it('hold an image rule wherever pictures are taken, and limits that are numbers over 0', () => {
    for (const row of rows) {
      expect(row.capabilities.input.includes('image'), row.id).toBe(row.imageRule.rule !== 'none');
      expect(row.capabilities.input.includes('audio'), row.id).toBe(row.audioRule !== undefined);
      expect(row.capabilities.input.includes('video'), row.id).toBe(row.videoRule !== undefined);
      expect(row.capabilities.input.includes('document'), row.id).toBe(row.documentRule !== undefined);
      for (const limit of [row.limits.contextTokens, row.limits.maxOutputTokens, row.limits.requestBytes])
        if (limit !== undefined) expect(limit, row.id).toBeGreaterThan(0);
    }
  });

  it('say which options each vendor takes', () => {
    const capabilities = (id: string) => findModel(id)?.capabilities;
    expect(capabilities('openai:gpt-4o')).toMatchObject({ stop: false, topK: false, seed: false, temperature: true });
    expect(capabilities('openai:gpt-6-astra')).toMatchObject({ reasoning: 'levels-without-none', temperature: false });
    expect(capabilities('anthropic:claude-opus-5')).toMatchObject({
      stop: true,
      temperature: false,
      topP: false,
      topK: false,
    });
    expect(capabilities('google:gemini-2.5-flash')).toMatchObject({
      stop: true,
      temperature: true,
      topK: true,
      seed: true,
    });
    expect(capabilities('local:tiny')).toMatchObject({ tools: false, structuredOutput: true, seed: true, stop: true });
  });
});

describe('prices by date', () => {
  const inputPrice = (id: string, date: string) => {
    const price = currentPrice(findModel(id)?.prices ?? [], date);
    return price === undefined ? undefined : { input: price.interval.tiers[0]?.input, expired: price.expired };
  };

  it('change on the announced day', () => {
    expect(inputPrice('google:gemini-4-argon', '2026-11-30')).toEqual({ input: 2, expired: false });
    expect(inputPrice('google:gemini-4-argon', '2026-12-01')).toEqual({ input: 4, expired: false });
    expect(inputPrice('openai:gpt-5.6-terra', '2026-07-29')).toEqual({ input: 2.5, expired: false });
    expect(inputPrice('openai:gpt-5.6-terra', '2026-07-30')).toEqual({ input: 2, expired: false });
  });

  it('stay with the last known interval and say so when it has ended', () => {
    expect(inputPrice('openai:gpt-5.6-sol', '2026-11-21')).toEqual({ input: 4, expired: false });
    expect(inputPrice('openai:gpt-5.6-sol', '2026-11-22')).toEqual({ input: 4, expired: true });
  });

  it('are undefined where nothing is known', () => {
    expect(inputPrice('anthropic:claude-mythos-5', '2026-11-24')).toBeUndefined();
  });
});

describe("the user's own rows", () => {
  it('can be like a known model without inheriting its aliases', () => {
    const catalogue = createCatalogue({
      rows: [{ id: 'azure:my-gpt', like: 'openai:gpt-4o', limits: { maxOutputTokens: 99 } }],
    });
    const row = catalogue.findModel('azure:my-gpt');
    expect(row).toMatchObject({ id: 'azure:my-gpt', aliases: [], imageRule: { base: 85 } });
    expect(row?.limits).toMatchObject({ contextTokens: 128_000, maxOutputTokens: 99 });
    expect(catalogue.findModel('openai:gpt-4o-2024-08-06')?.id).toBe('openai:gpt-4o');
    expect(findModel('azure:my-gpt')).toBeUndefined();
  });

  it('can change a known row, also from a JSON file', () => {
    const rows = JSON.parse(
      '[{ "id": "openai:gpt-4o", "capabilities": { "tools": false }, "prices": [{ "tiers": [{ "aboveInput": 0, "input": 1, "output": 2 }] }] }]',
    );
    const row = createCatalogue({ rows }).findModel('openai:gpt-4o-2024-08-06');
    expect(row?.capabilities).toMatchObject({ tools: false, structuredOutput: true });
    expect(row?.prices[0]?.tiers[0]?.output).toBe(2);
    expect(findModel('openai:gpt-4o')?.capabilities.tools).toBe(true);
  });

  it('replace an alias by a row of its own', () => {
    const catalogue = createCatalogue({
      rows: [{ id: 'openai:gpt-4o-2024-08-06', like: 'openai:gpt-4o', prices: [] }],
    });
    expect(catalogue.findModel('openai:gpt-4o-2024-08-06')?.prices).toEqual([]);
    expect(catalogue.findModel('openai:gpt-4o')?.prices).toHaveLength(1);
  });

  it.each([
    [{ id: 'mine' }, /"provider:model-id"/],
    [{ id: 'my:model' }, /capabilities.*like/s],
    [{ id: 'my:model', like: 'openai:gpt-4p' }, /Nearest ids: .*openai:gpt-4o/],
    [{ id: 'openai:gpt-4o', prices: [{ tiers: [] }] }, /prices/],
    [{ id: 'openai:gpt-4o', prices: [{ until: 'soon', tiers: [{ aboveInput: 0, input: 1, output: 1 }] }] }, /prices/],
    [{ id: 'openai:gpt-4o', prices: [{ tiers: [{ aboveInput: 0, input: -1, output: 1 }] }] }, /prices/],
    [{ id: 'openai:gpt-4o', imageRule: { rule: 'openai-tiles', base: 85 } }, /imageRule\.perTile/],
    [{ id: 'openai:gpt-4o', imageRule: { rule: 'toString' } }, /imageRule\.rule/],
    [{ id: 'google:gemini-3.5-flash', imageRule: { rule: 'gemini-budget', budgets: { low: 1 } } }, /budgets/],
    [{ id: 'local:tiny', imageRule: { rule: 'fixed', tokens: 9, byDetail: { high: 12 } } }, /imageRule\.byDetail/],
    [{ id: 'local:tiny', imageRule: { rule: 'fixed', tokens: 9, seenSide: 0 } }, /imageRule\.seenSide/],
    [{ id: 'openai:gpt-4o', capabilities: { tools: 'yes' } }, /capabilities\.tools/],
    [{ id: 'openai:gpt-4o', retiresOn: '2026-13-45' }, /retiresOn/],
  ])('are refused when they are wrong: %j', (row, message) => {
    const wrong = JSON.parse(JSON.stringify([row]));
    expect(() => createCatalogue({ rows: wrong })).toThrow(message);
    expect(() => createCatalogue({ rows: wrong })).toThrow(expect.objectContaining({ kind: 'invalid-request' }));
  });
});

function nextDay(date: string | undefined): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}
