import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, defaultLimitInputPixels } from '../../local-model/engine/decode-image.js';
import { familyOf } from '../../local-model/engine/families.js';
import { openModelFolder } from '../../local-model/engine/folder.js';
import { Decoding, encodeImages, type Network } from '../../local-model/engine/generate.js';
import { CacheLayout } from '../../local-model/engine/kv-cache.js';
import { createGateMemory, NativeGate } from '../../local-model/engine/native-gate.js';
import { PromptBuilder } from '../../local-model/engine/prompt.js';
import { cropMiddle } from '../../local-model/engine/preprocess.js';
import { resize, type ResizeFilter } from '../../local-model/engine/resize.js';
import { loadOnnxRuntime } from '../../local-model/engine/runtime.js';
import { likeliest } from '../../local-model/engine/sampler.js';
import { closeSessions, openSessions } from '../../local-model/engine/sessions.js';
import { modelFolder, picture, referenceBytes, referenceCases } from './fixture.js';

const folder = openModelFolder(modelFolder);
const family = familyOf(folder);
const decode = (name: string) => decodeImage(sharp, picture(name), defaultLimitInputPixels);

/** Grey levels back from pixel values, height × width × channel, as the reference stores them. */
function levelsOf(values: Float32Array): number[] {
  const mean = folder.preprocessorConfig['image_mean'] as number[];
  const deviation = folder.preprocessorConfig['image_std'] as number[];
  const plane = values.length / 3;
  return Array.from({ length: values.length }, (_, index) => {
    const channel = index % 3;
    const value = values[channel * plane + Math.floor(index / 3)] ?? NaN;
    return Math.round((value * (deviation[channel] ?? 1) + (mean[channel] ?? 0)) * 255);
  });
}

function differences(ours: ArrayLike<number>, theirs: ArrayLike<number>): { exact: number; largest: number } {
  expect(ours.length).toBe(theirs.length);
  let equal = 0;
  let largest = 0;
  for (let index = 0; index < theirs.length; index++) {
    const difference = Math.abs((ours[index] ?? NaN) - (theirs[index] ?? NaN));
    if (difference === 0) equal++;
    largest = Math.max(largest, difference);
  }
  return { exact: equal / theirs.length, largest };
}

describe('preprocessing equals Pillow', () => {
  it.each(['photo', 'tall', 'board', 'alpha', 'small', 'palette', 'blank'])('%s.png, level by level', async (name) => {
    const { exact, largest } = differences(
      levelsOf(family.preprocess(await decode(`${name}.png`)).data),
      referenceBytes(`${name}.levels`),
    );
    expect(exact).toBeGreaterThanOrEqual(0.99);
    expect(largest).toBeLessThanOrEqual(1);
  });

  it('turns a JPEG upright by its EXIF orientation', async () => {
    const bitmap = await decode('turned.jpg');
    expect([bitmap.width, bitmap.height]).toEqual([71, 97]);
    const { exact, largest } = differences(levelsOf(family.preprocess(bitmap).data), referenceBytes('turned.levels'));
    // JPEG decoders may differ by a level before the resize.
    expect(exact).toBeGreaterThanOrEqual(0.9);
    expect(largest).toBeLessThanOrEqual(3);
  });

  it('gives the very float32 values of numpy', async () => {
    const expected = referenceBytes('photo.values');
    const values = new Float32Array(
      expected.buffer.slice(expected.byteOffset, expected.byteOffset + expected.byteLength),
    );
    expect(differences(family.preprocess(await decode('photo.png')).data, values)).toEqual({ exact: 1, largest: 0 });
  });

  const cases = JSON.parse(Buffer.from(referenceBytes('resizes.json')).toString('utf8')) as readonly {
    readonly filter: ResizeFilter;
    readonly box: readonly [number, number, number, number];
    readonly size: readonly [number, number];
    readonly offset: number;
    readonly length: number;
  }[];
  it.each(cases)('resize $filter from $box to $size', async ({ filter, box, size, offset, length }) => {
    const photo = await decode('photo.png');
    const [left, top, right, bottom] = box;
    const width = right - left;
    const data = new Uint8Array(width * (bottom - top) * 3);
    for (let row = top; row < bottom; row++) {
      const start = (row * photo.width + left) * 3;
      data.set(photo.data.subarray(start, start + width * 3), (row - top) * width * 3);
    }
    const resized = resize({ width, height: bottom - top, data }, size[0], size[1], filter);
    const expected = referenceBytes('resizes.levels').subarray(offset, offset + length);
    const { exact, largest } = differences(resized.data, expected);
    expect(exact).toBeGreaterThanOrEqual(0.99);
    expect(largest).toBeLessThanOrEqual(1);
  });
});

it('a crop larger than the picture is padded with black, the odd pixel first, as transformers does', () => {
  const data = Uint8Array.from({ length: 2 * 1 * 3 }, (_, index) => index + 1);
  const padded = cropMiddle({ width: 2, height: 1, data }, { width: 3, height: 2 });
  const [black, first, second] = [
    [0, 0, 0],
    [1, 2, 3],
    [4, 5, 6],
  ];
  expect([...padded.data]).toEqual([black, black, black, black, first, second].flat());
  const cut = cropMiddle({ width: 2, height: 1, data }, { width: 1, height: 1 });
  expect([...cut.data]).toEqual([1, 2, 3]);
});

describe('the network equals PyTorch fp32', () => {
  let network: Network;
  let prompts: PromptBuilder;
  const gate = new NativeGate(createGateMemory());
  const control = { check: () => undefined };

  beforeAll(async () => {
    const ort = await loadOnnxRuntime();
    const sessions = await openSessions(ort, folder.sessions, 1, gate);
    network = { ort, sessions, family, layout: new CacheLayout(ort, sessions.decoder_model_merged), gate };
    prompts = await PromptBuilder.load(folder, (token) => family.expand(token));
  });
  afterAll(() => closeSessions(network.sessions));

  it.each(referenceCases)('$name: ids, logits and greedy tokens', async (reference) => {
    const shown = reference.messages.flatMap((message) =>
      message.content.flatMap((part) => (part.type === 'image' ? [part.picture] : [])),
    );
    const prompt = prompts.build(
      reference.messages.map(({ role, content }) => ({
        role,
        content: content.map((part) => (part.type === 'text' ? part : { type: 'image' })),
      })),
      family.imageTokens ?? 0,
    );
    expect(prompt.ids).toEqual(reference.ids);
    expect(prompt.imageTokens).toBe(shown.length * 16);

    const pictures = await Promise.all(shown.map(async (name) => family.preprocess(await decode(name))));
    const rows = await encodeImages(network, pictures, control);
    const decoding = new Decoding(network, control);
    let logits = await decoding.prefill(prompt.ids, prompts.imageTokenId, rows);

    const file = Buffer.from(referenceBytes('logits.bin'));
    const expected = Float32Array.from(logits, (_, index) => file.readFloatLE(reference.logitsOffset + index * 4));
    const scale = Math.max(...expected.map(Math.abs));
    expect(differences(logits, expected).largest / scale).toBeLessThan(1e-3);

    const greedy: number[] = [];
    while (greedy.length < reference.greedy.length) {
      const id = likeliest(logits);
      greedy.push(id);
      logits = await decoding.next(id);
    }
    expect(greedy).toEqual(reference.greedy);
    expect(decoding.length).toBe(prompt.ids.length + greedy.length);
  });
});
