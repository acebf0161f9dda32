import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSyntheticModel } from '../../benchmarks/performance/synthetic-model.mjs';
import { AppendCache } from '../../local-model/engine/append-cache.js';
import { appendsExactly } from '../../local-model/engine/check-appending.js';
import { patchDecoder } from '../../local-model/engine/decoder-patch.js';
import { familyOf } from '../../local-model/engine/families.js';
import { FeedBackCache } from '../../local-model/engine/feed-back-cache.js';
import { openModelFolder } from '../../local-model/engine/folder.js';
import { Decoding, type DecoderNetwork } from '../../local-model/engine/generate.js';
import { loadEngine } from '../../local-model/engine/index.js';
import { CacheLayout, type KvCache } from '../../local-model/engine/kv-cache.js';
import { createGateMemory, NativeGate } from '../../local-model/engine/native-gate.js';
import { loadOnnxRuntime } from '../../local-model/engine/runtime.js';
import { likeliest } from '../../local-model/engine/sampler.js';
import { closeSessions, openPatchedSessions } from '../../local-model/engine/sessions.js';
import { collect, copyOfModel, modelFolder, messagesOf, referenceCases } from './fixture.js';
import { withoutWeights } from './without-weights.js';

/** GroupQueryAttention and 4-bit products, as hub exports have them. */
const grouped = mkdtempSync(join(tmpdir(), 'ocelli-grouped-'));
afterAll(() => rmSync(grouped, { recursive: true, force: true }));
writeSyntheticModel(grouped, modelFolder, {
  layers: 2,
  hidden: 64,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  feedForward: 96,
  vocabulary: 400,
  context: 1024,
  bits: 4,
});

const weights = fileURLToPath(new URL('../../local-model/weights', import.meta.url));

async function networkOf(folder: string, { fastFourBit = true, splitAttention = false } = {}): Promise<DecoderNetwork> {
  const files = openModelFolder(folder);
  const ort = await loadOnnxRuntime();
  const gate = new NativeGate(createGateMemory());
  const options = { threads: 1, appendOnly: true, fastFourBit, splitAttention, lastLogits: splitAttention };
  const { sessions, patch } = await openPatchedSessions(ort, files.sessions, options, gate);
  const layout = new CacheLayout(ort, sessions.decoder_model_merged, patch.appending);
  return { ort, sessions, family: familyOf(files), layout, gate };
}

/** Ids of any text; rows of no picture. */
function someIds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 10 + ((index * 37) % 200));
}

function difference(first: Float32Array, second: Float32Array): number {
  return first.reduce((most, logit, place) => Math.max(most, Math.abs(logit - (second[place] ?? NaN))), 0);
}

const free = { check: () => undefined };

describe.each([
  { name: 'the fixture', folder: modelFolder, appending: 'joined' },
  { name: 'the bundled weights', folder: weights, appending: 'joined' },
  { name: 'grouped attention', folder: grouped, appending: 'grouped' },
])('an append-only cache with $name', ({ folder, appending }) => {
  let network: DecoderNetwork;
  beforeAll(async () => {
    network = await networkOf(folder);
  });
  afterAll(() => closeSessions(network.sessions));
  const start = (cache: KvCache): Decoding => new Decoding(network, free, cache);
  const fast = (): AppendCache => new AppendCache(network.layout);
  const plain = (): FeedBackCache => new FeedBackCache(network.layout);

  it('is chosen, and found exact when the model is loaded', async () => {
    expect(network.layout.appending).toBe(appending);
    expect(await appendsExactly(network)).toBe(true);
  });

  it.each([1, 120, 300, 520])('gives the logits and greedy tokens of feeding back after %i tokens', async (count) => {
    const [first, second] = [start(fast()), start(plain())];
    let one = await first.prefill(someIds(count), -1, []);
    let other = await second.prefill(someIds(count), -1, []);
    for (let step = 0; step < 40; step++) {
      expect(difference(one, other)).toBeLessThan(1e-4);
      const id = likeliest(other);
      expect(likeliest(one)).toBe(id);
      [one, other] = [await first.next(id), await second.next(id)];
    }
    expect(first.length).toBe(count + 40);
  });

  it.each([
    { kind: 'append-only', create: fast },
    { kind: 'feed-back', create: plain },
  ])('$kind: what was cut off leaves no trace, and a fork goes its own way', async ({ create }) => {
    const cache = create();
    const decoding = start(cache);
    await decoding.prefill(someIds(140), -1, []);
    const expected = await decoding.next(33);
    await decoding.extend([44, 55, 66], 1);
    decoding.truncate(140);
    expect(decoding.length).toBe(140);
    const fork = cache.fork();
    const shorter = cache.fork(100);
    expect([fork.length, shorter.length]).toEqual([140, 100]);
    expect(difference(await decoding.next(33), expected)).toBeLessThan(1e-5);
    await decoding.extend([7, 8, 9], 1);
    expect(difference(await start(fork).next(33), expected)).toBeLessThan(1e-5);
    const again = start(shorter);
    await again.extend(someIds(140).slice(100), 1);
    expect(difference(await again.next(33), expected)).toBeLessThan(1e-4);
  });

  it('logits of several tokens in one run are those of one after another', async () => {
    const [many, one] = [start(fast()), start(fast())];
    await many.prefill(someIds(30), -1, []);
    await one.prefill(someIds(30), -1, []);
    const rows = await many.extend([20, 21, 22, 23], 3);
    await one.next(20);
    for (const [place, id] of [21, 22, 23].entries()) {
      expect(difference(rows[place] ?? new Float32Array(0), await one.next(id))).toBeLessThan(1e-4);
    }
  });

  it('returns the new rows of a run and nothing more', async () => {
    const cache = fast();
    const decoding = start(cache);
    await decoding.prefill(someIds(200), -1, []);
    expect(cache.fetches.every((name) => name.startsWith('ocelli.rows.present.'))).toBe(true);
    expect(cache.bytes).toBeGreaterThan(0);
    const before = cache.bytes;
    await decoding.next(5);
    expect(cache.bytes).toBe(before);
  });
});

describe.each([true, false])('split attention, products rounded to 8 bits: %s', (fastFourBit) => {
  let [split, whole]: DecoderNetwork[] = [];
  beforeAll(async () => {
    split = await networkOf(grouped, { fastFourBit, splitAttention: true });
    whole = await networkOf(grouped, { fastFourBit });
  });
  afterAll(async () => {
    for (const network of [split, whole]) if (network !== undefined) await closeSessions(network.sessions);
  });
  const start = (network: DecoderNetwork | undefined, cache?: KvCache): Decoding => {
    if (network === undefined) throw new Error('no network');
    return new Decoding(network, free, cache);
  };

  it('has no outputs of the whole cache left, and logits of the wanted rows only', async () => {
    expect(split?.layout.appending).toBe('split');
    const decoder = split?.sessions.decoder_model_merged;
    expect(decoder?.outputNames.filter((name) => name.startsWith('present.'))).toEqual([]);
    expect(decoder?.inputNames).toContain('ocelli.logits.from');
  });

  // A last bit that differs becomes a step of 1/127 where activations are rounded.
  const most = fastFourBit ? 0.05 : 1e-4;

  it.each([1, 63, 64, 120, 300, 520])(
    'gives the logits of the attention it replaces after %i tokens',
    async (count) => {
      const [parts, one] = [start(split), start(whole)];
      let first = await parts.prefill(someIds(count), -1, []);
      let second = await one.prefill(someIds(count), -1, []);
      const largest = Math.max(...second.map(Math.abs));
      for (let step = 0; step < 70; step++) {
        expect(difference(first, second)).toBeLessThan(most * largest);
        [first, second] = [await parts.next(40 + step), await one.next(40 + step)];
      }
      const rows = [await parts.extend([20, 21, 22, 23], 3), await one.extend([20, 21, 22, 23], 3)];
      for (const place of [0, 1, 2]) {
        expect(
          difference(rows[0]?.[place] ?? new Float32Array(1), rows[1]?.[place] ?? new Float32Array(0)),
        ).toBeLessThan(most * largest);
      }
    },
  );

  it('what was cut off leaves no trace, and a fork goes its own way', async () => {
    const decoding = start(split);
    await decoding.prefill(someIds(140), -1, []);
    const expected = await decoding.next(33);
    await decoding.extend([44, 55, 66], 1);
    decoding.truncate(140);
    const fork = decoding.cache.fork();
    expect(difference(await decoding.next(33), expected)).toBe(0);
    await decoding.extend([7, 8, 9], 1);
    expect(difference(await start(split, fork).next(33), expected)).toBeLessThan(most);
  });
});

describe('an engine with an append-only cache', () => {
  it('takes attention apart where that is known to work, and says so', async () => {
    for (const splitAttention of [true, false]) {
      const engine = await loadEngine({ folder: grouped, threads: 1, runInProcess: true, splitAttention });
      expect(engine.description).toMatchObject({ kvCache: 'append-only', splitAttention });
      await engine.close();
    }
  });

  it('leaves an attention alone that does more than this knows: a window, a soft cap', async () => {
    const file = join(grouped, 'onnx', 'decoder_model_merged_q4.onnx');
    const options = { appendOnly: true, fastFourBit: false, splitAttention: true };
    expect(patchDecoder(file, 'decoder', options)?.appending).toBe('split');
    const folder = mkdtempSync(join(tmpdir(), 'ocelli-window-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const other = join(folder, 'decoder.onnx');
    // An attribute of the same length with another name.
    const bytes = readFileSync(file).toString('latin1').replace('kv_num_heads', 'window_heads');
    writeFileSync(other, Buffer.from(bytes, 'latin1'));
    expect(patchDecoder(other, 'decoder', options)?.appending).toBe('grouped');
  });

  it('answers the reference cases as the plain one does, and says which one it is', async () => {
    const texts: string[][] = [];
    for (const kvCache of ['append-only', 'feed-back'] as const) {
      const engine = await loadEngine({ folder: modelFolder, threads: 1, runInProcess: true, kvCache });
      expect(engine.description.kvCache).toBe(kvCache);
      const answers: string[] = [];
      for (const reference of referenceCases) {
        const request = { messages: messagesOf(reference), maxOutputTokens: 60 };
        answers.push((await collect(engine.generate(request))).text);
      }
      texts.push(answers);
      await engine.close();
    }
    expect(texts[0]).toEqual(texts[1]);
  });

  it('finds weights that lie in another file', async () => {
    const folder = copyOfModel();
    const path = join(folder, 'onnx', 'decoder_model_merged.onnx');
    const { graph, weights: data } = withoutWeights(readFileSync(path));
    writeFileSync(path, graph);
    writeFileSync(join(folder, 'onnx', 'decoder.data'), data);
    const engine = await loadEngine({ folder, threads: 1, runInProcess: true });
    expect(engine.description.kvCache).toBe('append-only');
    const [reference] = referenceCases;
    if (reference === undefined) throw new Error('no reference case');
    const answer = await collect(engine.generate({ messages: messagesOf(reference), maxOutputTokens: 24 }));
    expect(answer.text).toBe(reference.text);
    await engine.close();
  });
});

describe('4-bit products', () => {
  const file = join(grouped, 'onnx', 'decoder_model_merged_q4.onnx');
  const levels = (bytes: Uint8Array): number =>
    Buffer.from(bytes).toString('latin1').split('accuracy_level').length - 1;

  it('are set to accuracy level 4 once each, and left alone when that is switched off', async () => {
    const fast = patchDecoder(file, 'decoder', { appendOnly: true, fastFourBit: true });
    expect(fast?.acceleratedNodes).toBe(2 * 7 + 1);
    expect(levels(fast?.bytes ?? new Uint8Array(0))).toBe(15);
    const plain = patchDecoder(file, 'decoder', { appendOnly: true, fastFourBit: false });
    expect(levels(plain?.bytes ?? new Uint8Array(0))).toBe(0);
    expect(patchDecoder(file, 'decoder', { appendOnly: false, fastFourBit: false })).toBeUndefined();
  });

  it('a level that a file states is kept, except 0', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ocelli-levels-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const accelerated = join(folder, 'decoder.onnx');
    writeFileSync(accelerated, patchDecoder(file, 'decoder', { appendOnly: false, fastFourBit: true })?.bytes ?? '');
    expect(patchDecoder(accelerated, 'decoder', { appendOnly: false, fastFourBit: true })).toBeUndefined();
    // The attribute's number is the byte after its tag (field 3, a varint).
    const bytes = readFileSync(accelerated);
    const zeroed = Buffer.from(
      bytes.toString('latin1').replaceAll('accuracy_level\x18\x04', 'accuracy_level\x18\x00'),
      'latin1',
    );
    writeFileSync(accelerated, zeroed);
    const again = patchDecoder(accelerated, 'decoder', { appendOnly: false, fastFourBit: true });
    expect(Buffer.from(again?.bytes ?? []).equals(bytes)).toBe(true);
  });

  it('give nearly the same logits either way', async () => {
    const answers: Float32Array[] = [];
    for (const fastFourBit of [true, false]) {
      const network = await networkOf(grouped, { fastFourBit });
      answers.push(await new Decoding(network, free).prefill(someIds(20), -1, []));
      await closeSessions(network.sessions);
    }
    const [rounded, exact] = answers;
    if (rounded === undefined || exact === undefined) throw new Error('two answers are needed');
    expect(difference(rounded, exact)).toBeGreaterThan(0);
    expect(difference(rounded, exact)).toBeLessThan(0.1 * Math.max(...exact.map(Math.abs)));
  });
});

it('a changed decoder lies in a block that glibc does not keep once it is freed: one of more than 32 MiB', () => {
  const path = join(weights, 'onnx', 'decoder_model_merged_quantized.onnx');
  const changed = patchDecoder(path, 'decoder', { appendOnly: true, splitAttention: true, fastFourBit: true });
  if (changed === undefined) throw new Error('the bundled decoder can be changed');
  expect(changed.bytes.buffer.byteLength).toBeGreaterThan(32 * 1024 ** 2);
  expect(changed.bytes.byteOffset).toBe(0);
  expect(changed.bytes.byteLength).toBeLessThan(1.1 * statSync(path).size);
});

describe('the plain cache is used', () => {
  it('when the decoder takes no positions: its new rows would be counted behind the unused ones', () => {
    const folder = copyOfModel();
    const path = join(folder, 'onnx', 'decoder_model_merged.onnx');
    const bytes = readFileSync(path).toString('latin1').replaceAll('position_ids', 'position_idx');
    writeFileSync(path, Buffer.from(bytes, 'latin1'));
    expect(patchDecoder(path, 'decoder', { appendOnly: true, fastFourBit: true })).toBeUndefined();
  });

  it('when a graph ignores the mask, which shows when it is loaded', async () => {
    const folder = copyOfModel();
    const path = join(folder, 'onnx', 'decoder_model_merged.onnx');
    // `And(causal, seen)` becomes `Xor`, which shows what the mask hides.
    const bytes = readFileSync(path).toString('latin1');
    expect(bytes.split('\x22\x03And')).toHaveLength(2);
    writeFileSync(path, Buffer.from(bytes.replace('\x22\x03And', '\x22\x03Xor'), 'latin1'));
    const engine = await loadEngine({ folder, threads: 1, runInProcess: true });
    expect(engine.description.kvCache).toBe('feed-back');
    await engine.close();
  });
});
