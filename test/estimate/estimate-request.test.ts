/** Whole requests: every part is counted once, the worst case is in the range, and what would be refused is said. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCatalogue, estimateRequest, listModels } from '../../src/estimate/index.js';

const date = '2026-11-24';
const words = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;
const tokenizers = { o200k: words, local: words };

describe('a request', () => {
  it('is the sum of its text, pictures and framing', () => {
    const estimate = estimateRequest({
      model: 'openai:gpt-4o',
      date,
      tokenizers,
      system: 'Count well',
      prompt: 'How many coins are there?',
      images: [
        { width: 1024, height: 1024 },
        { width: 512, height: 512, detail: 'low' },
      ],
    });
    expect(estimate.parts.map(({ path, kind, tokens }) => [path, kind, tokens])).toEqual([
      ['messages[0].content[0]', 'text', 2],
      ['messages[1].content[0]', 'image', 765],
      ['messages[1].content[1]', 'image', 85],
      ['messages[1].content[2]', 'text', 5],
      ['framing', 'framing', 9],
    ]);
    expect(estimate.input.tokens).toBe(2 + 765 + 85 + 5 + 9);
  });

  it('counts a conversation with tools, their calls and pictures inside their results', () => {
    const estimate = estimateRequest({
      model: 'openai:gpt-4o',
      date,
      tokenizers,
      tools: [{ name: 'look', parameters: { type: 'object' } }],
      output: { type: 'object', properties: { count: { type: 'integer' } } },
      messages: [
        { role: 'user', content: 'Look at the coins' },
        { role: 'assistant', content: [{ type: 'tool-call', name: 'look', arguments: { at: 'coins' } }] },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              content: [
                { type: 'image', width: 1024, height: 1024 },
                { type: 'text', text: 'Here' },
              ],
            },
          ],
        },
      ],
    });
    const kinds = estimate.parts.map(({ kind, tokens }) => [kind, tokens]);
    expect(kinds).toContainEqual(['text', 4]);
    expect(kinds).toContainEqual(['tool-call', 1]);
    expect(kinds).toContainEqual(['tool-result', 766]);
    expect(kinds).toContainEqual(['tools', 21]);
    expect(kinds).toContainEqual(['output', 1]);
    expect(estimate.input.confidence).toBe('assumed');
  });

  it('passes its detail on to pictures that have none', () => {
    const tokens = (detail: 'low' | 'high') =>
      estimateRequest({ model: 'openai:gpt-4o', date, detail, images: [{ width: 1024, height: 1024 }] }).input.tokens;
    expect(tokens('high') - tokens('low')).toBe(680);
  });
});

describe('the answer', () => {
  const output = (options: object, model = 'openai:gpt-4o') =>
    estimateRequest({ model, date, prompt: 'Hello', ...options }).output;

  it('has its worst case at the most that may be answered', () => {
    expect(output({})).toEqual({ tokens: 300, low: 1, high: 4_096 });
    expect(output({ maxOutputTokens: 200 })).toEqual({ tokens: 200, low: 1, high: 200 });
    expect(output({ expectedOutputTokens: 50 })).toEqual({ tokens: 50, low: 1, high: 4_096 });
    expect(output({}, 'local:tiny').high).toBeLessThanOrEqual(1_024);
    expect(output({ maxOutputTokens: 0 })).toEqual({ tokens: 0, low: 0, high: 0 });
  });
});

describe('money', () => {
  const query = {
    model: 'openai:gpt-4o',
    date,
    tokenizers,
    prompt: 'word '.repeat(1_000),
    maxOutputTokens: 1_000,
    expectedOutputTokens: 100,
  };

  it('reaches from the least to the worst case', () => {
    const { money, inputMoney } = estimateRequest(query);
    // 1,006 input tokens at 2.50 and 100, 1 or 1,000 output tokens at 10 a million.
    expect(money?.usd).toBeCloseTo((1_006 * 2.5 + 100 * 10) / 1e6, 9);
    expect(money?.low).toBeCloseTo((1_006 * 2.5 + 1 * 10) / 1e6, 9);
    expect(money?.high).toBeCloseTo((1_007 * 2.5 + 1_000 * 10) / 1e6, 9);
    expect(inputMoney?.usd).toBeCloseTo((1_006 * 2.5) / 1e6, 9);
  });

  it('is less with a cache and half in a batch', () => {
    const usd = (options: object) => estimateRequest({ ...query, ...options }).money?.usd ?? Number.NaN;
    expect(usd({}) - usd({ cachedInputTokens: 1_000 })).toBeCloseTo((1_000 * 1.25) / 1e6, 9);
    expect(usd({ batch: true })).toBeCloseTo(usd({}) / 2, 9);
  });

  it('has the dearer tier for the whole request once the input is over the threshold', () => {
    const usd = (count: number) =>
      estimateRequest({
        model: 'google:gemini-2.5-pro',
        date,
        prompt: 'x',
        expectedOutputTokens: 0,
        tokenizers: { o200k: () => count },
      }).inputMoney?.usd ?? Number.NaN;
    expect(usd(180_000)).toBeCloseTo((180_000 * 1.07 + 2) * 1.25e-6, 6);
    expect(usd(190_000)).toBeCloseTo((190_000 * 1.07 + 2) * 2.5e-6, 6);
  });

  it('changes on the day that a promotion ends', () => {
    const usd = (day: string) =>
      estimateRequest({ ...query, model: 'google:gemini-4-argon', date: day }).money?.usd ?? 0;
    expect(usd('2026-12-01') / usd('2026-11-30')).toBeCloseTo(2, 6);
  });

  it('warns of an expired price and takes the one before the promotion into its range', () => {
    const before = estimateRequest({ ...query, model: 'openai:gpt-5.6-sol', date: '2026-11-21' });
    const after = estimateRequest({ ...query, model: 'openai:gpt-5.6-sol', date: '2026-11-22' });
    expect(before.warnings).toEqual([]);
    expect(after.warnings).toEqual([expect.stringContaining('2026-11-21')]);
    expect(after.money?.priceExpiredOn).toBe('2026-11-21');
    expect(after.money?.usd).toBe(before.money?.usd);
    expect(after.money?.high ?? 0).toBeGreaterThan((before.money?.high ?? 0) * 1.2);
  });

  it('is undefined, not 0, without a price, and says so', () => {
    const estimate = estimateRequest({ ...query, model: 'anthropic:claude-mythos-5' });
    expect(estimate.money).toBeUndefined();
    expect(estimate.warnings).toEqual([expect.stringContaining('No price')]);
  });

  it('takes sound at its own price', () => {
    const audio = (model: string) =>
      estimateRequest({
        model,
        date,
        expectedOutputTokens: 0,
        messages: [{ role: 'user', content: [{ type: 'audio', seconds: 1_000 }] }],
      });
    // 25,000 tokens of sound at 1 USD, a few of framing at 0.50.
    expect(audio('google:gemini-3-flash-preview').inputMoney?.usd).toBeCloseTo(0.025, 4);
  });
});

describe('what would be refused', () => {
  const rejected = (query: object, model = 'anthropic:claude-opus-5') =>
    estimateRequest({ model, date, tokenizers, ...query }).rejected;

  it('is listed with its place', () => {
    expect(rejected({ images: [{ width: 9_000, height: 9_000 }] })).toEqual([
      { path: 'messages[0].content[0]', reason: expect.any(String), nearest: { width: 8_000, height: 8_000 } },
    ]);
    expect(rejected({ prompt: 'Hello' })).toEqual([]);
  });

  it('counts pictures in tool results towards the stricter limit', () => {
    const image = { type: 'image', width: 3_000, height: 100 } as const;
    const many = (inTools: number) => ({
      messages: [
        { role: 'user', content: Array.from({ length: 20 }, () => image) },
        { role: 'tool', content: [{ type: 'tool-result', content: Array.from({ length: inTools }, () => image) }] },
      ],
    });
    expect(rejected(many(0))).toEqual([]);
    expect(rejected(many(1))).toHaveLength(21);
  });

  it('names kinds of part that are not taken, a full context and a body that is too large', () => {
    const audio = { messages: [{ role: 'user', content: [{ type: 'audio', seconds: 5 }] }] };
    expect(rejected(audio)[0]?.reason).toContain('no audio');
    expect(rejected({ prompt: 'x', tokenizers: { o200k: () => 900_000 } })[0]?.reason).toContain('context of 1000000');
    const image = { width: 100, height: 100, bytes: 7_000_000 };
    expect(rejected({ images: [image, image, image, image] })[0]?.reason).toContain('over the limit of 32000000');
    expect(rejected({ prompt: 'x', maxOutputTokens: 200_000 })[0]?.path).toBe('maxOutputTokens');
  });

  it('warns of a model that is gone', () => {
    expect(estimateRequest({ model: 'openai:gpt-4o', date: '2027-02-01', prompt: 'x' }).warnings).toContain(
      'openai:gpt-4o no longer answers since 2027-01-14.',
    );
  });
});

it('takes rows of a catalogue of one’s own', () => {
  const catalogue = createCatalogue({
    rows: [
      {
        id: 'vllm:gemma',
        like: 'google:gemini-3.5-flash',
        prices: [{ tiers: [{ aboveInput: 0, input: 0, output: 0 }] }],
      },
    ],
  });
  const estimate = estimateRequest({ model: 'vllm:gemma', catalogue, date, images: [{ width: 10, height: 10 }] });
  expect(estimate.model).toBe('vllm:gemma');
  expect(estimate.money).toMatchObject({ usd: 0, high: 0 });
  expect(() => estimateRequest({ model: 'vllm:gemma', prompt: 'x' })).toThrow(/createCatalogue/);
});

it('is finite and within its range for any model and picture', () => {
  const model = fc.constantFrom(...listModels().map((row) => row.id));
  const side = fc.integer({ min: 1, max: 20_000 });
  fc.assert(
    fc.property(model, side, side, fc.string(), fc.nat(2_000), (id, width, height, prompt, cachedInputTokens) => {
      const { input, output, money } = estimateRequest({
        model: id,
        date,
        prompt,
        images: [{ width, height }],
        cachedInputTokens,
      });
      for (const { tokens, low, high } of [input, output])
        expect(low <= tokens && tokens <= high && Number.isFinite(high)).toBe(true);
      if (money !== undefined) expect(0 <= money.low && money.low <= money.usd && money.usd <= money.high).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
