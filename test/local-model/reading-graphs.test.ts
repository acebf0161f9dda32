/** A graph is read through a small window: what lies across its edge is read like everything else. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readSkeleton } from '../../local-model/engine/decoder-skeleton.js';
import { inputField, integersField } from '../../local-model/engine/graph-bytes.js';
import { readExternalData } from '../../local-model/engine/onnx-file.js';
import { bytesField, joined, numberField } from '../../local-model/engine/protobuf.js';

const folder = mkdtempSync(join(tmpdir(), 'ocelli-reading-'));
afterAll(() => rmSync(folder, { recursive: true }));

function modelOf(fields: readonly Uint8Array[]): string {
  const path = join(folder, `${fields.length}.onnx`);
  const opset = bytesField(8, numberField(2, 17));
  writeFileSync(path, joined([numberField(1, 8), opset, bytesField(7, joined(fields))]));
  return path;
}

it('names of every length at every place of the window', () => {
  const names = Array.from({ length: 700 }, (_, number) => `${number}-é${'n'.repeat(number % 211)}`);
  const path = modelOf(names.map((name) => inputField(name, 1, ['batch', 200 + name.length])));
  const { inputs, opset } = readSkeleton(path, 'decoder');
  expect([...inputs.keys()]).toEqual(names);
  expect([...inputs.values()].map(({ shape }) => shape)).toEqual(names.map((name) => [undefined, 200 + name.length]));
  expect(opset).toBe(17);
});

it('what comes behind a tensor that is longer than the window', () => {
  const long = integersField(
    'long',
    Array.from({ length: 30_000 }, (_, number) => number),
  );
  const path = modelOf([long, integersField('short', [1, 2]), inputField('last', 7, [3])]);
  const { constants, inputs } = readSkeleton(path, 'decoder');
  expect([...constants]).toEqual([
    ['long', [30_000]],
    ['short', [2]],
  ]);
  expect([...inputs.keys()]).toEqual(['last']);
  expect(readExternalData(path, 'decoder')).toEqual([]);
});
