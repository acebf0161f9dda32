import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMediaStore, loadMedia, type ReadableSource } from '../../src/media/entry.js';
import { parseDataUrl } from '../../src/media/data-url.js';
import { failureOf } from './failures.js';
import { makePicture, makePngHeader, makeWav, pdf } from './pictures.js';

let folder = '';
let jpeg: Buffer = Buffer.alloc(0);
let path = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-media-'));
  jpeg = await makePicture('jpeg', 48, 32);
  path = join(folder, 'a picture #1.jpg');
  await writeFile(path, jpeg);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let place = 0; place < bytes.length; place += size) yield bytes.subarray(place, place + size);
}

describe('every kind of source gives the same checked bytes', () => {
  const sources: [string, () => ReadableSource][] = [
    ['a path', () => path],
    ['a file: URL string', () => pathToFileURL(path).href],
    ['a file: URL object', () => pathToFileURL(path)],
    ['a data: URL', () => `data:image/jpeg;base64,${jpeg.toString('base64')}`],
    ['a data: URL object', () => new URL(`data:image/jpeg;base64,${jpeg.toString('base64')}`)],
    ['a Buffer', () => jpeg],
    ['a view into a larger buffer', () => Buffer.concat([Buffer.alloc(3), jpeg]).subarray(3)],
    ['an ArrayBuffer', () => new Uint8Array(jpeg).buffer],
    ['a Blob', () => new Blob([new Uint8Array(jpeg)])],
    ['a File', () => new File([new Uint8Array(jpeg)], 'x.jpg', { type: 'image/jpeg' })],
    ['a web stream', () => new Blob([new Uint8Array(jpeg)]).stream()],
    ['a Node stream', () => createReadStream(path, { highWaterMark: 100 })],
    ['an async iterable', () => inChunks(jpeg, 7)],
  ];
  it.each(sources)('%s', async (_name, make) => {
    const { media } = await loadMedia(make());
    expect(Buffer.from(media.bytes).equals(jpeg)).toBe(true);
    expect(media).toMatchObject({ type: 'bytes', mediaType: 'image/jpeg', width: 48, height: 32, orientation: 1 });
    expect(media.sha256).toBe(createHash('sha256').update(jpeg).digest('hex'));
    expect(media.base64).toBe(jpeg.toString('base64'));
  });

  it('what was loaded before is a source, and stays the same object', async () => {
    const { media } = await loadMedia(path);
    const again = await loadMedia(media);
    expect(again).toEqual({ media });
    expect(again.media).toBe(media);
    const tooMany = await failureOf('image-too-large', () => loadMedia(media, { pictureBytes: 10 }));
    expect(tooMany.message).toMatch(/^The loaded medium given has /);
    await failureOf('image-too-large', () => loadMedia(media, { maxPixels: 10 }));
    // Only what this package checked itself: another object could claim any digest.
    const copy = { ...media, type: 'bytes' as const, bytes: media.bytes, base64: '' };
    await failureOf('invalid-request', () => loadMedia(copy));
  });

  it('the digest of a large file is right too', async () => {
    const large = Buffer.concat([jpeg, Buffer.alloc(3_000_000, 5), Buffer.from([0xff, 0xd9])]);
    const { media } = await loadMedia(large);
    expect(media.sha256).toBe(createHash('sha256').update(large).digest('hex'));
  });

  it('base64 is made once, and neither JSON nor inspect shows bytes', async () => {
    const { media } = await loadMedia(jpeg);
    expect(media.base64).toBe(media.base64);
    expect(JSON.stringify(media).length).toBeLessThan(400);
    expect(inspect(media).length).toBeLessThan(400);
    expect(JSON.stringify(media)).toContain(media.sha256);
  });

  it('sound and documents have no size', async () => {
    const sound = await loadMedia(makeWav(), { kind: 'audio' });
    expect(sound.media.mediaType).toBe('audio/wav');
    expect(sound.media.width).toBeUndefined();
    expect((await loadMedia(pdf, { kind: 'document' })).media.mediaType).toBe('application/pdf');
  });
});

describe('bad sources get a clear error', () => {
  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };

  it('a missing path is named', async () => {
    const error = await failureOf('image-unreadable', () => loadMedia('no/such/cat.jpg'));
    expect(error.message).toMatch(/"no\/such\/cat\.jpg" does not exist/);
  });

  it('a home folder sign is not expanded', async () => {
    expect((await failureOf('image-unreadable', () => loadMedia('~/cat.jpg'))).message).toMatch(/~ is not expanded/);
  });

  it('a folder', async () => {
    await mkdir(join(folder, 'folder.png'));
    expect((await failureOf('image-unreadable', () => loadMedia(join(folder, 'folder.png')))).message).toMatch(
      /folder/,
    );
  });

  it('a named pipe without a writer does not hang', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.png')]);
    expect((await failureOf('image-unreadable', () => loadMedia(join(folder, 'pipe.png')))).message).toMatch(/pipe/);
  });

  it('a device', async () => {
    expect((await failureOf('image-unreadable', () => loadMedia('/dev/zero'))).message).toMatch(/is a device/);
  });

  it('a file of zero bytes, an empty stream, an empty Blob', async () => {
    const empty = await file('empty.png', '');
    expect((await failureOf('image-unreadable', () => loadMedia(empty))).message).toMatch(/empty\.png" is empty/);
    await failureOf('image-unreadable', () => loadMedia(inChunks(Buffer.alloc(0), 1)));
    await failureOf('image-unreadable', () => loadMedia(new Blob([])));
  });

  it('a text file named .png', async () => {
    const text = await file('note.png', 'I am not a picture.\n');
    expect((await failureOf('image-unreadable', () => loadMedia(text))).message).toMatch(/looks like plain text/);
  });

  it('a small file whose header claims a gigapixel', async () => {
    const bomb = await file('bomb.png', makePngHeader(60_000, 60_000));
    expect((await failureOf('image-too-large', () => loadMedia(bomb))).message).toMatch(/60000 × 60000/);
  });

  it('a truncated file', async () => {
    const half = await file('half.jpg', jpeg.subarray(0, jpeg.length - 200));
    expect((await failureOf('image-unreadable', () => loadMedia(half))).message).toMatch(/half\.jpg" is cut off/);
  });

  it.each<[string, string]>([
    ['ftp://host/cat.jpg', 'scheme'],
    ['s3://bucket/cat.jpg', 'scheme'],
    ['blob:https://x/1', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['file://host/share/cat.jpg', 'file: URL'],
    ['', 'empty string'],
    ['a\0b.png', 'not a file path'],
    ['QUJD'.repeat(2_000), 'base64'],
  ])('the string %j is no source', async (source, words) => {
    expect((await failureOf('invalid-request', () => loadMedia(source))).message).toContain(words);
  });

  it('a file name with a colon is still a file name', async () => {
    const odd = await file('cat:1.jpg', jpeg);
    expect((await loadMedia(odd)).media.width).toBe(48);
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['number', 7],
    ['Object', { path: 'x.jpg' }],
  ])('a value of type %s is no source', async (type, source) => {
    const error = await failureOf('invalid-request', () => loadMedia(source as ReadableSource));
    expect(error.message).toContain(`type ${type} `);
  });

  it('bytes over the limit, from every kind of source', async () => {
    const limits = { pictureBytes: 500 };
    const sources: ReadableSource[] = [
      path,
      jpeg,
      new Blob([new Uint8Array(jpeg)]),
      inChunks(jpeg, 100),
      `data:;base64,${jpeg.toString('base64')}`,
    ];
    for (const source of sources) {
      expect((await failureOf('image-too-large', () => loadMedia(source, limits))).message).toMatch(
        /limit for one source is 500 bytes/,
      );
    }
  });

  it('a stream that never ends is stopped at the limit and closed', async () => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(1_000_000);
      } finally {
        isClosed = true;
      }
    }
    await failureOf('image-too-large', () => loadMedia(endless(), { pictureBytes: 5_000_000 }));
    expect(isClosed).toBe(true);
  });

  it('a stream of text, a stream that fails, a stream in use', async () => {
    const text = createReadStream(path, { encoding: 'utf8' }) as unknown as ReadableSource;
    expect((await failureOf('invalid-request', () => loadMedia(text))).message).toMatch(/yields string/);
    const failing = new PassThrough();
    failing.destroy(new Error('disk on fire'));
    expect((await failureOf('image-unreadable', () => loadMedia(failing))).message).toMatch(/disk on fire/);
    const used = new Blob([new Uint8Array(jpeg)]).stream();
    used.getReader();
    expect((await failureOf('invalid-request', () => loadMedia(used))).message).toMatch(/already being read/);
  });

  it('an abort ends the wait for a stream that says nothing', async () => {
    const controller = new AbortController();
    const silent = new PassThrough();
    const loading = failureOf('aborted', () => loadMedia(silent, { signal: controller.signal }));
    controller.abort();
    await loading;
    await failureOf('aborted', () => loadMedia(jpeg, { signal: controller.signal }));
  });
});

describe('data URLs are decoded strictly', () => {
  it.each<[string, string]>([
    ['data:text/plain;base64,aGFsbG8=', 'hallo'],
    ['data:;base64,aGFsbG8', 'hallo'],
    ['data:;base64,aGFs\n bG8=', 'hallo'],
    ['data:;base64,aGFsbG8%3D', 'hallo'],
    ['DATA:image/svg+xml;charset=utf-8,%3Csvg%20a="100%25"/>', '<svg a="100%"/>'],
    ['data:,gr%C3%BC%zz', 'grü%zz'],
  ])('%s', (url, text) => {
    expect(Buffer.from(parseDataUrl(url, 100).bytes).toString()).toBe(text);
  });

  it.each<[string, RegExp]>([
    ['data:image/png;base64', /comma/],
    ['data:image/png;base64,iVBOR*w0KGgo', /character 6/],
    ['data:image/png;base64,iVBOR', /cut off/],
    ['data:image/png;base64,iV=BORw0', /padding/],
    ['data:image/png;base64,iVBOR===', /padding/],
    ['data:image/png;base64,iVBOR=', /cut off/],
  ])('%s', async (url, words) => {
    expect((await failureOf('invalid-request', () => parseDataUrl(url, 100))).message).toMatch(words);
  });

  it('over the limit, before and after decoding', async () => {
    await failureOf('image-too-large', () => parseDataUrl(`data:;base64,${'A'.repeat(100_000)}`, 1_000));
    await failureOf('image-too-large', () => parseDataUrl(`data:;base64,${'A'.repeat(1_400)}`, 1_000));
    await failureOf('image-too-large', () => parseDataUrl(`data:,${'A'.repeat(1_400)}`, 1_000));
  });
});

describe('the store reads each source once', () => {
  it('a stream serves several candidates', async () => {
    const store = createMediaStore();
    const stream = createReadStream(path);
    const first = await store.load(stream, 'image');
    expect(await store.load(stream, 'image')).toBe(first);
    expect(await store.load(path, 'image')).toBe(await store.load(path, 'image'));
  });

  it('a failed stream stays failed; an aborted path can be read again', async () => {
    const store = createMediaStore();
    const broken = inChunks(Buffer.from('hello'), 2);
    await failureOf('image-unreadable', () => store.load(broken, 'image'));
    expect((await failureOf('image-unreadable', () => store.load(broken, 'image'))).message).toMatch(/plain text/);
    await failureOf('aborted', () => store.load(path, 'image', AbortSignal.abort()));
    expect((await store.load(path, 'image')).media.width).toBe(48);
  });
});
