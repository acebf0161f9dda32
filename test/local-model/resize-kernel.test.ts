import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  passesOf,
  resize,
  resizePlainly,
  resizeThrough,
  type Bitmap,
  type ResizeFilter,
} from '../../local-model/engine/resize.js';
import { resizeFast } from '../../local-model/engine/resize-fast.js';
import { resizeKernel } from '../../local-model/engine/resize-kernel.js';

const filters: readonly Exclude<ResizeFilter, 'nearest'>[] = ['box', 'bilinear', 'hamming', 'bicubic', 'lanczos'];
const side = fc.integer({ min: 1, max: 70 });

/** Comparing item by item takes a hundred times as long. */
function isSame(first: Uint8Array | undefined, second: Uint8Array): boolean {
  return first !== undefined && Buffer.compare(first, second) === 0;
}

/** Noise and hard edges, which overshoot. */
function bitmapOf(width: number, height: number, seed: number): Bitmap {
  let state = seed | 1;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    const level = state >>> 24;
    return level < 60 ? 0 : level > 200 ? 255 : level;
  });
  return { width, height, data };
}

describe('the kernel', () => {
  it('is a module that WebAssembly takes', () => {
    expect(WebAssembly.validate(resizeKernel(22))).toBe(true);
  });

  it('resizes to the same numbers as JavaScript does, for all sizes and filters', () => {
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.integer(),
        fc.constantFrom(...filters),
        (width, height, wide, high, seed, filter) => {
          const source = bitmapOf(width, height, seed);
          const passes = passesOf(source, wide, high, filter);
          const before = source.data.slice();
          const fast = resizeFast(source, [passes], 22);
          expect(isSame(fast, resizePlainly(source, passes).data)).toBe(true);
          expect(isSame(source.data, before)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('resizes to one size after the other as it does step by step', () => {
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.constantFrom(...filters, 'nearest' as const),
        (width, height, wide, high, filter) => {
          const source = bitmapOf(width, height, wide * high);
          const steps = resize(resize(resize(source, wide, high, filter), high, wide, filter), 20, 20, filter);
          const sizes = [
            [wide, high],
            [high, wide],
            [20, 20],
          ] as const;
          const through = resizeThrough(source, sizes, filter);
          expect([through.width, through.height, isSame(through.data, steps.data)]).toEqual([20, 20, true]);
        },
      ),
      { numRuns: 100 },
    );
    const source = bitmapOf(20, 20, 1);
    expect(resizeThrough(source, [[20, 20]], 'bicubic')).toBe(source);
    expect(resizeThrough(source, [], 'bicubic')).toBe(source);
  });

  it('keeps nothing of a larger picture in the next one', () => {
    resize(bitmapOf(900, 700, 3), 333, 444, 'lanczos');
    const small = bitmapOf(5, 7, 4);
    expect(resize(small, 3, 9, 'bicubic').data).toEqual(resizePlainly(small, passesOf(small, 3, 9, 'bicubic')).data);
  });

  it('gives pictures of a thin strip the same way', () => {
    for (const [width, height, wide, high] of [
      [1, 3000, 1, 7],
      [3000, 1, 5, 1],
      [2, 1500, 900, 2],
    ] as const) {
      const source = bitmapOf(width, height, 9);
      expect(resize(source, wide, high, 'lanczos').data).toEqual(
        resizePlainly(source, passesOf(source, wide, high, 'lanczos')).data,
      );
    }
  });

  it('leaves a picture that would take too much memory to JavaScript', () => {
    const source = { width: 10, height: 10, data: new Uint8Array(300) };
    const passes = passesOf(source, 60_000, 2_000, 'bilinear');
    expect(resizeFast(source, [passes], 22)).toBeUndefined();
  });
});
