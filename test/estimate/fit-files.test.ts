/** Real pictures through the whole of fitting, judged by their pixels. Skipped where the shared data are not mounted. */

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { estimateImage, fitTargetOf, findModel } from '../../src/estimate/index.js';
import { fitPicture, loadMedia, type FittedMedia } from '../../src/media/entry.js';
import type { MediaBytes } from '../../src/request/index.js';

const root = process.env['OCELLI_SHARED_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');
const models = [
  'openai:gpt-4o',
  'openai:gpt-5.4',
  'anthropic:claude-opus-4-5',
  'anthropic:claude-opus-5',
  'google:gemini-2.5-flash',
];

/** At most 300, from every folder alike. */
function realFiles(): string[] {
  if (!existsSync(root)) return [];
  const folders = readdirSync(root)
    .map((name) => join(root, name, 'images'))
    .filter((folder) => existsSync(folder));
  return folders
    .flatMap((folder) => {
      const names = readdirSync(folder).sort();
      const step = Math.max(1, Math.floor((names.length * folders.length) / 300));
      return names.filter((_, index) => index % step === 0).map((name) => join(folder, name));
    })
    .slice(0, 300);
}

const files = realFiles();

describe.skipIf(files.length === 0)(`real pictures (${files.length} in ${root})`, () => {
  for (const model of models) {
    it(`look the same after fitting to ${model}`, { timeout: 120_000 }, async () => {
      const row = findModel(model);
      if (row === undefined) throw new Error(`no row ${model}`);
      let scaled = 0;
      for (const [index, file] of files.entries()) {
        // Each file goes to one model, so that all go to some.
        if (index % models.length !== models.indexOf(model)) continue;
        const { media } = await loadMedia(file);
        const fitted = await fitPicture(media, fitTargetOf(row, 'high', 1));
        await check(file, media, fitted);
        const { width, height } = fitted.report.sent;
        const before = uprightOf(media);
        expect(estimateImage({ model: row, width, height }).tokens).toBe(
          estimateImage({ model: row, ...before }).tokens,
        );
        if (fitted.report.reasons.includes('vendor-scaling')) scaled += 1;
      }
      if (model === 'openai:gpt-4o') expect(scaled).toBeGreaterThan(0);
    });
  }
});

function uprightOf({ width = 0, height = 0, orientation = 1 }: MediaBytes): { width: number; height: number } {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

async function check(file: string, media: MediaBytes, { media: sent, report }: FittedMedia): Promise<void> {
  if (report.reasons.length === 0) {
    expect(sent, file).toBe(media);
    return;
  }
  const { width, height } = report.sent;
  const [expected, seen] = await Promise.all([
    pixels(sharp(media.bytes).autoOrient().resize(width, height, { fit: 'fill', fastShrinkOnLoad: false })),
    pixels(sharp(sent.bytes)),
  ]);
  const metadata = await sharp(sent.bytes).metadata();
  expect(metadata, file).toMatchObject({ width: report.sent.width, height: report.sent.height });
  expect([metadata.exif, metadata.xmp], file).toEqual([undefined, undefined]);
  const pixelsOnly = report.reasons.every((reason) => reason === 'metadata');
  let sum = 0;
  for (const [index, value] of expected.entries()) sum += Math.abs(value - (seen[index] ?? 0));
  // Mean difference in levels of 256: none without decoding, hardly any with.
  expect(seen.length).toBe(expected.length);
  expect(sum / expected.length, file).toBeLessThanOrEqual(pixelsOnly ? 0 : 4);
}

/** Samples on white, red first. */
function pixels(picture: Sharp): Promise<Buffer> {
  return picture.flatten({ background: '#ffffff' }).toColourspace('srgb').removeAlpha().raw().toBuffer();
}
