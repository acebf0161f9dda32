import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createMediaStore,
  findMediaProblem,
  checkMediaLimits,
  prepareMessages,
  type LimitedTarget,
  type PrepareTarget,
} from '../../src/media/entry.js';
import type { Message, PreparedMediaPart, PreparedMessage } from '../../src/request/index.js';
import { failureOf } from './failures.js';
import { makePicture, makePngHeader, makeWav, pdf } from './pictures.js';

let png: Buffer = Buffer.alloc(0);
let jpeg: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  png = await makePicture('png', 30, 20);
  jpeg = await makePicture('jpeg', 12, 8, { orientation: 6 });
});

function target(changes: Partial<PrepareTarget> = {}): PrepareTarget {
  return { provider: 'openai', urls: ['image'], detail: 'high', store: createMediaStore(), ...changes };
}

function mediaOf(messages: readonly PreparedMessage[]): PreparedMediaPart[] {
  const media: PreparedMediaPart[] = [];
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === 'tool-result') media.push(...part.content.filter((inner) => inner.type !== 'text'));
      else if ('media' in part) media.push(part);
    }
  }
  return media;
}

describe('a conversation is made ready', () => {
  it('with texts as parts, media as bytes, and tool results with their names', async () => {
    const conversation: Message[] = [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What?' },
          { type: 'image', source: png, detail: 'low' },
          { type: 'image', source: jpeg },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'call-1', name: 'zoom', arguments: {} }] },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            id: 'call-1',
            content: [
              { type: 'text', text: 'here' },
              { type: 'image', source: png },
            ],
          },
        ],
      },
      { role: 'user', content: '' },
    ];
    const { messages, images, warnings } = await prepareMessages(conversation, target());
    expect(messages).toMatchObject([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'user',
        content: [
          { type: 'text' },
          { type: 'image', detail: 'low', media: { mediaType: 'image/png' } },
          { type: 'image', detail: 'high', media: { mediaType: 'image/jpeg' } },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'call-1' }] },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            id: 'call-1',
            name: 'zoom',
            isError: false,
            content: [{ type: 'text' }, { type: 'image', detail: 'high' }],
          },
        ],
      },
      { role: 'user', content: [] },
    ]);
    expect(images).toMatchObject([
      { kind: 'image', mediaType: 'image/png', width: 30, height: 20, orientation: 1, bytes: png.length },
      { kind: 'image', mediaType: 'image/jpeg', width: 12, height: 8, orientation: 6 },
      { kind: 'image', mediaType: 'image/png' },
    ]);
    expect(images[0]?.sha256).toBe(images[2]?.sha256);
    expect(warnings).toEqual([]);
  });

  it('and a stream serves two candidates of one store', async () => {
    const store = createMediaStore();
    const conversation: Message[] = [{ role: 'user', content: [{ type: 'image', source: Readable.from([png]) }] }];
    const first = await prepareMessages(conversation, target({ store }));
    const second = await prepareMessages(conversation, target({ store, provider: 'google', detail: 'low' }));
    expect(mediaOf(second.messages)[0]?.media).toBe(mediaOf(first.messages)[0]?.media);
    expect(mediaOf(second.messages)[0]?.detail).toBe('low');
  });

  it('with a warning where declared and found type differ, and none where they agree', async () => {
    const picture = (mediaType: string, source: Buffer | Blob | string = jpeg): Message => ({
      role: 'user',
      content: [{ type: 'image', source, mediaType }],
    });
    const { warnings, messages } = await prepareMessages(
      [
        picture('image/png'),
        picture('image/jpg'),
        picture('IMAGE/JPEG; q=1'),
        picture('application/octet-stream'),
        picture('image/*'),
      ],
      target(),
    );
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ type: 'media-type', subject: 'messages[0].content[0]' });
    expect(warnings[0]?.message).toMatch(/declared as image\/png but its bytes are image\/jpeg/);
    expect(mediaOf(messages)[0]?.media.mediaType).toBe('image/jpeg');
    const byUrl = await prepareMessages(
      [{ role: 'user', content: [{ type: 'image', source: `data:image/gif;base64,${png.toString('base64')}` }] }],
      target(),
    );
    expect(byUrl.warnings).toHaveLength(1);
  });

  it('with sound and documents, under the names of their part', async () => {
    const mp4 = Buffer.from('000000146674797069736f6d0000000069736f6d', 'hex');
    const { messages, images } = await prepareMessages(
      [
        {
          role: 'user',
          content: [
            { type: 'audio', source: makeWav() },
            { type: 'audio', source: mp4, mediaType: 'audio/mp4' },
            { type: 'video', source: mp4 },
            { type: 'document', source: new File([new Uint8Array(pdf)], 'paper.pdf') },
            { type: 'document', source: pdf, filename: 'mine.pdf' },
          ],
        },
      ],
      target(),
    );
    expect(mediaOf(messages).map(({ media }) => media.mediaType)).toEqual([
      'audio/wav',
      'audio/mp4',
      'video/mp4',
      'application/pdf',
      'application/pdf',
    ]);
    expect(mediaOf(messages).map(({ filename }) => filename)).toEqual([
      undefined,
      undefined,
      undefined,
      'paper.pdf',
      'mine.pdf',
    ]);
    expect(mediaOf(messages)[0]).not.toHaveProperty('detail');
    expect(images).toEqual([]);
  });
});

describe('file ids and URLs', () => {
  const uploaded = (source?: Buffer): Message[] => [
    {
      role: 'user',
      content: [
        {
          type: 'image',
          mediaType: 'image/jpg',
          source: { fileIds: { openai: 'file-1' }, ...(source === undefined ? {} : { source }) },
        },
      ],
    },
  ];

  it('an id goes to its own provider, the source to any other', async () => {
    const own = await prepareMessages(uploaded(png), target());
    expect(mediaOf(own.messages)[0]).toEqual({
      type: 'image',
      detail: 'high',
      media: { type: 'file-id', fileId: 'file-1', mediaType: 'image/jpeg' },
    });
    expect(own.images).toEqual([{ kind: 'image', mediaType: 'image/jpeg' }]);
    const other = await prepareMessages(uploaded(png), target({ provider: 'google' }));
    expect(mediaOf(other.messages)[0]?.media).toMatchObject({ type: 'bytes', mediaType: 'image/png' });
    const without = await prepareMessages(uploaded(png), target({ fileIds: false }));
    expect(mediaOf(without.messages)[0]?.media.type).toBe('bytes');
  });

  it('neither id nor source is refused by name', async () => {
    const error = await failureOf('unsupported-input', () =>
      prepareMessages(uploaded(), target({ provider: 'anthropic' })),
    );
    expect(error.message).toMatch(/messages\[0\]\.content\[0\].*anthropic.*openai.*"source"/);
    await failureOf('unsupported-input', () => prepareMessages(uploaded(), target({ provider: 'constructor' })));
  });

  it('ids that are nothing are no reference, and are refused as no source', async () => {
    const broken = [
      { role: 'user', content: [{ type: 'image', source: { fileIds: null } }] },
    ] as unknown as readonly Message[];
    const error = await failureOf('invalid-request', () => prepareMessages(broken, target()));
    expect(error.message).toContain('is not a source');
  });

  it('a URL is passed on only when asked and where the provider can; otherwise it is downloaded', async () => {
    const server = createServer(
      (_request, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(png),
    );
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.png`;
    const store = createMediaStore({ download: { allowHosts: ['127.0.0.1'] } });
    const media = async (passUrl: boolean, changes: Partial<PrepareTarget> = {}): Promise<unknown> => {
      const { messages } = await prepareMessages(
        [{ role: 'user', content: [{ type: 'image', source: new URL(url), passUrl }] }],
        target({ store, ...changes }),
      );
      return mediaOf(messages)[0]?.media;
    };
    expect(await media(true)).toEqual({ type: 'url', url });
    expect(await media(false)).toMatchObject({ type: 'bytes', width: 30 });
    expect(await media(true, { urls: ['document'] })).toMatchObject({ type: 'bytes', width: 30 });
    const withPassword = `http://user:secret@127.0.0.1/`;
    await failureOf('invalid-request', () =>
      prepareMessages([{ role: 'user', content: [{ type: 'image', source: withPassword, passUrl: true }] }], target()),
    );
    await new Promise((done) => server.close(done));
  });
});

describe('what cannot be made ready is a clear error', () => {
  it('a tool result without its call', async () => {
    const conversation: Message[] = [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'zoom', arguments: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', id: 'b', name: 'zoom', content: 'x' }] },
    ];
    const error = await failureOf('invalid-request', () => prepareMessages(conversation, target()));
    expect(error.message).toMatch(/messages\[1\]\.content\[0\]\.id is "b".*there are: a/);
  });

  it('a part of another kind than its bytes', async () => {
    const error = await failureOf('unsupported-input', () =>
      prepareMessages([{ role: 'user', content: [{ type: 'image', source: pdf }] }], target()),
    );
    expect(error.message).toMatch(/part of type image.*application\/pdf.*part of type document/);
  });

  it('of several failures always the first, and no source is read after it', async () => {
    const read: number[] = [];
    const source = (index: number): AsyncIterable<Uint8Array> => ({
      async *[Symbol.asyncIterator]() {
        read.push(index);
        await new Promise((done) => setTimeout(done, index === 1 ? 20 : 0));
        yield index === 1 || index === 3 ? Buffer.from(`text ${index}`) : png;
      },
    });
    const content = Array.from({ length: 200 }, (_, index) => ({
      type: 'image' as const,
      source: index === 1 ? Buffer.from('{') : source(index),
    }));
    const error = await failureOf('image-unreadable', () => prepareMessages([{ role: 'user', content }], target()));
    expect(error.message).toMatch(/JSON.*\(messages\[0\]\.content\[1\]\)/);
    expect(read.length).toBeLessThan(20);
  });

  it('an aborted call', async () => {
    const conversation: Message[] = [{ role: 'user', content: [{ type: 'image', source: png }] }];
    await failureOf('aborted', () => prepareMessages(conversation, target({ signal: AbortSignal.abort() })));
  });
});

describe('limits of a target', () => {
  const limits = (changes: Partial<LimitedTarget>): LimitedTarget => ({
    model: 'openai:gpt-4o',
    limits: {},
    ...changes,
  });
  const pictures = async (...sources: Buffer[]): Promise<readonly PreparedMessage[]> =>
    (
      await prepareMessages(
        [{ role: 'user', content: sources.map((source) => ({ type: 'image' as const, source })) }],
        target(),
      )
    ).messages;

  it('none broken gives nothing', async () => {
    const messages = await pictures(png, jpeg);
    const wide = {
      perRequest: 2,
      maxSide: 30,
      manyImages: 2,
      manyImagesMaxSide: 5,
      maxBase64Bytes: Math.ceil(png.length / 3) * 4 + 4_000,
    };
    expect(
      findMediaProblem(
        messages,
        limits({ mediaTypes: ['image/png', 'image/jpeg'], limits: { images: wide, requestBytes: 100_000 } }),
      ),
    ).toBeUndefined();
    checkMediaLimits(messages, limits({}));
  });

  it.each<[string, LimitedTarget['limits'], RegExp]>([
    ['pictures', { images: { perRequest: 2 } }, /holds 3 pictures; openai:gpt-4o takes at most 2/],
    [
      'pixels a side',
      { images: { maxSide: 29 } },
      /messages\[0\]\.content\[0\] is 30 × 20 pixels.*at most 29 pixels a side\. Make it smaller/,
    ],
    [
      'pixels a side of many',
      { images: { maxSide: 9_000, manyImages: 2, manyImagesMaxSide: 20 } },
      /at most 20 pixels a side when a request holds more than 2 pictures \(this one holds 3\)/,
    ],
    [
      'base64',
      { images: { maxBase64Bytes: 100 } },
      /as base64 text; .* at most 100 bytes, which is a file of 75 bytes/,
    ],
    ['the whole request', { requestBytes: 200 }, /request is at least .* with 3 media .* at most 200 bytes/],
  ])('too much of %s', async (_name, broken, words) => {
    const messages = await pictures(png, png, png);
    const error = await failureOf('image-too-large', () => checkMediaLimits(messages, limits({ limits: broken })));
    expect(error.message).toMatch(words);
    expect(error.model).toBe('openai:gpt-4o');
  });

  it('200 pictures are counted before any is looked at, in tool results too', async () => {
    const content = Array.from({ length: 200 }, () => ({ type: 'image' as const, source: png }));
    const { messages } = await prepareMessages(
      [
        { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'n', arguments: {} }] },
        { role: 'tool', content: [{ type: 'tool-result', id: 'a', content }] },
      ],
      target(),
    );
    const problem = findMediaProblem(messages, limits({ limits: { images: { perRequest: 100 } } }));
    expect(problem?.message).toMatch(/200 pictures.*at most 100/);
  });

  it('a media type that the target does not read', async () => {
    const messages = await pictures(jpeg);
    const error = await failureOf('unsupported-input', () =>
      checkMediaLimits(messages, limits({ mediaTypes: ['image/png', 'audio/wav'] })),
    );
    expect(error.message).toMatch(/is image\/jpeg, which openai:gpt-4o does not read; it reads image\/png\./);
  });

  it('a large picture is refused for its side although it is a small file', async () => {
    const messages = await pictures(makePngHeader(9_000, 100));
    await failureOf('image-too-large', () =>
      checkMediaLimits(messages, limits({ limits: { images: { maxSide: 8_000 } } })),
    );
  });
});
