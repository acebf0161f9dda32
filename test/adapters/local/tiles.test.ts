/** Pictures are cut into tiles only for a caller who names a detail that asks for it, and estimates know. */

import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { closeLocalEngines, local } from '../../../adapters/local/index.js';
import { createOcelli, type Detail } from '../../../src/index.js';
import { estimateImage, ladder } from '../../../src/estimate/index.js';
import { makePicture } from '../../media/pictures.js';

const folder = fileURLToPath(new URL('../../fixtures/families/idefics3/model', import.meta.url));
const model = `local:${folder}`;
const ocelli = createOcelli({ environment: {}, adapters: [local({ threads: 1 })] });
afterAll(() => closeLocalEngines());
const photo = await makePicture('png', 97, 71);

/** A tile has 4 tokens; 3 × 3 of them and the whole have 40. */
const cases: readonly (readonly [Detail | undefined, number])[] = [
  [undefined, 4],
  ['auto', 4],
  ['low', 4],
  ['medium', 4],
  ['high', 40],
  ['original', 40],
];

describe.each(cases)('at detail %s', (detail, visual) => {
  const named = detail === undefined ? {} : { detail };

  it(`a picture of a family with tiles has ${visual} visual tokens, in the estimate too`, async () => {
    const request = { model, prompt: 'What is this?', images: [photo], maxOutputTokens: 1, ...named };
    const reply = await ocelli.generate(request);
    expect(reply.usage.byModality?.image).toBe(visual);
    const [estimated] = await ocelli.estimate(request);
    expect(estimated).toMatchObject({ estimate: { input: { tokens: reply.usage.inputTokens } } });
    expect(reply.images[0]?.tokens).toBeGreaterThanOrEqual(visual);
  });

  it('a picture’s own detail says it as well', async () => {
    const image = { source: photo, ...named };
    const reply = await ocelli.generate({ model, prompt: 'What is this?', images: [image], maxOutputTokens: 1 });
    expect(reply.usage.byModality?.image).toBe(visual);
  });
});

it('the row of a folder says which detail is meant when none is named', async () => {
  const row = await ocelli.findModel(model);
  if (row === undefined) throw new TypeError('no row');
  expect(row.defaultDetail).toBe('auto');
  const size = { model: row, width: 97, height: 71 };
  expect(estimateImage(size)).toEqual(estimateImage({ ...size, detail: 'auto' }));
  expect(estimateImage({ ...size, detail: 'high' }).tokens).toBeGreaterThan(40);
  expect(ladder(size)).toEqual(ladder({ ...size, detail: 'auto' }));
});
