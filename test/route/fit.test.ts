import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { estimateImage } from '../../src/estimate/index.js';
import { createOcelli, toOriginal, type Detail } from '../../src/index.js';
import { createFakeServer } from '../../src/testing/index.js';

let photo: Buffer;

beforeAll(async () => {
  photo = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#446688' } })
    .jpeg()
    .withExif({ IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .toBuffer();
});

async function sendTo(wire: 'openai' | 'anthropic', fit?: 'vendor' | 'limits' | 'off', detail: Detail = 'high') {
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
    const reply = await ocelli.generate({
      model,
      prompt: 'x',
      images: [photo],
      detail,
      ...(fit === undefined ? {} : { fit }),
    });
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

describe.each([
  ['anthropic', 'low', 504, 336],
  ['anthropic', 'medium', 1344, 896],
  ['openai', 'medium', 768, 512],
] as const)('detail on a wire that has no such word: %s %s', (wire, detail, width, height) => {
  it('is carried out by size, without a warning, and costs what was estimated', async () => {
    const { reply, sent } = await sendTo(wire, 'vendor', detail);
    expect(await sharp(sent).metadata()).toMatchObject({ width, height });
    const [image] = reply.images;
    expect(image?.reasons).toContain('detail');
    expect(image?.tokens).toBe(estimateImage({ model: reply.model, width: 3000, height: 2000, detail }).tokens);
    // The whole request is that picture and one letter.
    expect(Math.abs((reply.estimate?.input.tokens ?? 0) - (image?.tokens ?? 0))).toBeLessThan(60);
    expect(reply.warnings).toEqual([]);
  });

  it('is warned of where pictures are not scaled, and costs its size', async () => {
    const { reply, sent } = await sendTo(wire, 'limits', detail);
    expect(await sharp(sent).metadata()).toMatchObject({ width: 3000, height: 2000 });
    const [image] = reply.images;
    expect(image?.tokens).toBe(estimateImage({ model: reply.model, width: 3000, height: 2000, detail: 'high' }).tokens);
    expect(reply.warnings).toMatchObject([{ type: 'adjusted-option', subject: 'detail' }]);
  });
});
