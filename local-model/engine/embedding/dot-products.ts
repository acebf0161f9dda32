/** Dot products of one vector with many, four numbers at a time: JavaScript alone takes three to four times as long over 100,000 rows. */

/** Numbers of a row are padded with zeros to a multiple of this. */
export const rowAlignment = 8;

/**
 * Writes one product per row. All positions are bytes in the shared memory.
 *
 * @param rows first row
 * @param end after the last row
 * @param query the vector, as long as a row
 * @param rowBytes a multiple of 32
 * @param products where the float32 products go
 */
export type DotProducts = (rows: number, end: number, query: number, rowBytes: number, products: number) => void;

/** One function over an imported memory, written out by hand: it is small, and needs no compiler in the build. Opcodes: WebAssembly 2.0, SIMD included. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const zero = [0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0)]; // v128.const 0
  const multiplyAdd = (sum: number, offset: number): number[] => [
    0x20, sum, // local.get sum
    0x20, 0, 0x20, 5, 0x6a, 0xfd, 0x00, 4, offset, // v128.load (rows + i + offset)
    0x20, 2, 0x20, 5, 0x6a, 0xfd, 0x00, 4, offset, // v128.load (query + i + offset)
    0xfd, 0xe6, 0x01, 0xfd, 0xe4, 0x01, 0x21, sum, // f32x4.mul, f32x4.add, local.set sum
  ]; // prettier-ignore
  const lane = (index: number): number[] => [0x20, 6, 0xfd, 0x1f, index]; // f32x4.extract_lane of the sum
  // Locals: 0 rows, 1 end, 2 query, 3 rowBytes, 4 products (parameters); 5 i; 6 and 7 sums.
  const body = [
    2, 1, 0x7f, 2, 0x7b, // one i32, two v128
    0x02, 0x40, 0x03, 0x40, // block, loop over rows
    0x20, 0, 0x20, 1, 0x4f, 0x0d, 1, // leave when rows >= end
    ...zero, 0x21, 6, ...zero, 0x21, 7, 0x41, 0, 0x21, 5, // sums and i are 0
    0x03, 0x40, // loop over a row
    ...multiplyAdd(6, 0), ...multiplyAdd(7, 16),
    0x20, 5, 0x41, 32, 0x6a, 0x22, 5, 0x20, 3, 0x49, 0x0d, 0, 0x0b, // i += 32; again while i < rowBytes
    0x20, 6, 0x20, 7, 0xfd, 0xe4, 0x01, 0x21, 6, // one sum
    0x20, 4, ...lane(0), ...lane(1), 0x92, ...lane(2), 0x92, ...lane(3), 0x92, 0x38, 2, 0, // store its four parts, added up
    0x20, 0, 0x20, 3, 0x6a, 0x21, 0, 0x20, 4, 0x41, 4, 0x6a, 0x21, 4, // next row, next product
    0x0c, 0, 0x0b, 0x0b, 0x0b,
  ]; // prettier-ignore
  const sized = (bytes: readonly number[]): number[] => [
    ...(bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]),
    ...bytes,
  ];
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // magic, version
    1, ...sized([1, 0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0]), // a function of five i32
    2, ...sized([1, 1, 0x6d, 1, 0x6d, 2, 0, 1]), // imports memory m.m
    3, ...sized([1, 0]),
    7, ...sized([1, 1, 0x66, 0, 0]), // exports it as f
    10, ...sized([1, ...sized(body)]),
  ]); // prettier-ignore
}

/** Compiles the function for a memory. */
export function dotProductsOver(memory: WebAssembly.Memory): DotProducts {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { m: { m: memory } });
  return instance.exports['f'] as DotProducts;
}
