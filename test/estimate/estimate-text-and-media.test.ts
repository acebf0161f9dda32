/** Text, sound, video and documents: exact where the tokenizer is the model's own, ranges everywhere else. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateAudio, estimateDocument, estimateText, estimateVideo, listModels } from '../../src/estimate/index.js';

/** A stand-in with a known answer: one token a word. */
const words = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;
const hundredWords = 'word '.repeat(100);

describe('text', () => {
  const estimate = (model: string) =>
    estimateText({ model, text: hundredWords, tokenizers: { o200k: words, local: words } });

  it.each([
    ['openai:gpt-4o', 100, 100, 100, 'o200k'],
    ['local:tiny', 100, 100, 100, 'local'],
    ['openai:gpt-6-sol', 100, 95, 105, 'o200k'],
    ['google:gemini-3.5-flash', 107, 75, 117, 'o200k-calibrated'],
    ['anthropic:claude-haiku-4-5', 120, 100, 150, 'o200k-calibrated'],
    ['anthropic:claude-opus-5', 155, 125, 190, 'o200k-calibrated'],
  ])('of %s is %i in %i to %i by %s', (model, tokens, low, high, rule) => {
    expect(estimate(model)).toMatchObject({ tokens, low, high, rule });
  });

  it.each([
    // Characters a token of o200k in the samples of reference 4.3.
    ['English', 'The quick brown fox jumps over the lazy dog. ', 2_138 / 539],
    ['Chinese', '多模态模型可以处理图像、音频和视频以及文本。', 1_920 / 1_520],
    ['German', 'Wie viele Münzen liegen auf dem Tisch, und welche ist die größte? ', 3_690 / 751],
    ['JSON', '{"name":"ocelli","version":"0.1.0","count":[1,2,3]}', 12_000 / 3_664],
  ])('without a tokenizer has a usual count of %s inside its range', (_name, text, charactersPerToken) => {
    const counted = (text.length * 20) / charactersPerToken;
    const { tokens, low, high, confidence, rule } = estimateText({ model: 'openai:gpt-4o', text: text.repeat(20) });
    expect(low).toBeLessThan(counted);
    expect(high).toBeGreaterThan(counted);
    expect(Math.abs(tokens / counted - 1)).toBeLessThan(0.3);
    expect({ confidence, rule }).toEqual({ confidence: 'assumed', rule: 'letters' });
  });

  it('without a tokenizer knows that encoded bytes are dear', () => {
    // 10,000 characters of base64 are 6,161 tokens of o200k.
    const { tokens } = estimateText({ model: 'openai:gpt-4o', text: 'iVBORw0K/+9'.repeat(910) });
    expect(tokens).toBeGreaterThan(6_000);
    expect(tokens).toBeLessThan(6_500);
  });

  it('without a tokenizer is finite and within its range for any text and model', () => {
    const model = fc.constantFrom(...listModels().map((row) => row.id));
    const characters = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((codes) => String.fromCodePoint(...codes));
    fc.assert(
      fc.property(model, characters, (id, text) => {
        const { tokens, low, high } = estimateText({ model: id, text });
        expect(low >= 0 && low <= tokens && tokens <= high && Number.isFinite(high)).toBe(true);
      }),
    );
  });
});

describe('sound', () => {
  it.each([
    ['google:gemini-2.5-flash', 1_920, 1_920, 1_920],
    ['google:gemini-3.5-flash', 1_500, 1_500, 1_920],
  ])('of a minute for %s is %i in %i to %i', (model, tokens, low, high) => {
    expect(estimateAudio({ model, seconds: 60 })).toMatchObject({ tokens, low, high });
  });

  it('is refused by models that hear nothing', () => {
    expect(estimateAudio({ model: 'anthropic:claude-opus-5', seconds: 60 }).rejected?.reason).toContain('no audio');
  });
});

describe('video', () => {
  it('of a minute is its frames and its sound', () => {
    expect(estimateVideo({ model: 'google:gemini-2.5-flash', seconds: 60 })).toMatchObject({ tokens: 17_400 });
    const three = estimateVideo({ model: 'google:gemini-3.5-flash', seconds: 60 });
    expect(three.tokens).toBe(5_700);
    expect(three.high).toBeGreaterThanOrEqual(6_120);
    expect(estimateVideo({ model: 'google:gemini-3.5-flash', seconds: 60, detail: 'high' }).tokens).toBe(18_300);
    expect(estimateVideo({ model: 'google:gemini-3.5-flash', seconds: 60, silent: true }).tokens).toBe(4_200);
    expect(estimateVideo({ model: 'google:gemini-3.5-flash', seconds: 60, framesPerSecond: 0.5 }).tokens).toBe(3_600);
  });

  it('on a model without it is refused, and says what sampled frames would cost', () => {
    const estimate = estimateVideo({ model: 'openai:gpt-4o', seconds: 10, width: 1280, height: 720 });
    expect(estimate).toMatchObject({ rule: 'sampled-frames', tokens: 10 * 1_105, low: 0 });
    expect(estimate.rejected?.reason).toContain('sample frames');
    expect(estimateVideo({ model: 'openai:gpt-4o', seconds: 10 })).toMatchObject({ tokens: 0, high: 0 });
  });
});

describe('documents', () => {
  it.each([
    ['google:gemini-3.5-flash', 5_600, 2_580, 5_600],
    ['google:gemini-2.5-flash', 2_580, 2_580, 2_580],
  ])('of ten pages for %s are %i in %i to %i', (model, tokens, low, high) => {
    expect(estimateDocument({ model, pages: 10 })).toMatchObject({ tokens, low, high });
  });

  it.each([
    ['anthropic:claude-haiku-4-5', 3_000, 4_600],
    ['anthropic:claude-opus-5', 3_600, 7_800],
  ])('of a page for %s have the range of %i to %i that its own figures give', (model, low, high) => {
    const estimate = estimateDocument({ model, pages: 1 });
    expect(Math.abs(estimate.low - low)).toBeLessThan(100);
    expect(Math.abs(estimate.high - high)).toBeLessThan(100);
    expect(estimate.confidence).toBe('derived');
  });

  it('are a wide range on OpenAI, which publishes nothing', () => {
    const { low, tokens, high, confidence } = estimateDocument({ model: 'openai:gpt-5.4', pages: 1 });
    expect(low).toBeLessThan(tokens / 2);
    expect(high).toBeGreaterThan(tokens * 1.5);
    expect(confidence).toBe('assumed');
  });
});

it.each([-1, Number.NaN, Infinity])('refuses %d seconds, frames or pages', (amount) => {
  const wrong = expect.objectContaining({ kind: 'invalid-request' });
  expect(() => estimateAudio({ model: 'google:gemini-2.5-pro', seconds: amount })).toThrow(wrong);
  expect(() => estimateVideo({ model: 'google:gemini-2.5-pro', seconds: amount })).toThrow(wrong);
  expect(() => estimateVideo({ model: 'google:gemini-2.5-pro', seconds: 1, framesPerSecond: amount })).toThrow(wrong);
  expect(() => estimateDocument({ model: 'google:gemini-2.5-pro', pages: amount })).toThrow(wrong);
});
