/** Which bytes a fitted picture keeps and which it loses. */

import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { fitPicture, planFit } from '../../../src/media/entry.js';
import { difference, load, quartersAs, red, scaleTo, seenQuarters, targetWith } from './fixtures.js';

const xmp =
  '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,31.2N"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>';

/** EXIF with a GPS directory and XMP with a place. */
function located(picture: Sharp): Sharp {
  return picture
    .withExif({
      IFD0: { Copyright: 'SECRET-OWNER' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 31/1 12/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 36/1',
      },
    })
    .withXmp(xmp);
}

/** Traces of the above in any container. The GPS directory's tag is 0x8825. */
function traces(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1');
  return ['SECRET-OWNER', 'GPSLatitude', 'xpacket', 'Exif', '\u0088\u0025', '\u0025\u0088'].filter((trace) =>
    text.includes(trace),
  );
}

const writers = {
  jpeg: (picture: Sharp) => picture.jpeg({ quality: 95 }),
  png: (picture: Sharp) => picture.png(),
  webp: (picture: Sharp) => picture.webp({ lossless: true }),
  avif: (picture: Sharp) => picture.avif({ quality: 90 }),
};

describe('EXIF, XMP and GPS', () => {
  for (const [format, write] of Object.entries(writers)) {
    const mediaTypes = [`image/${format}`];

    it(`are cut out without touching a pixel: ${format}`, async () => {
      const media = await load(await quartersAs((picture) => write(located(picture))));
      expect(traces(media.bytes)).toContain('SECRET-OWNER');
      expect((await sharp(media.bytes).metadata()).xmp?.toString()).toContain('GPSLatitude');
      const { media: sent, report } = await fitPicture(media, targetWith({ mediaTypes }), {
        loadSharp: () => Promise.reject(new Error('sharp must not be needed')),
      });
      expect(report.reasons).toEqual(['metadata']);
      // An AVIF's list of items still says that there was one.
      expect(traces(sent.bytes).filter((trace) => format !== 'avif' || trace !== 'Exif')).toEqual([]);
      const again = await fitPicture(sent, targetWith({ mediaTypes }));
      expect(again.media).toBe(sent);
      const [before, after] = await Promise.all(
        [media.bytes, sent.bytes].map((bytes) => sharp(bytes).raw().toBuffer()),
      );
      expect(after?.equals(before ?? Buffer.alloc(0))).toBe(true);
      const { exif, xmp: left } = await sharp(sent.bytes).metadata();
      expect([exif, left].every((block) => block === undefined || block.every((byte) => byte === 0))).toBe(true);
      expect(sent.sha256).not.toBe(media.sha256);
    });

    it(`stay when they are wanted: ${format}`, async () => {
      const media = await load(await quartersAs((picture) => write(located(picture))));
      const { media: sent, report } = await fitPicture(media, targetWith({ mediaTypes }), { keepMetadata: true });
      expect(sent).toBe(media);
      expect(report.reasons).toEqual([]);
    });

    it(`are gone from a scaled picture: ${format}`, async () => {
      const media = await load(await quartersAs((picture) => write(located(picture)), 400, 200));
      const { media: sent } = await fitPicture(media, targetWith({ vendorScaling: scaleTo(100) }));
      expect(traces(sent.bytes)).toEqual([]);
    });
  }

  it('go with a second picture behind the first, which has its own', async () => {
    const first = await quartersAs((picture) => picture.jpeg());
    const second = await quartersAs((picture) => located(picture).jpeg());
    const { media: sent, report } = await fitPicture(await load(Buffer.concat([first, second])), targetWith());
    expect(report.reasons).toEqual(['metadata']);
    expect(Buffer.from(sent.bytes).equals(first)).toBe(true);
  });

  it('in a progressive JPEG with many scans end where the picture ends', async () => {
    const first = await quartersAs((picture) => picture.jpeg({ progressive: true }), 300, 200);
    const tail = Buffer.from('....ftypqt  a film with a place in it');
    const { media: sent } = await fitPicture(await load(Buffer.concat([first, tail])), targetWith());
    expect(Buffer.from(sent.bytes).equals(first)).toBe(true);
  });

  it('of a TIFF go by writing it anew', async () => {
    const media = await load(await quartersAs((picture) => located(picture).tiff()));
    const { media: sent } = await fitPicture(media, targetWith({ mediaTypes: ['image/tiff', 'image/png'] }));
    expect(sent.mediaType).toBe('image/png');
    expect(traces(sent.bytes)).toEqual([]);
  });

  it('of a GIF are cut out', async () => {
    const gif = await quartersAs((picture) => picture.gif());
    // From wherever a reader comes that takes the text for blocks, it ends at the last zero.
    const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);
    const extension = Buffer.concat([
      Buffer.from([0x21, 0xff, 11]),
      Buffer.from('XMP DataXMP'),
      Buffer.from(xmp),
      trailer,
    ]);
    const media = await load(Buffer.concat([gif.subarray(0, -1), extension, gif.subarray(-1)]));
    const { media: sent } = await fitPicture(media, targetWith());
    expect(Buffer.from(sent.bytes).equals(gif)).toBe(true);
  });
});

describe('what needs nothing goes out byte for byte', () => {
  const cases: Record<string, () => Promise<Buffer>> = {
    'a JPEG': () => quartersAs((picture) => picture.jpeg()),
    'a progressive JPEG': () => quartersAs((picture) => picture.jpeg({ progressive: true })),
    'a grey JPEG': () => quartersAs((picture) => picture.greyscale().jpeg()),
    'a PNG': () => quartersAs((picture) => picture.png()),
    'a PNG of 16 bits': () => quartersAs((picture) => picture.toColourspace('rgb16').png()),
    'a PNG with a palette': () => quartersAs((picture) => picture.png({ palette: true })),
    'a transparent PNG': () => quartersAs((picture) => picture.ensureAlpha(0.5).png()),
    'a WebP': () => quartersAs((picture) => picture.webp()),
    'a GIF': () => quartersAs((picture) => picture.gif()),
  };
  for (const [name, make] of Object.entries(cases)) {
    it(name, async () => {
      const bytes = await make();
      const media = await load(bytes);
      const {
        media: sent,
        report,
        noteForModel,
      } = await fitPicture(media, targetWith({ vendorScaling: scaleTo(1_024) }), {
        loadSharp: () => Promise.reject(new Error('sharp must not be needed')),
      });
      expect(sent.bytes).toBe(bytes);
      expect(report).toMatchObject({ reasons: [], scale: { x: 1, y: 1 } });
      expect(report.sent).toEqual(report.original);
      expect(noteForModel).toBeUndefined();
    });
  }

  it('and so does what stays on this machine, where its reader turns it itself', async () => {
    const bytes = await quartersAs((picture) => located(picture).withMetadata({ orientation: 6 }).jpeg());
    const media = await load(bytes);
    const target = targetWith({ staysHere: true });
    expect((await fitPicture(media, target)).media).toBe(media);
    // What has to be converted all the same is turned, once.
    const { media: sent } = await fitPicture(media, targetWith({ staysHere: true, mediaTypes: ['image/png'] }));
    expect(sent).toMatchObject({ mediaType: 'image/png', width: 32, height: 64, orientation: 1 });
  });

  it('and everything does with `off`', async () => {
    const bytes = await quartersAs((picture) => located(picture).withMetadata({ orientation: 6 }).jpeg(), 400, 200);
    const media = await load(bytes);
    const target = targetWith({
      mediaTypes: ['image/png'],
      vendorScaling: scaleTo(10),
      limits: { images: { maxSide: 5 } },
    });
    const { media: sent } = await fitPicture(media, target, { mode: 'off' });
    expect(sent).toBe(media);
    const picture = { width: 400, height: 200, orientation: 6, mediaType: 'image/jpeg' };
    expect(planFit(picture, target, { mode: 'off' })).toMatchObject({ action: 'pass', width: 200, height: 400 });
  });
});

describe('an animation', () => {
  const frames = async (): Promise<Sharp> => {
    const one = await quartersAs((picture) => picture.png());
    const two = await sharp({ create: { width: 64, height: 32, channels: 3, background: '#000000' } })
      .png()
      .toBuffer();
    return sharp([one, two], { join: { animated: true } });
  };

  for (const format of ['gif', 'webp'] as const) {
    it(`goes out as its first frame: ${format}`, async () => {
      const moving = await (await frames())[format]().toBuffer();
      expect((await sharp(moving).metadata()).pages).toBe(2);
      const { media, report } = await fitPicture(await load(moving), targetWith());
      expect(report.reasons).toEqual(['animation']);
      expect((await sharp(media.bytes).metadata()).pages ?? 1).toBe(1);
      const seen = await seenQuarters(media);
      expect(seen.size).toBe('64x32');
      expect(difference(seen.colours.slice(0, 1), [red])).toBeLessThan(12);
    });
  }

  it('in a PNG loses its other frames without being decoded', async () => {
    const still = await quartersAs((picture) => picture.png());
    // acTL in front of the pixels, a frame behind them.
    const chunk = (type: string, size: number): Buffer => {
      const made = Buffer.alloc(12 + size);
      made.writeUInt32BE(size, 0);
      made.write(type, 4, 'latin1');
      return made;
    };
    const moving = Buffer.concat([
      still.subarray(0, 33),
      chunk('acTL', 8),
      still.subarray(33, -12),
      chunk('fcTL', 26),
      chunk('fdAT', 40),
      still.subarray(-12),
    ]);
    const { media, report } = await fitPicture(await load(moving), targetWith());
    expect(report.reasons).toEqual(['animation']);
    expect(Buffer.from(media.bytes).equals(still)).toBe(true);
  });
});
