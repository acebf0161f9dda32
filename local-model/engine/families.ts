/** The table of model families: how a picture is prepared, how its placeholder grows, and how positions count. */

import { florence2 } from './families/florence2.js';
import { idefics3 } from './families/idefics3.js';
import type {
  Family,
  FamilyConfig,
  FamilyFactory,
  PictureOptions,
  PictureSize,
  PictureTokens,
} from './families/family.js';
import { llava, paligemma } from './families/llava.js';
import { qwenVl } from './families/qwen-vl.js';
import { readFamilyConfig } from './folder.js';
import { stringAt } from './json.js';
import { localModelError } from './local-model-error.js';

export { llavaImageTokens } from './families/llava.js';
export type {
  Family,
  FamilyConfig,
  PictureOptions,
  PictureShape,
  PictureSize,
  PictureTokens,
  Positions,
  PreparedPicture,
} from './families/family.js';

/** By `model_type`. Each entry is one way through preprocessing, prompt and positions; everything else comes from the sessions' own metadata. */
const families: Readonly<Record<string, FamilyFactory>> = {
  llava,
  idefics3,
  smolvlm: idefics3,
  paligemma,
  qwen2_vl: qwenVl,
  qwen2_5_vl: qwenVl,
  florence2,
};

/** @throws OcelliError `local-model` for a family that is not in the table */
export function familyOf(folder: FamilyConfig): Family {
  const type = stringAt(folder.config, 'model_type') ?? 'unnamed';
  const factory = Object.hasOwn(families, type) ? families[type] : undefined;
  if (factory === undefined) {
    const known = Object.keys(families).join(', ');
    throw localModelError(
      `config.json names the model type "${type}", which this version does not run. It runs: ${known}.`,
    );
  }
  return factory(folder);
}

/**
 * Tokens of pictures for a model folder, by their sizes alone and without loading weights: what an estimate before a call needs.
 *
 * @param folder a model folder in the Hugging Face hub layout
 * @returns a pure function of a picture's width and height in pixels, as it is upright
 * @throws OcelliError `local-model` when the folder's JSON is not usable or its family is not known
 * @example
 * const tokensOf = loadImageCounter('./models/smolvlm');
 * tokensOf({ width: 1024, height: 768 }).visual; // 64
 */
export function loadImageCounter(folder: string): (size: PictureSize, options?: PictureOptions) => PictureTokens {
  const family = familyOf(readFamilyConfig(folder));
  return (size, options) => family.tokensBySize(size, options);
}

/** Model types that can be run. */
export const knownFamilies: readonly string[] = Object.keys(families);
