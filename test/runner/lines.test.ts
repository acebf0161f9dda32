/** Files that grow a line at a time: mended when they are opened, whole when the disk is full. */

import { mkdtemp, open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePicture } from '../media/pictures.js';
import { LineFile } from '../../benchmarks/runner/json-lines.js';
import { PictureStore } from '../../benchmarks/runner/picture-store.js';
import { writeWhole } from '../../benchmarks/runner/write-whole.js';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-lines-'));
  path = join(folder, 'records.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const content = (): Promise<string> => readFile(path, 'utf8');

describe('a file of lines', () => {
  it('keeps the order of many that write at once', async () => {
    const file = await LineFile.open(path);
    await Promise.all(Array.from({ length: 500 }, (_, place) => file.append(`{"place":${place}}\n`)));
    await file.close();
    expect(await content()).toBe(Array.from({ length: 500 }, (_, place) => `{"place":${place}}\n`).join(''));
  });

  it.each([
    ['{"a":1}\n{"b":', '{"a":1}\n{"c":3}\n'],
    ['{"a":1}\n{"b":2}', '{"a":1}\n{"b":2}\n{"c":3}\n'],
    ['{"b":', '{"c":3}\n'],
    ['', '{"c":3}\n'],
    [`{"a":"${'x'.repeat(200_000)}`, '{"c":3}\n'],
    [`{"a":1}\n{"a":"${'é'.repeat(100_000)}`, '{"a":1}\n{"c":3}\n'],
  ])('that ends in the middle of one is mended: %.20s', async (before, after) => {
    await writeFile(path, before);
    const file = await LineFile.open(path);
    await file.append('{"c":3}\n');
    await file.close();
    expect(await content()).toBe(after);
  });

  it('that the disk has no more room for stays whole, and says so', async () => {
    let room = 20;
    const full = async (...words: Parameters<typeof open>): Promise<FileHandle> => {
      const handle = await open(...words);
      const write = handle.write.bind(handle) as (
        bytes: Buffer,
        from: number,
        length: number,
        at: number,
      ) => Promise<{ bytesWritten: number }>;
      handle.write = (async (bytes: Buffer, from: number, length: number, at: number) => {
        if (room === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        const { bytesWritten } = await write(bytes, from, Math.min(length, room), at);
        room -= bytesWritten;
        return { bytesWritten };
      }) as unknown as typeof handle.write;
      return handle;
    };
    const file = await LineFile.open(path, { open: full });
    await file.append('{"a":1}\n');
    await expect(file.append('{"long":"0123456789"}\n')).rejects.toThrow(
      /records\.jsonl" cannot be written: the disk is full.*--resume/,
    );
    await expect(file.append('{"c":3}\n')).rejects.toThrow(/disk is full/);
    await file.close();
    expect(await content()).toBe('{"a":1}\n');
  });
});

describe('a file written whole', () => {
  it('is the old one where the new one cannot be written', async () => {
    await writeWhole(path, 'old');
    await expect(writeWhole(join(path, 'below'), 'new')).rejects.toThrow(/a part of the path is a file/);
    expect(await content()).toBe('old');
  });
});

describe('a store of pictures', () => {
  it('writes equal pictures once and refuses one that was changed', async () => {
    const store = new PictureStore(join(folder, 'pictures'));
    const png = await makePicture('png', 3, 2);
    const [first, second] = await Promise.all([store.add(png), store.add(png)]);
    expect(first).toEqual(second);
    expect(first?.path).toMatch(/[0-9a-f]{64}\.png$/);
    expect(Buffer.from((await store.read(first?.sha256 ?? '')).bytes)).toEqual(png);
    for (const other of ['other', await makePicture('png', 4, 2)]) {
      await writeFile(first?.path ?? '', other);
      await expect(new PictureStore(join(folder, 'pictures')).read(first?.sha256 ?? '')).rejects.toThrow(
        /no longer what its name says/,
      );
    }
    const { sha256 } = await store.add(Buffer.from('no picture'));
    await expect(store.read(sha256)).rejects.toThrow(/looks like plain text/);
    await expect(store.read('0'.repeat(64))).rejects.toThrow(/is missing/);
  });
});
