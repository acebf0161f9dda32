/** Runs the resizing kernel: lays picture and weights out in its memory, and gives up what it took. */

import { resizeKernel } from './resize-kernel.js';

/** For every output position: which input positions count, and how much each. */
export interface Weights {
  /** Most inputs that one output needs. */
  readonly size: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly values: Int32Array;
}

/** A picture in the kernel's memory; rows may be longer than their pixels. */
interface Placed {
  readonly address: number;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
}

interface Step {
  readonly name: 'rows' | 'columns';
  readonly from: Placed;
  readonly to: Placed;
  readonly weights: Weights;
  /** Where the weights lie. */
  readonly at: number;
}

interface Kernel {
  columns(...numbers: readonly number[]): void;
  rows(...numbers: readonly number[]): void;
}

const page = 65_536;
/** Pictures that need more are resized without the kernel, so that one huge picture does not hold memory for ever. */
const mostBytes = 256 * 1024 ** 2;
/** Memory above this is given back after use. */
const keptBytes = 48 * 1024 ** 2;
/** The kernel reads and writes sixteen bytes, and four rows, at a time: past the end of what it is given. */
const overhang = 64;

let compiled: WebAssembly.Module | null | undefined;
let held: { readonly memory: WebAssembly.Memory; readonly kernel: Kernel } | undefined;

/** One resizing: weights for the passes that are needed, in the order in which they are to be made. */
export interface Passes {
  readonly rows: { readonly width: number; readonly weights: Weights } | undefined;
  readonly columns: { readonly height: number; readonly weights: Weights } | undefined;
  readonly columnsFirst: boolean;
}

/**
 * Several resizings one after the other, of which only the last leaves the kernel's memory.
 *
 * @returns `undefined` where the machine cannot do this, or the picture is too large for it
 */
export function resizeFast(
  source: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  resizings: readonly Passes[],
  precision: number,
): Uint8Array | undefined {
  const layout = new Layout();
  const input = layout.picture(source.width, source.height, source.width * 3);
  const steps: Step[] = [];
  let from = input;
  for (const passes of resizings) {
    const order = passes.columnsFirst ? (['columns', 'rows'] as const) : (['rows', 'columns'] as const);
    for (const name of order) {
      const pass = passes[name];
      if (pass === undefined) continue;
      // Rows are made four at a time, so that each needs room for the last pixel's fourth byte.
      const to =
        'width' in pass
          ? layout.picture(pass.width, from.height, pass.width * 3 + 1)
          : layout.picture(from.width, pass.height, from.width * 3);
      const { size, first } = pass.weights;
      steps.push({ name, from, to, weights: pass.weights, at: layout.take((size + 2) * first.length * 4) });
      from = to;
    }
  }
  const open = layout.bytes <= mostBytes ? openKernel(layout.bytes, precision) : undefined;
  if (open === undefined) return undefined;
  const bytes = new Uint8Array(open.memory.buffer);
  bytes.set(source.data.subarray(0, source.width * source.height * 3), input.address);
  for (const step of steps) runStep(open, step);
  const result = packed(bytes, from);
  if (open.memory.buffer.byteLength > keptBytes) held = undefined;
  return result;
}

function runStep({ memory, kernel }: NonNullable<typeof held>, { name, from, to, weights, at }: Step): void {
  const { first, count, values, size } = weights;
  const numbers = new Int32Array(memory.buffer);
  const countAt = at + first.length * 4;
  const valuesAt = countAt + count.length * 4;
  numbers.set(first, at / 4);
  numbers.set(count, countAt / 4);
  numbers.set(values, valuesAt / 4);
  if (name === 'columns') {
    kernel.columns(from.address, to.address, from.stride, to.width * 3, to.height, at, countAt, valuesAt, size);
    return;
  }
  for (let row = 0; row < from.height; row += 4) {
    const input = from.address + row * from.stride;
    const output = to.address + row * to.stride;
    kernel.rows(input, output, from.stride, to.stride, to.width, at, countAt, valuesAt, size);
  }
}

/** Hands out places in the memory. */
class Layout {
  bytes = 16;

  take(bytes: number): number {
    const address = this.bytes;
    this.bytes += Math.ceil((bytes + overhang) / 16) * 16;
    return address;
  }

  picture(width: number, height: number, stride: number): Placed {
    return { address: this.take(stride * (Math.ceil(height / 4) * 4 + 1)), width, height, stride };
  }
}

function openKernel(bytes: number, precision: number): typeof held {
  compiled ??= compile(precision);
  if (compiled === null) return undefined;
  if (held === undefined || held.memory.buffer.byteLength < bytes) {
    try {
      const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / page) });
      const { exports } = new WebAssembly.Instance(compiled, { picture: { memory } });
      held = { memory, kernel: exports as unknown as Kernel };
    } catch {
      // No memory of this size to be had.
      return undefined;
    }
  }
  return held;
}

/** `null` where the processor has no such instructions. */
function compile(precision: number): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(resizeKernel(precision));
  } catch {
    return null;
  }
}

function packed(bytes: Uint8Array, { address, width, height, stride }: Placed): Uint8Array {
  const length = width * 3;
  if (stride === length) return bytes.slice(address, address + length * height);
  const data = new Uint8Array(length * height);
  for (let row = 0; row < height; row++) {
    const start = address + row * stride;
    data.set(bytes.subarray(start, start + length), row * length);
  }
  return data;
}
