/** Spoils finished pixels as a scene's degradations say: contrast, blur, noise; JPEG is left to the renderer's encoder. */

import type { Degradations } from './scene.js';

/** RGBA rows of a picture, changed in place. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Whether any pixel changes. */
export function changesPixels(degradations: Degradations): boolean {
  return degradations.contrast !== 100 || degradations.blur > 0 || degradations.noise > 0;
}

/** Applies contrast, blur and noise in this order. `seed` fixes the noise. */
export function degradePixels(pixels: Pixels, degradations: Degradations, seed: number): void {
  if (degradations.contrast !== 100) flatten(pixels, degradations.contrast);
  if (degradations.blur > 0) blur(pixels, degradations.blur / 10);
  if (degradations.noise > 0) addNoise(pixels, degradations.noise, seed);
}

function flatten({ data }: Pixels, percent: number): void {
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => 128 + ((value - 128) * percent) / 100);
  for (let index = 0; index < data.length; index++) {
    if (index % 4 !== 3) data[index] = table[data[index] ?? 0] ?? 0;
  }
}

/** A separable Gaussian, cut at three sigmas; the border pixels are repeated. */
function blur({ data, width, height }: Pixels, sigma: number): void {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, index) =>
    Math.exp(-((index - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  for (let index = 0; index < kernel.length; index++) kernel[index] = (kernel[index] ?? 0) / sum;
  const rows = blurRows({ data, width, height }, kernel, radius);
  blurColumns(rows, { data, width, height }, kernel, radius);
}

/** Blurs along the rows into three channels a pixel. */
function blurRows({ data, width, height }: Pixels, kernel: Float32Array, radius: number): Float32Array {
  const rows = new Float32Array(width * height * 3);
  // One row with its borders repeated: the inner loop then needs no test.
  const padded = new Float32Array((width + 2 * radius) * 3);
  for (let y = 0; y < height; y++) {
    for (let place = -radius; place < width + radius; place++) {
      const x = place < 0 ? 0 : place >= width ? width - 1 : place;
      const from = (y * width + x) * 4;
      const to = (place + radius) * 3;
      padded[to] = data[from] as number;
      padded[to + 1] = data[from + 1] as number;
      padded[to + 2] = data[from + 2] as number;
    }
    const row = rows.subarray(y * width * 3, (y + 1) * width * 3);
    for (let tap = 0; tap < kernel.length; tap++) addScaled(row, padded, tap * 3, kernel[tap] as number);
  }
  return rows;
}

/** Blurs along the columns, back into the picture. */
function blurColumns(rows: Float32Array, { data, width, height }: Pixels, kernel: Float32Array, radius: number): void {
  const sums = new Float32Array(width * 3);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let tap = 0; tap < kernel.length; tap++) {
      const from = Math.max(0, Math.min(height - 1, y + tap - radius));
      addScaled(sums, rows, from * width * 3, kernel[tap] as number);
    }
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4;
      data[to] = sums[x * 3] as number;
      data[to + 1] = sums[x * 3 + 1] as number;
      data[to + 2] = sums[x * 3 + 2] as number;
    }
  }
}

function addScaled(target: Float32Array, source: Float32Array, offset: number, weight: number): void {
  for (let index = 0; index < target.length; index++) {
    target[index] = (target[index] as number) + (source[offset + index] as number) * weight;
  }
}

/** The same grey noise on all three channels, nearly normal (the sum of three uniform numbers). */
function addNoise({ data }: Pixels, deviation: number, seed: number): void {
  let state = seed >>> 0 || 1;
  const uniform = (): number => {
    // xorshift32 by George Marsaglia
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
  for (let index = 0; index < data.length; index += 4) {
    // Three uniforms have a standard deviation of one half.
    const noise = (uniform() + uniform() + uniform() - 1.5) * 2 * deviation;
    data[index] = (data[index] as number) + noise;
    data[index + 1] = (data[index + 1] as number) + noise;
    data[index + 2] = (data[index + 2] as number) + noise;
  }
}
