/** Resizes pictures exactly as Pillow does (antialiased, in 8-bit fixed point), since the models were trained on its output. */

import { resizeFast, type Passes, type Weights } from './resize-fast.js';

/** Red, green and blue, row by row, without alpha. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type ResizeFilter = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

/** `resample` in a preprocessor_config.json is Pillow's number. */
export const filterByNumber: readonly ResizeFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

interface Kernel {
  readonly support: number;
  at(x: number): number;
}

/** Source: Pillow 13, src/libImaging/Resample.c. */
const kernels: Readonly<Record<Exclude<ResizeFilter, 'nearest'>, Kernel>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, at: hamming },
  bicubic: { support: 2, at: bicubic },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function hamming(position: number): number {
  const x = Math.abs(position);
  if (x === 0) return 1;
  if (x >= 1) return 0;
  return (Math.sin(x * Math.PI) / (x * Math.PI)) * (0.54 + 0.46 * Math.cos(x * Math.PI));
}

function bicubic(position: number): number {
  const a = -0.5;
  const x = Math.abs(position);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** Bits after the point of a weight: 32 less 8 of the pixel and 2 of headroom, as in Pillow. */
const precision = 22;

function weightsFor(input: number, output: number, kernel: Kernel): Weights {
  const scale = input / output;
  const filterScale = Math.max(1, scale);
  const support = kernel.support * filterScale;
  const size = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(output);
  const count = new Int32Array(output);
  const values = new Int32Array(output * size);
  const real = new Float64Array(size);
  for (let position = 0; position < output; position++) {
    const center = (position + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(input, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let index = 0; index < high - low; index++) {
      const weight = kernel.at((index + low - center + 0.5) / filterScale);
      real[index] = weight;
      sum += weight;
    }
    for (let index = 0; index < high - low; index++) {
      const weight = (sum === 0 ? (real[index] ?? 0) : (real[index] ?? 0) / sum) * (1 << precision);
      values[position * size + index] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    first[position] = low;
    count[position] = high - low;
  }
  return { size, first, count, values };
}

/**
 * Resizes to `width` × `height`; a picture of that size already is returned as it is.
 *
 * @example
 * resize(bitmap, 224, 224, 'bicubic');
 */
export function resize(source: Bitmap, width: number, height: number, filter: ResizeFilter): Bitmap {
  return resizeThrough(source, [[width, height]], filter);
}

/** The same to one size after the other, which leaves out copies of those in between. */
export function resizeThrough(
  source: Bitmap,
  sizes: readonly (readonly [width: number, height: number])[],
  filter: ResizeFilter,
): Bitmap {
  const last = sizes.at(-1);
  if (
    last === undefined ||
    [...sizes, last].every(([width, height]) => source.width === width && source.height === height)
  ) {
    return source;
  }
  if (filter === 'nearest') return sizes.reduce((made, size) => resizeNearest(made, ...size), source);
  let before: Omit<Bitmap, 'data'> = source;
  const resizings = sizes.map(([width, height]) => {
    const passes = passesOf(before, width, height, filter);
    before = { width, height };
    return passes;
  });
  const data = resizeFast(source, resizings, precision);
  return data === undefined ? resizings.reduce(resizePlainly, source) : { ...before, data };
}

/** What has to be done, and with which weights. */
export function passesOf(
  source: Omit<Bitmap, 'data'>,
  width: number,
  height: number,
  filter: Exclude<ResizeFilter, 'nearest'>,
): Passes {
  const kernel = kernels[filter];
  return {
    rows: source.width === width ? undefined : { width, weights: weightsFor(source.width, width, kernel) },
    columns: source.height === height ? undefined : { height, weights: weightsFor(source.height, height, kernel) },
    columnsFirst: columnsFirst(source, width, height),
  };
}

/** The same in JavaScript, for machines and pictures that the kernel is not made for. */
export function resizePlainly(source: Bitmap, { rows, columns, columnsFirst }: Passes): Bitmap {
  const across = (bitmap: Bitmap): Bitmap =>
    rows === undefined ? bitmap : resizeRows(bitmap, rows.width, rows.weights);
  const down = (bitmap: Bitmap): Bitmap =>
    columns === undefined ? bitmap : resizeColumns(bitmap, columns.height, columns.weights);
  return columnsFirst ? across(down(source)) : down(across(source));
}

/** Which pass Pillow 13 makes first; rounding in between makes it matter. Found by trying sizes, the same for all filters (2026-11-24). */
function columnsFirst(source: Omit<Bitmap, 'data'>, width: number, height: number): boolean {
  return height < source.height && source.height - height > 2 * (source.width - width);
}

// In the loops below `as number` stands for "inside the array", and whole numbers stay whole: with checks and doubles they take 1.4 times as long.

function resizeRows(source: Bitmap, width: number, { size, first, count, values }: Weights): Bitmap {
  const data = new Uint8Array(width * source.height * 3);
  const input = source.data;
  let target = 0;
  for (let row = 0; row < source.height; row++) {
    const rowStart = row * source.width * 3;
    for (let column = 0; column < width; column++) {
      let red = 1 << (precision - 1);
      let green = red;
      let blue = red;
      let pixel = rowStart + (first[column] as number) * 3;
      const start = column * size;
      const end = start + (count[column] as number);
      for (let index = start; index < end; index++) {
        const weight = values[index] as number;
        red = (red + Math.imul(input[pixel] as number, weight)) | 0;
        green = (green + Math.imul(input[pixel + 1] as number, weight)) | 0;
        blue = (blue + Math.imul(input[pixel + 2] as number, weight)) | 0;
        pixel += 3;
      }
      data[target] = toLevel(red);
      data[target + 1] = toLevel(green);
      data[target + 2] = toLevel(blue);
      target += 3;
    }
  }
  return { width, height: source.height, data };
}

function resizeColumns(source: Bitmap, height: number, { size, first, count, values }: Weights): Bitmap {
  const stride = source.width * 3;
  const data = new Uint8Array(stride * height);
  const sums = new Int32Array(stride);
  for (let row = 0; row < height; row++) {
    sums.fill(1 << (precision - 1));
    const last = count[row] as number;
    // Four input rows at a time, so that the sums are read and written a quarter as often.
    for (let index = 0; index < last; index += 4) {
      addRows(
        sums,
        source.data,
        ((first[row] as number) + index) * stride,
        stride,
        values,
        row * size + index,
        last - index,
      );
    }
    const target = row * stride;
    for (let offset = 0; offset < stride; offset++) data[target + offset] = toLevel(sums[offset] as number);
  }
  return { width: source.width, height, data };
}

/** Adds up to four weighted rows; weights past the last one count nothing, and then the same row is read again. */
function addRows(
  sums: Int32Array,
  input: Uint8Array,
  start: number,
  stride: number,
  weights: Int32Array,
  at: number,
  left: number,
): void {
  const first = weights[at] as number;
  const second = left > 1 ? (weights[at + 1] as number) : 0;
  const third = left > 2 ? (weights[at + 2] as number) : 0;
  const fourth = left > 3 ? (weights[at + 3] as number) : 0;
  const secondRow = start + (left > 1 ? stride : 0);
  const thirdRow = start + (left > 2 ? 2 * stride : 0);
  const fourthRow = start + (left > 3 ? 3 * stride : 0);
  for (let offset = 0; offset < stride; offset++) {
    const upper =
      Math.imul(input[start + offset] as number, first) + Math.imul(input[secondRow + offset] as number, second);
    const lower =
      Math.imul(input[thirdRow + offset] as number, third) + Math.imul(input[fourthRow + offset] as number, fourth);
    sums[offset] = ((sums[offset] as number) + (upper | 0) + (lower | 0)) | 0;
  }
}

function toLevel(sum: number): number {
  const level = sum >> precision;
  return level < 0 ? 0 : level > 255 ? 255 : level;
}

function resizeNearest(source: Bitmap, width: number, height: number): Bitmap {
  const data = new Uint8Array(width * height * 3);
  let target = 0;
  for (let row = 0; row < height; row++) {
    const y = Math.min(source.height - 1, Math.trunc((row + 0.5) * (source.height / height)));
    for (let column = 0; column < width; column++) {
      const x = Math.min(source.width - 1, Math.trunc((column + 0.5) * (source.width / width)));
      const pixel = (y * source.width + x) * 3;
      data[target++] = source.data[pixel] ?? 0;
      data[target++] = source.data[pixel + 1] ?? 0;
      data[target++] = source.data[pixel + 2] ?? 0;
    }
  }
  return { width, height, data };
}

/** A part of a picture, which must lie in it. */
export function crop(source: Bitmap, left: number, top: number, width: number, height: number): Bitmap {
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * source.width + left) * 3;
    data.set(source.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, data };
}
