/** What differs between model families: how a picture is prepared, how its placeholder grows, and how positions count. */

import { integerAt, recordAt, stringAt, type JsonRecord } from './json.js';
import { localModelError } from './local-model-error.js';
import { readImageProcessor, toPixelValues, type PixelValues } from './preprocess.js';
import type { Bitmap } from './resize.js';

/** The parts of a folder's JSON that a family reads. */
export interface FamilyConfig {
  readonly config: JsonRecord;
  readonly preprocessorConfig: JsonRecord;
  readonly processorConfig: JsonRecord;
}

/** A family bound to one model. */
export interface Family {
  readonly name: string;
  /** Visual tokens of one picture; the same for every picture where the tower has one size. */
  readonly imageTokens: number;
  preprocess(bitmap: Bitmap): PixelValues;
  /** What stands in the prompt for one picture, given the model's image token. */
  expand(imageToken: string): string;
  /** `position_ids` of new tokens after `past` ones. */
  positions(past: number, count: number): BigInt64Array;
}

type FamilyFactory = (folder: FamilyConfig) => Family;

/** Each entry is one way through preprocessing, prompt and positions; everything else comes from the sessions' own metadata. */
const families: Readonly<Record<string, FamilyFactory>> = { llava };

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

/** LLaVA: one fixed-size tower, its rows written over the image tokens, ordinary positions. */
function llava(folder: FamilyConfig): Family {
  const processor = readImageProcessor(folder.preprocessorConfig);
  const imageTokens = llavaImageTokens(folder.config, folder.processorConfig);
  return {
    name: 'llava',
    imageTokens,
    preprocess: (bitmap) => toPixelValues(bitmap, processor),
    expand: (imageToken) => imageToken.repeat(imageTokens),
    positions: countingPositions,
  };
}

/**
 * Tokens of one picture: stated by the model, or the tower's grid of patches plus what the processor adds, less the class token where it is dropped.
 * Source: transformers, `LlavaProcessor.__call__`.
 */
export function llavaImageTokens(config: JsonRecord, processorConfig: JsonRecord): number {
  const stated =
    integerAt(config, 'image_seq_length', 1, 65_536, 'config.json') ??
    integerAt(processorConfig, 'image_seq_length', 1, 65_536, 'processor_config.json');
  if (stated !== undefined) return stated;
  const vision = recordAt(config, 'vision_config');
  const size = integerAt(vision, 'image_size', 1, 4096, 'config.json');
  const patch =
    integerAt(processorConfig, 'patch_size', 1, 4096, 'processor_config.json') ??
    integerAt(vision, 'patch_size', 1, 4096, 'config.json');
  if (size === undefined || patch === undefined) {
    throw localModelError(
      'config.json must state "image_seq_length", or "image_size" and "patch_size" in "vision_config": the tokens of a picture depend on them.',
    );
  }
  const grid = Math.floor(size / patch) ** 2;
  const added = integerAt(processorConfig, 'num_additional_image_tokens', 0, 64, 'processor_config.json');
  if (added === undefined) return grid;
  const strategy =
    stringAt(processorConfig, 'vision_feature_select_strategy') ?? stringAt(config, 'vision_feature_select_strategy');
  return grid + added - (strategy === 'full' ? 0 : 1);
}

function countingPositions(past: number, count: number): BigInt64Array {
  return BigInt64Array.from({ length: count }, (_, index) => BigInt(past + index));
}
