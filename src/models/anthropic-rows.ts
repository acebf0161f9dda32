/** Anthropic's models. Rules, limits and prices: the pages listed in `pages`, compiled 2026-11-23; what no page says is marked UNSURE. */

import type { Capabilities, Limits, ModelRow, Source } from './model-row.js';
import { roundPrice, type PriceInterval, type PriceTier } from './price-interval.js';
import type { ClaudeRule, DocumentRule, TextRule } from './token-rules.js';

const checkedOn = '2026-11-23';
const docs = 'https://platform.claude.com/docs/en/';
const page = (path: string): Source => ({ url: `${docs}${path}`, checkedOn });
const pages: readonly Source[] = [
  page('build-with-claude/vision'),
  page('build-with-claude/vision-coordinates'),
  page('build-with-claude/pdf-support'),
  page('build-with-claude/token-counting'),
  page('about-claude/pricing'),
  page('api/versioning'),
];

/** API version 2026-10-21, which the SDK sends, answers temperature, top_p and top_k with 400. */
const capabilities: Capabilities = {
  input: ['text', 'image', 'document'],
  mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf'],
  tools: true,
  structuredOutput: true,
  reasoning: 'levels',
  temperature: false,
  topP: false,
  topK: false,
  seed: false,
  stop: true,
  urls: ['image', 'document'],
};

/** 600 pictures a request, 100 where the context is 200,000 tokens; over 20 of them, none may be larger than 2000 px. */
const limits = (contextTokens: number, maxOutputTokens: number): Limits => ({
  contextTokens,
  maxOutputTokens,
  images: {
    perRequest: contextTokens > 200_000 ? 600 : 100,
    maxSide: 8_000,
    manyImages: 20,
    manyImagesMaxSide: 2_000,
    // Measured on the base64 text. 10 MB on the Claude API; Bedrock and Google Cloud take 5 MB. Decimal, to be safe.
    maxBase64Bytes: 10_000_000,
  },
  requestBytes: 32_000_000,
});
const million = limits(1_000_000, 128_000);
const twoHundred = limits(200_000, 64_000);

const standard: ClaudeRule = { rule: 'claude', edge: 1_568, cap: 1_568, confidence: 'documented' };
const highResolution: ClaudeRule = { rule: 'claude', edge: 2_576, cap: 4_784, confidence: 'documented' };

/** 65 to 77 tokens were seen around one picture and a short prompt. UNSURE how much of that is framing. */
const framing = { perMessage: { tokens: 4, low: 0, high: 10 }, perRequest: { tokens: 20, low: 0, high: 77 } };
/** Both factors are put together from the vendor's own statements about other tokenizers, not measured. UNSURE. */
const oldText: TextRule = {
  tokenizer: 'o200k',
  factor: 1.2,
  lowFactor: 1,
  highFactor: 1.5,
  ...framing,
  confidence: 'derived',
};
const newText: TextRule = { ...oldText, factor: 1.55, lowFactor: 1.25, highFactor: 1.9 };

/** A page is one picture of unpublished size and 1,500 to 3,000 tokens of text: about 3,000 to 4,600, or 3,600 to 7,800 at high resolution. */
const documentRule: DocumentRule = {
  rule: 'text-and-picture',
  text: { tokens: 2_250, low: 1_500, high: 3_000 },
  smallest: { width: 1_075, height: 1_520 },
  likely: { width: 1_654, height: 2_339 },
  largest: { width: 2_480, height: 3_508 },
  confidence: 'derived',
};

const current = {
  limits: million,
  imageRule: highResolution,
  textRule: newText,
  documentRule,
};
/** UNSURE: AWS's pages say that Fable 5, Mythos 5 and Opus 4.7 answer "thinking: disabled" with 400; assumed of their successors too. */
const alwaysThinking = {
  ...current,
  capabilities: { ...capabilities, reasoning: 'levels-without-none' } satisfies Capabilities,
};
const older = { limits: twoHundred, imageRule: standard, textRule: oldText, documentRule };

/** Writing to the 5-minute cache costs 1.25 times the input, to the hour's cache twice the input. */
function tier(input: number, cacheRead: number, output: number, aboveInput = 0): PriceTier {
  return {
    aboveInput,
    input,
    cacheRead,
    cacheWriteShort: roundPrice(input * 1.25),
    cacheWriteLong: roundPrice(input * 2),
    output,
  };
}

const flat = (input: number, cacheRead: number, output: number): readonly PriceInterval[] => [
  { tiers: [tier(input, cacheRead, output)] },
];

function row(
  id: string,
  given: Pick<ModelRow, 'limits' | 'imageRule' | 'textRule'> & Partial<ModelRow>,
  aliases: readonly string[] = [],
): ModelRow {
  return {
    capabilities,
    prices: [],
    batchFactor: 0.5,
    sources: pages,
    ...given,
    id: `anthropic:${id}`,
    aliases: aliases.map((alias) => `anthropic:${alias}`),
  };
}

const opus = flat(5, 0.5, 25);

export const anthropicRows: readonly ModelRow[] = [
  row('claude-fable-5-2', {
    ...alwaysThinking,
    prices: [
      {
        from: '2026-11-09',
        // The price of the hour's cache was not found.
        tiers: [{ aboveInput: 0, input: 8, cacheRead: 0.2, cacheWriteShort: 10, output: 40 }],
      },
    ],
  }),
  row('claude-fable-5-1', { ...alwaysThinking, prices: flat(10, 0.25, 50) }),
  row('claude-fable-5', { ...alwaysThinking, prices: flat(10, 1, 50) }),
  // UNSURE: no price of the Mythos models was found.
  row('claude-mythos-5-2', alwaysThinking),
  row('claude-mythos-5-1', alwaysThinking),
  row('claude-mythos-5', alwaysThinking),
  row('claude-mythos-preview', alwaysThinking),
  row('claude-opus-5-5', { ...current, prices: flat(4, 0.2, 20) }),
  row('claude-opus-5', { ...current, prices: opus }),
  row('claude-opus-4-8', { ...current, prices: opus }),
  row('claude-opus-4-7', { ...alwaysThinking, prices: opus }),
  row('claude-opus-4-6', { ...older, limits: million, prices: opus }),
  row('claude-opus-4-5', { ...older, prices: opus }, ['claude-opus-4-5-20251101']),
  row('claude-sonnet-5-5', {
    ...current,
    prices: [
      { until: '2026-10-06', tiers: [tier(2, 0.2, 10)] },
      { from: '2026-10-07', tiers: [tier(2, 0.1, 10)] },
    ],
  }),
  row('claude-sonnet-5', { ...current, prices: flat(2, 0.2, 10) }),
  row('claude-sonnet-4-6', { ...older, limits: million, prices: flat(3, 0.3, 15) }),
  row('claude-sonnet-4-5', { ...older, prices: flat(3, 0.3, 15), retiresOn: '2026-11-30' }, [
    'claude-sonnet-4-5-20250929',
  ]),
  row('claude-haiku-5-5', {
    ...current,
    // UNSURE: by the wording "4.7 and later"; no page and no measurement names it.
    imageRule: { ...highResolution, confidence: 'assumed' },
    prices: [{ from: '2026-10-07', tiers: [tier(0.1, 0.01, 0.5), tier(0.5, 0.05, 2.5, 100_000)] }],
  }),
  row('claude-haiku-4-5', { ...older, prices: flat(1, 0.1, 5) }, ['claude-haiku-4-5-20251001']),
  // Of the background article. UNSURE: no price and no day were found, and its rule is that of all models before 4.7.
  row(
    'claude-3-7-sonnet-20250219',
    {
      ...older,
      capabilities: { ...capabilities, structuredOutput: false },
      imageRule: { ...standard, confidence: 'assumed' },
      retired: true,
    },
    ['claude-3-7-sonnet-latest', 'claude-3-7-sonnet'],
  ),
];
