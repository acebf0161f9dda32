import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OcelliError } from '../../src/errors/index.js';
import { checkMedia, findBlockingRule, probePictureFile, sniffMediaType } from '../../src/media/entry.js';
import { parseDataUrl } from '../../src/media/data-url.js';
import { describeContent } from '../../src/media/describe-content.js';
import { makeBmp, makeHeif, makePicture, makeWav } from './pictures.js';

const seeds: Uint8Array[] = [];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-fuzz-'));
  for (const format of ['jpeg', 'png', 'gif', 'webp', 'avif', 'tiff'] as const) {
    seeds.push(await makePicture(format, 24, 16, format === 'gif' ? {} : { orientation: 6 }));
  }
  seeds.push(
    makeBmp(5, 4),
    makeHeif({ major: 'mif1', compatible: ['heic'], width: 9, height: 8, turns: 1 }),
    makeWav(),
  );
  seeds.push(Buffer.from('<?xml version="1.0"?><!-- x --><svg width="10" height="20" viewBox="0 0 1 2"></svg>'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A real file, cut somewhere, with some bytes changed. */
const damagedFile = fc
  .record({
    seed: fc.nat(9),
    keep: fc.double({ min: 0, max: 1, noNaN: true }),
    changes: fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x3c)), { maxLength: 6 }),
  })
  .map(({ seed, keep, changes }) => {
    const bytes = Uint8Array.from(seeds[seed] ?? []);
    // Headers are where readers can go wrong, so most changes fall there.
    for (const [place, value] of changes) bytes[place % Math.min(bytes.length, 400)] = value;
    return bytes.subarray(0, Math.ceil(keep * bytes.length));
  });
const magic = fc.constantFrom(
  'ffd8ff',
  '89504e470d0a1a0a',
  '474946383961',
  '52494646',
  '49492a00',
  '4d4d002b',
  '424d',
  '0000001c66747970',
  '3c737667',
  'fffb90',
  '1a45dfa3',
);
const randomFile = fc
  .tuple(magic, fc.uint8Array({ maxLength: 300 }))
  .map(([start, rest]) => new Uint8Array(Buffer.concat([Buffer.from(start, 'hex'), rest])));
const anyFile = fc.oneof(damagedFile, randomFile, fc.uint8Array({ maxLength: 200 }));

async function outcomeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'read';
  } catch (error) {
    if (!OcelliError.isInstance(error)) throw error;
    return error.kind;
  }
}

describe('random, cut and damaged bytes', () => {
  it('are read or refused with an OcelliError, whole sizes only, and never anything else', async () => {
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(anyFile, async (bytes) => {
        sniffMediaType(bytes);
        describeContent(bytes);
        const outcome = await outcomeOf(async () => {
          const { width = 1, height = 1, orientation = 1 } = await checkMedia(bytes, bytes);
          expect(Number.isInteger(width) && width > 0 && Number.isInteger(height) && height > 0).toBe(true);
          expect([1, 2, 3, 4, 5, 6, 7, 8]).toContain(orientation);
        });
        outcomes.add(outcome);
      }),
      { numRuns: 4_000 },
    );
    // Both ways must have been gone, or the generator no longer makes what it should.
    expect(outcomes).toContain('read');
    expect(outcomes).toContain('image-unreadable');
  });

  it('give the same from a file as from memory, unless only the end is missing', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, async (bytes) => {
        const path = join(folder, 'fuzz');
        await writeFile(path, bytes);
        const size = async (): Promise<unknown> => {
          const { mediaType, width, height, orientation } = await checkMedia(bytes, bytes);
          return { mediaType, width, height, orientation };
        };
        const fromMemory = await size().catch(() => undefined);
        let probe: unknown;
        const outcome = await outcomeOf(async () => (probe = await probePictureFile(path)));
        if (fromMemory === undefined || !String((fromMemory as { mediaType: string }).mediaType).startsWith('image/'))
          return;
        expect({ outcome, probe }).toEqual({ outcome: 'read', probe: fromMemory });
      }),
      { numRuns: 400 },
    );
  });

  it('hostile shapes end quickly', async () => {
    const fill = Buffer.alloc(8_000_000, 0xff);
    fill[1] = 0xd8;
    expect(await outcomeOf(() => checkMedia(fill, fill))).toBe('image-unreadable');
    await writeFile(join(folder, 'fill.jpg'), fill);
    expect(await outcomeOf(() => probePictureFile(join(folder, 'fill.jpg')))).toBe('image-unreadable');
    const svg = Buffer.from(`<svg ${'a="'.repeat(30_000)}`);
    expect(await outcomeOf(() => checkMedia(svg, svg))).toBe('image-unreadable');
    const comments = Buffer.from('<!--'.repeat(20_000));
    expect(await outcomeOf(() => checkMedia(comments, comments))).toBe('image-unreadable');
    const boxes = Buffer.concat([
      Buffer.from('000000106674797061766966000000006d696631', 'hex').subarray(0, 16),
      Buffer.alloc(4_000_000, Buffer.from('0000000866726565', 'hex')),
    ]);
    expect(await outcomeOf(() => checkMedia(boxes, boxes))).toBe('image-unreadable');
  });

  it('as data URLs and addresses do the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 60 }), fc.boolean(), async (text, isBase64) => {
        const outcome = await outcomeOf(() =>
          Promise.resolve().then(() => parseDataUrl(`data:${isBase64 ? ';base64' : ''},${text}`, 50)),
        );
        expect(['read', 'invalid-request', 'image-too-large']).toContain(outcome);
      }),
    );
    fc.assert(fc.property(fc.ipV6(), (address) => void findBlockingRule(address)));
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(findBlockingRule(`::ffff:${address}`)).toBe(findBlockingRule(address));
        expect(findBlockingRule(`64:ff9b::${address}`)).toBe(findBlockingRule(address));
      }),
    );
  });
});
