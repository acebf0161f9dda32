/** The model that ships inside the package. It runs on the user's own machine, so its price is a known 0. */

import type { ModelRow } from './model-row.js';

const framing = { tokens: 2, low: 2, high: 2 };

/** Where a finer picture is wished for: 192 tokens more for the print that is found in it and 32 for the things. */
const fine = { tokens: 381, seenSide: 576 };

const tiny: ModelRow = {
  id: 'local:tiny',
  aliases: [],
  capabilities: {
    input: ['text', 'image'],
    // What sharp decodes.
    mediaTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/tiff', 'image/svg+xml'],
    tools: false,
    structuredOutput: true,
    reasoning: 'none',
    temperature: true,
    topP: true,
    topK: true,
    seed: true,
    stop: true,
    urls: [],
  },
  // The context is config.json's; test/adapters/local/bundled.test.ts compares them.
  limits: { contextTokens: 2_048, maxOutputTokens: 1_024 },
  // 144 of the grid and 13 of names.
  imageRule: {
    rule: 'fixed',
    tokens: 157,
    seenSide: 192,
    byDetail: { high: fine, original: fine },
    confidence: 'documented',
  },
  textRule: {
    tokenizer: 'local',
    factor: 1,
    lowFactor: 1,
    highFactor: 1,
    // The chat template writes a role and an end token per message, a begin token and the answer's role per request.
    perMessage: framing,
    perRequest: framing,
    confidence: 'documented',
  },
  prices: [{ tiers: [{ aboveInput: 0, input: 0, cacheRead: 0, cacheWriteShort: 0, cacheWriteLong: 0, output: 0 }] }],
  // local-model/training/suite.py: scenes of these generators with training seeds, art, fonts and words.
  trainedOn: ['counting', 'spatial', 'existence', 'ocr', 'geometric', 'charts', 'naming'],
  sources: [{ url: 'https://www.npmjs.com/package/ocelli', checkedOn: '2026-11-29' }],
};

export const localRows: readonly ModelRow[] = [tiny];

/**
 * A model of this machine that the catalogue does not know, such as a folder: it can what the engine can, and costs nothing. What is known of
 * its limits and of how it counts is to be added.
 *
 * @param id `local:…`
 */
export function localRow(id: string): ModelRow {
  const around = { tokens: 5, low: 0, high: 60 };
  const { trainedOn: _trainedOn, ...row } = tiny;
  return {
    ...row,
    id,
    limits: {},
    defaultDetail: 'auto',
    imageRule: { rule: 'unknown' },
    // Templates differ: some write nothing around a message, some a whole instruction.
    textRule: { ...tiny.textRule, perMessage: around, perRequest: around, confidence: 'assumed' },
  };
}
