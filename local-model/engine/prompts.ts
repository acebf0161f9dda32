/** How a model's prompts are made, whichever way its family has. */

import type { Family, FamilyConfig } from './families/family.js';
import type { TextSide } from './folder.js';
import { PromptBuilder, type Prompts } from './prompt.js';
import { TaskPrompts } from './task-prompts.js';
import { loadTokenizer } from './tokenizer.js';

/** Loads tokenizer and template; what is wrong with them is said at once, not at the first request. */
export async function loadPrompts(
  folder: TextSide & Pick<FamilyConfig, 'preprocessorConfig'>,
  family: Family,
): Promise<Prompts> {
  if (family.fusion === 'cross-attention') {
    return new TaskPrompts(folder, folder.tokenizerConfig, await loadTokenizer(folder));
  }
  return PromptBuilder.load(folder, (imageToken, picture) => family.expand(imageToken, picture));
}
