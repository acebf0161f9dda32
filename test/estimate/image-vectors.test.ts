/** Every vector of the reference, exact, for every row that has the rule. */

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { estimateImage } from '../../src/estimate/index.js';
import type { Detail } from '../../src/request/index.js';
import { columns, vectors } from './vectors.js';

type Column = (typeof columns)[number];

/** Which models a column speaks of, and with which detail. */
const meaning: Readonly<Record<Column, { models: readonly string[]; detail: Detail; counts?: 'units' }>> = {
  'gpt-4o high': { models: ['openai:gpt-4o', 'openai:gpt-4.1', 'openai:gpt-4.5-preview'], detail: 'high' },
  'gpt-5.1 high': { models: ['openai:gpt-5.1', 'openai:gpt-5', 'openai:gpt-5-chat-latest'], detail: 'high' },
  'o3 high': { models: ['openai:o3', 'openai:o1', 'openai:o1-pro'], detail: 'high' },
  'gpt-4o-mini high': { models: ['openai:gpt-4o-mini'], detail: 'high' },
  'gpt-5.4 high': {
    models: ['openai:gpt-5.4', 'openai:gpt-5.4-mini', 'openai:gpt-5.4-nano', 'openai:gpt-5.5', 'openai:gpt-6-astra'],
    detail: 'high',
  },
  'gpt-5.4 low': { models: ['openai:gpt-5.4', 'openai:gpt-5.4-mini', 'openai:gpt-5.4-nano'], detail: 'low' },
  'gpt-5.5 auto': { models: ['openai:gpt-5.5', 'openai:gpt-5.5-pro'], detail: 'auto' },
  'gpt-5.6 auto': {
    models: ['openai:gpt-5.6-sol', 'openai:gpt-5.6-luna', 'openai:gpt-6-sol', 'openai:gpt-6.1-terra'],
    detail: 'auto',
  },
  'gpt-5.6 low': { models: ['openai:gpt-5.6-terra', 'openai:gpt-6-luna', 'openai:gpt-5.5'], detail: 'low' },
  'patches under a 1536 budget': {
    models: ['openai:gpt-5-mini', 'openai:gpt-5-nano', 'openai:gpt-4.1-nano', 'openai:o4-mini'],
    detail: 'high',
    counts: 'units',
  },
  'claude standard': {
    models: ['anthropic:claude-haiku-4-5', 'anthropic:claude-sonnet-4-6', 'anthropic:claude-3-7-sonnet'],
    detail: 'high',
  },
  'claude high-resolution': {
    models: ['anthropic:claude-opus-4-7', 'anthropic:claude-sonnet-5-5', 'anthropic:claude-haiku-5-5'],
    detail: 'high',
  },
  'gemini 2.x': {
    models: ['google:gemini-2.5-pro', 'google:gemini-2.5-flash', 'google:gemini-2.0-flash'],
    detail: 'high',
  },
  'gemini 3 default': { models: ['google:gemini-3.5-flash', 'google:gemini-4-argon'], detail: 'auto' },
  'gemini 3 low': { models: ['google:gemini-3-flash-preview'], detail: 'low' },
  'gemini 3 medium': { models: ['google:gemini-3.1-pro-preview'], detail: 'medium' },
  'gemini 3 ultra_high': { models: ['google:gemini-3.8-flash'], detail: 'original' },
};

describe.each(vectors)('%i x %i', (width, height, expected) => {
  it.each(columns.map((column, index) => [column, expected[index]] as const))('%s: %s', (column, value) => {
    const { models, detail, counts } = meaning[column];
    for (const model of models) {
      const estimate = estimateImage({ model, width, height, fit: 'off', detail, date: '2026-11-24' });
      if (value === null) expect(estimate.rejected?.reason, model).toContain('patches');
      else {
        // Claude refuses sides over 8000 px and no vector is larger, so nothing else may be rejected.
        expect(estimate.rejected, model).toBeUndefined();
        expect(counts === 'units' ? estimate.units : estimate.tokens, model).toBe(value);
      }
    }
  });
});

describe('the published sizes after scaling', () => {
  it.each([
    ['openai:gpt-4o', 2048, 4096, 768, 1536],
    ['openai:gpt-5.4', 2048, 2048, 1600, 1600],
    ['openai:gpt-5-mini', 1800, 2400, 1056, 1408],
    ['anthropic:claude-haiku-4-5', 1920, 1080, 1456, 819],
    ['anthropic:claude-haiku-4-5', 1075, 1520, 924, 1307],
    ['anthropic:claude-opus-5', 3840, 2160, 2576, 1449],
    ['anthropic:claude-opus-5', 4032, 3024, 2212, 1659],
    ['anthropic:claude-haiku-4-5', 1568, 7698, 319, 1568],
    ['anthropic:claude-opus-5', 1568, 7698, 525, 2576],
  ])('%s scales %i x %i to %i x %i', (model, width, height, toWidth, toHeight) => {
    expect(estimateImage({ model, width, height }).resizedTo).toEqual({ width: toWidth, height: toHeight });
  });

  it('says nothing of a size when none was changed', () => {
    expect(estimateImage({ model: 'openai:gpt-4o', width: 512, height: 512 })).not.toHaveProperty('resizedTo');
  });
});

const reference = new URL('../../../shared/reference/image-token-vectors.json', import.meta.url);

it.skipIf(!existsSync(reference))('has the same table as the reference that it was taken from', () => {
  interface Expected {
    readonly tokens?: number;
    readonly patches?: number;
    readonly rejected?: boolean;
  }
  const file: {
    vectors: { width: number; height: number; expected: Record<string, Expected> }[];
  } = JSON.parse(readFileSync(reference, 'utf8'));
  const table = file.vectors.map(({ width, height, expected }) => [
    width,
    height,
    columns.map((column) => {
      const entry = expected[column];
      return entry?.rejected === true ? null : (entry?.tokens ?? entry?.patches);
    }),
  ]);
  expect(table).toEqual(vectors);
  expect(file.vectors.map(({ expected }) => Object.keys(expected))).toEqual(vectors.map(() => [...columns]));
});
