import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { cosine, toUnit } from '../../local-model/engine/embedding/scores.js';
import { VectorTable } from '../../local-model/engine/embedding/vector-table.js';
import { createImageIndex, loadDualEncoder, type DualEncoder } from '../../local-model/engine/index.js';
import { OcelliError } from '../../src/errors/index.js';
import { dualFolder } from './embedding-fixture.js';
import { picture } from './fixture.js';

const pictures = fileURLToPath(new URL('../fixtures/tiny-llava/pictures/', import.meta.url));

let clip: DualEncoder;
let siglip: DualEncoder;
beforeAll(async () => {
  clip = await loadDualEncoder({ folder: dualFolder('clip'), runInProcess: true, threads: 1 });
  siglip = await loadDualEncoder({ folder: dualFolder('siglip'), runInProcess: true, threads: 1 });
});
afterAll(() => Promise.all([clip.close(), siglip.close()]));

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ocelli-index-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('an index of pictures', () => {
  it('finds a picture by itself, whichever folder or bytes it came from', async () => {
    const index = await createImageIndex({ encoder: clip });
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'deeper'));
    cpSync(join(pictures, 'photo.png'), join(folder, 'deeper', 'photo.PNG'));
    cpSync(join(pictures, 'board.png'), join(folder, 'board.png'));
    writeFileSync(join(folder, 'notes.txt'), 'no picture');
    symlinkSync(folder, join(folder, 'circle'));
    await index.add([folder, { id: 'mine', bytes: picture('alpha.png') }, join(pictures, 'tall.png')]);
    expect(index.size).toBe(4);
    const found = await index.search({ image: picture('photo.png'), limit: 2 });
    expect(found.map((entry) => entry.id)).toContain(join(folder, 'deeper', 'photo.PNG'));
    expect(found[0]?.cosine).toBeCloseTo(1, 5);
    expect((await index.search({ image: picture('alpha.png') }))[0]).toMatchObject({ id: 'mine' });
  });

  it('orders pictures by what a text means to the model', async () => {
    const index = await createImageIndex({ encoder: clip });
    await index.add([pictures]);
    const names = readdirSync(pictures).sort();
    expect(index.size).toBe(names.length);
    const { images, texts } = await clip.embed({ images: names.map(picture), texts: ['two red squares'] });
    const cosines = new Map(
      names.map((name, row) => [
        join(pictures, name),
        cosine(images[row] ?? new Float32Array(0), texts[0] ?? new Float32Array(0)),
      ]),
    );
    const found = await index.search({ text: 'two red squares', limit: 100 });
    expect(found).toHaveLength(names.length);
    for (const { id, cosine } of found) expect(cosine).toBeCloseTo(cosines.get(id) ?? NaN, 5);
    expect(found.map((entry) => entry.cosine)).toEqual(found.map((entry) => entry.cosine).sort((a, b) => b - a));
    expect(await index.search({ text: 'two red squares', limit: 3 })).toEqual(found.slice(0, 3));
  });

  it('takes a picture of the same name in place of the old one', async () => {
    const index = await createImageIndex({ encoder: clip });
    await index.add([{ id: 'one', bytes: picture('photo.png') }]);
    await index.add([{ id: 'one', bytes: picture('board.png') }]);
    expect(index.size).toBe(1);
    expect((await index.search({ image: picture('board.png') }))[0]?.cosine).toBeCloseTo(1, 5);
  });

  it('leaves broken pictures out when it is listened to, and fails otherwise', async () => {
    const sources = [
      { id: 'good', bytes: picture('photo.png') },
      { id: 'bad', bytes: new Uint8Array(9) },
      { id: 'fine', bytes: picture('board.png') },
    ];
    const index = await createImageIndex({ encoder: clip });
    const told: string[] = [];
    await index.add(sources, { onPicture: (id, error) => told.push(`${id} ${error?.kind ?? 'added'}`) });
    expect(told).toEqual(['good added', 'bad image-unreadable', 'fine added']);
    expect(index.size).toBe(2);
    await expect(index.add(sources)).rejects.toSatisfy(
      (error) => OcelliError.isInstance(error) && error.kind === 'image-unreadable',
    );
    await expect(index.add(['/nowhere/at/all'])).rejects.toThrow(/no file or folder/);
    await expect(index.add(sources, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
  });

  it.each([[{}], [{ text: 'a', image: new Uint8Array(0) }], [{ text: 'a', limit: 0 }], [{ text: 'a', limit: 1.5 }]])(
    'refuses the search %o',
    async (request) => {
      const index = await createImageIndex({ encoder: clip });
      await expect(index.search(request)).rejects.toSatisfy(
        (error) => OcelliError.isInstance(error) && error.kind === 'invalid-request',
      );
    },
  );

  it('is empty at first, and finds nothing', async () => {
    expect(await (await createImageIndex({ encoder: clip })).search({ text: 'cat' })).toEqual([]);
  });
});

describe('a saved index', () => {
  async function saved(): Promise<string> {
    const index = await createImageIndex({ encoder: clip });
    await index.add([pictures]);
    const path = join(temporaryFolder(), 'pictures.index');
    await index.save(path);
    return path;
  }

  it('finds the same after it was loaded, and can be added to', async () => {
    const path = await saved();
    const index = await createImageIndex({ encoder: clip, load: path });
    const original = await createImageIndex({ encoder: clip });
    await original.add([pictures]);
    expect(await index.search({ text: 'cat' })).toEqual(await original.search({ text: 'cat' }));
    await index.add([{ id: 'new', bytes: picture('small.png') }]);
    expect(index.size).toBe(original.size + 1);
    await index.save(path);
    expect((await createImageIndex({ encoder: clip, load: path })).size).toBe(original.size + 1);
    expect(readdirSync(join(path, '..'))).toEqual(['pictures.index']);
  });

  it('is refused when a single byte is other, when it is cut off, or something else', async () => {
    const path = await saved();
    const bytes = readFileSync(path);
    for (const place of [9, 40, 200, bytes.length - 100, bytes.length - 1]) {
      const broken = Buffer.from(bytes);
      broken[place] = (broken[place] ?? 0) ^ 1;
      writeFileSync(path, broken);
      await expect(createImageIndex({ encoder: clip, load: path }), String(place)).rejects.toThrow(/damaged/);
    }
    for (const length of [0, 10, 60, bytes.length - 4]) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(createImageIndex({ encoder: clip, load: path })).rejects.toThrow(/no image index|damaged/);
    }
    writeFileSync(path, picture('photo.png'));
    await expect(createImageIndex({ encoder: clip, load: path })).rejects.toThrow(/no image index/);
    await expect(createImageIndex({ encoder: clip, load: '/nowhere' })).rejects.toThrow(/cannot be read/);
  });

  it('is refused by another model', async () => {
    await expect(createImageIndex({ encoder: siglip, load: await saved() })).rejects.toThrow(/made with another model/);
  });

  it('keeps the old file when the new one cannot be written', async () => {
    const index = await createImageIndex({ encoder: clip });
    await expect(index.save('/nowhere/at/all/x.index')).rejects.toThrow(/could not be saved/);
  });
});

describe('the search', () => {
  it('finds exactly what comparing and sorting everything finds', () => {
    const number = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }).chain((dimension) =>
          fc.record({
            rows: fc.array(fc.array(number, { minLength: dimension, maxLength: dimension }), { maxLength: 40 }),
            query: fc.array(number, { minLength: dimension, maxLength: dimension }),
            limit: fc.integer({ min: 1, max: 50 }),
          }),
        ),
        ({ rows, query, limit }) => {
          const table = new VectorTable(query.length);
          for (const row of rows) table.add(Float32Array.from(row));
          const all = rows
            .map((values, row) => ({
              row,
              cosine: values.reduce((sum, value, place) => sum + value * (query[place] ?? 0), 0),
            }))
            .sort((first, second) => second.cosine - first.cosine || first.row - second.row);
          const found = table
            .search(Float32Array.from(query), limit)
            .map(({ row, cosine }) => ({ row, cosine: cosine + 0 }));
          expect(found.map((match) => match.cosine)).toEqual(all.slice(0, limit).map((match) => match.cosine + 0));
          for (const match of found) expect(all.find((other) => other.row === match.row)?.cosine).toBe(match.cosine);
        },
      ),
    );
  });

  it('goes through 100,000 rows', () => {
    const table = new VectorTable(64);
    let state = 1;
    const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
    for (let row = 0; row < 100_000; row++) table.add(toUnit(Float32Array.from({ length: 64 }, next)));
    const wanted = table.rows().slice(64 * 77_777, 64 * 77_778);
    const [best, second] = table.search(wanted, 2);
    expect(best?.row).toBe(77_777);
    expect(best?.cosine).toBeCloseTo(1, 5);
    expect(second?.cosine).toBeLessThan(0.9);
  });
});
