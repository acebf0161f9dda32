/** `embed`, `classify` and `createImageIndex` of an ocelli, with the tiny dual encoders that transformers was compared with. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeLocalEngines } from '../../adapters/local/index.js';
import { createEmbedding } from '../../src/embedding/embedding.js';
import { createOcelli, OcelliError, type Adapter, type MediaSource } from '../../src/index.js';
import { createFitCache } from '../../src/media/index.js';
import { dualFolder, dualReference } from '../local-model/embedding-fixture.js';
import { modelFolder, picture } from '../local-model/fixture.js';
import { makeBmp } from '../media/pictures.js';

const model = `local:${dualFolder('clip')}`;
const reference = dualReference('clip');
const photo = new Uint8Array(picture('photo.png'));

let folder = '';
let server: Server;
let url = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-embed-'));
  await writeFile(join(folder, 'photo.png'), photo);
  server = createServer(
    (_request, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(photo),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/photo.png`;
});
afterAll(async () => {
  await closeLocalEngines();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true, force: true });
});

function ocelli(): ReturnType<typeof createOcelli> {
  return createOcelli({ environment: {}, media: { download: { allowHosts: [new URL(url).host] } } });
}

async function failure(work: Promise<unknown>): Promise<OcelliError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!OcelliError.isInstance(error)) throw new TypeError(`no OcelliError: ${String(error)}`);
  return error;
}

describe('embed', () => {
  it('takes pictures from wherever a request may', async () => {
    const sources: readonly MediaSource[] = [
      join(folder, 'photo.png'),
      url,
      new URL(url),
      `data:image/png;base64,${Buffer.from(photo).toString('base64')}`,
      photo,
      new Blob([photo]),
      Readable.from([photo]),
    ];
    const { images, dimension, model: used } = await ocelli().embed({ model, images: sources });
    expect(used).toBe(model);
    expect(images).toHaveLength(sources.length);
    const expected = reference.imageEmbeddings[reference.pictures.indexOf('photo.png')] ?? [];
    expect(dimension).toBe(expected.length);
    for (const image of images) expect(image).toEqual(images[0]);
    expected.forEach((value, place) => expect(images[0]?.[place]).toBeCloseTo(value, 3));
  });

  it('takes texts, alone or beside pictures, and nothing at all', async () => {
    const { texts, images } = await ocelli().embed({ model, texts: reference.texts });
    expect(images).toEqual([]);
    expect(texts[0]).toHaveLength(reference.textEmbeddings[0]?.length ?? 0);
    texts.forEach((text, row) =>
      text.forEach((value, place) => expect(value).toBeCloseTo(reference.textEmbeddings[row]?.[place] ?? NaN, 3)),
    );
    expect(await ocelli().embed({ model })).toMatchObject({ images: [], texts: [] });
  });

  it('converts what the model cannot read, as a request does', async () => {
    const bmp = makeBmp(40, 30);
    const { images } = await ocelli().embed({ model, images: [bmp] });
    expect(Math.hypot(...(images[0] ?? []))).toBeCloseTo(1, 5);
  });

  it('goes on after the weights were let go', async () => {
    const before = await ocelli().embed({ model, texts: ['a cat'] });
    await closeLocalEngines();
    expect(await ocelli().embed({ model, texts: ['a cat'] })).toEqual(before);
  });

  it.each([
    ['a single text', { model, texts: 'a cat' }, 'invalid-request', /`texts` must be a list of texts/],
    ['a number among the texts', { model, texts: ['a', 3] }, 'invalid-request', /`texts\[1\]`/],
    ['nothing among the pictures', { model, images: [photo, null] }, 'invalid-request', /`images\[1\]`/],
    ['a name without provider', { model: 'clip', texts: ['a'] }, 'invalid-request', /write provider:model-id/],
    ['an unknown provider', { model: 'locla:clip', texts: ['a'] }, 'invalid-request', /Did you mean "local"/],
    [
      'a hosted model',
      { model: 'openai:gpt-4o', texts: ['a'] },
      'unsupported-input',
      /openai:gpt-4o makes no embeddings/,
    ],
    [
      'a model that was not pulled',
      { model: 'local:some/clip', texts: ['a'] },
      'local-model',
      /ocelli pull some\/clip/,
    ],
    ['a folder that is none', { model: 'local:./none', texts: ['a'] }, 'local-model', /does not exist/],
    ['a picture that is not there', { model, images: ['/no/such.png'] }, 'image-unreadable', /such\.png/],
    ['a picture that is none', { model, images: [new Uint8Array([1, 2, 3, 4])] }, 'image-unreadable', /./],
  ] as const)('%s is refused with words', async (_, request, kind, message) => {
    const error = await failure(ocelli().embed(request as never));
    expect(error.message).toMatch(message);
    expect(error.kind).toBe(kind);
  });

  it('says whose failure it was', async () => {
    const error = await failure(ocelli().embed({ model: 'local:./none', texts: ['a'] }));
    expect(error).toMatchObject({ provider: 'local', model: 'local:./none' });
  });

  it('is not begun when it was aborted', async () => {
    const error = await failure(ocelli().embed({ model, texts: ['a'], signal: AbortSignal.abort() }));
    expect(error.kind).toBe('aborted');
  });

  it('takes the dual encoder that an adapter has for when none is named, and says when there is none', async () => {
    const base = { media: undefined, fitCache: createFitCache() };
    const none = createEmbedding({ ...base, adapters: new Map() });
    expect((await failure(none.embed({ texts: ['a'] }))).message).toMatch(/has no dual encoder of its own/);
    const own = {
      provider: 'mine',
      defaultEncoder: () => 'small',
      openEncoder: () =>
        Promise.resolve({
          description: { family: 'toy', dimension: 2, score: 'sigmoid', fingerprint: 'x' },
          embed: () => Promise.resolve({ images: [], texts: [Float32Array.of(1, 0)] }),
          classify: () => Promise.resolve([]),
        }),
    } as unknown as Adapter;
    const some = createEmbedding({ ...base, adapters: new Map([['mine', own]]) });
    expect(await some.embed({ texts: ['a'] })).toMatchObject({ model: 'mine:small', dimension: 2 });
  });
});

describe('classify', () => {
  it.each(['clip', 'siglip'] as const)('scores labels as transformers does: %s', async (kind) => {
    const { pictures, labels, scores } = dualReference(kind);
    for (const [row, name] of pictures.entries()) {
      const reply = await ocelli().classify({ model: `local:${dualFolder(kind)}`, image: picture(name), labels });
      expect(reply.score).toBe(kind === 'clip' ? 'softmax' : 'sigmoid');
      expect(reply.label).toBe(reply.labels[0]?.label);
      labels.forEach((label, place) =>
        expect(reply.labels.find((entry) => entry.label === label)?.score).toBeCloseTo(scores[row]?.[place] ?? NaN, 3),
      );
    }
  });

  it.each([
    ['no labels', { model, image: photo, labels: [] }, /at least one label/],
    ['an empty label', { model, image: photo, labels: ['a', ' '] }, /`labels\[1\]`/],
    ['no picture', { model, labels: ['a'] }, /`image` must be/],
    ['a template without a place', { model, image: photo, labels: ['a'], template: 'a photo' }, /\{\}/],
  ])('%s is refused with words', async (_, request, message) => {
    const error = await failure(ocelli().classify(request as never));
    expect(error.message).toMatch(message);
    expect(error.kind).toBe('invalid-request');
  });
});

describe('an index', () => {
  it('holds folders, URLs and bytes, finds by text and by picture, and is the same after saving and loading', async () => {
    const index = await ocelli().createImageIndex({ model });
    const names = reference.pictures.filter((name) => name !== 'photo.png');
    await index.add([folder, url, ...names.map((id) => ({ id, source: new Blob([new Uint8Array(picture(id))]) }))]);
    expect(index.size).toBe(names.length + 2);
    const found = await index.search({ image: join(folder, 'photo.png'), limit: 2 });
    expect(found.map(({ id }) => id).sort()).toEqual([join(folder, 'photo.png'), url].sort());
    expect(found[0]?.cosine).toBeCloseTo(1, 5);
    const byText = await index.search({ text: 'a red square' });
    expect(byText).toHaveLength(index.size);

    const file = join(folder, 'all.index');
    await index.save(file);
    await closeLocalEngines();
    expect(await index.search({ text: 'a red square' })).toEqual(byText);
    const loaded = await ocelli().createImageIndex({ model, load: file });
    expect(await loaded.search({ text: 'a red square' })).toEqual(byText);
    const other = failure(ocelli().createImageIndex({ model: `local:${dualFolder('siglip')}`, load: file }));
    expect((await other).message).toMatch(/made with another model/);
    expect((await readFile(file)).byteLength).toBeGreaterThan(100);
  });

  it('leaves out what cannot be read when someone is told of it', async () => {
    const index = await ocelli().createImageIndex({ model });
    const told: [string, string | undefined][] = [];
    await index.add(
      [
        { id: 'good', source: photo },
        { id: 'broken', source: photo.slice(0, 60) },
      ],
      { onPicture: (id, error) => told.push([id, error?.kind]) },
    );
    expect(index.size).toBe(1);
    expect(told).toEqual([
      ['broken', 'image-unreadable'],
      ['good', undefined],
    ]);
    expect((await failure(index.search({}))).kind).toBe('invalid-request');
  });
});

describe('a model of the other kind', () => {
  it('says which kind it is, and what it is good for', async () => {
    const asked = failure(ocelli().generate({ model, prompt: 'How many?' }));
    // The config of a dual encoder names no family that answers.
    expect((await asked).message).toMatch(/dual encoder|does not run/);
    expect((await asked).kind).toBe('local-model');
    const embedded = failure(ocelli().embed({ model: `local:${modelFolder}`, texts: ['a'] }));
    expect((await embedded).message).toMatch(/makes no embeddings|no dual encoder/);
  });
});
