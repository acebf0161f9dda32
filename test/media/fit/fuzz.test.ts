/** Damaged pictures are fitted or refused with an OcelliError, whatever byte is wrong. */

import fc from 'fast-check';
import type { Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { OcelliError } from '../../../src/errors/index.js';
import { checkMedia, fitPicture } from '../../../src/media/entry.js';
import { readTraits } from '../../../src/media/fit/picture-traits.js';
import { quartersAs, scaleTo, targetWith } from './fixtures.js';

const withEverything = (picture: Sharp): Sharp =>
  picture
    .withExif({ IFD0: { Copyright: 'somebody' } })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    .withIccProfile('p3');

const pictures: Record<string, () => Promise<Buffer>> = {
  jpeg: () => quartersAs((picture) => withEverything(picture).jpeg()),
  png: () => quartersAs((picture) => withEverything(picture).png()),
  webp: () => quartersAs((picture) => withEverything(picture).webp()),
  gif: () => quartersAs((picture) => picture.gif()),
  avif: () => quartersAs((picture) => withEverything(picture).avif({ effort: 0 })),
  tiff: () => quartersAs((picture) => withEverything(picture).tiff()),
};
const damage = fc.array(
  fc.record({ place: fc.noBias(fc.nat(9_999)).map((part) => part / 10_000), byte: fc.nat(255) }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

describe('a damaged picture', () => {
  for (const [format, make] of Object.entries(pictures)) {
    it(`is fitted or refused by name: ${format}`, async () => {
      const whole = await make();
      let fitted = 0;
      await fc.assert(
        fc.asyncProperty(damage, fc.boolean(), async (changes, scale) => {
          const bytes = Buffer.from(whole);
          // Squared, so that headers get more than their share; the first bytes stay, or it would be no picture at all.
          for (const { place, byte } of changes) bytes[12 + Math.floor(place * place * (bytes.length - 13))] = byte;
          try {
            const media = await checkMedia(bytes, 'a damaged picture', 1_000_000);
            const target = targetWith({
              mediaTypes: ['image/jpeg', 'image/png', `image/${format}`],
              ...(scale ? { vendorScaling: scaleTo(20) } : {}),
            });
            const { report } = await fitPicture(media, target, { maxPixels: 1_000_000 });
            expect(report.sent.width).toBeGreaterThan(0);
            fitted += 1;
          } catch (error) {
            if (!OcelliError.isInstance(error)) throw error;
            expect(['image-unreadable', 'image-too-large', 'unsupported-input']).toContain(error.kind);
          }
        }),
        { numRuns: 120 },
      );
      expect(fitted).toBeGreaterThan(0);
    });
  }

  it('never makes the look into its bytes fail or run on', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('jpeg', 'png', 'webp', 'gif', 'avif', 'heic', 'svg+xml', 'bmp'),
        fc.uint8Array({ maxLength: 400 }),
        (format, bytes) => {
          expect(['none', 'removable', 'embedded']).toContain(readTraits(bytes, `image/${format}`).metadata);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
