/** Guessing is on by default only where no product rounds its activations: 8-bit weights alone do not. */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { readSkeleton } from '../../local-model/engine/decoder-skeleton.js';
import { needsExactProducts } from '../../local-model/engine/eight-bit.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-rounding-'));
afterAll(() => rmSync(folder, { recursive: true }));

const field = (number: number, bytes: readonly number[]): number[] => [number * 8 + 2, bytes.length, ...bytes];
const text = (value: string): number[] => [...Buffer.from(value)];

/** A model of nodes that have nothing but an operator: enough to be read over. */
function graphOf(...operators: readonly string[]): string {
  const nodes = operators.flatMap((operator) => field(1, field(4, text(operator))));
  const path = join(folder, `${operators.join('-')}.onnx`);
  writeFileSync(path, Uint8Array.from([8, 8, ...field(8, [16, 17]), ...field(7, nodes)]));
  return path;
}

it.each([
  [['MatMul', 'Add'], false],
  [['Cast', 'Mul', 'MatMul'], false],
  [['DequantizeLinear', 'MatMul'], false],
  [['MatMul', 'DynamicQuantizeLinear', 'MatMulInteger'], true],
  [['DynamicQuantizeMatMul'], true],
  [['QLinearMatMul'], true],
] as const)('%j rounds: %s', (operators, rounds) => {
  expect(readSkeleton(graphOf(...operators), 'decoder').roundsActivations).toBe(rounds);
});

it('the bundled decoder rounds nothing', () => {
  const weights = fileURLToPath(new URL('../../local-model/weights/onnx/', import.meta.url));
  const path = join(weights, 'decoder_model_merged_quantized.onnx');
  expect(readSkeleton(path, 'decoder').roundsActivations).toBe(false);
  // Nor does it need exact products where there is no VNNI, though its bytes are large.
  expect(
    needsExactProducts({ path, dtype: 'q8', bytes: statSync(path).size }, { architecture: 'x64', flags: [] }),
  ).toBe(false);
});
