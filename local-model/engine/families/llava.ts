/** LLaVA: one tower of one size (CLIP or SigLIP), its rows written over the image tokens, ordinary positions. */

import { integerAt, recordAt, stringAt, type JsonRecord } from '../json.js';
import { localModelError } from '../local-model-error.js';
import { readImageProcessor, toPixelValues, type ImageProcessor } from '../preprocess.js';
import type { Bitmap } from '../resize.js';
import {
  countingPositions,
  type Family,
  type FamilyConfig,
  type PictureOptions,
  type PreparedPicture,
} from './family.js';

export function llava(folder: FamilyConfig): Family {
  const processor = readImageProcessor(folder.preprocessorConfig);
  const imageTokens = llavaImageTokens(folder.config, folder.processorConfig);
  const plain: Resolution = { processor, tokens: imageTokens };
  const fine = fineResolution(folder, processor) ?? plain;
  const resolutionFor = (options?: PictureOptions): Resolution => (options?.tiles === true ? fine : plain);
  return {
    name: 'llava',
    imageTokens,
    tokensBySize: (_, options) => ({ visual: resolutionFor(options).tokens, markers: 0 }),
    preprocess: (bitmap, options) => onePicture(bitmap, resolutionFor(options)),
    expand: (imageToken, picture) => imageToken.repeat(picture?.tokens ?? imageTokens),
    positions: countingPositions,
  };
}

/** One way of looking at a picture. */
interface Resolution {
  readonly processor: ImageProcessor;
  readonly tokens: number;
}

/**
 * The second size of a tower that was trained for two: `fine_image_size` in `vision_config`, a key of ours that other programs leave alone.
 * It takes the place of tiles where finer detail is asked for. Its tokens are the patches, or what `fine_image_seq_length` says.
 */
function fineResolution(folder: FamilyConfig, processor: ImageProcessor): Resolution | undefined {
  const vision = recordAt(folder.config, 'vision_config');
  const side = integerAt(vision, 'fine_image_size', 1, 4096, 'config.json');
  const patch = integerAt(vision, 'patch_size', 1, 4096, 'config.json');
  if (side === undefined || patch === undefined) return undefined;
  return {
    processor: { ...processor, size: { width: side, height: side } },
    tokens: integerAt(vision, 'fine_image_seq_length', 1, 65_536, 'config.json') ?? Math.floor(side / patch) ** 2,
  };
}

/**
 * PaliGemma: the same tower and merge, but pictures come before all text, positions begin at 1, and the prompt is seen as a whole.
 * Source: transformers, `PaliGemmaProcessor` and `PaliGemmaModel` (5.23).
 */
export function paligemma(folder: FamilyConfig): Family {
  return {
    ...llava(folder),
    name: 'paligemma',
    positions: (past, count) => countingPositions(past + 1, count),
    isCausal: false,
  };
}

function onePicture(bitmap: Bitmap, { processor, tokens }: Resolution): PreparedPicture {
  const pixels = toPixelValues(bitmap, processor);
  const { width, height, data } = pixels;
  return { ...pixels, tokens, inputs: { pixel_values: { type: 'float32', data, dims: [1, 3, height, width] } } };
}

/**
 * Tokens of one picture: stated by the model, or the tower's grid of patches plus what the processor adds, less the class token where it is dropped.
 * Source: transformers, `LlavaProcessor.__call__`.
 */
export function llavaImageTokens(config: JsonRecord, processorConfig: JsonRecord): number {
  const vision = recordAt(config, 'vision_config');
  const stated =
    integerAt(config, 'image_seq_length', 1, 65_536, 'config.json') ??
    integerAt(processorConfig, 'image_seq_length', 1, 65_536, 'processor_config.json') ??
    integerAt(vision, 'num_image_tokens', 1, 65_536, 'config.json');
  if (stated !== undefined) return stated;
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
