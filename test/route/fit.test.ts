import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOcelli, toOriginal } from '../../src/index.js';
import { createFakeServer } from '../../src/testing/index.js';

let photo: Buffer;

beforeAll(async () => {
  photo = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#446688' } })
    .jpeg()
    .withExif({ IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .toBuffer();
});

async function sendTo(wire: 'openai' | 'anthropic', fit?: 'vendor' | 'limits' | 'off') {
  const server = await createFakeServer({ wire });
  try {
    const ocelli = createOcelli({
      environment: {
        OPENAI_API_KEY: 'k',
        OPENAI_BASE_URL: server.url,
        ANTHROPIC_API_KEY: 'k',
        ANTHROPIC_BASE_URL: server.url,
      },
    });
    const model = wire === 'openai' ? 'openai:gpt-4o' : 'anthropic:claude-opus-5';
    const reply = await ocelli.generate({ model, prompt: 'x', images: [photo], ...(fit === undefined ? {} : { fit }) });
    const base64 = /[A-Za-z0-9+/]{200,}={0,2}/.exec(JSON.stringify(server.requests[0]?.body))?.[0] ?? '';
    return { reply, sent: Buffer.from(base64, 'base64') };
  } finally {
    await server.close();
  }
}

describe('a large photo', () => {
  it('is sent at the size that the vendor would scale it to, and the reply says so', async () => {
    const { reply, sent } = await sendTo('openai');
    const { width, height, exif } = await sharp(sent).metadata();
    expect([width, height]).toEqual([1152, 768]);
    expect(exif).toBeUndefined();
    const [image] = reply.images;
    expect(image).toMatchObject({
      original: { width: 3000, height: 2000 },
      sent: { width: 1152, height: 768 },
      tokens: 1105,
    });
    expect(image?.reasons?.length).toBeGreaterThan(0);
    expect(toOriginal(image ?? {}, { x: 576, y: 384 })).toEqual({ x: 1500, y: 1000 });
  });

  it('has another size for another vendor', async () => {
    const { sent } = await sendTo('anthropic');
    const { width, height } = await sharp(sent).metadata();
    expect([width, height]).toEqual([2352, 1568]);
  });

  it('goes out byte for byte when asked to', async () => {
    const { reply, sent } = await sendTo('openai', 'off');
    expect(sent.equals(photo)).toBe(true);
    expect(reply.images[0]?.reasons ?? []).toEqual([]);
  });

  it('only loses its metadata when nothing is over a limit', async () => {
    const { sent } = await sendTo('openai', 'limits');
    const { width, exif } = await sharp(sent).metadata();
    expect(width).toBe(3000);
    expect(exif).toBeUndefined();
  });
});
