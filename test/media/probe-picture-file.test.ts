import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkMedia, probePictureFile } from '../../src/media/entry.js';
import { failureOf } from './failures.js';
import { makeBmp, makeHeif, makePicture, makePngHeader, pdf, type SharpFormat } from './pictures.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-probe-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, bytes: Uint8Array | string): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

/** A comment segment of 60,000 bytes. */
const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xea, 0x60]), Buffer.alloc(59_998, 0x20)]);

describe('a file is probed from its header', () => {
  it.each<SharpFormat>(['jpeg', 'png', 'gif', 'webp', 'avif', 'tiff'])(
    'as loading it would say, for %s',
    async (format) => {
      const orientation = format === 'gif' ? 1 : 6;
      const bytes = await makePicture(format, 700, 500, { orientation });
      const { mediaType, width, height, orientation: found } = await checkMedia(bytes, bytes);
      const probe = await probePictureFile(await file(`picture.${format}`, bytes));
      expect(probe).toEqual({ mediaType, width, height, orientation: found });
      expect(probe.orientation).toBe(orientation);
    },
  );

  it('by file: URL', async () => {
    const path = await file('bitmap.bmp', makeBmp(5, 4));
    expect(await probePictureFile(pathToFileURL(path))).toMatchObject({ mediaType: 'image/bmp', width: 5 });
  });

  it('also where the header goes on far behind the first 64 kB', async () => {
    const jpeg = await makePicture('jpeg', 64, 48, { orientation: 3 });
    const long = Buffer.concat([jpeg.subarray(0, 2), ...Array.from({ length: 40 }, () => comment), jpeg.subarray(2)]);
    expect(await probePictureFile(await file('long.jpg', long))).toEqual({
      mediaType: 'image/jpeg',
      width: 64,
      height: 48,
      orientation: 3,
    });
    // The EXIF of a WebP stands behind its pixels.
    const webp = await makePicture('webp', 300, 300, { orientation: 8, lossless: true, noise: true });
    expect(webp.length).toBeGreaterThan(65_536);
    expect(await probePictureFile(await file('long.webp', webp))).toMatchObject({ width: 300, orientation: 8 });
    const heic = makeHeif({ major: 'heic', width: 4000, height: 3000, turns: 3 });
    const free = Buffer.alloc(200_000);
    free.writeUInt32BE(free.length, 0);
    free.write('free', 4, 'latin1');
    const late = Buffer.concat([heic.subarray(0, 16), free, heic.subarray(16)]);
    expect(await probePictureFile(await file('late.heic', late))).toEqual({
      mediaType: 'image/heic',
      width: 4000,
      height: 3000,
      orientation: 6,
    });
  });

  it('many at once', async () => {
    const paths = await Promise.all(
      Array.from({ length: 60 }, async (_, index) =>
        file(`many-${index}.jpg`, await makePicture('jpeg', 10 + index, 9)),
      ),
    );
    const probes = await Promise.all(paths.map((path) => probePictureFile(path)));
    expect(probes.map(({ width }) => width)).toEqual(paths.map((_, index) => 10 + index));
  });
});

describe('a file that is no picture is a clear error', () => {
  it.each<[string, () => Promise<string>, RegExp]>([
    ['missing', () => Promise.resolve('no/such.png'), /"no\/such\.png" does not exist/],
    ['a folder', () => Promise.resolve(folder), /is a folder/],
    ['empty', () => file('empty.png', ''), /is empty/],
    ['text', () => file('text.png', 'hello'), /plain text/],
    ['a PDF', () => file('paper.png', pdf), /application\/pdf, not a picture/],
    ['cut off', () => file('cut.png', makePngHeader(5, 5).subarray(0, 20)), /cut off/],
    ['damaged', () => file('damaged.jpg', Buffer.from('ffd8ffd9', 'hex')), /damaged/],
    ['a device', () => Promise.resolve('/dev/zero'), /device/],
    [
      'a named pipe',
      () => {
        execFileSync('mkfifo', [join(folder, 'pipe')]);
        return Promise.resolve(join(folder, 'pipe'));
      },
      /pipe/,
    ],
  ])('when it is %s', async (_name, make, words) => {
    const path = await make();
    expect((await failureOf('image-unreadable', () => probePictureFile(path))).message).toMatch(words);
  });

  it('when its header claims a gigapixel', async () => {
    const path = await file('bomb.png', makePngHeader(100_000, 100_000));
    await failureOf('image-too-large', () => probePictureFile(path));
    expect((await probePictureFile(path, { maxPixels: 1e11 })).width).toBe(100_000);
  });

  it('when a JPEG ends inside a segment behind the first 64 kB', async () => {
    const path = await file(
      'ends.jpg',
      Buffer.concat([Buffer.from('ffd8', 'hex'), comment, comment.subarray(0, 40_000)]),
    );
    expect((await failureOf('image-unreadable', () => probePictureFile(path))).message).toMatch(/cut off/);
  });
});
