/** Formats that a target does not read become one that it does. */

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { fitPicture, type RawPicture } from '../../../src/media/entry.js';
import { failureOf } from '../failures.js';
import { makeHeif } from '../pictures.js';
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
const hosted = targetWith();

describe('a format that the target does not read', () => {
  it('AVIF becomes JPEG', async () => {
    const media = await load(await quartersAs((picture) => picture.avif({ quality: 90 })));
    const { media: sent, report } = await fitPicture(media, hosted);
    expect(report.reasons).toEqual(['media-type']);
    expect(sent.mediaType).toBe('image/jpeg');
    expect(difference((await seenQuarters(sent)).colours, upright)).toBeLessThan(20);
  });

  it('a drawing as TIFF becomes PNG, a photo JPEG', async () => {
    const drawing = await fitPicture(
      await load(await quartersAs((picture) => picture.tiff({ compression: 'lzw' }))),
      hosted,
    );
    expect(drawing.media.mediaType).toBe('image/png');
    expect((await seenQuarters(drawing.media)).colours).toEqual(upright);
    const taken = await fitPicture(
      await load(await photoAs((picture) => picture.tiff({ compression: 'lzw' }), 200, 150)),
      hosted,
    );
    expect(taken.media.mediaType).toBe('image/jpeg');
  });

  it('SVG becomes PNG of the size that its header says', async () => {
    const svg = (size: string): Buffer =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 64 32"><rect width="64" height="32" fill="#fff"/><rect width="32" height="16" fill="rgb(230,20,20)"/><rect x="32" width="32" height="16" fill="rgb(20,200,40)"/><rect y="16" width="32" height="16" fill="rgb(20,40,220)"/></svg>`,
      );
    for (const size of ['width="64" height="32"', '', 'width="10cm" height="5cm"']) {
      const media = await load(svg(size));
      const { media: sent, report } = await fitPicture(media, hosted);
      expect(sent.mediaType).toBe('image/png');
      expect(report.sent).toMatchObject({ width: media.width, height: media.height });
      expect((await seenQuarters(sent)).colours).toEqual(upright);
    }
  });

  it('WebP becomes PNG or JPEG where only these are read', async () => {
    const target = targetWith({ mediaTypes: ['image/jpeg', 'image/png'] });
    const lossless = await fitPicture(
      await load(await quartersAs((picture) => picture.webp({ lossless: true }))),
      target,
    );
    expect(lossless.media.mediaType).toBe('image/png');
    const lossy = await fitPicture(await load(await quartersAs((picture) => picture.webp())), target);
    expect(lossy.media.mediaType).toBe('image/jpeg');
  });

  it('is left alone where nothing is known of the target', async () => {
    const media = await load(await quartersAs((picture) => picture.avif()));
    const { mediaTypes: _known, ...unknown } = hosted;
    expect((await fitPicture(media, unknown)).media).toBe(media);
  });

  it('is refused where nothing can be written that is read', async () => {
    const media = await load(await quartersAs((picture) => picture.avif()));
    await failureOf('unsupported-input', () => fitPicture(media, targetWith({ mediaTypes: ['image/gif'] })));
  });
});

describe('BMP', () => {
  const bmp = async (bits: number, options: { topDown?: boolean; masks?: boolean } = {}): Promise<Buffer> => {
    const [width, height] = [61, 30];
    const pixels = await quarters(width, height);
    const rowBytes = Math.ceil((width * bits) / 32) * 4;
    const colours: Colour[] = [red, green, blue, white];
    const paletteBytes = bits <= 8 ? 4 * 2 ** bits : 0;
    const start = 54 + (options.masks === true ? 12 : 0) + paletteBytes;
    const file = Buffer.alloc(start + rowBytes * height);
    file.write('BM', 0, 'latin1');
    file.writeUInt32LE(file.length, 2);
    file.writeUInt32LE(start, 10);
    file.writeUInt32LE(40, 14);
    file.writeInt32LE(width, 18);
    file.writeInt32LE(options.topDown === true ? -height : height, 22);
    file.writeUInt16LE(1, 26);
    file.writeUInt16LE(bits, 28);
    file.writeUInt32LE(options.masks === true ? 3 : 0, 30);
    if (options.masks === true)
      [0xf800, 0x7e0, 0x1f].forEach((mask, index) => file.writeUInt32LE(mask, 54 + index * 4));
    if (bits <= 8) colours.slice(0, 2 ** bits).forEach(([r, g, b], index) => file.set([b, g, r, 0], 54 + index * 4));
    for (let y = 0; y < height; y += 1) {
      const row = start + rowBytes * (options.topDown === true ? y : height - 1 - y);
      for (let x = 0; x < width; x += 1) {
        const [r = 0, g = 0, b = 0] = pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3);
        const index = colours.findIndex((colour) => colour[0] === r && colour[1] === g && colour[2] === b);
        if (bits === 24) file.set([b, g, r], row + x * 3);
        else if (bits === 32) file.set([b, g, r, 0], row + x * 4);
        else if (bits === 16) file.writeUInt16LE(((r >> 3) << 11) | ((g >> 2) << 5) | (b >> 3), row + x * 2);
        else {
          const at = row + Math.floor((x * bits) / 8);
          file[at] = (file[at] ?? 0) | (index << (8 - bits - ((x * bits) % 8)));
        }
      }
    }
    return file;
  };

  for (const [bits, options, noise] of [
    [24, {}, 0],
    [24, { topDown: true }, 0],
    [32, {}, 0],
    [16, { masks: true }, 8],
    [8, {}, 0],
    [4, {}, 0],
  ] as const) {
    it(`of ${bits} bits ${JSON.stringify(options)} becomes PNG`, async () => {
      const { media: sent, report } = await fitPicture(await load(await bmp(bits, options)), hosted);
      expect(sent.mediaType).toBe('image/png');
      expect(report.sent).toMatchObject({ width: 61, height: 30 });
      expect(difference((await seenQuarters(sent)).colours, upright)).toBeLessThanOrEqual(noise);
    });
  }

  it('with one bit a pixel becomes PNG', async () => {
    const file = await bmp(1);
    const { media: sent } = await fitPicture(await load(file), hosted);
    const seen = await seenQuarters(sent);
    expect(seen.colours.slice(0, 2)).toEqual([red, green]);
  });

  it('that is cut off or compressed is refused by name', async () => {
    const cut = await load((await bmp(24)).subarray(0, 1_000));
    await failureOf('image-unreadable', () => fitPicture(cut, hosted));
    const packed = await bmp(8);
    packed.writeUInt32LE(1, 30);
    const media = await load(packed);
    const { message } = await failureOf('image-unreadable', () => fitPicture(media, hosted));
    expect(message).toContain('compressed');
  });
});

describe('HEIC', () => {
  const heic = makeHeif({ major: 'heic', compatible: ['mif1', 'heic'], width: 64, height: 32 });

  it('goes out as it is where it is read, also when it is turned by its container', async () => {
    const target = targetWith({ mediaTypes: ['image/heic', 'image/jpeg'] });
    const media = await load(heic);
    expect((await fitPicture(media, target)).media).toBe(media);
    const turned = await load(makeHeif({ major: 'heic', width: 64, height: 32, turns: 3 }));
    const { media: sent, report } = await fitPicture(turned, target);
    expect(sent).toBe(turned);
    expect(report.scale).toEqual({ x: 1, y: 1 });
  });

  it('is refused with the name of the package that would convert it', async () => {
    const media = await load(heic);
    const { message } = await failureOf('unsupported-input', () => fitPicture(media, hosted));
    expect(message).toContain('npm install heic-decode');
  });

  it('is converted with a decoder', async () => {
    const decodeHeic = async (): Promise<RawPicture> => ({
      width: 64,
      height: 32,
      channels: 4,
      data: await sharp(await quarters(64, 32), { raw: { width: 64, height: 32, channels: 3 } })
        .ensureAlpha()
        .raw()
        .toBuffer(),
    });
    const { media: sent, report } = await fitPicture(await load(heic), targetWith({ vendorScaling: scaleTo(32) }), {
      decodeHeic,
    });
    expect(sent.mediaType).toBe('image/jpeg');
    expect(report.sent).toMatchObject({ width: 32, height: 16 });
    expect(difference((await seenQuarters(sent)).colours, upright)).toBeLessThan(12);
  });
});
