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
  const rows = new Float32Array(width * height * 3);
  spread(data, rows, { lines: height, length: width, lineStep: width, step: 1, from: 4, to: 3 }, kernel, radius);
  spread(rows, data, { lines: width, length: height, lineStep: 1, step: width, from: 3, to: 4 }, kernel, radius);
}

interface Pass {
  readonly lines: number;
  readonly length: number;
  /** Pixels from one line to the next. */
  readonly lineStep: number;
  /** Pixels from one pixel of a line to the next. */
  readonly step: number;
  /** Channels a pixel has in the source, and in the target. */
  readonly from: number;
  readonly to: number;
}

function spread(
  source: Uint8ClampedArray | Float32Array,
  target: Uint8ClampedArray | Float32Array,
  pass: Pass,
  kernel: Float32Array,
  radius: number,
): void {
  const { lines, length, lineStep, step, from, to } = pass;
  // One line with its borders repeated: the inner loop then needs no test.
  const line = new Float32Array(length + 2 * radius);
  for (let number = 0; number < lines; number++) {
    const start = number * lineStep;
    for (let channel = 0; channel < 3; channel++) {
      for (let place = -radius; place < length + radius; place++) {
        const inside = place < 0 ? 0 : place >= length ? length - 1 : place;
        line[place + radius] = source[(start + inside * step) * from + channel] as number;
      }
      for (let place = 0; place < length; place++) {
        let value = 0;
        for (let tap = 0; tap < kernel.length; tap++) value += (line[place + tap] as number) * (kernel[tap] as number);
        target[(start + place * step) * to + channel] = value;
      }
    }
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
