import type { InferenceSession } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { AppendCache } from '../../local-model/engine/append-cache.js';
import { CacheLayout, numbersIn } from '../../local-model/engine/kv-cache.js';
import { loadOnnxRuntime } from '../../local-model/engine/runtime.js';

/** What a patched decoder with one layer, two heads and two half floats a head says of itself. */
const decoder = {
  inputNames: ['past_key_values.0.key', 'ocelli.rows.start', 'ocelli.rows.end'],
  outputNames: ['logits', 'present.0.key', 'ocelli.rows.present.0.key'],
  inputMetadata: [
    {
      name: 'past_key_values.0.key',
      isTensor: true,
      type: 'float16',
      shape: ['batch_size', 2, 'past_sequence_length', 2],
    },
  ],
} as unknown as InferenceSession;

it.each(['joined', 'grouped'] as const)('%s: half floats are kept as their bits, head by head', async (appending) => {
  const ort = await loadOnnxRuntime();
  const cache = new AppendCache(new CacheLayout(ort, decoder, appending));
  const accept = (...bits: number[]): void => {
    const count = bits.length / 4;
    const rows = new ort.Tensor('float16', Uint16Array.from(bits), [1, 2, count, 2]);
    cache.accept({ 'ocelli.rows.present.0.key': rows }, count);
  };
  expect(cache.feeds(2)['past_key_values.0.key']?.dims).toEqual([1, 2, 0, 2]);
  accept(1, 2, 3, 4, 11, 12, 13, 14);
  accept(5, 6, 15, 16);
  const feeds = cache.feeds(1);
  const past = feeds['past_key_values.0.key'];
  if (past === undefined) throw new Error('the past is not fed');
  const capacity = past.dims[2] ?? 0;
  const bits = [...numbersIn(past)];
  expect(bits.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 0, 0]);
  expect(bits.slice(capacity * 2, capacity * 2 + 8)).toEqual([11, 12, 13, 14, 15, 16, 0, 0]);
  // New rows come after all slots, or after the tokens, as the decoder's own attention has it.
  const start = appending === 'joined' ? capacity : 3;
  expect([feeds['ocelli.rows.start']?.data, feeds['ocelli.rows.end']?.data]).toEqual([
    BigInt64Array.of(BigInt(start)),
    BigInt64Array.of(BigInt(start + 1)),
  ]);
  const mask = [...cache.mask(1)].map(Number);
  expect(mask).toHaveLength(start + 1);
  expect(mask.reduce((sum, value) => sum + value)).toBe(4);
  expect([...mask.slice(0, 3), mask.at(-1)]).toEqual([1, 1, 1, 1]);
});

it('rows that are missing or too few are said', async () => {
  const cache = new AppendCache(new CacheLayout(await loadOnnxRuntime(), decoder, 'joined'));
  expect(() => cache.accept({}, 1)).toThrow(/no 1 new rows of present\.0\.key/);
});
