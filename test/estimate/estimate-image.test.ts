/** Picture estimates: ranges where sources disagree, refusals with the nearest size, and clear errors for what is no picture. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateImage, listModels } from '../../src/estimate/index.js';
import { roundHalfToEven } from '../../src/estimate/claude-patches.js';

const date = '2026-11-24';
const details = ['low', 'medium', 'high', 'original', 'auto'] as const;
const withPictures = listModels().filter((row) => row.imageRule.rule !== 'none');

describe('where sources disagree', () => {
  it.each([
    ['openai:gpt-4o', 1024, 512, 425, 425, 1_105],
    ['openai:gpt-4o', 960, 540, 765, 765, 1_105],
    ['openai:gpt-4o', 1024, 1024, 765, 765, 765],
    ['openai:gpt-6-astra', 2560, 1440, 2_765, 2_765, 2_931],
    ['openai:gpt-6-sol', 3840, 2160, 2_765, 2_765, 2_931],
    ['openai:gpt-5.4', 3840, 2160, 2_765, 2_765, 2_765],
    ['google:gemini-2.5-pro', 3840, 2160, 1_548, 258, 3_870],
    ['google:gemini-2.5-pro', 4032, 3024, 1_032, 258, 6_192],
    ['google:gemini-3.5-flash', 1920, 1080, 1_100, 1_100, 1_120],
  ])('%s gives %i x %i as %i in %i to %i', (model, width, height, tokens, low, high) => {
    expect(estimateImage({ model, width, height, date })).toMatchObject({ tokens, low, high });
  });

  it('gives gpt-4.1-mini the range of both budgets', () => {
    const estimate = estimateImage({ model: 'openai:gpt-4.1-mini', width: 2400, height: 1800, date });
    // The newest text gives 4,977; a bill of 2025 was 2,362 with its text.
    expect(estimate).toMatchObject({ tokens: 4_977, low: 2_353, high: 4_977 });
  });

  it('says how far a rule can be trusted', () => {
    const confidence = (model: string) => estimateImage({ model, width: 99, height: 99, date }).confidence;
    expect(confidence('openai:gpt-4o')).toBe('documented');
    expect(confidence('openai:gpt-5-mini')).toBe('measured');
    expect(confidence('google:gemini-3.5-flash')).toBe('derived');
    expect(confidence('google:gemini-4-carbon')).toBe('assumed');
    expect(confidence('anthropic:claude-haiku-5-5')).toBe('assumed');
  });
});

describe('refused pictures', () => {
  it('has the reason and the nearest size that would be taken', () => {
    const estimate = estimateImage({
      model: 'openai:gpt-6-astra',
      width: 6000,
      height: 6000,
      detail: 'original',
      date,
    });
    expect(estimate).toMatchObject({ tokens: 42_413, low: 0, high: 42_413 });
    expect(estimate.rejected?.reason).toMatch(/35344 patches.*30000/);
    const { width, height } = estimate.rejected?.nearest ?? { width: 0, height: 0 };
    const taken = estimateImage({ model: 'openai:gpt-6-astra', width, height, detail: 'original', date });
    expect(taken.rejected).toBeUndefined();
    expect(taken.units).toBeGreaterThan(29_500);
  });

  it('knows the sides that Claude takes, alone and among many pictures', () => {
    const claude = { model: 'anthropic:claude-opus-5', date };
    const refused = estimateImage({ ...claude, width: 9000, height: 3000 });
    expect(refused.rejected?.nearest).toEqual({ width: 8000, height: 2666 });
    expect(refused.low).toBe(0);
    expect(estimateImage({ ...claude, width: 8000, height: 8000 }).rejected).toBeUndefined();
    const photo = { ...claude, width: 3000, height: 2000 };
    expect(estimateImage({ ...photo, imagesInRequest: 20 }).rejected).toBeUndefined();
    expect(estimateImage({ ...photo, imagesInRequest: 21 }).rejected?.nearest).toEqual({ width: 2000, height: 1333 });
    expect(estimateImage({ ...photo, imagesInRequest: 601 }).rejected?.reason).toContain('at most 600');
  });

  it('measures the limit on encoded size on the base64 text', () => {
    const bytes = (count: number) =>
      estimateImage({ model: 'anthropic:claude-opus-5', width: 99, height: 99, bytes: count, date }).rejected;
    expect(bytes(7_500_000)).toBeUndefined();
    expect(bytes(7_500_001)?.reason).toContain('10000004');
  });

  it('refuses pictures for a model that takes none', () => {
    expect(estimateImage({ model: 'openai:gpt-4', width: 9, height: 9, date })).toMatchObject({
      tokens: 0,
      rejected: { reason: expect.stringContaining('no pictures') },
    });
  });
});

describe('odd sizes', () => {
  it('counts at least one tile, however thin the picture is', () => {
    expect(estimateImage({ model: 'openai:gpt-4o', width: 13_821, height: 4, date })).toMatchObject({
      units: 4,
      tokens: 765,
    });
    expect(estimateImage({ model: 'openai:gpt-4o', width: 1, height: 1, date }).units).toBe(1);
  });

  it.each(withPictures.map((row) => row.id))(
    'takes a strip of 8000:1 and a billion pixels in its stride: %s',
    (model) => {
      for (const [width, height] of [
        [8_000, 1],
        [1, 8_000],
        [60_000, 10],
        [40_000, 25_000],
        [1_000_000_000, 1],
      ] as const)
        for (const detail of details) {
          const estimate = estimateImage({ model, width, height, detail, date });
          expect(Number.isFinite(estimate.high)).toBe(true);
          expect(estimate.tokens).toBeGreaterThan(0);
          expect(estimate.low).toBeLessThanOrEqual(estimate.tokens);
          expect(estimate.tokens).toBeLessThanOrEqual(estimate.high);
        }
    },
  );

  it.each([
    [0, 10],
    [10, 0],
    [-1, 10],
    [Number.NaN, 10],
    [10, Infinity],
    [10.5, 10],
  ])('refuses %d x %d with a message that names the side', (width, height) => {
    expect(() => estimateImage({ model: 'openai:gpt-4o', width, height })).toThrow(
      expect.objectContaining({ kind: 'invalid-request', message: expect.stringMatching(/width|height/) }),
    );
  });

  it('refuses an unknown detail, model and date with what would be right', () => {
    const size = { width: 10, height: 10 };
    const wrongDetail = JSON.parse('"ultra"');
    expect(() => estimateImage({ model: 'openai:gpt-4o', ...size, detail: wrongDetail })).toThrow(/low, medium, high/);
    expect(() => estimateImage({ model: 'openai:gpt-4oo', ...size })).toThrow(
      expect.objectContaining({ kind: 'model-not-found', message: expect.stringContaining('openai:gpt-4o') }),
    );
    expect(() => estimateImage({ model: 'openai:gpt-4o', ...size, date: 'soon' })).toThrow(/"soon" is no date/);
  });
});

describe('money', () => {
  const usdPerThousand = (model: string, width: number, height: number) =>
    (estimateImage({ model, width, height, date }).money?.usd ?? Number.NaN) * 1_000;

  it("agrees with the vendor's own examples", () => {
    expect(usdPerThousand('anthropic:claude-haiku-4-5', 1000, 1000)).toBeCloseTo(1.3, 2);
    expect(usdPerThousand('anthropic:claude-opus-5', 1000, 1000)).toBeCloseTo(6.48, 2);
    expect(usdPerThousand('anthropic:claude-opus-5', 3840, 2160)).toBeCloseTo(23.92, 2);
  });

  it('shows that a picture is dearer on gpt-4o-mini than on gpt-4o', () => {
    const ratio = usdPerThousand('openai:gpt-4o-mini', 1024, 1024) / usdPerThousand('openai:gpt-4o', 1024, 1024);
    expect(ratio).toBeCloseTo(2, 1);
  });

  it('is a known 0 for the local model and unknown, not 0, without a price', () => {
    expect(estimateImage({ model: 'local:tiny', width: 9, height: 9, date }).money).toMatchObject({ usd: 0, high: 0 });
    expect(estimateImage({ model: 'anthropic:claude-mythos-5', width: 9, height: 9, date }).money).toBeUndefined();
  });

  it('is half in a batch', () => {
    const usd = (batch: boolean) =>
      estimateImage({ model: 'openai:gpt-4o', width: 1024, height: 1024, date, batch }).money?.usd ?? Number.NaN;
    expect(usd(true)).toBeCloseTo(usd(false) / 2, 10);
  });
});

it('rounds halves to even', () => {
  expect([0.5, 1.5, 2.5, 3.49, 3.51, 4].map(roundHalfToEven)).toEqual([0, 2, 2, 3, 4, 4]);
});

describe('any picture of 1 to 20,000 px on any model', () => {
  const side = fc.integer({ min: 1, max: 20_000 });
  const model = fc.constantFrom(...withPictures.map((row) => row.id));
  const detail = fc.constantFrom(...details);

  it('has finite tokens and money within their range', () => {
    fc.assert(
      fc.property(model, side, side, detail, (id, width, height, level) => {
        const { tokens, low, high, money, seenLongEdge, resizedTo } = estimateImage({
          model: id,
          width,
          height,
          detail: level,
          date,
        });
        expect(Number.isInteger(tokens) && tokens > 0 && Number.isFinite(high)).toBe(true);
        expect(low <= tokens && tokens <= high).toBe(true);
        expect(seenLongEdge).toBeLessThanOrEqual(Math.max(width, height));
        if (resizedTo !== undefined)
          expect(Math.max(resizedTo.width, resizedTo.height)).toBeLessThanOrEqual(Math.max(width, height));
        if (money !== undefined) expect(money.low <= money.usd && money.usd <= money.high).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('costs the same when it is turned by a quarter', () => {
    fc.assert(
      fc.property(model, side, side, detail, (id, width, height, level) => {
        const upright = estimateImage({ model: id, width, height, detail: level, date });
        const turned = estimateImage({ model: id, width: height, height: width, detail: level, date });
        expect(turned.tokens).toBe(upright.tokens);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps to the limits of its rule', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const tokens = (id: string, level: 'high' | 'original' = 'high') =>
          estimateImage({ model: id, width, height, detail: level, date });
        expect(tokens('openai:gpt-5.4').units).toBeLessThanOrEqual(2_500);
        expect(tokens('openai:gpt-5.5', 'original').units).toBeLessThanOrEqual(10_000);
        expect(tokens('openai:gpt-5-mini').units).toBeLessThanOrEqual(1_536);
        expect(tokens('anthropic:claude-haiku-4-5').tokens).toBeLessThanOrEqual(1_568);
        expect(tokens('anthropic:claude-opus-5').tokens).toBeLessThanOrEqual(4_784);
        expect(tokens('google:gemini-3.5-flash').tokens).toBeLessThanOrEqual(1_120);
      }),
      { numRuns: 1_000 },
    );
  });

  it('can be sent at the nearest size when it was refused', () => {
    fc.assert(
      fc.property(model, side, side, (id, width, height) => {
        const { rejected } = estimateImage({ model: id, width, height, detail: 'original', date });
        if (rejected?.nearest === undefined) return;
        const nearest = estimateImage({ model: id, ...rejected.nearest, detail: 'original', date });
        expect(nearest.rejected).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});
