/** The planner is as sharp as the budget allows, keeps to what was asked, and says what it gave up. */

import { describe, expect, it } from 'vitest';
import { estimateImage, findModel, ladder, plan, type PictureToPlan } from '../../src/estimate/index.js';
import type { Detail } from '../../src/request/index.js';

const date = '2026-11-24';

/** Every combination of every size and detail, without any of the planner's own code but the estimate. */
function exhaustive(
  model: string,
  pictures: readonly PictureToPlan[],
  tokens: number,
  details: readonly Detail[],
): number {
  const options = pictures.map((picture) =>
    details.flatMap((detail) =>
      ladder({ model, width: picture.width, height: picture.height, detail, date }).map((rung) => ({
        cost: rung.tokens,
        score: Math.log(rung.seenLongEdge / Math.max(picture.width, picture.height)),
      })),
    ),
  );
  const best = (index: number, left: number): number => {
    const own = options[index];
    if (own === undefined) return 0;
    let highest = -Infinity;
    for (const { cost, score } of own)
      if (cost <= left) highest = Math.max(highest, score + best(index + 1, left - cost));
    return highest;
  };
  return best(0, tokens);
}

describe('against exhaustive search', () => {
  const small: readonly PictureToPlan[] = [
    { width: 300, height: 200 },
    { width: 512, height: 512 },
    { width: 250, height: 400 },
  ];
  const large: readonly PictureToPlan[] = [
    { width: 4032, height: 3024 },
    { width: 1920, height: 1080 },
    { width: 700, height: 1200 },
  ];

  it.each([
    ['openai:gpt-5.4', small, 100],
    ['openai:gpt-5.4', small, 300],
    ['openai:gpt-5.6-sol', small, 250],
    ['anthropic:claude-opus-5', small, 60],
    ['anthropic:claude-opus-5', small, 333],
    ['openai:gpt-4o', large, 800],
    ['openai:gpt-4o', large, 1_700],
    ['google:gemini-2.5-flash', large, 2_500],
    ['google:gemini-3.5-flash', large, 2_000],
    ['google:gemini-3.5-flash', large, 5_000],
  ])('%s within 1 %% of the best, case %#', (model, pictures, tokens) => {
    const details: readonly Detail[] = ['low', 'medium', 'high', 'original'];
    const best = exhaustive(model, pictures, tokens, details);
    const [found] = plan({ pictures, models: [model], budget: { tokens }, date });
    expect(found?.fits).toBe(true);
    expect(found?.tokens.tokens).toBeLessThanOrEqual(tokens);
    expect(best - (found?.score ?? -Infinity)).toBeLessThanOrEqual(0.01 * Math.abs(best) + 1e-9);
    expect(found?.score ?? 0).toBeLessThanOrEqual(best + 1e-9);
  });
});

describe('a plan', () => {
  const photo = { width: 4032, height: 3024 };

  it('gives nothing up when there is enough', () => {
    const [best] = plan({ pictures: [photo, photo], models: ['openai:gpt-6-sol'], budget: { tokens: 40_000 }, date });
    expect(best).toMatchObject({ fits: true, score: 0 });
    expect(best?.pictures.map(({ target, sharpness }) => [target, sharpness])).toEqual([
      [{ ...photo, detail: 'original' }, 1],
      [{ ...photo, detail: 'original' }, 1],
    ]);
    expect(best?.pictures.some((picture) => 'gaveUp' in picture)).toBe(false);
  });

  it('returns targets that cost what it says, and what was given up', () => {
    const [best] = plan({ pictures: [photo, photo], models: ['openai:gpt-5.4'], budget: { tokens: 3_000 }, date });
    let tokens = 0;
    for (const { target, estimate, sharpness, gaveUp } of best?.pictures ?? []) {
      tokens += estimateImage({ model: 'openai:gpt-5.4', ...target, date }).tokens;
      expect(estimate.seenLongEdge / photo.width).toBeCloseTo(sharpness, 9);
      expect(gaveUp).toContain(`${target.width}x${target.height}`);
    }
    expect(tokens).toBe(best?.tokens.tokens);
    expect(tokens).toBeGreaterThan(2_900);
    expect(tokens).toBeLessThanOrEqual(3_000);
  });

  it('does not give away, for nothing, what a fixed number of tokens cannot tell', () => {
    const [best] = plan({
      pictures: [{ width: 2_000, height: 1_500 }],
      models: ['local:tiny'],
      budget: { tokens: 5_000 },
      date,
    });
    expect(best?.pictures[0]?.target).toEqual({ width: 2_000, height: 1_500, detail: 'high' });
    expect(best?.tokens.tokens).toBe(381);
  });

  it('looks less closely where the budget is too small for the default', () => {
    const pictures = [{ width: 2_000, height: 1_500 }];
    const [small] = plan({ pictures, models: ['local:tiny'], budget: { tokens: 200 }, date });
    expect(small).toMatchObject({ fits: true, tokens: { tokens: 157 } });
    expect(small?.pictures[0]).toMatchObject({ target: { detail: 'low' }, estimate: { seenLongEdge: 192 } });
    expect(plan({ pictures, models: ['local:tiny'], budget: { tokens: 100 }, date })[0]?.fits).toBe(false);
  });

  it('never goes under a least long edge, and gives it to the picture that asked', () => {
    const pictures = [{ ...photo, minLongEdge: 1_800 }, photo, photo];
    const [best] = plan({ pictures, models: ['openai:gpt-5.4'], budget: { tokens: 3_000 }, date });
    expect(best?.fits).toBe(true);
    expect(best?.pictures[0]?.estimate.seenLongEdge).toBeGreaterThanOrEqual(1_800);
    expect(best?.pictures[1]?.estimate.seenLongEdge).toBeLessThan(1_800);
  });

  it('leaves a picture alone that is smaller than its least long edge', () => {
    const pictures = [{ width: 300, height: 200, minLongEdge: 1_000 }];
    const [best] = plan({ pictures, models: ['openai:gpt-5.4'], budget: { tokens: 3_000 }, date });
    expect(best).toMatchObject({ fits: true, pictures: [{ target: { width: 300, height: 200 } }] });
  });

  it('says so when the least sizes do not fit, and by how much', () => {
    const pictures = [{ ...photo, minLongEdge: 1_800 }];
    const [best] = plan({ pictures, models: ['openai:gpt-5.4'], budget: { tokens: 1_000 }, date });
    expect(best).toMatchObject({
      fits: false,
      reason: expect.stringMatching(/cost \d+ tokens, over the budget of 1000/),
    });
  });

  it('says so when no size of a model is seen as large as asked', () => {
    const pictures = [{ ...photo, minLongEdge: 2_500 }];
    const [best] = plan({ pictures, models: ['anthropic:claude-haiku-4-5'], budget: { tokens: 99_999 }, date });
    expect(best).toMatchObject({ fits: false, reason: expect.stringContaining('at most 1270 px') });
  });

  it('plans in money by the prices of the day', () => {
    const usd = 0.004;
    const [best] = plan({ pictures: [photo, photo], models: ['openai:gpt-5.4'], budget: { usd }, date });
    expect(best?.fits).toBe(true);
    expect(best?.money?.usd).toBeLessThanOrEqual(usd);
    expect(best?.money?.usd).toBeGreaterThan(usd * 0.95);
    const models = ['google:gemini-3.8-flash'];
    const tokensOn = (day: string) =>
      plan({ pictures: [photo, photo], models, budget: { usd: 0.0017 }, date: day })[0]?.tokens.tokens ?? 0;
    expect(tokensOn('2027-01-01')).toBeLessThan(tokensOn('2026-12-31'));
  });

  it('puts the sharpest model that fits first and says of an unpriced one that it cannot be planned in money', () => {
    const models = ['anthropic:claude-mythos-5', 'openai:gpt-4o', 'anthropic:claude-opus-5', 'local:tiny'];
    const plans = plan({ pictures: [photo], models, budget: { usd: 0.05 }, date });
    expect(plans.map(({ model, fits }) => [model, fits])).toEqual([
      ['anthropic:claude-opus-5', true],
      ['openai:gpt-4o', true],
      ['local:tiny', true],
      ['anthropic:claude-mythos-5', false],
    ]);
    expect(plans.at(-1)?.reason).toBe('No price of anthropic:claude-mythos-5 is known.');
  });

  it('keeps to the sizes that are taken among many pictures', () => {
    const [best] = plan({
      pictures: [{ width: 3000, height: 2000 }],
      models: ['anthropic:claude-opus-5'],
      budget: { tokens: 9_999 },
      imagesInRequest: 30,
      date,
    });
    expect(best?.pictures[0]?.target.width).toBe(2_000);
  });

  it('plans hundreds of pictures close to the limit', () => {
    const pictures = Array.from({ length: 300 }, (_, index) => ({ width: 1600 + (index % 5) * 100, height: 1200 }));
    const [best] = plan({ pictures, models: ['openai:gpt-5.4'], budget: { tokens: 300_000 }, date });
    expect(best?.fits).toBe(true);
    expect(best?.tokens.tokens).toBeGreaterThan(299_000);
    expect(best?.tokens.tokens).toBeLessThanOrEqual(300_000);
  });

  it.each([
    [{ pictures: [photo], budget: { tokens: -1 } }, /budget is -1/],
    [{ pictures: [photo], budget: { usd: Number.NaN } }, /budget is NaN/],
    [{ pictures: [], budget: { tokens: 1 } }, /at least one picture/],
    [{ pictures: [{ width: 0, height: 1 }], budget: { tokens: 1 } }, /width is 0/],
  ])('refuses what is no plan: %#', (query, message) => {
    expect(() => plan({ models: ['openai:gpt-4o'], ...query })).toThrow(message);
  });

  it('knows the model that it plans for', () => {
    const row = findModel('openai:gpt-4o');
    expect(row && plan({ pictures: [photo], models: [row], budget: { tokens: 800 }, date })[0]?.model).toBe(
      'openai:gpt-4o',
    );
    expect(() => plan({ pictures: [photo], models: ['openai:gpt-4oo'], budget: { tokens: 8 } })).toThrow(/gpt-4o/);
  });
});
