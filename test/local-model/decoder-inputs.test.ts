import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Family } from '../../local-model/engine/families.js';
import { Decoding, type Network } from '../../local-model/engine/generate.js';
import { CacheLayout } from '../../local-model/engine/kv-cache.js';
import { createGateMemory, NativeGate } from '../../local-model/engine/native-gate.js';
import { loadOnnxRuntime, type Ort } from '../../local-model/engine/runtime.js';

let ort: Ort;
beforeAll(async () => {
  ort = await loadOnnxRuntime();
});

type Feeds = Record<string, Tensor>;

/** A decoder of two numbers per token that keeps what it was fed; its first logit counts the tokens seen. */
class RecordingDecoder {
  readonly runs: { feeds: Feeds; fetches: readonly string[] }[] = [];
  readonly inputNames: readonly string[];
  readonly outputNames = ['logits', 'present.0.key', 'present.0.value'];
  readonly inputMetadata: InferenceSession.ValueMetadata[];

  constructor(
    extra: readonly string[],
    readonly cacheType: 'float32' | 'float16' = 'float32',
    readonly logitsType: 'float32' | 'float16' = 'float32',
  ) {
    const cache = ['past_key_values.0.key', 'past_key_values.0.value'];
    this.inputNames = ['inputs_embeds', 'attention_mask', ...extra, ...cache];
    this.inputMetadata = cache.map((name) => ({
      name,
      isTensor: true,
      type: cacheType,
      shape: ['batch_size', 1, 'past_sequence_length', 2],
    }));
  }

  run(feeds: Feeds, fetches: readonly string[]): Promise<Feeds> {
    this.runs.push({ feeds, fetches });
    const count = feeds['inputs_embeds']?.dims[1] ?? 0;
    const total = feeds['attention_mask']?.dims[1] ?? 0;
    const rows = 'num_logits_to_keep' in feeds ? 1 : count;
    const present = (): Tensor =>
      this.cacheType === 'float16'
        ? new ort.Tensor('float16', new Uint16Array(total * 2), [1, 1, total, 2])
        : new ort.Tensor('float32', new Float32Array(total * 2), [1, 1, total, 2]);
    const logits =
      this.logitsType === 'float16'
        ? new ort.Tensor(
            'float16',
            Uint16Array.from({ length: rows * 3 }, (_, index) => [0x4500, 0xb800, 0x0001][index % 3] ?? 0),
            [1, rows, 3],
          )
        : new ort.Tensor(
            'float32',
            Float32Array.from({ length: rows * 3 }, (_, index) => (index % 3 === 0 ? total : 0)),
            [1, rows, 3],
          );
    const all: Feeds = { logits, 'present.0.key': present(), 'present.0.value': present() };
    return Promise.resolve(Object.fromEntries(fetches.map((name) => [name, all[name]])) as Feeds);
  }
}

function networkOf(decoder: RecordingDecoder): Network {
  const embed = {
    run: ({ input_ids }: Feeds) => {
      const count = input_ids?.dims[1] ?? 0;
      return Promise.resolve({ inputs_embeds: new ort.Tensor('float32', new Float32Array(count * 2), [1, count, 2]) });
    },
  };
  const family: Family = {
    name: 'test',
    imageTokens: 1,
    tokensBySize: () => ({ visual: 1, markers: 0 }),
    preprocess: () => ({ width: 0, height: 0, data: new Float32Array(0), tokens: 1, inputs: {} }),
    expand: (token) => token,
    positions: (past, count) => BigInt64Array.from({ length: count }, (_, index) => BigInt(past + index)),
  };
  const session = decoder as unknown as InferenceSession;
  return {
    ort,
    sessions: {
      embed_tokens: embed as unknown as InferenceSession,
      vision_encoder: session,
      decoder_model_merged: session,
    },
    family,
    layout: new CacheLayout(ort, session),
    gate: new NativeGate(createGateMemory()),
  };
}

const start = (decoder: RecordingDecoder): Decoding => new Decoding(networkOf(decoder), { check: () => undefined });
const ids = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const numbers = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data as BigInt64Array, Number);

describe('a decoder is fed whatever it declares', () => {
  it('prefill goes in chunks of 128, and only the last one returns logits', async () => {
    const decoder = new RecordingDecoder(['position_ids']);
    const decoding = start(decoder);
    expect((await decoding.prefill(ids(300), 9_999, []))[0]).toBe(300);
    expect(decoder.runs.map(({ feeds }) => feeds['inputs_embeds']?.dims[1])).toEqual([128, 128, 44]);
    expect(decoder.runs.map(({ fetches }) => fetches.includes('logits'))).toEqual([false, false, true]);
    expect(decoder.runs.map(({ feeds }) => feeds['attention_mask']?.dims[1])).toEqual([128, 256, 300]);
    expect(numbers(decoder.runs[1]?.feeds['position_ids']).slice(0, 2)).toEqual([128, 129]);
    expect(decoder.runs.map(({ feeds }) => feeds['past_key_values.0.key']?.dims[2])).toEqual([0, 128, 256]);
    expect((await decoding.next(5))[0]).toBe(301);
    expect(decoding.length).toBe(301);
  });

  it('positions are left out where they come from the mask', async () => {
    const decoder = new RecordingDecoder([]);
    await start(decoder).prefill(ids(3), 9_999, []);
    expect(decoder.runs[0]?.feeds).not.toHaveProperty('position_ids');
  });

  it('one row of logits is asked for where that can be said', async () => {
    const decoder = new RecordingDecoder(['num_logits_to_keep']);
    expect((await start(decoder).prefill(ids(3), 9_999, []))[0]).toBe(3);
    expect(numbers(decoder.runs[0]?.feeds['num_logits_to_keep'])).toEqual([1]);
  });

  it('old merged exports are told whether there is a past', async () => {
    const decoder = new RecordingDecoder(['use_cache_branch']);
    const decoding = start(decoder);
    await decoding.prefill(ids(3), 9_999, []);
    await decoding.next(1);
    expect(decoder.runs.map(({ feeds }) => feeds['use_cache_branch']?.data[0])).toEqual([0, 1]);
  });

  it('half-float caches are fed back as they are, half-float logits are widened', async () => {
    const decoder = new RecordingDecoder([], 'float16', 'float16');
    const decoding = start(decoder);
    expect([...(await decoding.prefill(ids(2), 9_999, []))]).toEqual([5, -0.5, 2 ** -24]);
    await decoding.next(1);
    expect(decoder.runs.map(({ feeds }) => feeds['past_key_values.0.value']?.type)).toEqual(['float16', 'float16']);
  });

  it('an input that is not known is refused by name', async () => {
    const decoder = new RecordingDecoder(['pixel_position_ids']);
    await expect(start(decoder).prefill(ids(1), 9_999, [])).rejects.toThrow(/wants an input "pixel_position_ids"/);
  });

  it('rows that do not fit the image tokens are refused', async () => {
    const decoding = start(new RecordingDecoder([]));
    await expect(decoding.prefill(ids(4), 2, [new Float32Array(6)])).rejects.toThrow(
      /do not fit the decoder's 1 image tokens/,
    );
  });

  it('a cache of an unknown shape or kind is refused', () => {
    const broken = (change: Partial<InferenceSession.TensorValueMetadata>): InferenceSession => {
      const decoder = new RecordingDecoder([]);
      decoder.inputMetadata.splice(0, 1, {
        ...(decoder.inputMetadata[0] as InferenceSession.TensorValueMetadata),
        ...change,
      });
      return decoder as unknown as InferenceSession;
    };
    expect(() => new CacheLayout(ort, broken({ type: 'int8' }))).toThrow(/holds int8/);
    expect(() => new CacheLayout(ort, broken({ shape: [1, 2, 3, 4] }))).toThrow(/four sizes with a free past/);
    expect(() => new CacheLayout(ort, broken({ name: 'past_key_values.7.key' }))).toThrow(/no present\.7\.key/);
  });
});
