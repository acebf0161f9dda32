/** Google's models. Rules, limits and prices: the pages listed in `pages`, compiled 2026-11-23; what no page says is marked UNSURE. */

import type { Detail } from '../request/index.js';
import type { Capabilities, Limits, ModelRow, Source } from './model-row.js';
import type { PriceInterval, PriceTier } from './price-interval.js';
import type { DocumentRule, GeminiBudgetRule, GeminiCropRule, TextRule, TokenRange, VideoRule } from './token-rules.js';

const checkedOn = '2026-11-23';
const docs = 'https://ai.google.dev/gemini-api/docs/';
const page = (path: string): Source => ({ url: `${docs}${path}`, checkedOn });
const pages: readonly Source[] = [
  page('media-resolution'),
  page('image-understanding'),
  page('tokens'),
  page('video-understanding'),
  page('document-processing'),
  page('files'),
  page('pricing'),
];
const measured: Source = { url: 'https://huggingface.co/datasets/JOHNISKING/image-token-cost', checkedOn };

const capabilities: Capabilities = {
  input: ['text', 'image', 'audio', 'video', 'document'],
  mediaTypes: [
    'image/png',
    'image/jpeg',
    'image/webp',
    'image/heic',
    'image/heif',
    'audio/wav',
    'audio/mp3',
    'audio/mpeg',
    'audio/aiff',
    'audio/aac',
    'audio/ogg',
    'audio/flac',
    'video/mp4',
    'video/mpeg',
    'video/mov',
    'video/quicktime',
    'video/avi',
    'video/x-flv',
    'video/mpg',
    'video/webm',
    'video/wmv',
    'video/3gpp',
    'application/pdf',
  ],
  tools: true,
  structuredOutput: true,
  reasoning: 'levels',
  temperature: true,
  topP: true,
  topK: true,
  seed: true,
  stop: true,
  urls: ['image', 'audio', 'video', 'document'],
};
/** Pro models of 2.5 and 3.1 always think. */
const pro: Capabilities = { ...capabilities, reasoning: 'levels-without-none' };

/** 100 MB inline since 2026-01-08; the picture and audio pages still say 20 MB. */
const limits = (maxOutputTokens = 65_536): Limits => ({
  contextTokens: 1_048_576,
  maxOutputTokens,
  images: { perRequest: 3_600 },
  requestBytes: 100_000_000,
});

/** The documents contradict each other and the bills: 258, the crop units, or about 2,048 a picture. */
const crop: GeminiCropRule = {
  rule: 'gemini-crop',
  perTile: 258,
  byDetail: { low: { tokens: 64, low: 64, high: 258 }, medium: { tokens: 256, low: 256, high: 258 } },
  confidence: 'assumed',
};
/** `original` is the vendor's ultra_high; `auto` is what is taken when nothing is said. */
const budgets: Readonly<Record<Detail, number>> = { low: 280, medium: 560, high: 1_120, original: 2_240, auto: 1_120 };
const budget: GeminiBudgetRule = { rule: 'gemini-budget', budgets, confidence: 'derived' };

const range = (tokens: number, low = tokens, high = tokens): TokenRange => ({ tokens, low, high });

const text: TextRule = {
  tokenizer: 'o200k',
  factor: 1.07,
  lowFactor: 0.75,
  highFactor: 1.17,
  // UNSURE: the framing is not published; short prompts are billed a token or two more than their text.
  perMessage: range(1, 0, 4),
  perRequest: range(1, 0, 4),
  confidence: 'derived',
};

/** Two pages say 32 tokens a second for every model, one says 25 for Gemini 3. */
const newAudio = range(25, 25, 32);
const oldAudio = range(32);
const newVideo: VideoRule = {
  framesPerSecond: 1,
  perFrame: range(70, 64, 77),
  perFrameByDetail: { high: range(280, 264, 280), original: range(280, 264, 280) },
  audioPerSecond: newAudio,
};
/** 258 or 263 tokens a second with sound by one page, about 300 by another; 64 or 66 a frame at low. */
const oldVideo: VideoRule = {
  framesPerSecond: 1,
  perFrame: range(258, 231, 268),
  perFrameByDetail: { low: range(66, 64, 68) },
  audioPerSecond: oldAudio,
};
/** The numbers are maxima; another page still says 258. Native text of a page is not charged. */
const newPages: DocumentRule = {
  rule: 'page-tokens',
  perPage: range(560, 258),
  perPageByDetail: {
    low: range(280, 252),
    medium: range(560, 258),
    high: range(1_120, 258),
    original: range(1_120, 258),
  },
  confidence: 'documented',
};
const oldPages: DocumentRule = { rule: 'page-tokens', perPage: range(258), confidence: 'documented' };

const three = {
  imageRule: budget,
  textRule: text,
  audioRule: newAudio,
  videoRule: newVideo,
  documentRule: newPages,
  sources: [...pages, measured],
};
/** UNSURE: no media table of Gemini 4 was found; that of Gemini 3 is taken. */
const four = { ...three, imageRule: { ...budget, confidence: 'assumed' as const } };
const two = { imageRule: crop, textRule: text, audioRule: oldAudio, videoRule: oldVideo, documentRule: oldPages };

/** Writing to the implicit cache costs what input costs. */
function tier(input: number, cacheRead: number, output: number, audioInput?: number, aboveInput = 0): PriceTier {
  return {
    aboveInput,
    input,
    cacheRead,
    cacheWriteShort: input,
    cacheWriteLong: input,
    output,
    ...(audioInput === undefined ? {} : { audioInput }),
  };
}
const flat = (input: number, cacheRead: number, output: number, audioInput?: number): readonly PriceInterval[] => [
  { tiers: [tier(input, cacheRead, output, audioInput)] },
];
const gemini4: readonly PriceInterval[] = [
  { until: '2026-11-30', tiers: [tier(2, 0.1, 10)] },
  { from: '2026-12-01', tiers: [tier(4, 0.2, 20)] },
];
const newFlash: readonly PriceInterval[] = [
  { until: '2026-12-31', tiers: [tier(0.75, 0.075, 3.75)] },
  { from: '2027-01-01', tiers: [tier(1.5, 0.15, 7.5)] },
];

function row(
  id: string,
  given: Pick<ModelRow, 'imageRule' | 'textRule'> & Partial<ModelRow>,
  aliases: readonly string[] = [],
): ModelRow {
  return {
    capabilities,
    limits: limits(),
    prices: [],
    batchFactor: 0.5,
    sources: pages,
    ...given,
    id: `google:${id}`,
    aliases: aliases.map((alias) => `google:${alias}`),
  };
}

export const googleRows: readonly ModelRow[] = [
  row('gemini-4-argon', { ...four, limits: limits(32_768), prices: gemini4 }),
  row('gemini-4-carbon', { ...four, prices: gemini4 }),
  row('gemini-3.8-flash', { ...three, prices: newFlash }),
  row('gemini-3.7-flash', { ...three, prices: newFlash }),
  row('gemini-3.6-flash', { ...three, prices: newFlash }),
  row('gemini-3.5-flash', { ...three, prices: flat(1.5, 0.15, 9) }),
  row('gemini-3.5-flash-lite', { ...three, prices: flat(0.3, 0.03, 2.5) }),
  row('gemini-3.1-pro-preview', {
    ...three,
    capabilities: pro,
    prices: [{ tiers: [tier(2, 0.2, 12), tier(4, 0.4, 18, undefined, 200_000)] }],
  }),
  row('gemini-3.1-flash-lite', { ...three, prices: flat(0.25, 0.025, 1.5, 0.5) }),
  row('gemini-3-flash-preview', { ...three, prices: flat(0.5, 0.05, 3, 1) }),
  row('gemini-2.5-pro', {
    ...two,
    capabilities: pro,
    prices: [{ tiers: [tier(1.25, 0.125, 10), tier(2.5, 0.25, 15, undefined, 200_000)] }],
  }),
  row('gemini-2.5-flash', { ...two, prices: flat(0.3, 0.03, 2.5, 1) }),
  row('gemini-2.5-flash-lite', { ...two, prices: flat(0.1, 0.01, 0.4, 0.3) }),
  // Of the background article. UNSURE: no price and no last day were found; its rule is that of "2.x and older".
  row(
    'gemini-2.0-flash',
    { ...two, capabilities: { ...capabilities, reasoning: 'none' }, limits: limits(8_192), retired: true },
    ['gemini-2.0-flash-001'],
  ),
];
