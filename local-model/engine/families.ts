/** The table of model families: how a picture is prepared, how its placeholder grows, and how positions count. */

import { idefics3 } from './families/idefics3.js';
import type { Family, FamilyConfig, FamilyFactory } from './families/family.js';
import { llava, paligemma } from './families/llava.js';
import { qwenVl } from './families/qwen-vl.js';
import { stringAt } from './json.js';
import { localModelError } from './local-model-error.js';

export { llavaImageTokens } from './families/llava.js';
export type { Family, FamilyConfig, PictureOptions, Positions, PreparedPicture } from './families/family.js';

/** By `model_type`. Each entry is one way through preprocessing, prompt and positions; everything else comes from the sessions' own metadata. */
const families: Readonly<Record<string, FamilyFactory>> = {
  llava,
  idefics3,
  smolvlm: idefics3,
  paligemma,
  qwen2_vl: qwenVl,
  qwen2_5_vl: qwenVl,
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

/** Model types that can be run. */
export const knownFamilies: readonly string[] = Object.keys(families);
