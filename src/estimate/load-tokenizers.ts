/** Loads the tokenizers that text is counted with. Apart from the pure entry: these are two megabytes that nobody loads unasked. */

import type { Tokenizers } from './estimate-text.js';

/** Marks such as `<|endoftext|>` in a user's text are text. */
const asText = { disallowedSpecial: new Set<string>() };

/**
 * The tokenizers for `estimateText` and `estimateRequest`: o200k by `gpt-tokenizer`, an optional dependency. Without it text is counted by
 * its letters, with a wide range.
 *
 * @example
 * estimateRequest({ model: 'openai:gpt-4o', prompt: 'How many?', tokenizers: await loadTokenizers() });
 */
export async function loadTokenizers(): Promise<Tokenizers> {
  try {
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    return { o200k: (text) => countTokens(text, asText) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return {};
    throw error;
  }
}
