/** OpenAI's models. Rules, prices and dates are from the pages in each row's sources, compiled 2026-11-23; what no page says is marked UNSURE. */

import type { ModelRow } from './model-row.js';
import {
  alwaysReasoning,
  archive,
  calculator,
  counting,
  files,
  flat,
  fourHundred,
  gpt41,
  gpt4o,
  gpt54,
  gpt55,
  gpt56,
  gpt6,
  gpt6Assumed,
  limits,
  longFree,
  longWrite,
  measured,
  measuredMultipliers,
  million,
  oSeries,
  old,
  pricing,
  reasoning,
  roomy,
  row,
  same,
  shutdowns,
  terra61,
  text,
  textAssumed,
  textOnly,
  tiles,
  vision,
  vision4o,
} from './openai-parts.js';

const six = { capabilities: reasoning, limits: million, imageRule: gpt6Assumed, textRule: textAssumed };
const sixSources = [vision, calculator, pricing, counting, files, measured];
const fiveSix = { capabilities: reasoning, limits: million, imageRule: gpt56, textRule: textAssumed };
const goneSince = { retiresOn: '2026-10-23', retired: true as const };
const deprecatedDecember = { retiresOn: '2026-12-11', sources: [vision, pricing, counting, files, shutdowns] };
const deprecatedJanuary = { retiresOn: '2027-01-14', sources: [vision, pricing, counting, files, shutdowns] };
const oldPages = [archive, pricing, shutdowns, measuredMultipliers];

export const openaiRows: readonly ModelRow[] = [
  row('gpt-6-astra', {
    ...six,
    // No reasoning level `none`, no temperature, no top_p; tools by the Responses API only, which is the one used.
    capabilities: alwaysReasoning,
    imageRule: gpt6,
    prices: [{ tiers: longWrite([10, 1, 50], 12.5) }],
    sources: sixSources,
  }),
  row('gpt-6.1-sol', { ...six, prices: [{ tiers: longWrite([2, 0.1, 10], 2.5) }], sources: sixSources }),
  row('gpt-6.1-terra', {
    ...six,
    prices: [{ from: '2026-10-26', tiers: longWrite([1, 0.05, 5], 1.25, 2.5) }],
    sources: [...sixSources, terra61],
  }),
  row('gpt-6-sol', { ...six, prices: [{ tiers: longWrite([2, 0.2, 10], 2.5) }], sources: sixSources }),
  row('gpt-6-luna', { ...six, prices: [{ tiers: longWrite([0.1, 0.01, 0.5], 0.125) }], sources: sixSources }),
  row('gpt-5.6-sol', {
    ...fiveSix,
    prices: [
      { until: '2026-08-20', tiers: longWrite([5, 0.5, 30], 6.25) },
      // Promotional "at least through 2026-11-21". UNSURE: nothing was announced for the days after.
      {
        from: '2026-08-21',
        until: '2026-11-21',
        tiers: longWrite([4, 0.4, 20], 5),
        afterwards: longWrite([5, 0.5, 30], 6.25),
      },
    ],
  }),
  row('gpt-5.6-terra', {
    ...fiveSix,
    prices: [
      // Cache prices of the first weeks were not found: the families' usual 0.1 and 1.25 times the input. UNSURE.
      { until: '2026-07-29', tiers: longWrite([2.5, 0.25, 15], 3.125) },
      { from: '2026-07-30', tiers: longWrite([2, 0.2, 12], 2.5) },
    ],
  }),
  row('gpt-5.6-luna', {
    ...fiveSix,
    prices: [
      { until: '2026-07-29', tiers: longWrite([1, 0.1, 6], 1.25) },
      { from: '2026-07-30', tiers: longWrite([0.2, 0.02, 1.2], 0.25) },
    ],
  }),
  row('gpt-5.5', { capabilities: reasoning, limits: million, imageRule: gpt55, prices: longFree(5, 0.5, 30) }),
  // UNSURE: the picture rule of gpt-5.5-pro is taken from gpt-5.5.
  row('gpt-5.5-pro', {
    capabilities: alwaysReasoning,
    limits: million,
    imageRule: { ...gpt55, confidence: 'assumed' },
    prices: longFree(30, undefined, 180),
  }),
  row('gpt-5.4', { capabilities: reasoning, limits: million, imageRule: gpt54, prices: longFree(2.5, 0.25, 15) }),
  row(
    'gpt-5.4-mini',
    { capabilities: reasoning, limits: fourHundred, imageRule: gpt54, prices: flat(0.75, 0.075, 4.5) },
    ['gpt-5.4-mini-2026-03-17'],
  ),
  row(
    'gpt-5.4-nano',
    {
      capabilities: reasoning,
      limits: fourHundred,
      imageRule: gpt54,
      prices: flat(0.2, 0.02, 1.25),
      retiresOn: '2027-04-01',
      sources: [vision, pricing, counting, files, shutdowns],
    },
    ['gpt-5.4-nano-2026-03-17'],
  ),
  row(
    'gpt-5.2',
    {
      capabilities: reasoning,
      limits: fourHundred,
      imageRule: same(roomy, 1.2, 'documented'),
      prices: flat(1.75, 0.175, 14),
    },
    ['gpt-5.2-2025-12-11'],
  ),
  row(
    'gpt-5.1',
    {
      capabilities: reasoning,
      limits: fourHundred,
      imageRule: tiles(70, 140),
      prices: flat(1.25, 0.125, 10),
      retiresOn: '2027-04-01',
      sources: [vision, pricing, counting, files, shutdowns],
    },
    ['gpt-5.1-2025-11-13'],
  ),
  row(
    'gpt-5',
    {
      capabilities: alwaysReasoning,
      limits: fourHundred,
      imageRule: tiles(70, 140),
      prices: flat(1.25, 0.125, 10),
      ...deprecatedDecember,
    },
    ['gpt-5-2025-08-07'],
  ),
  // UNSURE: no price and no window were found for the chat alias; the window is that of gpt-4o's successors' smallest.
  row('gpt-5-chat-latest', { capabilities: vision4o, limits: gpt4o, imageRule: tiles(70, 140) }),
  row(
    'gpt-5-mini',
    {
      capabilities: alwaysReasoning,
      limits: fourHundred,
      imageRule: same(old, 1.2, 'measured'),
      prices: flat(0.25, 0.025, 2),
      ...deprecatedDecember,
      sources: oldPages,
    },
    ['gpt-5-mini-2025-08-07'],
  ),
  row(
    'gpt-5-nano',
    {
      capabilities: alwaysReasoning,
      limits: fourHundred,
      imageRule: same(old, 1.5, 'measured'),
      prices: flat(0.05, 0.005, 0.4),
      ...deprecatedDecember,
      sources: oldPages,
    },
    ['gpt-5-nano-2025-08-07'],
  ),
  row(
    'gpt-4.1',
    {
      capabilities: vision4o,
      limits: gpt41,
      imageRule: tiles(85, 170),
      prices: flat(2, 0.5, 8),
      ...deprecatedJanuary,
    },
    ['gpt-4.1-2025-04-14'],
  ),
  row(
    'gpt-4.1-mini',
    {
      capabilities: vision4o,
      limits: gpt41,
      // A measurement of 2025 agrees with the older budget of 1,536 patches.
      imageRule: { ...same(roomy, 1.62, 'documented'), highConflict: old },
      prices: flat(0.4, 0.1, 1.6),
      ...deprecatedJanuary,
    },
    ['gpt-4.1-mini-2025-04-14'],
  ),
  row(
    'gpt-4.1-nano',
    {
      capabilities: vision4o,
      limits: gpt41,
      imageRule: same(old, 2.46, 'documented'),
      prices: flat(0.1, 0.025, 0.4),
      ...goneSince,
      sources: oldPages,
    },
    ['gpt-4.1-nano-2025-04-14'],
  ),
  row(
    'gpt-4o',
    {
      capabilities: vision4o,
      limits: gpt4o,
      imageRule: tiles(85, 170),
      prices: flat(2.5, 1.25, 10),
      ...deprecatedJanuary,
    },
    ['gpt-4o-2024-08-06', 'gpt-4o-2024-11-20'],
  ),
  // The first snapshot had its own price, which was not found: no interval. Schema-bound output came with the next one.
  row('gpt-4o-2024-05-13', {
    capabilities: { ...vision4o, structuredOutput: false },
    limits: { ...gpt4o, maxOutputTokens: 4_096 },
    imageRule: tiles(85, 170),
    ...goneSince,
    sources: oldPages,
  }),
  row(
    'gpt-4o-mini',
    {
      capabilities: vision4o,
      limits: gpt4o,
      imageRule: tiles(2_833, 5_667),
      prices: flat(0.15, 0.075, 0.6),
      ...deprecatedJanuary,
    },
    ['gpt-4o-mini-2024-07-18'],
  ),
  // UNSURE: gpt-4.5 is named only by the tile table; no price, no window, and gone by all that is known.
  row('gpt-4.5-preview', { capabilities: vision4o, limits: gpt4o, imageRule: tiles(85, 170), retired: true }, [
    'gpt-4.5',
  ]),
  // GPT-4V of the background article. UNSURE: no rule, price or day was found; the tile rule of gpt-4o is assumed.
  row(
    'gpt-4-vision-preview',
    {
      capabilities: { ...vision4o, input: ['text', 'image'], tools: false, structuredOutput: false },
      limits: limits(128_000, 4_096),
      imageRule: { ...tiles(85, 170), confidence: 'assumed' },
      retired: true,
      sources: [archive],
    },
    ['gpt-4v'],
  ),
  // UNSURE: as for GPT-4V; only the day is known.
  row('gpt-4-turbo', {
    capabilities: { ...vision4o, input: ['text', 'image'], structuredOutput: false },
    limits: limits(128_000, 4_096),
    imageRule: { ...tiles(85, 170), confidence: 'assumed' },
    ...goneSince,
    sources: [archive, shutdowns],
  }),
  row('gpt-4', {
    capabilities: textOnly,
    limits: {},
    imageRule: { rule: 'none' },
    // cl100k, not o200k: up to 42 % apart on Chinese, Japanese and Korean.
    textRule: { ...text, lowFactor: 0.9, highFactor: 1.45, confidence: 'assumed' },
    ...goneSince,
    sources: [shutdowns],
  }),
  row('gpt-3.5-turbo', {
    capabilities: textOnly,
    limits: {},
    imageRule: { rule: 'none' },
    textRule: { ...text, lowFactor: 0.9, highFactor: 1.45, confidence: 'assumed' },
    ...goneSince,
    sources: [shutdowns],
  }),
  row(
    'o1',
    {
      capabilities: alwaysReasoning,
      limits: oSeries,
      imageRule: tiles(75, 150),
      prices: flat(15, 7.5, 60),
      ...goneSince,
      sources: oldPages,
    },
    ['o1-2024-12-17'],
  ),
  // UNSURE: no price and no end were found.
  row('o1-pro', { capabilities: alwaysReasoning, limits: oSeries, imageRule: tiles(75, 150) }, ['o1-pro-2025-03-19']),
  row(
    'o3',
    {
      capabilities: alwaysReasoning,
      limits: oSeries,
      imageRule: tiles(75, 150),
      prices: flat(2, 0.5, 8),
      ...deprecatedDecember,
    },
    ['o3-2025-04-16'],
  ),
  row(
    'o4-mini',
    {
      capabilities: alwaysReasoning,
      limits: oSeries,
      imageRule: same(old, 1.72, 'documented'),
      prices: flat(1.1, 0.275, 4.4),
      ...goneSince,
      sources: oldPages,
    },
    ['o4-mini-2025-04-16'],
  ),
  // UNSURE: no price and no window; gone.
  row('codex-mini-latest', {
    capabilities: alwaysReasoning,
    limits: oSeries,
    imageRule: same(old, 1.72, 'documented'),
    retired: true,
    sources: oldPages,
  }),
  // UNSURE: no price and no window.
  row('computer-use-preview', { capabilities: alwaysReasoning, limits: {}, imageRule: tiles(65, 129) }),
];
