/** 8-bit weights on processors that would add their products up wrongly. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { mayOverflow, needsExactProducts, type Processor } from '../../local-model/engine/eight-bit.js';
import { bytesField, joined, numberField } from '../../local-model/engine/protobuf.js';
import { sessionOptions } from '../../local-model/engine/sessions.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-eight-bit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = 4;
const columns = 3;
const old: Processor = { architecture: 'x64', flags: ['avx2', 'fma'] };

/** Field numbers: onnx.proto of onnx 1.23. */
const tensorType = (name: string, type: number): Uint8Array =>
  joined([bytesField(1, name), bytesField(2, bytesField(1, numberField(1, type)))]);

/** A graph of one product of bytes: X (uint8) times `weights` (int8). */
function product(weights: Int8Array, place: 'inside' | 'beside' | 'as numbers' = 'inside'): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.onnx`);
  const bytes = new Uint8Array(weights.buffer);
  const head = [numberField(1, rows), numberField(1, columns), numberField(2, 3), bytesField(8, 'W')];
  const entry = (key: string, value: string): Uint8Array =>
    bytesField(13, joined([bytesField(1, key), bytesField(2, value)]));
  if (place === 'beside') writeFileSync(`${path}_data`, joined([new Uint8Array(7), bytes]));
  const held = {
    inside: [bytesField(9, bytes)],
    beside: [
      entry('location', `${path.slice(folder.length + 1)}_data`),
      entry('offset', '7'),
      entry('length', String(bytes.length)),
      numberField(14, 1),
    ],
    'as numbers': [...weights].map((weight) => numberField(5, weight)),
  }[place];
  const graph = joined([
    bytesField(1, joined([bytesField(1, 'X'), bytesField(1, 'W'), bytesField(2, 'Y'), bytesField(4, 'MatMulInteger')])),
    bytesField(2, 'product'),
    bytesField(5, joined([...head, ...held])),
    bytesField(11, tensorType('X', 2)),
    bytesField(12, tensorType('Y', 6)),
  ]);
  writeFileSync(path, joined([numberField(1, 8), bytesField(7, graph), bytesField(8, numberField(2, 13))]));
  return path;
}

const file = (path: string) => ({ path, dtype: 'int8', bytes: 0 }) as const;
const sevenBits = Int8Array.from({ length: rows * columns }, (_, index) => (index % 2 === 0 ? 64 : -64));
const eightBits = Int8Array.from({ length: rows * columns }, () => 127);

describe('8-bit products', () => {
  it('are not looked for in a graph that is trusted', () => {
    const path = product(eightBits);
    expect([needsExactProducts(file(path), old), needsExactProducts({ ...file(path), isTrusted: true }, old)]).toEqual([
      true,
      false,
    ]);
  });

  it.each<[string, Processor, boolean]>([
    ['an old x64 processor', old, true],
    ['one with AVX-512 but without VNNI', { architecture: 'x64', flags: ['avx2', 'avx512f', 'avx512bw'] }, true],
    ['one of which nothing is told', { architecture: 'x64', flags: undefined }, true],
    ['one with AVX-512 VNNI', { architecture: 'x64', flags: ['avx2', 'avx512f', 'avx512_vnni'] }, false],
    ['one with AVX VNNI', { architecture: 'x64', flags: ['avx2', 'avx_vnni'] }, false],
    ['ARM', { architecture: 'arm64', flags: ['asimddp'] }, false],
  ])('may overflow or not: %s', (_, processor, expected) => {
    expect(mayOverflow(processor)).toBe(expected);
    expect(needsExactProducts(file(product(eightBits)), processor)).toBe(expected);
  });

  it.each(['inside', 'beside'] as const)('are safe with weights of 7 bits, wherever those lie: %s', (place) => {
    expect(needsExactProducts(file(product(sevenBits, place)), old)).toBe(false);
    expect(needsExactProducts(file(product(eightBits, place)), old)).toBe(true);
    const one = sevenBits.map((weight, index) => (index === rows * columns - 1 ? -128 : weight));
    expect(needsExactProducts(file(product(one, place)), old)).toBe(true);
  });

  it('are computed exactly where nobody knows what the weights are', () => {
    expect(needsExactProducts(file(product(eightBits, 'as numbers')), old)).toBe(true);
  });

  it('are asked of the runtime by a setting that it knows and that changes no result here', async () => {
    const path = product(eightBits);
    const x = new ort.Tensor('uint8', new Uint8Array(rows).fill(255), [1, rows]);
    for (const exact of [false, true]) {
      const options = sessionOptions('decoder_model_merged', 1, exact);
      const exactly = exact ? { x64quantprecision: '1' } : {};
      expect(options.extra).toEqual({ session: { intra_op: { spin_duration_us: '1000' }, ...exactly } });
      const session = await ort.InferenceSession.create(path, options);
      const { Y } = await session.run({ X: x });
      const expected = 255 * 127 * rows;
      // Without the setting a processor without VNNI saturates, which is what it is for.
      if (exact || !mayOverflow({ architecture: process.arch, flags: undefined })) {
        expect(Array.from(Y?.data as Int32Array)).toEqual(Array.from({ length: columns }, () => expected));
      }
      await session.release();
    }
    expect(sessionOptions('vision_encoder', 1, true).extra).toEqual({
      session: { intra_op: { allow_spinning: '0' }, x64quantprecision: '1' },
    });
  });
});
