/** One word for detail means the same on every model: never dearer than the next finer word, and what is estimated is what is sent. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anthropic } from '../../adapters/anthropic/index.js';
import { google } from '../../adapters/google/index.js';
import { openai } from '../../adapters/openai/index.js';
import { resolutionOf } from '../../adapters/google/wire.js';
import {
  estimateImage,
  estimateRequest,
  fitTargetOf,
  findModel,
  listModels,
  portableDetailOf,
  type ModelRow,
} from '../../src/estimate/index.js';
import { planFit } from '../../src/media/entry.js';
import type { Detail, PreparedRequest } from '../../src/request/index.js';

const date = '2026-11-24';
const details: readonly Detail[] = ['low', 'medium', 'high', 'original', 'auto'];
const rows = listModels().filter((row) => row.imageRule.rule !== 'none');
const photo = { width: 4_032, height: 3_024 };
const side = fc.integer({ min: 1, max: 20_000 });
const size = fc.oneof(
  fc.record({ width: side, height: side }),
  fc.record({ width: side, height: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ width: fc.integer({ min: 1, max: 1_100 }), height: fc.integer({ min: 1, max: 1_100 }) }),
);

function rowOf(id: string): ModelRow {
  const row = findModel(id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
}

describe('a detail', () => {
  it('never costs more than the next finer one, on any model and at any size', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rows), size, (row, picture) => {
        const tokens = (detail: Detail) => estimateImage({ model: row, ...picture, detail, date }).tokens;
        const costs = (['low', 'medium', 'high', 'original'] as const).map(tokens);
        expect(costs.toSorted((first, second) => first - second)).toEqual(costs);
      }),
      { numRuns: 10_000 },
    );
  });

  it('makes a photo cheaper at every step down, wherever a model charges by size', () => {
    for (const row of rows) {
      if (row.imageRule.rule === 'fixed') continue;
      const tokens = (detail: Detail) => estimateImage({ model: row, ...photo, detail, date }).tokens;
      expect(tokens('low'), row.id).toBeLessThan(tokens('medium'));
      expect(tokens('medium'), row.id).toBeLessThan(tokens('high'));
    }
  });

  it('is scaled to once: what was scaled to it is left as it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(undefined, ...rows), size, fc.constantFrom(...details), (row, picture, detail) => {
        const { scale } = portableDetailOf(row?.imageRule, detail);
        const once = scale?.(picture) ?? picture;
        expect(scale?.(once) ?? once).toEqual(once);
        expect(once.width).toBeLessThanOrEqual(picture.width);
        expect(once.height).toBeLessThanOrEqual(picture.height);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is scaled to for low and medium only', () => {
    for (const row of rows)
      for (const detail of ['high', 'original', 'auto'] as const)
        expect(portableDetailOf(row.imageRule, detail).scale, row.id).toBeUndefined();
  });
});

describe('a photo of 12 megapixels', () => {
  it.each([
    ['openai:gpt-4o', 'low', 512, 384, 85],
    ['openai:gpt-4o', 'medium', 682, 512, 425],
    ['openai:gpt-6-astra', 'low', 512, 384, 231],
    ['openai:gpt-6-astra', 'medium', 1_024, 768, 922],
    ['openai:gpt-5.4', 'low', 512, 384, 231],
    ['openai:gpt-5.4', 'medium', 1_024, 768, 922],
    ['openai:gpt-5-mini', 'low', 512, 384, 231],
    ['anthropic:claude-haiku-4-5', 'low', 504, 378, 252],
    ['anthropic:claude-haiku-4-5', 'medium', 896, 672, 768],
    ['anthropic:claude-opus-5', 'low', 504, 378, 252],
    ['anthropic:claude-opus-5', 'medium', 1_270, 952, 1_564],
    ['google:gemini-2.5-flash', 'low', 4_032, 3_024, 64],
    ['google:gemini-3.5-flash', 'medium', 4_032, 3_024, 540],
    ['local:tiny', 'low', 4_032, 3_024, 157],
    ['local:tiny', 'high', 4_032, 3_024, 381],
  ] as const)('goes to %s at detail %s as %i x %i for %i tokens', (id, detail, width, height, tokens) => {
    const row = rowOf(id);
    const plan = planFit({ ...photo, mediaType: 'image/jpeg' }, fitTargetOf(row, detail, 1));
    expect([plan.width, plan.height]).toEqual([width, height]);
    expect(estimateImage({ model: row, ...photo, detail, date }).tokens).toBe(tokens);
    expect(estimateImage({ model: row, width, height, detail, fit: 'off', date }).tokens).toBe(tokens);
  });

  it('is scaled by its longer side where nothing is known of the model', () => {
    const { capabilities, limits } = rowOf('openai:gpt-4o');
    const sizeAt = (detail: Detail) => {
      const plan = planFit({ ...photo, mediaType: 'image/jpeg' }, fitTargetOf({ capabilities, limits }, detail, 1));
      return [plan.width, plan.height, ...plan.reasons];
    };
    expect(sizeAt('low')).toEqual([512, 384, 'detail']);
    expect(sizeAt('medium')).toEqual([1_024, 768, 'detail']);
    expect(sizeAt('high')).toEqual([4_032, 3_024]);
  });
});

describe('where fitting is limited to what must be', () => {
  it.each(['limits', 'off'] as const)('nothing is scaled to the detail: %s', (fit) => {
    const picture = { ...photo, mediaType: 'image/jpeg' };
    for (const row of rows)
      for (const detail of ['low', 'medium'] as const)
        expect(planFit(picture, fitTargetOf(row, detail, 1), { mode: fit }).reasons, row.id).toEqual([]);
    const tokens = (model: string, detail: Detail) => estimateImage({ model, ...photo, detail, fit, date }).tokens;
    expect(tokens('anthropic:claude-opus-5', 'low')).toBe(tokens('anthropic:claude-opus-5', 'high'));
    expect(tokens('openai:gpt-5.4', 'medium')).toBe(tokens('openai:gpt-5.4', 'high'));
    // The vendor's own `low` of this model is 2048 px without a budget: dearer than its `high`.
    expect(tokens('openai:gpt-5.4', 'low')).toBeGreaterThan(tokens('openai:gpt-5.4', 'high'));
  });

  it('the estimate of a request follows', () => {
    const input = (fit: 'vendor' | 'limits') =>
      estimateRequest({ model: 'anthropic:claude-opus-5', images: [photo], detail: 'low', fit, date }).parts[0]?.tokens;
    expect([input('vendor'), input('limits')]).toEqual([252, 4_740]);
  });
});

it('a picture of unknown size may be one that cannot be scaled', () => {
  const part = (fit: 'vendor' | 'off') =>
    estimateRequest({ model: 'anthropic:claude-opus-5', images: [{}], detail: 'low', fit, date }).parts[0];
  expect(part('vendor')).toMatchObject({ tokens: 252, low: 9 });
  expect(part('vendor')?.high).toBe(part('off')?.high);
  expect(part('off')?.tokens).toBeGreaterThan(1_000);
});

it('a picture that is scaled to its detail breaks no limit on sides or bytes', () => {
  const huge = { model: 'anthropic:claude-opus-5', width: 9_000, height: 6_000, bytes: 20_000_000, date };
  expect(estimateImage({ ...huge, detail: 'low' })).not.toHaveProperty('rejected');
  expect(estimateImage({ ...huge, detail: 'low', fit: 'off' }).rejected?.reason).toContain('8000');
  expect(estimateImage({ ...huge, detail: 'high' }).rejected?.reason).toContain('8000');
});

describe('the word on the wire is the one that is estimated', () => {
  const request = (modelId: string, detail: Detail, scaledToDetail: boolean): PreparedRequest => ({
    modelId,
    messages: [
      {
        role: 'user',
        content: [
          {
            type: 'image',
            detail,
            ...(scaledToDetail ? { scaledToDetail: true as const } : {}),
            media: { type: 'bytes', bytes: new Uint8Array(3), base64: 'AAAA', mediaType: 'image/png', sha256: '' },
          },
        ],
      },
    ],
    maxOutputTokens: 100,
    stop: [],
    tools: [],
    toolChoice: 'auto',
    providerOptions: {},
  });
  const adapters = {
    openai: openai({ environment: {} }),
    anthropic: anthropic({ environment: {} }),
    google: google({ environment: {} }),
  };
  const hosted = rows.flatMap((row) => {
    const [provider = '', modelId = ''] = row.id.split(':');
    return provider in adapters ? [{ row, modelId, adapter: adapters[provider as keyof typeof adapters] }] : [];
  });

  it.each(details)('%s', (detail) => {
    for (const { row, modelId, adapter } of hosted) {
      const { wire, scale } = portableDetailOf(row.imageRule, detail);
      const { body, warnings } = adapter.toWire(request(modelId, detail, scale !== undefined), row);
      const text = JSON.stringify(body);
      const resolution = wire === undefined ? undefined : resolutionOf(wire);
      if (adapter === adapters.openai) expect(text, row.id).toContain(`"detail":"${wire ?? 'none'}"`);
      else if (adapter === adapters.google && resolution !== undefined) expect(text, row.id).toContain(resolution);
      else expect(text, row.id).not.toMatch(/detail|RESOLUTION/);
      // Only OpenAI's older models are asked for more than they have.
      const lost = adapter === adapters.openai && detail === 'original' && wire === 'high';
      expect(
        warnings.map(({ subject }) => subject),
        row.id,
      ).toEqual(lost ? ['detail'] : []);
    }
  });

  it('is warned of where the picture was not scaled to it', () => {
    for (const { row, modelId, adapter } of hosted) {
      if (adapter === adapters.google) continue;
      const { warnings } = adapter.toWire(request(modelId, 'medium', false), row);
      expect(warnings, row.id).toMatchObject([{ type: 'adjusted-option', subject: 'detail' }]);
    }
  });
});
