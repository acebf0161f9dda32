/** What OpenAI's rows are built from: sources, capabilities, limits, image rules and price shapes that several models share. */

import type { Capabilities, Limits, ModelRow, Source } from './model-row.js';
import { roundPrice, type PriceInterval, type PriceTier } from './price-interval.js';
import type { DocumentRule, OpenaiPatchesRule, OpenaiTilesRule, TextRule } from './token-rules.js';

const checkedOn = '2026-11-23';
const docs = 'https://developers.openai.com/api/docs/';
const page = (url: string): Source => ({ url, checkedOn });
export const vision = page(`${docs}guides/images-vision`);
export const calculator = page(`${docs}guides/image-cost-calculator`);
export const pricing = page(`${docs}pricing`);
export const counting = page(`${docs}guides/token-counting`);
export const files = page(`${docs}guides/file-inputs`);
export const shutdowns = page('https://www.npmjs.com/package/openai/v/7.57.0');
export const measured = page('https://huggingface.co/datasets/JOHNISKING/image-token-cost');
export const archive = page('https://github.com/llms-txt-archive/openai-platform');
export const measuredMultipliers = page('https://community.openai.com/t/1377015');
export const terra61 = page('https://docs.litellm.ai/blog/gpt-6-1-terra');

/** The Responses API has no stop texts, no top_k and no seed. Video is never taken, audio only by models that are not listed. */
export const vision4o: Capabilities = {
  input: ['text', 'image', 'document'],
  mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf'],
  tools: true,
  structuredOutput: true,
  reasoning: 'none',
  temperature: true,
  topP: true,
  topK: false,
  seed: false,
  stop: false,
  urls: ['image', 'document'],
};
/** gpt-5.1 and later know the level `none`. */
export const reasoning: Capabilities = { ...vision4o, reasoning: 'levels' };
/** UNSURE: that gpt-5 and the o models refuse temperature and top_p is known from their 400 answers, not from a page that was read. */
export const alwaysReasoning: Capabilities = {
  ...vision4o,
  reasoning: 'levels-without-none',
  temperature: false,
  topP: false,
};
export const textOnly: Capabilities = {
  ...vision4o,
  input: ['text'],
  mediaTypes: [],
  urls: [],
  structuredOutput: false,
};

const images = { perRequest: 1_500 };
/** 512 MB and 1,500 pictures by the newest text; an older one said 50 MB and 500. */
export const limits = (contextTokens: number, maxOutputTokens: number): Limits => ({
  contextTokens,
  maxOutputTokens,
  images,
  requestBytes: 512_000_000,
});
export const million = limits(1_050_000, 128_000);
export const fourHundred = limits(400_000, 128_000);
export const gpt41 = limits(1_047_576, 32_768);
export const gpt4o = limits(128_000, 16_384);
export const oSeries = limits(200_000, 100_000);

const high = { maxSide: 2_048, budget: 2_500 };
export const roomy = { maxSide: 2_048, budget: 6_144 };
export const old = { budget: 1_536 };

export const gpt56: OpenaiPatchesRule = {
  rule: 'openai-patches',
  multiplier: 1.2,
  low: { maxSide: 512 },
  high,
  original: { maxSide: 65_535 },
  rejectAbove: 30_000,
  autoMeans: 'original',
  confidence: 'documented',
};
/** On GPT-6, 2560x1440 at `high` was billed 2,931 where the page gives 2,765: the budget without the 2048-px fit. */
export const gpt6: OpenaiPatchesRule = { ...gpt56, highConflict: { budget: 2_500 } };
/** UNSURE: no page names these; a measured set labelled "GPT-6" agrees. */
export const gpt6Assumed: OpenaiPatchesRule = { ...gpt6, confidence: 'assumed' };
export const gpt55: OpenaiPatchesRule = {
  rule: 'openai-patches',
  multiplier: 1.2,
  low: { maxSide: 512 },
  high,
  original: { maxSide: 6_000, budget: 10_000 },
  autoMeans: 'original',
  confidence: 'documented',
};
export const gpt54: OpenaiPatchesRule = { ...gpt55, low: roomy, autoMeans: 'high' };
export const same = (
  limit: { maxSide?: number; budget: number },
  multiplier: number,
  confidence: OpenaiPatchesRule['confidence'],
): OpenaiPatchesRule => ({
  rule: 'openai-patches',
  multiplier,
  low: limit,
  high: limit,
  autoMeans: 'high',
  confidence,
});
export const tiles = (base: number, perTile: number): OpenaiTilesRule => ({
  rule: 'openai-tiles',
  base,
  perTile,
  confidence: 'documented',
});

/** o200k_base with 3 tokens a message and 3 before the answer. */
export const text: TextRule = {
  tokenizer: 'o200k',
  factor: 1,
  lowFactor: 1,
  highFactor: 1,
  perMessage: { tokens: 3, low: 3, high: 4 },
  perRequest: { tokens: 3, low: 3, high: 3 },
  confidence: 'documented',
};
/** UNSURE: the encoding of GPT-5.6 and GPT-6 is not published. */
export const textAssumed: TextRule = { ...text, lowFactor: 0.95, highFactor: 1.05, confidence: 'assumed' };

/** The extracted text of a page and a picture of it; neither the text's length nor the picture's size is known. UNSURE. */
const pages: DocumentRule = {
  rule: 'text-and-picture',
  text: { tokens: 700, low: 0, high: 3_000 },
  smallest: { width: 612, height: 792 },
  likely: { width: 1_275, height: 1_650 },
  largest: { width: 2_550, height: 3_300 },
  confidence: 'assumed',
};

type Prices = readonly [input: number, cacheRead: number | undefined, output: number];

/** Writing to the cache was free before GPT-5.6 and costs 1.25 times the input since. */
function tier([input, cacheRead, output]: Prices, write?: { short: number; long?: number }): PriceTier {
  const writeLong = write === undefined ? input : write.long;
  return {
    aboveInput: 0,
    input,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    cacheWriteShort: write?.short ?? input,
    ...(writeLong === undefined ? {} : { cacheWriteLong: writeLong }),
    output,
  };
}

/** Over 272,000 input tokens the whole request costs twice the input and cache prices and 1.5 times the output price. */
function long(first: PriceTier): readonly PriceTier[] {
  const { cacheRead, cacheWriteShort, cacheWriteLong } = first;
  return [
    first,
    {
      aboveInput: 272_000,
      input: roundPrice(first.input * 2),
      ...(cacheRead === undefined ? {} : { cacheRead: roundPrice(cacheRead * 2) }),
      ...(cacheWriteShort === undefined ? {} : { cacheWriteShort: roundPrice(cacheWriteShort * 2) }),
      ...(cacheWriteLong === undefined ? {} : { cacheWriteLong: roundPrice(cacheWriteLong * 2) }),
      output: roundPrice(first.output * 1.5),
    },
  ];
}

export const flat = (...prices: Prices): readonly PriceInterval[] => [{ tiers: [tier(prices)] }];
export const longFree = (...prices: Prices): readonly PriceInterval[] => [{ tiers: long(tier(prices)) }];
export const longWrite = (prices: Prices, writeShort: number, writeLong?: number): readonly PriceTier[] =>
  long(tier(prices, { short: writeShort, ...(writeLong === undefined ? {} : { long: writeLong }) }));

type Given = Pick<ModelRow, 'capabilities' | 'limits' | 'imageRule'> & Partial<ModelRow>;

export function row(id: string, given: Given, aliases: readonly string[] = []): ModelRow {
  return {
    textRule: text,
    ...(given.capabilities.input.includes('document') ? { documentRule: pages } : {}),
    prices: [],
    batchFactor: 0.5,
    sources: [vision, pricing, counting, files],
    ...given,
    id: `openai:${id}`,
    aliases: aliases.map((alias) => `openai:${alias}`),
  };
}
