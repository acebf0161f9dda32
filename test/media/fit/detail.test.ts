/** A picture is said to be scaled to its detail only where what goes out really is no larger. */

import { expect, it } from 'vitest';
import { createMediaStore, prepareMessages, type PrepareTarget } from '../../../src/media/entry.js';
import type { Detail } from '../../../src/request/index.js';
import { makePicture } from '../pictures.js';

type Fit = NonNullable<PrepareTarget['fit']>;

/** At `low` a long side of 10 px is meant, at other details anything. */
const target: Fit['target'] = (detail, pictureCount) => ({
  limits: {},
  pictureCount,
  ...(detail === 'low'
    ? {
        detailScaling: (width: number, height: number) => {
          const scale = Math.min(1, 10 / Math.max(width, height));
          return { width: Math.round(width * scale), height: Math.round(height * scale) };
        },
      }
    : {}),
});

async function prepare(width: number, height: number, detail: Detail, fit: Omit<Fit, 'target'> = {}) {
  const source = await makePicture('jpeg', width, height);
  const { messages, images } = await prepareMessages([{ role: 'user', content: [{ type: 'image', source, detail }] }], {
    provider: 'any',
    urls: [],
    detail: 'high',
    store: createMediaStore(),
    fit: { ...fit, target },
  });
  const [message] = messages;
  const part = message?.role === 'user' ? message.content[0] : undefined;
  if (part?.type !== 'image' || part.media.type !== 'bytes') throw new Error('no picture');
  return {
    size: [part.media.width, part.media.height],
    reasons: images[0]?.reasons,
    isMarked: part.scaledToDetail === true,
  };
}

it('scales to the detail first, and says so', async () => {
  expect(await prepare(40, 20, 'low')).toEqual({ size: [10, 5], reasons: ['detail'], isMarked: true });
});

it('leaves other details alone', async () => {
  expect(await prepare(40, 20, 'high')).toEqual({ size: [40, 20], reasons: [], isMarked: false });
});

it.each(['vendor', 'limits', 'off'] as const)('has nothing to do for a small picture: %s', async (mode) => {
  expect(await prepare(8, 4, 'low', { mode })).toEqual({ size: [8, 4], reasons: [], isMarked: true });
});

it.each(['limits', 'off'] as const)('does not scale where only limits count: %s', async (mode) => {
  expect(await prepare(40, 20, 'low', { mode })).toEqual({ size: [40, 20], reasons: [], isMarked: false });
});

it('does not claim what could not be done without sharp', async () => {
  const loadSharp = () => Promise.reject(new Error('not installed'));
  expect(await prepare(40, 20, 'low', { loadSharp })).toEqual({
    size: [40, 20],
    reasons: ['not-scaled-without-sharp'],
    isMarked: false,
  });
});
