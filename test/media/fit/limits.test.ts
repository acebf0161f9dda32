/** Limits of bytes and sides, shared limits, guards, and what happens without sharp. */

import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createFitCache, fitPicture, fitPictures, planFit, type SharpFactory } from '../../../src/media/entry.js';
import { largestShare } from '../../../src/media/fit/fit-pictures.js';
import { failureOf } from '../failures.js';
import { makePngHeader } from '../pictures.js';
import { load, photoAs, quartersAs, scaleTo, targetWith } from './fixtures.js';

const base64Length = (bytes: Uint8Array): number => Buffer.from(bytes).toString('base64').length;
const withBase64 = (maxBase64Bytes: number): ReturnType<typeof targetWith> =>
  targetWith({ limits: { images: { maxBase64Bytes } } });

describe('the limit on base64 text', () => {
  it('is kept by lower quality first, then by size, whatever it is', async () => {
    const media = await load(await photoAs((picture) => picture.jpeg({ quality: 100 }), 400, 300));
    const whole = base64Length(media.bytes);
    const seen: { width: number; bytes: number }[] = [];
    for (const share of [0.9, 0.5, 0.3, 0.15, 0.03]) {
      const most = Math.round(whole * share);
      const { media: sent, report } = await fitPicture(media, withBase64(most));
      expect(base64Length(sent.bytes)).toBeLessThanOrEqual(most);
      expect(sent.mediaType).toBe('image/jpeg');
      expect(report.reasons).toEqual(['bytes-limit']);
      seen.push({ width: report.sent.width, bytes: report.sent.bytes });
    }
    // As long as quality is enough the size stays.
    expect(seen[0]?.width).toBe(400);
    expect(seen[1]?.width).toBe(400);
    expect(seen.at(-1)?.width).toBeLessThan(400);
    // No step is wasted: what is sent uses a fair part of what is allowed.
    expect((seen.at(-1)?.bytes ?? 0) * (4 / 3)).toBeGreaterThan(whole * 0.03 * 0.4);
  });

  it('is exact: a file that just keeps to it is not touched, one byte more is', async () => {
    const media = await load(await photoAs((picture) => picture.jpeg({ quality: 95 }), 120, 90));
    const length = base64Length(media.bytes);
    expect((await fitPicture(media, withBase64(length))).media).toBe(media);
    expect((await fitPicture(media, withBase64(length - 1))).media).not.toBe(media);
  });

  it('turns a drawing that is too large for PNG into JPEG, and a transparent one into WebP', async () => {
    const drawn = await photoAs((picture) => picture.png({ palette: true, colours: 128 }), 500, 400);
    const media = await load(drawn);
    const most = Math.round(base64Length(drawn) * 0.6);
    const { media: sent } = await fitPicture(media, withBase64(most));
    expect(sent.mediaType).toBe('image/jpeg');
    expect(base64Length(sent.bytes)).toBeLessThanOrEqual(most);

    const clear = await photoAs((picture) => picture.ensureAlpha(0.5).png(), 500, 400);
    const { media: soft } = await fitPicture(await load(clear), withBase64(Math.round(base64Length(clear) * 0.3)));
    expect(soft.mediaType).toBe('image/webp');
    expect((await sharp(soft.bytes).metadata()).hasAlpha).toBe(true);
  });

  it('that nothing can keep is said so', async () => {
    const media = await load(await photoAs((picture) => picture.jpeg(), 100, 100));
    const { message } = await failureOf('image-too-large', () => fitPicture(media, withBase64(100)));
    expect(message).toContain('small enough');
  });
});

describe('the limit on sides', () => {
  const images = { maxSide: 300, manyImages: 2, manyImagesMaxSide: 100 };

  it('is stricter when many pictures go out', async () => {
    const media = await load(await quartersAs((picture) => picture.png(), 400, 200));
    const sizes = [];
    for (const pictureCount of [1, 2, 3]) {
      const { report } = await fitPicture(media, targetWith({ limits: { images }, pictureCount }), { mode: 'limits' });
      sizes.push([report.sent.width, report.sent.height, ...report.reasons]);
    }
    expect(sizes).toEqual([
      [300, 150, 'side-limit'],
      [300, 150, 'side-limit'],
      [100, 50, 'side-limit', 'many-pictures-limit'],
    ]);
  });

  it('is all that scales with `limits`', () => {
    const target = targetWith({ limits: { images }, vendorScaling: scaleTo(50) });
    const picture = { width: 280, height: 140, mediaType: 'image/png' };
    expect(planFit(picture, target, { mode: 'limits' })).toMatchObject({ action: 'pass', width: 280 });
    expect(planFit(picture, target)).toMatchObject({ action: 'convert', width: 50, reasons: ['vendor-scaling'] });
  });

  it('is never kept by enlarging', () => {
    const target = targetWith({ vendorScaling: (width, height) => ({ width: width * 2, height: height * 2 }) });
    expect(planFit({ width: 10, height: 5, mediaType: 'image/png' }, target)).toMatchObject({
      action: 'pass',
      width: 10,
    });
  });
});

describe('the limit of the whole request', () => {
  it('is shared: small pictures stay, large ones get what is left', async () => {
    const small = await load(await quartersAs((picture) => picture.png()));
    const large = await Promise.all(
      [1, 2, 3].map(async (seed) => load(await photoAs((picture) => picture.jpeg({ quality: 100 }), 700, 500, seed))),
    );
    const requestBytes = 900_000;
    const otherBytes = 100_000;
    const target = targetWith({ limits: { requestBytes }, pictureCount: 4 });
    const all = [large[0], small, large[1], large[2]].flatMap((media) =>
      media === undefined ? [] : [{ media, target }],
    );
    const fitted = await fitPictures(all, { otherBytes });
    const total = fitted.reduce((sum, { media }) => sum + base64Length(media.bytes), 0);
    expect(total + otherBytes).toBeLessThan(requestBytes);
    expect(total + otherBytes).toBeGreaterThan(requestBytes * 0.5);
    expect(fitted[1]?.media).toBe(small);
    for (const index of [0, 2, 3]) expect(fitted[index]?.report.reasons).toEqual(['request-limit']);
  });

  it('changes nothing where it is kept', async () => {
    const media = await load(await quartersAs((picture) => picture.png()));
    const target = targetWith({ limits: { requestBytes: 1_000_000 } });
    const [fitted] = await fitPictures([{ media, target }]);
    expect(fitted?.media).toBe(media);
  });

  it('is divided so that everything fits and nothing is wasted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 100, max: 100_000 }),
        (sizes, budget) => {
          const share = largestShare(sizes, budget);
          const total = sizes.reduce((sum, size) => sum + Math.min(size, share ?? Infinity), 0);
          expect(total).toBeLessThanOrEqual(budget);
          // With one byte more for each, it would not fit any more.
          if (share !== undefined)
            expect(sizes.reduce((sum, size) => sum + Math.min(size, share + 1), 0)).toBeGreaterThan(budget);
        },
      ),
    );
  });
});

describe('fitted pictures are kept', () => {
  const counting = (): { loadSharp: () => Promise<SharpFactory>; opened: () => number } => {
    let count = 0;
    return {
      loadSharp: () =>
        Promise.resolve((input, options) => {
          count += 1;
          return sharp(input, options);
        }),
      opened: () => count,
    };
  };

  it('for the next target of the same shape: nothing is decoded twice', async () => {
    const { loadSharp, opened } = counting();
    const cache = createFitCache();
    const media = await load(await photoAs((picture) => picture.jpeg(), 300, 200));
    const first = await fitPicture(media, targetWith({ vendorScaling: scaleTo(100) }), { cache, loadSharp });
    const decoded = opened();
    expect(decoded).toBe(1);
    const other = targetWith({
      vendorScaling: scaleTo(100),
      pictureCount: 7,
      limits: { images: { maxBase64Bytes: 90_000 } },
    });
    const second = await fitPicture(media, other, { cache, loadSharp });
    expect(opened()).toBe(decoded);
    expect(second.media).toBe(first.media);
    await fitPicture(media, targetWith({ vendorScaling: scaleTo(99) }), { cache, loadSharp });
    expect(opened()).toBe(2);
  });

  it('also while they are being made', async () => {
    const { loadSharp, opened } = counting();
    const media = await load(await photoAs((picture) => picture.jpeg(), 300, 200));
    const target = targetWith({ vendorScaling: scaleTo(100), pictureCount: 3 });
    const fitted = await fitPictures(
      [1, 2, 3].map(() => ({ media, target })),
      { loadSharp },
    );
    expect(opened()).toBe(1);
    expect(new Set(fitted.map((each) => each.media)).size).toBe(1);
  });

  it('but not used where they break a tighter limit', async () => {
    const cache = createFitCache();
    const media = await load(await photoAs((picture) => picture.jpeg(), 300, 200));
    const scaling = { vendorScaling: scaleTo(200) };
    const first = await fitPicture(media, targetWith(scaling), { cache });
    const most = Math.round(base64Length(first.media.bytes) / 2);
    const tight = await fitPicture(media, { ...withBase64(most), ...scaling }, { cache });
    expect(base64Length(tight.media.bytes)).toBeLessThanOrEqual(most);
    // And the tight one is no answer for a target that takes more.
    const again = await fitPicture(media, targetWith(scaling), { cache });
    expect(again.media.bytes.length).toBe(first.media.bytes.length);
  });

  it('only up to the bytes that were allowed', async () => {
    const cache = createFitCache({ maxBytes: 60_000 });
    for (let seed = 1; seed <= 6; seed += 1) {
      const media = await load(await photoAs((picture) => picture.jpeg(), 200, 150, seed));
      await fitPicture(media, targetWith({ vendorScaling: scaleTo(120) }), { cache });
      expect(cache.bytes).toBeLessThanOrEqual(60_000);
    }
    expect(cache.bytes).toBeGreaterThan(0);
  });

  it('and failures are not', async () => {
    const cache = createFitCache();
    const media = await load(await photoAs((picture) => picture.jpeg(), 100, 80));
    const broken = (): Promise<SharpFactory> =>
      Promise.resolve(() => {
        throw new Error('out of memory');
      });
    const target = targetWith({ vendorScaling: scaleTo(50) });
    await failureOf('image-unreadable', () => fitPicture(media, target, { cache, loadSharp: broken }));
    expect((await fitPicture(media, target, { cache })).report.sent.width).toBe(50);
  });
});

describe('without sharp', () => {
  const gone = (): Promise<never> =>
    Promise.reject(Object.assign(new Error("Cannot find package 'sharp'"), { code: 'ERR_MODULE_NOT_FOUND' }));

  it('what the vendor would scale anyway goes out unscaled, and says so', async () => {
    const media = await load(await photoAs((picture) => picture.jpeg(), 300, 200));
    const { media: sent, report } = await fitPicture(media, targetWith({ vendorScaling: scaleTo(100) }), {
      loadSharp: gone,
    });
    expect(sent).toBe(media);
    expect(report).toMatchObject({ reasons: ['not-scaled-without-sharp'], scale: { x: 1, y: 1 } });
  });

  it('what has to be changed is refused with the way to get it', async () => {
    const media = await load(await photoAs((picture) => picture.jpeg(), 300, 200));
    const target = targetWith({ limits: { images: { maxSide: 100 } } });
    const { message } = await failureOf('unsupported-input', () => fitPicture(media, target, { loadSharp: gone }));
    expect(message).toContain('npm install sharp');
    expect(message).toContain('side-limit');
  });
});

describe('guards', () => {
  it('a header that claims too many pixels is refused before it is decoded', async () => {
    const media = await load(makePngHeader(30_000, 30_000));
    const { message } = await failureOf('image-too-large', () =>
      fitPicture(media, targetWith({ vendorScaling: scaleTo(100) })),
    );
    expect(message).toContain('30000 × 30000');
  });

  it('pixels that are not what the header says are refused', async () => {
    const media = await load(makePngHeader(3_000, 2_000));
    await failureOf('image-unreadable', () => fitPicture(media, targetWith({ vendorScaling: scaleTo(100) })));
  });

  it('a photo of 108 megapixels is fitted, and timers go on meanwhile', async () => {
    const [width, height] = [12_000, 9_000];
    const bytes = await sharp({ create: { width, height, channels: 3, background: '#3366cc' } })
      .jpeg()
      .toBuffer();
    const media = await load(bytes);
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    const { report, media: sent } = await fitPicture(media, targetWith({ vendorScaling: scaleTo(1_024) }));
    clearInterval(timer);
    expect(report.sent).toMatchObject({ width: 1_024, height: 768 });
    expect(ticks).toBeGreaterThan(5);
    const { dominant } = await sharp(sent.bytes).stats();
    expect(dominant.b).toBeGreaterThan(dominant.r);
  });

  it('a call that is aborted ends at once', async () => {
    const media = await load(await photoAs((picture) => picture.jpeg(), 400, 300));
    await failureOf('aborted', () =>
      fitPicture(media, targetWith({ vendorScaling: scaleTo(100) }), { signal: AbortSignal.abort() }),
    );
  });
});
