/** Counts a conversation's tokens with a folder's own tokenizer, template and picture rule, without its weights. */

import { familyOf, type Family, type PictureOptions, type PictureShape, type PictureSize } from './families.js';
import { contextTokensOf, readCountingFiles } from './folder.js';
import { loadPrompts } from './prompts.js';
import type { EngineMessage, EnginePart, PromptTokens } from './request.js';

/** A picture of which only the size is known. */
export type SizedPicture = { readonly type: 'image' } & PictureSize & PictureOptions;

export interface SizedMessage {
  readonly role: EngineMessage['role'];
  readonly content: readonly (Extract<EnginePart, { readonly type: 'text' }> | SizedPicture)[];
}

/** Exact: what a model of this folder reports as the usage of the same conversation. */
export interface PromptCounter {
  readonly family: string;
  readonly contextTokens: number;
  /** Tokens of a text alone. */
  text(text: string): number;
  /** Tokens of one picture, with what stands around it. */
  picture(size: PictureSize, options?: PictureOptions): number;
  /**
   * Tokens of a whole conversation that the model is to go on with.
   *
   * @throws OcelliError `local-model` when the model cannot take this conversation
   */
  conversation(messages: readonly SizedMessage[]): PromptTokens;
}

/**
 * A counter for a model folder. Only its JSON and its chat template are read, so that an estimate costs no memory for weights.
 *
 * @param folder a model folder in the Hugging Face hub layout
 * @throws OcelliError `local-model` when the folder's JSON is not usable or its family is not known
 * @example
 * const counter = await loadPromptCounter('./models/smolvlm');
 * counter.conversation([
 *   { role: 'user', content: [{ type: 'image', width: 800, height: 600 }, { type: 'text', text: 'What is this?' }] },
 * ]).inputTokens;
 */
export async function loadPromptCounter(folder: string): Promise<PromptCounter> {
  const files = readCountingFiles(folder);
  const family = familyOf(files);
  const prompts = await loadPrompts(files, family);
  return {
    family: family.name,
    contextTokens: contextTokensOf(files.config, files.tokenizerConfig),
    text: (text) => prompts.tokenizer.encode(text, { add_special_tokens: false }).ids.length,
    picture(size, options) {
      const { visual, markers } = family.tokensBySize(size, options);
      return visual + markers;
    },
    conversation(messages) {
      const shapes = messages.flatMap(({ content }) =>
        content.flatMap((part) => (part.type === 'image' ? [shapeOf(family, part)] : [])),
      );
      const { ids, imageTokens } = prompts.build(messages, shapes);
      return { inputTokens: ids.length, imageTokens };
    },
  };
}

function shapeOf(family: Family, picture: SizedPicture): PictureShape {
  const options = picture.tiles === undefined ? {} : { tiles: picture.tiles };
  return family.shapeBySize?.(picture, options) ?? { tokens: family.tokensBySize(picture, options).visual };
}
