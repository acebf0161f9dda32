/** What is said of a fitted picture, the way back to the original, and how conversations are fitted. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkMediaLimits,
  createFitCache,
  createMediaStore,
  fitPicture,
  prepareMessages,
  toOriginal,
  type FitTarget,
} from '../../../src/media/entry.js';
import type { Detail, MediaFacts, Message } from '../../../src/request/index.js';
import { failureOf } from '../failures.js';
import { makeReport } from '../../../src/media/fit/fit-report.js';
import { load, photoAs, quartersAs, scaleTo, targetWith } from './fixtures.js';

describe('a place in the sent picture', () => {
  it('is mapped back to the original turned upright, as point and as box, in pixels and in thousandths', async () => {
    const bytes = await quartersAs((picture) => picture.withMetadata({ orientation: 6 }).jpeg(), 400, 200);
    const fitted = await fitPicture(await load(bytes), targetWith({ vendorScaling: scaleTo(100) }));
    // Upright it is 200 x 400.
    expect(fitted.report).toMatchObject({ sent: { width: 50, height: 100 }, scale: { x: 4, y: 4 } });
    expect(fitted.toOriginal({ x: 25, y: 50 })).toEqual({ x: 100, y: 200 });
    expect(fitted.toOriginal({ x: 500, y: 250 }, 'thousand')).toEqual({ x: 100, y: 100 });
    const box = { left: 0, top: 10, right: 50, bottom: 20 };
    expect(fitted.toOriginal(box)).toEqual({ left: 0, top: 40, right: 200, bottom: 80 });
    expect(fitted.toOriginal({ left: 0, top: 0, right: 1_000, bottom: 1_000 }, 'thousand')).toEqual({
      left: 0,
      top: 0,
      right: 200,
      bottom: 400,
    });
    expect(fitted.toOriginal({ x: -3, y: 400 })).toEqual({ x: 0, y: 400 });
    expect(fitted.noteForModel).toContain('200 × 400');
  });

  it('comes back to where it was, whatever the sizes', () => {
    const side = fc.integer({ min: 1, max: 20_000 });
    const facts = (width: number, height: number, orientation: number): MediaFacts => ({
      width,
      height,
      orientation,
      mediaType: 'image/jpeg',
      bytes: 1,
      sha256: '',
    });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (w, h, sw, sh, orientation, share) => {
          const report = makeReport(facts(w, h, orientation), facts(sw, sh, 1), []);
          const [uprightWidth, uprightHeight] = orientation >= 5 ? [h, w] : [w, h];
          const back = toOriginal(report, { x: sw * share, y: sh * share });
          expect(back.x).toBeCloseTo(uprightWidth * share, 5);
          expect(back.y).toBeCloseTo(uprightHeight * share, 5);
          const thousand = toOriginal(report, { x: 1_000 * share, y: 1_000 * share }, 'thousand');
          expect(thousand.x).toBeCloseTo(back.x, 5);
          expect(thousand.y).toBeCloseTo(back.y, 5);
        },
      ),
    );
  });

  it('of a picture that was not fitted is refused', async () => {
    await failureOf('invalid-request', () => toOriginal({}, { x: 1, y: 1 }));
  });
});

describe('a conversation', () => {
  const target = (detail: Detail, pictureCount: number): FitTarget =>
    targetWith({
      pictureCount,
      vendorScaling: scaleTo(detail === 'low' ? 50 : 100),
      limits: { images: { manyImages: 2, manyImagesMaxSide: 40 } },
    });

  it('has its pictures fitted by their detail, tool results included, and each is reported', async () => {
    const picture = await photoAs((made) => made.jpeg(), 400, 200);
    const messages: Message[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', source: picture, detail: 'low' },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'camera', arguments: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', id: 'a', content: [{ type: 'image', source: picture }] }] },
    ];
    const prepared = await prepareMessages(messages, {
      provider: 'openai',
      urls: [],
      detail: 'high',
      store: createMediaStore(),
      fit: { target, note: true },
    });
    expect(prepared.images).toHaveLength(2);
    expect(prepared.images.map(({ sent }) => sent?.width)).toEqual([50, 100]);
    expect(prepared.images[0]).toMatchObject({
      // As before: the picture as it came.
      width: 400,
      height: 200,
      bytes: picture.length,
      original: { width: 400, height: 200, bytes: picture.length },
      reasons: ['vendor-scaling'],
      scale: { x: 8, y: 8 },
    });
    expect(JSON.stringify(prepared.images)).not.toContain('base64');
    const user = prepared.messages[0];
    expect(user?.content.map(({ type }) => type)).toEqual(['text', 'image', 'text']);
    expect(user?.content[1]).toMatchObject({ detail: 'low', media: { width: 50, height: 25 } });
    expect(user?.content[2]).toMatchObject({ text: expect.stringContaining('400 × 200') });
    const tool = prepared.messages[2];
    expect(tool?.role === 'tool' && tool.content[0]?.content[0]).toMatchObject({ media: { width: 100 } });
  });

  it('counts all its pictures, also those that only a URL stands for', async () => {
    const picture = await photoAs((made) => made.jpeg(), 400, 200);
    const { images } = await prepareMessages(
      [
        {
          role: 'user',
          content: [
            { type: 'image', source: picture },
            { type: 'image', source: 'https://example.com/a.jpg', passUrl: true },
            { type: 'image', source: { fileIds: { openai: 'file-1' } } },
          ],
        },
      ],
      { provider: 'openai', urls: ['image'], detail: 'high', store: createMediaStore(), fit: { target } },
    );
    expect(images[0]).toMatchObject({ sent: { width: 40 }, reasons: ['vendor-scaling', 'many-pictures-limit'] });
    expect(images[1]?.sent).toBeUndefined();
  });

  it('keeps to the limit of the request together with its texts and documents', async () => {
    const pictures = await Promise.all(
      [1, 2, 3].map((seed) => photoAs((made) => made.jpeg({ quality: 100 }), 500, 400, seed)),
    );
    const limits = { requestBytes: 800_000 };
    const { messages, images } = await prepareMessages(
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'long '.repeat(40_000) },
            ...pictures.map((source) => ({ type: 'image' as const, source })),
          ],
        },
      ],
      {
        provider: 'openai',
        urls: [],
        detail: 'high',
        store: createMediaStore(),
        fit: { mode: 'limits', target: (_, pictureCount) => targetWith({ limits, pictureCount }) },
      },
    );
    checkMediaLimits(messages, { model: 'any', limits });
    expect(images.map(({ reasons }) => reasons)).toEqual([['request-limit'], ['request-limit'], ['request-limit']]);
  });

  it('without `fit` is what it was', async () => {
    const picture = await quartersAs((made) => made.withMetadata({ orientation: 6 }).jpeg());
    const { messages, images } = await prepareMessages(
      [{ role: 'user', content: [{ type: 'image', source: picture }] }],
      { provider: 'openai', urls: [], detail: 'high', store: createMediaStore() },
    );
    expect(images).toEqual([
      {
        kind: 'image',
        sha256: expect.any(String),
        mediaType: 'image/jpeg',
        bytes: picture.length,
        width: 64,
        height: 32,
        orientation: 6,
      },
    ]);
    const part = messages[0]?.content[0];
    expect(part?.type === 'image' && part.media.type === 'bytes' && part.media.bytes.buffer).toBe(picture.buffer);
  });

  it('says which picture could not be fitted', async () => {
    const broken = await photoAs((made) => made.png(), 100, 80);
    broken.fill(0, 200, 2_000);
    const { message } = await failureOf('image-unreadable', () =>
      prepareMessages(
        [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'image', source: broken },
            ],
          },
        ],
        {
          provider: 'openai',
          urls: [],
          detail: 'high',
          store: createMediaStore(),
          fit: { target: () => targetWith({ vendorScaling: scaleTo(50) }), cache: createFitCache() },
        },
      ),
    );
    expect(message).toContain('messages[0].content[1]');
  });
});
