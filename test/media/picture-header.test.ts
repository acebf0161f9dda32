import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkMedia, type CheckedMedia } from '../../src/media/entry.js';
import { failureOf } from './failures.js';
import { makeBmp, makeHeif, makePicture, makePngHeader, type SharpFormat } from './pictures.js';

async function sizeOf(bytes: Uint8Array): Promise<Pick<CheckedMedia, 'width' | 'height' | 'orientation'>> {
  const { width, height, orientation } = await checkMedia(bytes, bytes);
  return { width, height, orientation } as Pick<CheckedMedia, 'width' | 'height' | 'orientation'>;
}

const upright = { orientation: 1 };

describe('width, height and orientation are read from the header', () => {
  it.each<SharpFormat>(['jpeg', 'png', 'gif', 'webp', 'avif', 'tiff'])('of a real %s', async (format) => {
    expect(await sizeOf(await makePicture(format, 37, 23))).toEqual({ width: 37, height: 23, ...upright });
  });

  it('of a progressive JPEG, a lossless WebP, a WebP with alpha, a big-endian TIFF', async () => {
    const jpeg = await sharp(await makePicture('png', 31, 17))
      .jpeg({ progressive: true })
      .toBuffer();
    expect(await sizeOf(jpeg)).toEqual({ width: 31, height: 17, ...upright });
    expect(await sizeOf(await makePicture('webp', 19, 5, { lossless: true }))).toEqual({
      width: 19,
      height: 5,
      ...upright,
    });
    expect(await sizeOf(await makePicture('webp', 18, 6, { alpha: true }))).toEqual({
      width: 18,
      height: 6,
      ...upright,
    });
    const tiff = Buffer.from(
      '4d4d002a00000008000301000003000000010280000001010004000000010000012c011200030000000100060000',
      'hex',
    );
    expect(await sizeOf(tiff)).toEqual({ width: 640, height: 300, orientation: 6 });
  });

  it('of BMP with rows upwards, downwards, and with the oldest header', async () => {
    expect(await sizeOf(makeBmp(5, 7))).toEqual({ width: 5, height: 7, ...upright });
    expect(await sizeOf(makeBmp(5, -7))).toEqual({ width: 5, height: 7, ...upright });
    const old = Buffer.alloc(32);
    old.write('BM', 0, 'latin1');
    old.writeUInt32LE(12, 14);
    old.writeUInt16LE(640, 18);
    old.writeUInt16LE(480, 20);
    expect(await sizeOf(old)).toEqual({ width: 640, height: 480, ...upright });
  });

  it.each<SharpFormat>(['jpeg', 'png', 'webp', 'tiff'])('with EXIF orientation 1 to 8 of a real %s', async (format) => {
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      const bytes = await makePicture(format, 40, 20, { orientation });
      // The file must really hold it, or this test would show nothing.
      expect((await sharp(bytes).metadata()).orientation).toBe(orientation);
      expect(await sizeOf(bytes)).toEqual({ width: 40, height: 20, orientation });
    }
  });

  it('with the turns 1 to 8 of a real AVIF', async () => {
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      const bytes = await makePicture('avif', 40, 20, { orientation });
      // sharp shows the turned size, which proves that the file holds the turn.
      expect((await sharp(bytes).metadata()).width).toBe(orientation <= 4 ? 40 : 20);
      expect(await sizeOf(bytes)).toEqual({ width: 40, height: 20, orientation });
    }
  });

  it.each<[number | undefined, 0 | 1 | undefined, number]>([
    [undefined, undefined, 1],
    [undefined, 1, 2],
    [2, undefined, 3],
    [undefined, 0, 4],
    [1, 0, 5],
    [3, undefined, 6],
    [3, 0, 7],
    [1, undefined, 8],
    [0, undefined, 1],
  ])(
    'of HEIC with %j quarter turns and mirror %j, which is EXIF orientation %i',
    async (turns, mirror, orientation) => {
      const bytes = makeHeif({
        major: 'heic',
        width: 4032,
        height: 3024,
        ...(turns === undefined ? {} : { turns }),
        ...(mirror === undefined ? {} : { mirror }),
      });
      expect(await sizeOf(bytes)).toEqual({ width: 4032, height: 3024, orientation });
    },
  );

  it.each<[string, number, number]>([
    ['<svg width="120" height="80">', 120, 80],
    ["<svg width='1in' height='25.4mm'>", 96, 96],
    ['<svg viewBox="0 0 64 32">', 64, 32],
    ['<svg viewBox="0,0,64,32" width="128">', 128, 64],
    ['<svg width="100%" height="100%" viewBox="0 0 10 20">', 10, 20],
    ['<svg stroke-width="9" data-a=">" height="50" viewBox="0 0 2 1">', 100, 50],
    ['<svg>', 300, 150],
    ['<svg width="0.2" height="0.2">', 1, 1],
  ])('of %s', async (tag, width, height) => {
    expect(await sizeOf(Buffer.from(`${tag}</svg>`))).toEqual({ width, height, ...upright });
  });

  it('damaged EXIF counts as orientation 1 and leaves the size', async () => {
    const bytes = await makePicture('jpeg', 40, 20, { orientation: 6 });
    const exif = bytes.indexOf('Exif\0\0', 0, 'latin1');
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, exif + 10, exif + 14);
    expect(await sizeOf(damaged)).toEqual({ width: 40, height: 20, orientation: 1 });
  });
});

describe('a broken picture is a clear error', () => {
  it.each<SharpFormat>(['jpeg', 'png', 'webp', 'avif', 'tiff'])(
    'when a %s is cut off in its header',
    async (format) => {
      const bytes = await makePicture(format, 60, 60);
      const cut = format === 'tiff' ? bytes.subarray(0, 100) : bytes.subarray(0, 22);
      const error = await failureOf('image-unreadable', () => checkMedia(cut, 'cut.bin'));
      expect(error.message).toMatch(/^"cut\.bin" (is cut off|begins as)/);
    },
  );

  it.each<SharpFormat>(['jpeg', 'png', 'webp', 'avif'])('when the second half of a %s is missing', async (format) => {
    const bytes = await makePicture(format, 300, 300);
    expect((await checkMedia(bytes, bytes)).width).toBe(300);
    const half = bytes.subarray(0, Math.floor(bytes.length / 2));
    const error = await failureOf('image-unreadable', () => checkMedia(half, 'half.bin'));
    expect(error.message).toMatch(/cut off/);
  });

  it('when the header claims a gigapixel', async () => {
    const error = await failureOf('image-too-large', () => checkMedia(makePngHeader(40_000, 40_000), 'bomb.png'));
    expect(error.message).toMatch(/40000 × 40000 pixels/);
    expect((await checkMedia(makePngHeader(12_000, 9_000), 'photo.png')).width).toBe(12_000);
  });

  it('when the header claims no pixels', async () => {
    const error = await failureOf('image-unreadable', () => checkMedia(makePngHeader(0, 9), 'zero.png'));
    expect(error.message).toMatch(/0 × 9 pixels/);
  });
});

const dataFolder = process.env['OCELLI_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');
const realFiles = ['coco/images', 'bccd/images', 'sroie/images', 'blindtest/images'].flatMap((folder) => {
  const path = join(dataFolder, folder);
  return existsSync(path)
    ? readdirSync(path)
        .slice(0, 20)
        .map((name) => join(path, name))
    : [];
});

describe.skipIf(realFiles.length === 0)(`real files agree with sharp (needs ${dataFolder})`, () => {
  it(`over ${realFiles.length} files`, async () => {
    for (const path of realFiles) {
      const bytes = readFileSync(path);
      const { width, height, orientation = 1 } = await sharp(bytes).metadata();
      expect({ path, ...(await sizeOf(bytes)) }).toEqual({ path, width, height, orientation });
    }
  });
});
