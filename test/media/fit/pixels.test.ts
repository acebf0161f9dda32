/** What a fitted picture looks like, judged by its pixels. */

import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { fitPicture } from '../../../src/media/entry.js';
import {
  blue,
  difference,
  green,
  load,
  photoAs,
  quarters,
  quartersAs,
  red,
  scaleTo,
  seenQuarters,
  targetWith,
  white,
  type Colour,
} from './fixtures.js';

const upright: Colour[] = [red, green, blue, white];
/** A JPEG of flat quarters is off by some levels of 256. */
const jpegNoise = 12;

describe('a picture that lies on its side', () => {
  for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
    for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
      it(`is turned upright: ${format}, EXIF orientation ${orientation}`, async () => {
        const stored = await layDown(orientation);
        const marked = stored.withMetadata({ orientation });
        const bytes = await marked[format](format === 'webp' ? { lossless: true } : { quality: 95 }).toBuffer();
        const media = await load(bytes);
        expect(media.orientation).toBe(orientation);
        const { media: sent, report } = await fitPicture(media, targetWith());
        const seen = await seenQuarters(sent);
        expect(seen.size).toBe('64x32');
        expect(difference(seen.colours, upright)).toBeLessThan(jpegNoise);
        expect(sent.orientation).toBe(1);
        expect(report.reasons).toContain('orientation');
        expect(report.sent).toMatchObject({ width: 64, height: 32, orientation: 1 });
        expect(report.original).toMatchObject({ orientation, width: orientation >= 5 ? 32 : 64 });
      });
    }
  }

  it('is turned and scaled in one go', async () => {
    const bytes = await (await layDown(6)).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const { media } = await fitPicture(await load(bytes), targetWith({ vendorScaling: scaleTo(32) }));
    const seen = await seenQuarters(media);
    expect(seen.size).toBe('32x16');
    expect(difference(seen.colours, upright)).toBeLessThan(jpegNoise);
  });

  it('keeps its EXIF without the turn when metadata are wanted', async () => {
    const bytes = await (
      await layDown(6)
    )
      .withExif({ IFD0: { Copyright: 'somebody' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { media } = await fitPicture(await load(bytes), targetWith(), { keepMetadata: true });
    expect(media.orientation).toBe(1);
    expect((await sharp(media.bytes).metadata()).exif).toBeDefined();
    expect((await seenQuarters(media)).size).toBe('64x32');
  });
});

/** The upright quarters as a camera would store them that has to be turned by `orientation`. */
async function layDown(orientation: number): Promise<Sharp> {
  const [width, height] = [64, 32];
  const from = await quarters(width, height);
  const isTurned = orientation >= 5;
  const [storedWidth, storedHeight] = isTurned ? [height, width] : [width, height];
  const data = Buffer.alloc(from.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [right, down] = [width - 1 - x, height - 1 - y];
      // Where EXIF 2.32, section 4.6.4, says that the pixel at (x, y) is stored.
      const places: Readonly<Record<number, readonly [number, number]>> = {
        2: [right, y],
        3: [right, down],
        4: [x, down],
        5: [y, x],
        6: [y, right],
        7: [down, right],
        8: [down, x],
      };
      const [column, row] = places[orientation] ?? [x, y];
      from.copy(data, (row * storedWidth + column) * 3, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return sharp(data, { raw: { width: storedWidth, height: storedHeight, channels: 3 } });
}

describe('colours', () => {
  it('of a CMYK JPEG become sRGB', async () => {
    // Colours that print can show.
    const muted: Colour[] = [
      [180, 60, 60],
      [80, 150, 90],
      [60, 80, 150],
      [255, 255, 255],
    ];
    const bytes = await quartersAs((picture) => picture.toColourspace('cmyk').jpeg({ quality: 95 }), 64, 32, muted);
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const { media, report } = await fitPicture(await load(bytes), targetWith());
    expect(report.reasons).toEqual(['colour-profile']);
    expect(await sharp(media.bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
    expect(difference((await seenQuarters(media)).colours, muted)).toBeLessThan(25);
  });

  it('of a picture in Display P3 become sRGB', async () => {
    const bytes = await quartersAs((picture) => picture.withIccProfile('p3').png());
    const bare = await sharp(bytes).keepIccProfile().raw().toBuffer();
    const media = await load(bytes);
    const { media: sent, report } = await fitPicture(media, targetWith());
    expect(report.reasons).toEqual(['colour-profile']);
    const seen = await seenQuarters(sent);
    expect(difference(seen.colours, upright)).toBeLessThan(6);
    // The stored numbers were others: it was converted and not only relabelled.
    expect(Math.abs((bare[0] ?? 0) - red[0])).toBeGreaterThan(10);
    expect((await sharp(sent.bytes).metadata()).icc).toBeUndefined();
  });

  it('of a picture with an sRGB profile go out byte for byte', async () => {
    for (const write of [
      (picture: Sharp) => picture.withIccProfile('srgb').jpeg(),
      (picture: Sharp) => picture.withIccProfile('srgb').png(),
      (picture: Sharp) => picture.withIccProfile('srgb').webp(),
    ]) {
      const bytes = await quartersAs(write);
      expect((await sharp(bytes).metadata()).icc).toBeDefined();
      const media = await load(bytes);
      const { media: sent } = await fitPicture(media, targetWith());
      expect(sent).toBe(media);
    }
  });

  it('of 16 bits become 8 bits when the picture is scaled', async () => {
    const bytes = await quartersAs((picture) => picture.toColourspace('rgb16').png(), 128, 64);
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    const { media } = await fitPicture(await load(bytes), targetWith({ vendorScaling: scaleTo(64) }));
    expect((await sharp(media.bytes).metadata()).depth).toBe('uchar');
    const seen = await seenQuarters(media);
    expect(seen.size).toBe('64x32');
    expect(difference(seen.colours, upright)).toBeLessThan(3);
  });

  it('of a palette stay sharp: the picture stays a PNG', async () => {
    const bytes = await quartersAs((picture) => picture.png({ palette: true }), 128, 64);
    const { media } = await fitPicture(await load(bytes), targetWith({ vendorScaling: scaleTo(64) }));
    expect(media.mediaType).toBe('image/png');
    expect(difference((await seenQuarters(media)).colours, upright)).toBeLessThan(3);
  });
});

describe('transparency', () => {
  const halfClear = async (write: (picture: Sharp) => Sharp): Promise<Buffer> => {
    const data = Buffer.alloc(64 * 32 * 4, 255);
    for (let at = 0; at < data.length; at += 4) {
      data.set(red, at);
      // The right half is clear.
      data[at + 3] = (at / 4) % 64 < 32 ? 255 : 0;
    }
    return write(sharp(data, { raw: { width: 64, height: 32, channels: 4 } })).toBuffer();
  };
  const alphaAt = async (bytes: Uint8Array, x: number): Promise<number> => {
    const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return data[(Math.floor(info.height / 2) * info.width + x) * 4 + 3] ?? -1;
  };

  it('is kept where the target can have it', async () => {
    for (const write of [
      (picture: Sharp) => picture.png(),
      (picture: Sharp) => picture.webp({ lossless: true }),
      (picture: Sharp) => picture.toColourspace('rgb16').png(),
      (picture: Sharp) => picture.gif(),
    ]) {
      const media = await load(await halfClear(write));
      const { media: sent } = await fitPicture(media, targetWith({ vendorScaling: scaleTo(32) }));
      expect(sent.mediaType).toBe('image/png');
      expect(await alphaAt(sent.bytes, 4)).toBe(255);
      expect(await alphaAt(sent.bytes, 28)).toBe(0);
    }
  });

  it('becomes white where the target needs that', async () => {
    const media = await load(await halfClear((picture) => picture.png()));
    const { media: sent, report } = await fitPicture(media, targetWith({ alpha: 'white' }));
    expect(report.reasons).toEqual(['transparency']);
    const seen = await seenQuarters(sent);
    expect(difference(seen.colours, [red, white, red, white])).toBeLessThan(jpegNoise);
    expect((await sharp(sent.bytes).metadata()).hasAlpha).toBe(false);
  });

  it('becomes white where the target reads JPEG only', async () => {
    const media = await load(await halfClear((picture) => picture.png()));
    const { media: sent } = await fitPicture(media, targetWith({ mediaTypes: ['image/jpeg'] }));
    expect(sent.mediaType).toBe('image/jpeg');
    const seen = await seenQuarters(sent);
    expect(difference(seen.colours, [red, white, red, white])).toBeLessThan(jpegNoise);
  });

  it('that a file could have but does not use costs nothing', async () => {
    const bytes = await photoAs((picture) => picture.ensureAlpha().png(), 300, 200);
    const { media } = await fitPicture(await load(bytes), targetWith({ vendorScaling: scaleTo(150) }));
    expect(media.mediaType).toBe('image/jpeg');
  });

  it('of a single pixel is found', async () => {
    const data = await sharp(await photoAs((picture) => picture.ensureAlpha().png(), 900, 700))
      .raw()
      .toBuffer();
    data[(333 * 900 + 777) * 4 + 3] = 0;
    const bytes = await sharp(data, { raw: { width: 900, height: 700, channels: 4 } })
      .png()
      .toBuffer();
    const { media } = await fitPicture(
      await load(bytes),
      targetWith({ mediaTypes: ['image/webp', 'image/png'], limits: { images: { maxSide: 899 } } }),
    );
    expect((await sharp(media.bytes).metadata()).hasAlpha).toBe(true);
  });
});
