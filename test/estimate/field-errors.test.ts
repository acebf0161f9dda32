/** The five errors that other estimators keep making, each as a test that they would fail. */

import { expect, it } from 'vitest';
import { estimateImage, estimateRequest, listModels } from '../../src/estimate/index.js';

const date = '2026-11-24';
const phone = { width: 4032, height: 3024, date };

it('error 1: base64 counted as text: the bytes of a picture make no difference to its tokens', () => {
  const image = (bytes: number) =>
    estimateRequest({ model: 'openai:gpt-4o', date, images: [{ width: 1024, height: 1024, bytes }] }).input;
  expect(image(7_000_000)).toEqual(image(70_000));
  // 7 MB as text would be about 5,700,000 tokens.
  expect(image(7_000_000).high).toBeLessThan(1_200);
});

it('error 2: one formula for all providers: the same photo costs differently under each rule', () => {
  const tokens = (model: string) => estimateImage({ model, ...phone }).tokens;
  expect([
    tokens('openai:gpt-4o'),
    tokens('openai:gpt-4o-mini'),
    tokens('openai:gpt-5.4'),
    tokens('anthropic:claude-haiku-4-5'),
    tokens('anthropic:claude-opus-5'),
    tokens('google:gemini-2.5-flash'),
    tokens('google:gemini-3.5-flash'),
  ]).toEqual([765, 25_501, 2_942, 1_564, 4_740, 1_032, 1_064]);
  for (const row of listModels())
    if (row.id !== 'openai:gpt-4o' && row.imageRule.rule !== 'none') expect(tokens(row.id), row.id).not.toBe(85);
});

it('error 3: `auto` treated as `low`: it means `original` or `high`, by model', () => {
  const tokens = (model: string, detail: 'auto' | 'low' | 'high') => estimateImage({ model, ...phone, detail }).tokens;
  expect(tokens('openai:gpt-6-sol', 'auto')).toBe(14_364);
  expect(tokens('openai:gpt-6-sol', 'high')).toBe(2_942);
  expect(tokens('openai:gpt-6-sol', 'low')).toBe(231);
  expect(tokens('openai:gpt-5.4', 'auto')).toBe(2_942);
  expect(tokens('openai:gpt-4o', 'auto')).toBe(765);
  expect(tokens('openai:gpt-4o', 'low')).toBe(85);
});

it('error 4: width * height / 750 for Claude: its patches have 28 px', () => {
  const tokens = (width: number, height: number, model = 'anthropic:claude-opus-5') =>
    estimateImage({ model, width, height, date }).tokens;
  expect(tokens(200, 200)).toBe(64); // not 54
  expect(tokens(1000, 1000)).toBe(1_296); // not 1,334
  expect(tokens(1092, 1092)).toBe(1_521); // not 1,590
  expect(tokens(1920, 1080, 'anthropic:claude-sonnet-4-6')).toBe(1_560);
  expect(tokens(1920, 1080)).toBe(2_691);
});

it('error 5: Gemini 3 priced by size: an icon costs what a photo of the same shape costs', () => {
  const tokens = (width: number, height: number) =>
    estimateImage({ model: 'google:gemini-3.8-flash', width, height, date }).tokens;
  expect(tokens(64, 64)).toBe(1_089);
  expect(tokens(64, 64)).toBe(tokens(6_000, 6_000));
  expect(tokens(40, 30)).toBe(tokens(4032, 3024));
});
