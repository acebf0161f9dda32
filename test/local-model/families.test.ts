import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smartSize } from '../../local-model/engine/families/qwen-vl.js';
import { FamilyFixture, familyNames } from './families-parity.js';

describe.each(familyNames)('%s equals transformers', (name) => {
  const fixture = new FamilyFixture(name);
  beforeAll(() => fixture.open());
  afterAll(() => fixture.close());

  it.each(fixture.cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const result = await fixture.run(one);
    expect(result.ids).toEqual(result.expectedIds);
    expect(result.exactPixels).toBeGreaterThanOrEqual(0.99);
    expect(result.largestPixelDifference).toBeLessThanOrEqual(1.001);
    expect(result.logitDifference).toBeLessThan(1e-3);
    expect(result.greedy).toEqual(result.expectedGreedy);
  });

  it('has cases with pixels to compare', () => {
    expect(fixture.cases.filter((one) => !one.pixelsShape.includes(0)).length).toBeGreaterThanOrEqual(3);
  });
});

describe('the sizes that Qwen-VL resizes to', () => {
  const settings = { patch: 14, merge: 2, minPixels: 3136, maxPixels: 1_003_520 };
  // Computed with transformers' smart_resize (5.23).
  it.each([
    [448, 448, 448, 448],
    [1, 40, 28, 364],
    [3000, 2000, 1204, 812],
    [10, 10, 56, 56],
    [42, 70, 56, 56],
    [14, 2000, 28, 672],
  ])('%i × %i', (width, height, expectedWidth, expectedHeight) => {
    expect(smartSize({ width, height }, settings)).toEqual({ width: expectedWidth, height: expectedHeight });
  });

  it('refuse what is more than 200 times as long as wide', () => {
    expect(() => smartSize({ width: 1, height: 201 }, settings)).toThrow(/200 times as long as wide/);
  });
});
