/** `ocelli classify` and `ocelli search` with a tiny dual encoder. */

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeLocalEngines } from '../../adapters/local/index.js';
import type { ClassifyReply } from '../../src/index.js';
import { dualFolder, dualReference } from '../local-model/embedding-fixture.js';
import { picture } from '../local-model/fixture.js';
import { ocelli } from './terminal.js';

const model = ['--model', `local:${dualFolder('clip')}`];
const { pictures, labels, scores } = dualReference('clip');
let folder = '';
let photo = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ocelli-search-'));
  mkdirSync(join(folder, 'album', 'inner'), { recursive: true });
  for (const name of pictures) writeFileSync(join(folder, 'album', name), picture(name));
  photo = join(folder, 'album', 'photo.png');
  copyFileSync(photo, join(folder, 'album', 'inner', 'same.png'));
});
afterAll(async () => {
  await closeLocalEngines();
  rmSync(folder, { recursive: true, force: true });
});

describe('classify', () => {
  it('prints the labels, likeliest first, and the same as JSON', async () => {
    const said = await ocelli(['classify', photo, '--labels', labels.join(', '), ...model]);
    expect(said.code).toBe(0);
    const json = await ocelli(['classify', photo, '--labels', labels.join(','), ...model, '--json']);
    const [reply] = (JSON.parse(json.out) as { pictures: (ClassifyReply & { picture: string })[] }).pictures;
    expect(reply).toMatchObject({ picture: photo, score: 'softmax', label: reply?.labels[0]?.label });
    labels.forEach((label, place) =>
      expect(reply?.labels.find((entry) => entry.label === label)?.score).toBeCloseTo(
        scores[pictures.indexOf('photo.png')]?.[place] ?? NaN,
        3,
      ),
    );
    const lines = said.out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^label +score +cosine$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/)[0])).toEqual(reply?.labels.map(({ label }) => label));
  });

  it('names several pictures, and takes templates', async () => {
    const words = ['classify', photo, photo, '--labels', 'cat,dog', '--template', 'two {}s', ...model];
    const said = await ocelli(words);
    expect(said.out.split(photo)).toHaveLength(3);
  });

  it.each([
    [['classify', 'x.png', ...model], 2, /required option '-l, --labels/],
    [['classify', 'x.png', '--labels', ' , ', ...model], 2, /--labels is empty/],
    [['classify', '/no/such.png', '--labels', 'cat', ...model], 1, /such\.png/],
    [['classify', 'x.png', '--labels', 'cat', '--model', 'openai:gpt-4o'], 1, /makes no embeddings|x\.png/],
  ])('%j ends with %i', async (words, code, message) => {
    const said = await ocelli(words);
    expect(said.err).toMatch(message);
    expect(said.code).toBe(code);
  });
});

describe('search', () => {
  it('finds the pictures nearest to a picture and to a text, in folders below too', async () => {
    const said = await ocelli(['search', join(folder, 'album'), '--image', photo, '--limit', '2', ...model]);
    expect(said.code).toBe(0);
    const lines = said.out.trimEnd().split('\n').slice(1);
    expect(new Set(lines.map((line) => line.trim().split(/ {2}/)[1]))).toEqual(
      new Set([join(folder, 'album', 'inner', 'same.png'), photo]),
    );
    expect(lines[0]).toMatch(/^1\.0000/);
    const json = await ocelli(['search', join(folder, 'album'), 'a red square', ...model, '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ pictures: pictures.length + 1 });
  });

  it('keeps its index in a file, and makes it anew when told to', async () => {
    const index = join(folder, 'album.index');
    const words = ['search', join(folder, 'album'), 'a red square', ...model, '--index', index, '--json'];
    const first = await ocelli(words);
    expect(existsSync(index)).toBe(true);
    writeFileSync(join(folder, 'album', 'broken.png'), 'no picture');
    const again = await ocelli(words);
    expect(again).toEqual(first);
    const fresh = await ocelli([...words, '--refresh']);
    expect(fresh.out).toBe(first.out);
    expect(fresh.err).toMatch(/^warning: .*broken\.png was left out: /);
  });

  it.each([
    [['search', '.', ...model], /either a text or --image/],
    [['search', '.', 'a cat', '--image', 'x.png', ...model], /either a text or --image/],
    [['search', '.', 'a cat', '--refresh', ...model], /--refresh makes the file of --index anew/],
    [['search', '/no/such/folder', 'a cat', ...model], /no file or folder/],
    [['search', dualFolder('clip'), 'a cat', ...model], /has no pictures in it/],
  ])('%j is wrong usage', async (words, message) => {
    const said = await ocelli(words);
    expect(said.err).toMatch(message);
    expect(said.code).toBe(2);
  });
});
