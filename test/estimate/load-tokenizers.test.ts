/** The tokenizer that is loaded on demand counts as OpenAI does, whatever stands in the text. */

import { expect, it } from 'vitest';
import { estimateText } from '../../src/estimate/index.js';
import { loadTokenizers } from '../../src/estimate/load-tokenizers.js';

it('counts exactly for OpenAI', async () => {
  const tokenizers = await loadTokenizers();
  const estimate = estimateText({ model: 'openai:gpt-4o', text: 'How many circles are there?', tokenizers });
  expect(estimate).toMatchObject({ tokens: 6, low: 6, high: 6, rule: 'o200k' });
});

it('takes marks of the vendor in a text for text', async () => {
  const { o200k } = await loadTokenizers();
  expect(o200k?.('<|endoftext|>')).toBeGreaterThan(1);
});
