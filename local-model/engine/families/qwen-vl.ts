/** Qwen2-VL and Qwen2.5-VL: pictures of any size as rows of patches, with positions in three directions (M-RoPE). */

import { OcelliError } from '../../../src/errors/index.js';
import { integerAt, recordAt } from '../json.js';
import { readLevels, type Levels } from '../preprocess.js';
import { resize, type Bitmap } from '../resize.js';
import {
  countingPositions,
  type Family,
  type FamilyConfig,
  type PictureSize,
  type Positions,
  type PreparedPicture,
} from './family.js';

interface PatchSettings {
  readonly levels: Levels;
  readonly patch: number;
  /** Patches along one side of a visual token. */
  readonly merge: number;
  /** Frames of a patch; a picture is shown in all of them. */
  readonly frames: number;
  readonly minPixels: number;
  readonly maxPixels: number;
}

/** More pixels make more tokens than a CPU gets through in a minute; configurations often allow twelve times as many. */
const mostPixels = 1_003_520;

export function qwenVl(folder: FamilyConfig): Family {
  const settings = readSettings(folder);
  return {
    name: folder.config['model_type'] === 'qwen2_5_vl' ? 'qwen2_5_vl' : 'qwen2_vl',
    imageTokens: undefined,
    tokensBySize(size) {
      const { width, height } = smartSize(size, settings);
      // The template puts one token before and one after it.
      return { visual: (width * height) / (settings.patch * settings.merge) ** 2, markers: 2 };
    },
    preprocess: (bitmap) => prepare(bitmap, settings),
    expand: (imageToken, picture) => imageToken.repeat(picture?.tokens ?? 1),
    positions: textPositions,
    positionsOf,
  };
}

function readSettings({ config, preprocessorConfig }: FamilyConfig): PatchSettings {
  const file = 'preprocessor_config.json';
  const size = recordAt(preprocessorConfig, 'size');
  const whole = (key: string, most: number): number | undefined => integerAt(preprocessorConfig, key, 1, most, file);
  const pixels = (key: string, edge: string): number | undefined =>
    whole(key, 1e9) ?? integerAt(size, key, 1, 1e9, file) ?? integerAt(size, edge, 1, 1e9, file);
  const vision = recordAt(config, 'vision_config');
  const minPixels = Math.min(mostPixels, pixels('min_pixels', 'shortest_edge') ?? 3136);
  return {
    levels: readLevels(preprocessorConfig, 'bicubic'),
    patch: whole('patch_size', 256) ?? integerAt(vision, 'patch_size', 1, 256, 'config.json') ?? 14,
    merge: whole('merge_size', 16) ?? integerAt(vision, 'spatial_merge_size', 1, 16, 'config.json') ?? 2,
    frames: whole('temporal_patch_size', 16) ?? 2,
    minPixels,
    maxPixels: Math.max(minPixels, Math.min(mostPixels, pixels('max_pixels', 'longest_edge') ?? mostPixels)),
  };
}

function prepare(bitmap: Bitmap, settings: PatchSettings): PreparedPicture {
  const { patch, merge, frames } = settings;
  const { width, height } = smartSize(bitmap, settings);
  const resized = resize(bitmap, width, height, settings.levels.filter);
  const [rows, columns] = [height / patch, width / patch];
  const data = patches(resized, settings);
  const grid = BigInt64Array.of(1n, BigInt(rows), BigInt(columns));
  const gridInput = { type: 'int64', data: grid, dims: [1, 3] } as const;
  return {
    width,
    height,
    data,
    tokens: (rows * columns) / merge ** 2,
    grid: { rows: rows / merge, columns: columns / merge },
    inputs: {
      pixel_values: { type: 'float32', data, dims: [rows * columns, 3 * frames * patch ** 2] },
      grid_thw: gridInput,
      // The name in files of Qwen2.5-VL and later.
      image_grid_thw: gridInput,
    },
  };
}

/** Whole visual tokens along both sides, within the bounds of pixels. Source: `smart_resize` of transformers. */
export function smartSize(
  { width, height }: PictureSize,
  settings: Pick<PatchSettings, 'patch' | 'merge' | 'minPixels' | 'maxPixels'>,
): PictureSize {
  if (Math.max(width, height) / Math.min(width, height) > 200) {
    throw new OcelliError(
      'unsupported-input',
      `A picture is ${width} × ${height}; this model takes none that is more than 200 times as long as wide. Cut it first.`,
    );
  }
  const factor = settings.patch * settings.merge;
  const near = (length: number): number => roundHalfToEven(length / factor) * factor;
  const pixels = near(width) * near(height);
  if (pixels > settings.maxPixels) {
    const shrink = Math.sqrt((width * height) / settings.maxPixels);
    const down = (length: number): number => Math.max(factor, Math.floor(length / shrink / factor) * factor);
    return { width: down(width), height: down(height) };
  }
  if (pixels < settings.minPixels) {
    const grow = Math.sqrt(settings.minPixels / (width * height));
    const up = (length: number): number => Math.ceil((length * grow) / factor) * factor;
    return { width: up(width), height: up(height) };
  }
  return { width: near(width), height: near(height) };
}

/** As Python rounds. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/** Patch after patch, those of one visual token together; within a patch by channel, frame, row, column. Source: `patchify`. */
function patches(bitmap: Bitmap, { patch, merge, frames, levels }: PatchSettings): Float32Array {
  const { width, height, data: source } = bitmap;
  const size = patch * patch;
  const data = new Float32Array(width * height * 3 * frames);
  const { values } = levels;
  let at = 0;
  for (let blockTop = 0; blockTop < height; blockTop += patch * merge) {
    for (let blockLeft = 0; blockLeft < width; blockLeft += patch * merge) {
      for (let inner = 0; inner < merge * merge; inner++) {
        const top = blockTop + Math.floor(inner / merge) * patch;
        const left = blockLeft + (inner % merge) * patch;
        for (let channel = 0; channel < 3; channel++) {
          const start = at;
          const table = channel * 256;
          for (let row = 0; row < patch; row++) {
            let pixel = ((top + row) * width + left) * 3 + channel;
            for (let column = 0; column < patch; column++, pixel += 3) {
              // Inside both arrays: sides are whole patches, and every level has its value.
              data[at++] = values[table + (source[pixel] as number)] as number;
            }
          }
          for (let frame = 1; frame < frames; frame++, at += size) data.copyWithin(at, start, start + size);
        }
      }
    }
  }
  return data;
}

function textPositions(past: number, count: number): BigInt64Array {
  const row = countingPositions(past, count);
  return threeRows(count, () => row);
}

function threeRows(count: number, rowOf: (direction: number) => BigInt64Array): BigInt64Array {
  const rows = new BigInt64Array(3 * count);
  for (let direction = 0; direction < 3; direction++) rows.set(rowOf(direction), direction * count);
  return rows;
}

/**
 * Text counts on in all three directions; a picture stands still in time and spreads over rows and columns; what follows goes on after its longer
 * side. Source: `Qwen2VLModel.get_rope_index`.
 */
function positionsOf(ids: readonly number[], imageTokenId: number, pictures: readonly PreparedPicture[]): Positions {
  const places = [0, 1, 2].map(() => new Int32Array(ids.length));
  const [times, rows, columns] = places;
  let next = 0;
  let picture = 0;
  for (let index = 0; index < ids.length;) {
    const grid = ids[index] === imageTokenId ? pictures[picture++]?.grid : undefined;
    if (grid === undefined) {
      for (const place of places) place[index] = next;
      next++;
      index++;
      continue;
    }
    for (let row = 0; row < grid.rows; row++) {
      for (let column = 0; column < grid.columns; column++, index++) {
        if (times !== undefined) times[index] = next;
        if (rows !== undefined) rows[index] = next + row;
        if (columns !== undefined) columns[index] = next + column;
      }
    }
    next += Math.max(grid.rows, grid.columns);
  }
  const shift = next - ids.length;
  return (past, count) =>
    threeRows(count, (direction) =>
      BigInt64Array.from({ length: count }, (_, index) =>
        BigInt(places[direction]?.[past + index] ?? past + index + shift),
      ),
    );
}
