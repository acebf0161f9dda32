/** The ladder names exactly the sizes that are worth sending. */

import { describe, expect, it } from 'vitest';
import { estimateImage, ladder, listModels } from '../../src/estimate/index.js';

const date = '2026-11-24';
const sizes = (rungs: readonly { width: number; height: number; tokens: number }[]) =>
  rungs.map(({ width, height, tokens }) => [width, height, tokens]);

describe('the ladder', () => {
  it('shows that 1025 px cost a patch row and column more than 1024', () => {
    const rungs = ladder({ model: 'openai:gpt-5.4', width: 1025, height: 1025, date });
    expect(sizes(rungs.slice(-3))).toEqual([
      [992, 992, 1_154],
      [1024, 1024, 1_229],
      [1025, 1025, 1_307],
    ]);
    expect(rungs).toHaveLength(33);
  });

  it('has only one rung where size makes no difference', () => {
    for (const model of ['google:gemini-3.5-flash', 'local:tiny'])
      expect(sizes(ladder({ model, width: 900, height: 900, date }))).toEqual([
        [900, 900, estimateImage({ model, width: 900, height: 900 }).tokens],
      ]);
    expect(ladder({ model: 'openai:gpt-4o', width: 900, height: 900, detail: 'low', date })).toHaveLength(1);
  });

  it('has the steps of tiles', () => {
    expect(sizes(ladder({ model: 'openai:gpt-4o', width: 2000, height: 1000, date }))).toEqual([
      [512, 256, 255],
      [1024, 512, 425],
      [2000, 1000, 1_105],
    ]);
  });

  it('leaves out sizes that would be refused', () => {
    const claude = { model: 'anthropic:claude-opus-5', width: 9000, height: 4500, date };
    expect(ladder(claude).every(({ rejected, width }) => rejected === undefined && width <= 8000)).toBe(true);
    expect(ladder({ ...claude, imagesInRequest: 21 }).at(-1)?.width).toBe(2000);
    const many = ladder({ model: 'openai:gpt-6-astra', width: 6000, height: 6000, detail: 'original', date }).at(-1);
    expect(many?.rejected).toBeUndefined();
    expect(many?.width).toBe(32 * 173);
    expect(ladder({ model: 'openai:gpt-4', width: 100, height: 100, date })).toEqual([]);
  });

  it.each(['openai:gpt-5.4', 'openai:gpt-4o', 'anthropic:claude-haiku-4-5', 'google:gemini-2.5-flash'])(
    'has for %s no size between two rungs that is cheaper than the upper one',
    (model) => {
      const picture = { model, width: 700, height: 451, date };
      const rungs = ladder(picture);
      for (let width = 1; width <= picture.width; width += 1) {
        const height = Math.max(1, Math.round((width * picture.height) / picture.width));
        const upper = rungs.find((rung) => rung.width >= width);
        const { tokens } = estimateImage({ ...picture, width, height });
        expect(tokens).toBeGreaterThanOrEqual(upper?.tokens ?? Infinity);
      }
    },
  );

  it('rises in size and cost and ends at the whole picture on every model', () => {
    for (const { id, imageRule } of listModels()) {
      if (imageRule.rule === 'none') continue;
      const rungs = ladder({ model: id, width: 640, height: 401, date });
      expect(rungs.at(-1), id).toMatchObject({ width: 640, height: 401 });
      rungs.forEach((rung, index) => {
        const below = rungs[index - 1];
        if (below === undefined) return;
        expect(rung.width).toBeGreaterThan(below.width);
        expect(rung.tokens).toBeGreaterThan(below.tokens);
      });
    }
  });
});
