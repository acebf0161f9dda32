import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, defaultLimitInputPixels } from '../../local-model/engine/decode-image.js';
import { dualFamilyOf, padIdOf, textRows } from '../../local-model/engine/embedding/dual-families.js';
import { openOtherFolder } from '../../local-model/engine/folder.js';
import { loadDualEncoder, type DualEncoder } from '../../local-model/engine/index.js';
import { readImageProcessor, toPixelValues } from '../../local-model/engine/preprocess.js';
import { loadTokenizer } from '../../local-model/engine/tokenizer.js';
import { OcelliError } from '../../src/errors/index.js';
import { dualFolder, dualKinds, dualReference } from './embedding-fixture.js';
import { picture } from './fixture.js';

/** Largest difference of two lists of vectors, as a share of the largest number expected. */
function relativeDifference(ours: readonly ArrayLike<number>[], theirs: readonly (readonly number[])[]): number {
  expect(ours.length).toBe(theirs.length);
  const scale = Math.max(...theirs.flat().map(Math.abs));
  let largest = 0;
  theirs.forEach((row, index) => {
    expect(ours[index]?.length).toBe(row.length);
    row.forEach((value, place) => (largest = Math.max(largest, Math.abs((ours[index]?.[place] ?? NaN) - value))));
  });
  return largest / scale;
}

describe.each(dualKinds)('%s equals transformers', (kind) => {
  const reference = dualReference(kind);
  const folder = openOtherFolder(dualFolder(kind));
  let encoder: DualEncoder;
  beforeAll(async () => {
    encoder = await loadDualEncoder({ folder: dualFolder(kind), runInProcess: true, threads: 1 });
  });
  afterAll(() => encoder.close());

  it('in what the vision tower is given: at least 99 % exact, the rest within a grey level', async () => {
    const processor = readImageProcessor(folder.preprocessorConfig);
    const bytes = readFileSync(
      fileURLToPath(new URL(`../fixtures/dual-encoders/${kind}/reference/pixels.bin`, import.meta.url)),
    );
    const size = 3 * 48 * 48;
    const level = 1 / 255 / Math.min(...(folder.preprocessorConfig['image_std'] as number[]));
    for (const [index, name] of reference.pictures.entries()) {
      const { data } = toPixelValues(await decodeImage(sharp, picture(name), defaultLimitInputPixels), processor);
      let exact = 0;
      let largest = 0;
      data.forEach((value, place) => {
        const difference = Math.abs(value - bytes.readFloatLE((index * size + place) * 4));
        if (difference < 1e-6) exact++;
        largest = Math.max(largest, difference);
      });
      expect(data.length).toBe(size);
      expect(exact / size, name).toBeGreaterThanOrEqual(0.99);
      expect(largest, name).toBeLessThanOrEqual(level * 1.001);
    }
  });

  it('in the token ids of texts', async () => {
    const tokenizer = await loadTokenizer(folder);
    const family = dualFamilyOf(folder.config);
    const padId = padIdOf(tokenizer, folder.tokenizerConfig);
    const ours = reference.texts.map((text) => [...textRows(tokenizer, [text], family, padId).ids].map(Number));
    expect(ours).toEqual(reference.ids);
  });

  it('in embeddings, one by one and many at a time', async () => {
    const images = reference.pictures.map(picture);
    const all = await encoder.embed({ images, texts: reference.texts });
    expect(relativeDifference(all.images, reference.imageEmbeddings)).toBeLessThan(1e-3);
    expect(relativeDifference(all.texts, reference.textEmbeddings)).toBeLessThan(1e-3);
    const alone = await encoder.embed({ texts: reference.texts.slice(0, 1) });
    expect(relativeDifference(alone.texts, reference.textEmbeddings.slice(0, 1))).toBeLessThan(1e-3);
    expect(alone.images).toEqual([]);
  });

  it('in the scores of labels', async () => {
    for (const [index, name] of reference.pictures.entries()) {
      const found = await encoder.classify({ image: picture(name), labels: reference.labels });
      const scores = reference.labels.map((label) => found.find((entry) => entry.label === label)?.score);
      scores.forEach((score, place) => expect(score).toBeCloseTo(reference.scores[index]?.[place] ?? NaN, 3));
      expect(found.map((entry) => entry.score)).toEqual(found.map((entry) => entry.score).sort((a, b) => b - a));
    }
  });
});

it('runs in a thread of its own, which lets the process end', async () => {
  const encoder = await loadDualEncoder({ folder: dualFolder('clip'), threads: 1 });
  const reference = dualReference('clip');
  const { images } = await encoder.embed({ images: reference.pictures.map(picture) });
  expect(relativeDifference(images, reference.imageEmbeddings)).toBeLessThan(1e-3);
  await encoder.close();
});

describe('a dual encoder', () => {
  let encoder: DualEncoder;
  const image = picture('photo.png');
  beforeAll(async () => {
    encoder = await loadDualEncoder({ folder: dualFolder('clip'), runInProcess: true, threads: 1 });
  });
  afterAll(() => encoder.close());

  it('says what it is', () => {
    expect(encoder.description).toMatchObject({
      family: 'clip',
      dimension: 28,
      maxTextTokens: 77,
      score: 'softmax',
      scale: 100,
      scaleSource: 'assumed',
    });
    expect(encoder.description.dtypes).toEqual({ text_model: 'fp32', vision_model: 'fp32' });
  });

  it('takes several templates, whose meanings are averaged', async () => {
    const labels = ['cat', 'dog'];
    const template = ['a photo of a {}.', 'two {}s'];
    const [both, first] = await Promise.all([
      encoder.classify({ image, labels, template }),
      encoder.classify({ image, labels, template: 'a photo of a {}.' }),
    ]);
    const { texts, images } = await encoder.embed({ images: [image], texts: ['a photo of a cat.', 'two cats'] });
    const sum = texts[0]?.map((value, index) => value + (texts[1]?.[index] ?? 0)) ?? new Float32Array(0);
    const length = Math.hypot(...sum);
    const expected = sum.reduce((total, value, index) => total + (value / length) * (images[0]?.[index] ?? 0), 0);
    expect(both.find((entry) => entry.label === 'cat')?.cosine).toBeCloseTo(expected, 5);
    expect(both).not.toEqual(first);
    expect(both.reduce((total, entry) => total + entry.score, 0)).toBeCloseTo(1, 6);
  });

  it('gives the same with labels that it knows already, also when it may keep few', async () => {
    const small = await loadDualEncoder({
      folder: dualFolder('clip'),
      runInProcess: true,
      threads: 1,
      maxCachedLabels: 2,
    });
    const labels = ['cat', 'dog', 'red square', 'circle'];
    const first = await small.classify({ image, labels });
    expect(await small.classify({ image, labels })).toEqual(first);
    const again = await small.classify({ image, labels: ['circle', 'cat'] });
    const cosines = Object.fromEntries(first.map((entry) => [entry.label, entry.cosine]));
    for (const entry of again) expect(entry.cosine).toBeCloseTo(cosines[entry.label] ?? NaN, 6);
    await small.close();
  });

  it.each([
    [{ labels: [] }, /at least one label/],
    [{ labels: ['cat'], template: 'a photo' }, /must have \{\}/],
  ])('refuses %o', async (request, message) => {
    await expect(encoder.classify({ image, ...request })).rejects.toThrow(message);
  });

  it('names a broken picture, and goes on', async () => {
    const broken = encoder.embed({ images: [new Uint8Array([1, 2, 3])] });
    await expect(broken).rejects.toSatisfy(
      (error) => OcelliError.isInstance(error) && error.kind === 'image-unreadable',
    );
    expect((await encoder.embed({ images: [image] })).images).toHaveLength(1);
    expect(await encoder.embed({})).toEqual({ images: [], texts: [] });
  });

  it('answers many callers in turn, and one that aborts at once', async () => {
    const controller = new AbortController();
    const many = Array.from({ length: 6 }, () => encoder.embed({ texts: ['cat'] }));
    const aborted = encoder.embed({ texts: ['dog'], signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toSatisfy((error) => OcelliError.isInstance(error) && error.kind === 'aborted');
    const rows = await Promise.all(many);
    for (const row of rows) expect(row).toEqual(rows[0]);
    await expect(encoder.embed({ texts: ['dog'], signal: controller.signal })).rejects.toThrow(/aborted/);
  });

  it('answers nothing after it was closed', async () => {
    const own = await loadDualEncoder({ folder: dualFolder('siglip'), runInProcess: true, threads: 1 });
    expect(own.description).toMatchObject({ family: 'siglip', scaleSource: 'graph', score: 'sigmoid' });
    expect(own.description.scale).toBeCloseTo(Math.exp(2.3), 2);
    expect(own.description.bias).toBeCloseTo(-4.5, 2);
    const running = own.embed({ texts: ['cat'] });
    const outcome = running.catch((error: unknown) => error);
    await own.close();
    expect(await outcome).toSatisfy((error: unknown) => OcelliError.isInstance(error) || error !== undefined);
    expect(own.closed).toBe(true);
    await expect(own.embed({ texts: ['cat'] })).rejects.toThrow(/closed/);
  });

  it('refuses folders of other models', async () => {
    const folder = fileURLToPath(new URL('../fixtures/tiny-llava/model', import.meta.url));
    await expect(loadDualEncoder({ folder, runInProcess: true })).rejects.toThrow(/"llava", which is no dual encoder/);
  });

  it('says before loading that memory does not suffice', async () => {
    const load = loadDualEncoder({ folder: dualFolder('clip'), runInProcess: true, memoryLimitBytes: 1000 });
    await expect(load).rejects.toThrow(/only 1000 bytes may be used/);
  });
});
