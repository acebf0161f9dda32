/** Idefics3, SmolVLM and SmolVLM2: pictures become one square tile, or a grid of tiles and one of the whole. */

import { integerAt, recordAt, type JsonRecord } from '../json.js';
import { localModelError } from '../local-model-error.js';
import { fillPlanes, readLevels, type Levels } from '../preprocess.js';
import { crop, resize, resizeThrough, type Bitmap } from '../resize.js';
import {
  countingPositions,
  type Family,
  type FamilyConfig,
  type Grid,
  type PictureShape,
  type PictureSize,
  type PictureTokens,
  type PreparedPicture,
} from './family.js';

/** The longest side that the Python processor resizes to (`MAX_IMAGE_SIZE`). */
const maxSide = 4096;
/** More tiles along a side than any model has (8 at most) would only eat memory. */
const maxTilesAlong = 16;

interface TileSettings {
  readonly levels: Levels;
  readonly longestEdge: number;
  /** Side of a tile. */
  readonly tile: number;
  /** Visual tokens of a tile. */
  readonly tokens: number;
}

export function idefics3(folder: FamilyConfig): Family {
  const settings = readSettings(folder);
  const name = folder.config['model_type'] === 'smolvlm' ? 'smolvlm' : 'idefics3';
  return {
    name,
    imageTokens: settings.tokens,
    tokensBySize: (size, options = {}) => tokensBySize(size, settings, options.tiles ?? false),
    shapeBySize: (size, options = {}) => shapeBySize(size, settings, options.tiles ?? false),
    preprocess: (bitmap, options = {}) => prepare(bitmap, settings, options.tiles ?? false),
    expand: (imageToken, picture) => expand(imageToken.repeat(settings.tokens), picture?.tiles),
    positions: countingPositions,
  };
}

function readSettings({ config, preprocessorConfig, processorConfig }: FamilyConfig): TileSettings {
  const file = 'preprocessor_config.json';
  const tile = integerAt(recordAt(preprocessorConfig, 'max_image_size'), 'longest_edge', 1, maxSide, file) ?? 364;
  const longestEdge = integerAt(recordAt(preprocessorConfig, 'size'), 'longest_edge', 1, maxSide, file) ?? 4 * tile;
  if (longestEdge > tile * maxTilesAlong) {
    throw localModelError(
      `${file}: tiles of ${tile} pixels along a side of ${longestEdge} are more than ${maxTilesAlong}, which no model has.`,
    );
  }
  return {
    levels: readLevels(preprocessorConfig, 'lanczos'),
    longestEdge,
    tile,
    tokens: tokensOfTile(config, processorConfig),
  };
}

/** Stated by the processor, or (image size / patch size)² / scale². Source: `Idefics3Processor`, `Idefics3Model`. */
function tokensOfTile(config: JsonRecord, processorConfig: JsonRecord): number {
  const stated = integerAt(processorConfig, 'image_seq_len', 1, 65_536, 'processor_config.json');
  if (stated !== undefined) return stated;
  const vision = recordAt(config, 'vision_config');
  const size = integerAt(vision, 'image_size', 1, maxSide, 'config.json');
  const patch = integerAt(vision, 'patch_size', 1, maxSide, 'config.json');
  const scale = integerAt(config, 'scale_factor', 1, 64, 'config.json');
  if (size !== undefined && patch !== undefined && scale !== undefined) {
    return Math.floor(Math.floor(size / patch) ** 2 / scale ** 2);
  }
  throw localModelError(
    'processor_config.json must state "image_seq_len", or config.json "scale_factor" and the tower\'s "image_size" and "patch_size".',
  );
}

function prepare(bitmap: Bitmap, settings: TileSettings, wantsTiles: boolean): PreparedPicture {
  const { tile, levels } = settings;
  const limited = longSide(bitmap, settings.longestEdge);
  const next = wantsTiles ? wholeTiles({ width: limited[0], height: limited[1] }, tile) : ([tile, tile] as const);
  const resized = resizeThrough(bitmap, [limited, next], levels.filter);
  const { pictures, grid } = wantsTiles ? cut(resized, settings) : { pictures: [resized], grid: undefined };
  const first = pictures[0] ?? resized;
  const size = first.width * first.height;
  const data = new Float32Array(pictures.length * 3 * size);
  pictures.forEach((picture, index) => fillPlanes(data.subarray(index * 3 * size), picture, levels.values));
  const dims = [1, pictures.length, 3, first.height, first.width];
  return {
    width: first.width,
    height: first.height,
    data,
    tokens: pictures.length * settings.tokens,
    ...(grid === undefined ? {} : { tiles: grid }),
    inputs: {
      pixel_values: { type: 'float32', data, dims },
      // Nothing is padding: pictures go to the tower one by one.
      pixel_attention_mask: {
        type: 'bool',
        data: new Uint8Array(pictures.length * size).fill(1),
        dims: [1, pictures.length, first.height, first.width],
      },
    },
  };
}

/** Source: `_resize_output_size_rescale_to_max_len`: the longer side as stated, the shorter one even; then `_scale_below_upper_bound`. */
function longSide({ width, height }: PictureSize, longest: number): [number, number] {
  const ratio = width / height;
  const even = (length: number): number => Math.max(1, Math.trunc(length) + (Math.trunc(length) % 2));
  return width >= height ? [longest, even(longest / ratio)] : [even(longest * ratio), longest];
}

/** Both sides up to whole tiles. Source: `resize_for_vision_encoder`. */
function wholeTiles({ width, height }: PictureSize, tile: number): [number, number] {
  const ratio = width / height;
  const up = (length: number): number => Math.ceil(length / tile) * tile;
  if (width >= height) return [up(width), up(Math.trunc(up(width) / ratio))];
  return [up(Math.trunc(up(height) * ratio)), up(height)];
}

function gridOf({ width, height }: PictureSize, tile: number): Grid | undefined {
  if (width <= tile && height <= tile) return undefined;
  return { rows: Math.floor(height / tile), columns: Math.floor(width / tile) };
}

function shapeBySize(size: PictureSize, settings: TileSettings, wantsTiles: boolean): PictureShape {
  const { tile, tokens, longestEdge } = settings;
  const [width, height] = longSide(size, longestEdge);
  const [wide, high] = wholeTiles({ width, height }, tile);
  const tiles = wantsTiles ? gridOf({ width: wide, height: high }, tile) : undefined;
  return tiles === undefined ? { tokens } : { tokens: (tiles.rows * tiles.columns + 1) * tokens, tiles };
}

/** Names of tiles and line breaks as in `expand`; one line break more or less, as the tokenizer joins them. */
function tokensBySize(size: PictureSize, settings: TileSettings, wantsTiles: boolean): PictureTokens {
  const { tokens: visual, tiles } = shapeBySize(size, settings, wantsTiles);
  if (tiles === undefined) return { visual, markers: 3 };
  return { visual, markers: 2 * tiles.rows * tiles.columns + tiles.rows + 1 + 3 };
}

/** Row by row, then the whole squeezed into one tile. Source: `split_images`. */
function cut(
  picture: Bitmap,
  { tile, levels }: TileSettings,
): { readonly pictures: readonly Bitmap[]; readonly grid: Grid | undefined } {
  const grid = gridOf(picture, tile);
  if (grid === undefined) return { pictures: [picture], grid };
  const pictures: Bitmap[] = [];
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      pictures.push(crop(picture, column * tile, row * tile, tile, tile));
    }
  }
  return { pictures: [...pictures, resize(picture, tile, tile, levels.filter)], grid };
}

/** Source: `Idefics3Processor.replace_image_token`. */
function expand(tokens: string, grid: Grid | undefined): string {
  const around = '<fake_token_around_image>';
  const whole = `${around}<global-img>${tokens}${around}`;
  if (grid === undefined) return whole;
  let text = '';
  for (let row = 1; row <= grid.rows; row++) {
    for (let column = 1; column <= grid.columns; column++) text += `${around}<row_${row}_col_${column}>${tokens}`;
    text += '\n';
  }
  return `${text}\n${whole}`;
}
