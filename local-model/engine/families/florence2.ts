/** Florence-2: an encoder reads picture and task, a decoder looks across at it and writes text with places in it. */

import { integerAt, recordAt } from '../json.js';
import { readImageProcessor, toPixelValues } from '../preprocess.js';
import { countingPositions, type Family, type FamilyConfig } from './family.js';

/** What the towers of all published sizes shrink a picture by, side by side: strides of 4, 2, 2 and 2. */
const stride = 32;
/** `image_token_id` of transformers' own configuration; files of the hub need none, since pictures come first. */
export const florenceImageToken = 51_289;

export function florence2(folder: FamilyConfig): Family {
  const processor = readImageProcessor(folder.preprocessorConfig);
  const imageTokens = florenceImageTokens(folder);
  return {
    name: 'florence2',
    imageTokens,
    tokensBySize: () => ({ visual: imageTokens, markers: 0 }),
    preprocess(bitmap) {
      const pixels = toPixelValues(bitmap, processor);
      const { width, height, data } = pixels;
      return {
        ...pixels,
        tokens: imageTokens,
        shown: { width: bitmap.width, height: bitmap.height },
        inputs: { pixel_values: { type: 'float32', data, dims: [1, 3, height, width] } },
      };
    },
    expand: (imageToken) => imageToken.repeat(imageTokens),
    positions: countingPositions,
    isCausal: false,
    fusion: 'cross-attention',
  };
}

/**
 * Stated by the processor, or one token for each 32 × 32 pixels and one for the whole: 577 for 768 × 768.
 * Source: transformers, `Florence2MultiModalProjector` (5.23).
 */
function florenceImageTokens({ config, preprocessorConfig, processorConfig }: FamilyConfig): number {
  const stated =
    integerAt(preprocessorConfig, 'image_seq_length', 1, 65_536, 'preprocessor_config.json') ??
    integerAt(processorConfig, 'image_seq_length', 1, 65_536, 'processor_config.json') ??
    integerAt(config, 'image_seq_length', 1, 65_536, 'config.json');
  if (stated !== undefined) return stated;
  const size = recordAt(preprocessorConfig, 'size');
  const side = (key: string): number => integerAt(size, key, stride, 4096, 'preprocessor_config.json') ?? 768;
  return Math.floor(side('width') / stride) * Math.floor(side('height') / stride) + 1;
}
