/** Writes the WebAssembly module that resizes pictures sixteen numbers at a time: the same whole-number sums as `resize.ts`, in a quarter of the time. */

type Code = readonly (number | Code)[];

/** A whole number in as few bytes as it needs, as WebAssembly has them. */
function signed(value: number): number[] {
  const byte = value & 0x7f;
  const rest = value >> 7;
  return (rest === 0 && byte < 0x40) || (rest === -1 && byte >= 0x40) ? [byte] : [byte | 0x80, ...signed(rest)];
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const number = (value: number): Code => [0x41, ...signed(value)];
const add = (first: Code, second: Code): Code => [first, second, 0x6a];
const times = (first: Code, second: Code): Code => [first, second, 0x6c];
/** A number of four bytes at an address. */
const load = (address: Code): Code => [address, 0x28, 2, 0];
const increase = (local: number, by: Code): Code => [add(get(local), by), set(local)];
/** Repeats `body` until `local`, which it must increase, is no longer below `end`; not at all where it never is. */
const whileBelow = (local: number, end: Code, body: Code): Code => [
  [0x02, 0x40, 0x03, 0x40],
  [get(local), end, 0x4e, 0x0d, 1],
  body,
  [0x0c, 0, 0x0b, 0x0b],
];

/** Instructions on sixteen bytes; numbers from the proposal's table (WebAssembly SIMD, 2.0). */
const wide = (operands: Code, ...instruction: number[]): Code => [operands, 0xfd, instruction];
const load16 = (address: Code): Code => wide(address, 0x00, 0, 0);
const load4 = (address: Code): Code => wide(address, 0x5c, 0, 0);
const splatAt = (address: Code): Code => wide(address, 0x09, 2, 0);
const splat = (value: Code): Code => wide(value, 0x11);
const lowBytes = (value: Code): Code => wide(value, 0x89, 1);
const highBytes = (value: Code): Code => wide(value, 0x8a, 1);
const lowHalves = (value: Code): Code => wide(value, 0xa9, 1);
const highHalves = (value: Code): Code => wide(value, 0xaa, 1);
const addWide = (first: Code, second: Code): Code => wide([first, second], 0xae, 1);
const timesWide = (first: Code, second: Code): Code => wide([first, second], 0xb5, 1);
/** Sums back to grey levels: shifted, and cut off at 0 and 255 while they are narrowed. */
const toHalves = (first: Code, second: Code, precision: number): Code =>
  wide([shifted(first, precision), shifted(second, precision)], 0x85, 1);
const shifted = (sums: Code, precision: number): Code => wide([sums, number(precision)], 0xac, 1);
const toBytes = (first: Code, second: Code): Code => wide([first, second], 0x66);

/** Locals by name, in the order of their numbers. */
function locals<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}

const four = [0, 1, 2, 3] as const;
const parameters = 9;

/** From top to bottom: sixteen bytes of a row at a time, whichever channels they are. */
function columnsBody(precision: number): Code {
  const at = locals(
    ...(['input', 'output', 'inputStride', 'bytes', 'height', 'first', 'count', 'values', 'size'] as const),
    ...(['row', 'offset', 'index', 'end', 'pixel', 'target'] as const),
    ...(['sum0', 'sum1', 'sum2', 'sum3', 'weight', 'levels', 'half'] as const),
  );
  const sums = [at.sum0, at.sum1, at.sum2, at.sum3];
  const part = (index: 0 | 1 | 2 | 3): Code => {
    const half = index < 2 ? lowBytes(get(at.levels)) : highBytes(get(at.levels));
    return index % 2 === 0 ? lowHalves(half) : highHalves(half);
  };
  const tap: Code = [
    [splatAt(get(at.index)), set(at.weight), load16(get(at.pixel)), set(at.levels)],
    four.map((index) => [
      addWide(get(sums[index] ?? 0), timesWide(part(index), get(at.weight))),
      set(sums[index] ?? 0),
    ]),
    [increase(at.index, number(4)), increase(at.pixel, get(at.inputStride))],
  ];
  const block: Code = [
    sums.map((sum) => [get(at.half), set(sum)]),
    [get(at.values), set(at.index)],
    [add(get(at.index), times(load(get(at.count)), number(4))), set(at.end)],
    [add(add(get(at.input), times(load(get(at.first)), get(at.inputStride))), get(at.offset)), set(at.pixel)],
    whileBelow(at.index, get(at.end), tap),
    [add(get(at.target), get(at.offset))],
    toBytes(toHalves(get(at.sum0), get(at.sum1), precision), toHalves(get(at.sum2), get(at.sum3), precision)),
    [0xfd, 0x0b, 0, 0],
    increase(at.offset, number(16)),
  ];
  return [
    [splat(number(1 << (precision - 1))), set(at.half), number(0), set(at.row), get(at.output), set(at.target)],
    whileBelow(at.row, get(at.height), [
      [number(0), set(at.offset)],
      whileBelow(at.offset, get(at.bytes), block),
      [increase(at.target, get(at.bytes)), increase(at.row, number(1))],
      [increase(at.first, number(4)), increase(at.count, number(4))],
      increase(at.values, times(get(at.size), number(4))),
    ]),
  ];
}

/** From left to right: one pixel of four rows at a time, so that a weight is read once for all of them. */
function rowsBody(precision: number): Code {
  const at = locals(
    ...(['input', 'output', 'inputStride', 'outputStride', 'width', 'first', 'count', 'values', 'size'] as const),
    ...(['column', 'index', 'end', 'pixel', 'target', 'unused'] as const),
    ...(['sum0', 'sum1', 'sum2', 'sum3', 'weight', 'levels', 'half'] as const),
  );
  const sums = [at.sum0, at.sum1, at.sum2, at.sum3];
  const inRow = (pointer: number, stride: number, row: number): Code =>
    row === 0 ? get(pointer) : add(get(pointer), times(get(stride), number(row)));
  const tap: Code = [
    [splatAt(get(at.index)), set(at.weight)],
    four.map((row) => [
      addWide(
        get(sums[row] ?? 0),
        timesWide(lowHalves(lowBytes(load4(inRow(at.pixel, at.inputStride, row)))), get(at.weight)),
      ),
      set(sums[row] ?? 0),
    ]),
    [increase(at.index, number(4)), increase(at.pixel, number(3))],
  ];
  const store = (row: number): Code => {
    const sum = get(sums[row] ?? 0);
    const halves = toHalves(sum, sum, precision);
    // Four bytes, of which the next pixel takes the last one back.
    return [inRow(at.target, at.outputStride, row), toBytes(halves, halves), 0xfd, 0x5a, 0, 0, 0];
  };
  return [
    [splat(number(1 << (precision - 1))), set(at.half), number(0), set(at.column), get(at.output), set(at.target)],
    whileBelow(at.column, get(at.width), [
      sums.map((sum) => [get(at.half), set(sum)]),
      [get(at.values), set(at.index)],
      [add(get(at.index), times(load(get(at.count)), number(4))), set(at.end)],
      [add(get(at.input), times(load(get(at.first)), number(3))), set(at.pixel)],
      whileBelow(at.index, get(at.end), tap),
      four.map(store),
      [increase(at.target, number(3)), increase(at.column, number(1))],
      [increase(at.first, number(4)), increase(at.count, number(4))],
      increase(at.values, times(get(at.size), number(4))),
    ]),
  ];
}

/** `\0asm`, version 1. */
const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

function flat(code: Code): number[] {
  return code.flatMap((part) => (typeof part === 'number' ? [part] : flat(part)));
}

function section(id: number, ...parts: readonly (readonly number[])[]): number[] {
  const body = parts.flat();
  return [id, ...unsigned(body.length), ...body];
}

function text(value: string): number[] {
  return [...unsigned(value.length), ...Buffer.from(value)];
}

/** Six numbers and seven times sixteen bytes besides the parameters. */
function functionOf(body: Code): number[] {
  const bytes = [2, 6, 0x7f, 7, 0x7b, ...flat(body), 0x0b];
  return [...unsigned(bytes.length), ...bytes];
}

/**
 * Exports `columns` and `rows` over a memory that is imported as `picture.memory`; both take addresses and sizes in bytes.
 *
 * @param precision bits after the point of a weight
 */
export function resizeKernel(precision: number): Uint8Array<ArrayBuffer> {
  const type = [0x60, parameters, ...Array.from({ length: parameters }, () => 0x7f), 0];
  return Uint8Array.from([
    ...header,
    ...section(1, [1], type),
    ...section(2, [1], text('picture'), text('memory'), [2, 0, 0]),
    ...section(3, [2, 0, 0]),
    ...section(7, [2], text('columns'), [0, 0], text('rows'), [0, 1]),
    ...section(10, [2], functionOf(columnsBody(precision)), functionOf(rowsBody(precision))),
  ]);
}
