import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateItems, objectClasses, renderScene } from '../../benchmarks/scenes/index.js';
import { createImageIndex, loadDualEncoder, type DualEncoder } from '../../local-model/engine/index.js';

const folder = fileURLToPath(new URL('../../local-model/dual-encoder', import.meta.url));
const names = objectClasses.map(({ name }) => name);

function bytesIn(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function cosine(first: Float32Array | undefined, second: Float32Array | undefined): number {
  if (first === undefined || second === undefined) return NaN;
  return first.reduce((sum, value, index) => sum + value * (second[index] ?? NaN), 0);
}

/** Large single things of the held-out style, which training never saw. */
const items = generateItems({ suite: 'naming', level: 1, n: 24, split: 'test' });

describe.skipIf(!existsSync(join(folder, 'config.json')))('the bundled dual encoder', () => {
  let encoder: DualEncoder;
  beforeAll(async () => {
    encoder = await loadDualEncoder({ folder, runInProcess: true, threads: 1 });
  });
  afterAll(() => encoder.close());

  it('is small and says how its scores are made', () => {
    expect(bytesIn(folder)).toBeLessThanOrEqual(15_000_000);
    expect(encoder.description).toMatchObject({
      family: 'siglip',
      dimension: 256,
      score: 'sigmoid',
      scaleSource: 'config',
    });
  });

  it('names most drawn things in a style it never saw, of 211', async () => {
    let right = 0;
    for (const { scene, answer } of items) {
      const { png } = await renderScene(scene);
      const [best] = await encoder.classify({ image: png, labels: names });
      if (best?.label === answer) right++;
    }
    // More than half of 24; the card has the measured share of many more.
    expect(right).toBeGreaterThan(12);
  });

  it('takes a label in a sentence for the label, and words of like meaning for near', async () => {
    const texts = ['dog', 'This is a photo of a dog.', 'puppy', 'truck', 'lorry'];
    const { texts: rows } = await encoder.embed({ texts });
    const [dog, sentence, puppy, truck, lorry] = rows;
    expect(cosine(dog, sentence)).toBeGreaterThan(0.8);
    expect(cosine(dog, puppy)).toBeGreaterThan(cosine(dog, truck) + 0.2);
    expect(cosine(truck, lorry)).toBeGreaterThan(cosine(dog, lorry) + 0.2);
  });

  it('sees nothing of what is asked in an empty picture', async () => {
    const empty = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#c8d0d8' } })
      .png()
      .toBuffer();
    const labels = ['dog', 'bicycle', 'pizza', 'guitar', 'train'];
    const scores = await encoder.classify({ image: empty, labels });
    for (const { score, label } of scores) expect(score, label).toBeLessThan(0.5);
  });

  it('finds pictures by text, also in an index that was saved', async () => {
    const place = mkdtempSync(join(tmpdir(), 'ocelli-index-'));
    try {
      const wanted = ['bicycle', 'cactus', 'guitar', 'airplane', 'pineapple', 'umbrella'];
      const shown = await Promise.all(
        wanted.map(async (name) => {
          const [item] = items;
          const element = item?.scene.elements[0];
          if (item === undefined || element?.kind !== 'object') throw new TypeError('an object was expected');
          const scene = {
            ...item.scene,
            elements: [{ ...element, object: name }],
            degradations: item.scene.degradations,
          };
          return { id: name, bytes: (await renderScene(scene)).png };
        }),
      );
      const index = await createImageIndex({ encoder });
      await index.add(shown);
      await index.save(join(place, 'pictures.index'));
      const again = await createImageIndex({ encoder, load: join(place, 'pictures.index') });
      let found = 0;
      for (const name of wanted) {
        const [best] = await again.search({ text: `a picture of a ${name}`, limit: 1 });
        if (best?.id === name) found++;
      }
      expect(found).toBeGreaterThanOrEqual(5);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });
});
