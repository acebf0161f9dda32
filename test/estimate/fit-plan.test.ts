/** What is planned for a picture obeys every limit of every catalogue row and changes no estimate without need. */

import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  estimateImage,
  fitTargetOf,
  listModels,
  type ModelFitTarget,
  type ModelRow,
} from '../../src/estimate/index.js';
import { rejectionByLimits } from '../../src/estimate/estimate-image.js';
import { fitPicture, checkMedia, planFit, type FitTarget } from '../../src/media/entry.js';
import type { Detail } from '../../src/request/index.js';
import sharp from 'sharp';

const rows = listModels().filter((row) => row.capabilities.input.includes('image'));
const details: readonly Detail[] = ['low', 'medium', 'high', 'original', 'auto'];
const side = fc.integer({ min: 1, max: 20_000 });
/** Thin strips and equal sides are where rounding goes wrong. */
const size = fc.oneof(
  fc.record({ width: side, height: side }),
  fc.record({ width: side, height: fc.integer({ min: 1, max: 40 }) }),
  side.map((pixels) => ({ width: pixels, height: pixels })),
  fc
    .record({ pixels: side, width: fc.integer({ min: 1, max: 21 }), height: fc.integer({ min: 1, max: 21 }) })
    .map(({ pixels, width, height }) => ({
      width: Math.max(1, Math.round((pixels * width) / 21)),
      height: Math.max(1, Math.round((pixels * height) / 21)),
    })),
);
const query = fc.record({
  row: fc.constantFrom(...rows),
  size,
  detail: fc.constantFrom(...details),
  pictureCount: fc.constantFrom(1, 2, 20, 21, 90),
  orientation: fc.integer({ min: 1, max: 8 }),
});

it('is taken by the media room as it is', () => {
  expectTypeOf<ModelFitTarget>().toExtend<FitTarget>();
  expect(rows.length).toBeGreaterThan(40);
});

describe('a planned picture', () => {
  for (const mode of ['vendor', 'limits'] as const) {
    it(`obeys every limit of every catalogue row: ${mode}`, () => {
      fc.assert(
        fc.property(query, ({ row, size, detail, pictureCount, orientation }) => {
          const picture = { ...size, orientation, mediaType: 'image/jpeg' };
          const plan = planFit(picture, fitTargetOf(row, detail, pictureCount), { mode });
          expect(plan.width).toBeGreaterThanOrEqual(1);
          expect(plan.height).toBeGreaterThanOrEqual(1);
          const [width, height] = orientation >= 5 ? [size.height, size.width] : [size.width, size.height];
          expect(plan.width).toBeLessThanOrEqual(width);
          expect(plan.height).toBeLessThanOrEqual(height);
          const estimate = estimateImage({
            model: row,
            width: plan.width,
            height: plan.height,
            detail,
            fit: mode,
            imagesInRequest: pictureCount,
          });
          expect(estimate.rejected).toBeUndefined();
          expect(Number.isFinite(estimate.tokens)).toBe(true);
          expect(estimate.low).toBeLessThanOrEqual(estimate.tokens);
          expect(estimate.tokens).toBeLessThanOrEqual(estimate.high);
          // What was taken as it is stays as it is, but for the vendor's own scaling.
          const before = estimateImage({
            model: row,
            width,
            height,
            detail,
            fit: mode,
            imagesInRequest: pictureCount,
          });
          if (mode === 'limits' && before.rejected === undefined) {
            expect({ width: plan.width, height: plan.height }).toEqual({ width, height });
          }
        }),
        { numRuns: 4_000 },
      );
    });
  }

  it('costs what the original costs wherever only the detail’s and the vendor’s own scaling applied', () => {
    let scaled = 0;
    fc.assert(
      fc.property(query, ({ row, size, detail, pictureCount }) => {
        const plan = planFit({ ...size, mediaType: 'image/jpeg' }, fitTargetOf(row, detail, pictureCount));
        if (plan.reasons.some((reason) => reason !== 'vendor-scaling' && reason !== 'detail')) return;
        if (plan.reasons.length > 0) scaled += 1;
        const before = estimateImage({ model: row, ...size, detail });
        // What is sent is counted as it is: nothing is scaled a second time.
        const after = estimateImage({ model: row, width: plan.width, height: plan.height, detail, fit: 'off' });
        // One that would have been refused had no lower end.
        const low = before.rejected === undefined ? before.low : after.low;
        expect(after).toMatchObject({ tokens: before.tokens, low, high: before.high });
      }),
      { numRuns: 6_000 },
    );
    expect(scaled).toBeGreaterThan(1_000);
  });

  it('keeps its shape but for rounding to whole pixels', () => {
    fc.assert(
      fc.property(query, ({ row, size, detail, pictureCount }) => {
        const plan = planFit({ ...size, mediaType: 'image/jpeg' }, fitTargetOf(row, detail, pictureCount));
        const scale = Math.max(plan.width, plan.height) / Math.max(size.width, size.height);
        // A side of one pixel cannot get thinner; vendors round down twice.
        expect(Math.abs(Math.max(1, size.width * scale) - plan.width)).toBeLessThan(2);
        expect(Math.abs(Math.max(1, size.height * scale) - plan.height)).toBeLessThan(2);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the vendor’s own scaling', () => {
  const scaledBy = (id: string, width: number, height: number, detail: Detail = 'high'): string => {
    const row = listModels().find((each: ModelRow) => each.id === id);
    if (row === undefined) throw new Error(`no row ${id}`);
    const plan = planFit({ width, height, mediaType: 'image/jpeg' }, fitTargetOf(row, detail, 1));
    return `${plan.width}x${plan.height}`;
  };

  it('is used for tiles, patches and Claude', () => {
    expect(scaledBy('openai:gpt-4o', 2_048, 4_096)).toBe('768x1536');
    expect(scaledBy('openai:gpt-4o', 4_032, 3_024, 'low')).toBe('512x384');
    expect(scaledBy('openai:gpt-5.4', 2_048, 2_048)).toBe('1600x1600');
    expect(scaledBy('anthropic:claude-opus-4-5', 1_920, 1_080)).toBe('1456x819');
    expect(scaledBy('anthropic:claude-opus-5', 4_032, 3_024)).toBe('2212x1659');
  });

  it('follows the reading that leaves more pixels where sources contradict each other', () => {
    // 2048x1152 by the page, 2104x1184 by a bill.
    expect(scaledBy('openai:gpt-6-astra', 2_560, 1_440)).toBe('2104x1184');
    // 6,144 patches by the page, 1,536 by a measurement.
    expect(scaledBy('openai:gpt-4.1-mini', 2_400, 1_800)).toBe('2048x1536');
  });

  it('is not used where the rule is assumed, nor for Gemini, nor where nothing is scaled', () => {
    expect(scaledBy('openai:gpt-6-sol', 4_032, 3_024)).toBe('4032x3024');
    expect(scaledBy('google:gemini-2.5-flash', 4_032, 3_024)).toBe('4032x3024');
    expect(scaledBy('google:gemini-3.5-flash', 9_000, 9_000)).toBe('9000x9000');
    expect(scaledBy('local:tiny', 4_032, 3_024)).toBe('4032x3024');
    expect(scaledBy('openai:gpt-6-astra', 4_032, 3_024, 'auto')).toBe('4032x3024');
  });

  it('ends at the nearest size that is taken', () => {
    expect(scaledBy('openai:gpt-6-astra', 7_952, 5_304, 'original')).not.toBe('7952x5304');
    const row = rows.find(({ id }) => id === 'openai:gpt-6-astra');
    const target = row && fitTargetOf(row, 'original', 1);
    expect(target && planFit({ width: 7_952, height: 5_304, mediaType: 'image/jpeg' }, target).reasons).toEqual([
      'size-refused',
    ]);
  });
});

it('the picture that is made has the size that was planned, and costs what the report’s size costs', async () => {
  const bytes = await sharp({ create: { width: 1_733, height: 2_917, channels: 3, background: '#808080' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const media = await checkMedia(bytes, 'the test picture');
  for (const row of rows.filter(({ id }) =>
    /gpt-4o$|gpt-5\.4$|gpt-6-astra$|claude-opus-(?:5|4-5)$|gemini-2\.5-flash$/.test(id),
  )) {
    const { report, media: sent } = await fitPicture(media, fitTargetOf(row, 'high', 1));
    const plan = planFit(
      { width: 1_733, height: 2_917, orientation: 6, mediaType: 'image/jpeg' },
      fitTargetOf(row, 'high', 1),
    );
    expect({ width: report.sent.width, height: report.sent.height }).toEqual({
      width: plan.width,
      height: plan.height,
    });
    expect(await sharp(sent.bytes).metadata()).toMatchObject({ width: plan.width, height: plan.height });
    const tokens = estimateImage({ model: row, width: report.sent.width, height: report.sent.height }).tokens;
    expect(tokens).toBe(estimateImage({ model: row, width: 2_917, height: 1_733 }).tokens);
    expect(
      rejectionByLimits(row, { width: plan.width, height: plan.height }, { bytes: sent.bytes.length }),
    ).toBeUndefined();
  }
});
