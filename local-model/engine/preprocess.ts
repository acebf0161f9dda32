/** From an upright bitmap to the numbers a vision tower takes, as `preprocessor_config.json` says and the Python processors do it. */

import { booleanAt, integerAt, isRecord, numberAt, type JsonRecord } from './json.js';
import { localModelError } from './local-model-error.js';
import { filterByNumber, resize, type Bitmap, type ResizeFilter } from './resize.js';

/** A fixed size, or the length that the shorter side gets. */
type TargetSize = { readonly width: number; readonly height: number } | { readonly shortestEdge: number };

export interface ImageProcessor extends Levels {
  readonly size: TargetSize | undefined;
  readonly crop: { readonly width: number; readonly height: number } | undefined;
}

/** Channels first: red plane, green plane, blue plane. */
export interface PixelValues {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** How grey levels become values, and how pictures are resized. */
export interface Levels {
  readonly filter: ResizeFilter;
  /** What each grey level of each channel becomes: 3 × 256. */
  readonly values: Float32Array;
}

const file = 'preprocessor_config.json';
/** A side longer than this is a broken or hostile configuration, not a vision tower. */
const maxSide = 4096;

/** Reads the settings of CLIP- and SigLIP-like image processors. */
export function readImageProcessor(config: JsonRecord): ImageProcessor {
  return {
    size: booleanAt(config, 'do_resize', true) ? readSize(config) : undefined,
    crop: booleanAt(config, 'do_center_crop', false) ? readCrop(config) : undefined,
    ...readLevels(config, 'bilinear'),
  };
}

/** The part that all image processors have; `otherwise` is the family's own filter. */
export function readLevels(config: JsonRecord, otherwise: ResizeFilter): Levels {
  const resample = integerAt(config, 'resample', 0, 5, file);
  const filter = resample === undefined ? otherwise : (filterByNumber[resample] ?? otherwise);
  return { filter, values: levelValues(config) };
}

function readSize(config: JsonRecord): TargetSize {
  const size = config['size'];
  if (typeof size === 'number') return { shortestEdge: side(config, 'size') };
  if (isRecord(size) && size['shortest_edge'] !== undefined) return { shortestEdge: side(size, 'shortest_edge') };
  if (isRecord(size)) return { width: side(size, 'width'), height: side(size, 'height') };
  throw localModelError(`${file}: "size" must be a number, { height, width } or { shortest_edge }.`);
}

function readCrop(config: JsonRecord): { width: number; height: number } {
  const crop = config['crop_size'];
  if (typeof crop === 'number') return { width: side(config, 'crop_size'), height: side(config, 'crop_size') };
  if (isRecord(crop)) return { width: side(crop, 'width'), height: side(crop, 'height') };
  throw localModelError(`${file}: "crop_size" must be a number or { height, width }.`);
}

function side(record: JsonRecord, key: string): number {
  const value = integerAt(record, key, 1, maxSide, file);
  if (value === undefined) throw localModelError(`${file}: "${key}" is missing.`);
  return value;
}

/** numpy's steps: level × factor in double, rounded to float32; then minus mean and over deviation in float32. */
function levelValues(config: JsonRecord): Float32Array {
  const factor = booleanAt(config, 'do_rescale', true) ? (numberAt(config, 'rescale_factor') ?? 1 / 255) : 1;
  const normalise = booleanAt(config, 'do_normalize', true);
  const mean = normalise ? threeNumbers(config, 'image_mean') : [0, 0, 0];
  const deviation = normalise ? threeNumbers(config, 'image_std') : [1, 1, 1];
  const values = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++) {
    const channelMean = Math.fround(mean[channel] ?? 0);
    const channelDeviation = Math.fround(deviation[channel] ?? 1);
    for (let level = 0; level < 256; level++) {
      const difference = Math.fround(Math.fround(level * factor) - channelMean);
      values[channel * 256 + level] = Math.fround(difference / channelDeviation);
    }
  }
  return values;
}

function threeNumbers(config: JsonRecord, key: string): readonly number[] {
  const value = config[key];
  if (Array.isArray(value) && value.length === 3 && value.every((entry) => typeof entry === 'number')) return value;
  throw localModelError(`${file}: "${key}" must be a list of three numbers.`);
}

/** Resizes, crops the middle, and turns levels into values. */
export function toPixelValues(bitmap: Bitmap, processor: ImageProcessor): PixelValues {
  const { width, height } = processor.size === undefined ? bitmap : targetOf(bitmap, processor.size);
  const resized = resize(bitmap, width, height, processor.filter);
  const levels = processor.crop === undefined ? resized : cropMiddle(resized, processor.crop);
  const data = new Float32Array(levels.width * levels.height * 3);
  fillPlanes(data, levels, processor.values);
  return { width: levels.width, height: levels.height, data };
}

/** Writes a picture as three planes of values to the beginning of `data`. */
export function fillPlanes(data: Float32Array, bitmap: Bitmap, values: Float32Array): void {
  const plane = bitmap.width * bitmap.height;
  const levels = bitmap.data;
  // In one go over the pixels, and with `as number` for "inside the array": half of the time of a plane after the other.
  for (let pixel = 0, at = 0; pixel < plane; pixel++, at += 3) {
    data[pixel] = values[levels[at] as number] as number;
    data[plane + pixel] = values[256 + (levels[at + 1] as number)] as number;
    data[2 * plane + pixel] = values[512 + (levels[at + 2] as number)] as number;
  }
}

/** The longer side is cut down to a whole number, as transformers' `get_resize_output_image_size` does. */
function targetOf(bitmap: Bitmap, size: TargetSize): { width: number; height: number } {
  if (!('shortestEdge' in size)) return size;
  const edge = size.shortestEdge;
  const { width, height } = bitmap;
  return width <= height
    ? { width: edge, height: boundedSide((edge * height) / width) }
    : { width: boundedSide((edge * width) / height), height: edge };
}

/** A strip thousands of times longer than wide would need gigabytes after enlarging its short side; only its middle is kept anyway. */
function boundedSide(length: number): number {
  return Math.max(1, Math.min(65_536, Math.trunc(length)));
}

/** The middle of the picture; where it is too small, black is put around it. */
export function cropMiddle(bitmap: Bitmap, crop: { readonly width: number; readonly height: number }): Bitmap {
  if (bitmap.width === crop.width && bitmap.height === crop.height) return bitmap;
  const top = cropStart(bitmap.height, crop.height);
  const left = cropStart(bitmap.width, crop.width);
  const data = new Uint8Array(crop.width * crop.height * 3);
  for (let row = 0; row < crop.height; row++) {
    const sourceRow = row + top;
    if (sourceRow < 0 || sourceRow >= bitmap.height) continue;
    const from = Math.max(0, left);
    const to = Math.min(bitmap.width, left + crop.width);
    data.set(
      bitmap.data.subarray((sourceRow * bitmap.width + from) * 3, (sourceRow * bitmap.width + to) * 3),
      (row * crop.width + from - left) * 3,
    );
  }
  return { width: crop.width, height: crop.height, data };
}

/** Where the cut begins on the picture; below 0 when it must be padded (transformers pads the larger half first). */
function cropStart(length: number, wanted: number): number {
  return length >= wanted ? Math.floor((length - wanted) / 2) : -Math.ceil((wanted - length) / 2);
}
