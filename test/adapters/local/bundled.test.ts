import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { closeLocalEngines, local } from '../../../adapters/local/index.js';
import { findModel } from '../../../src/models/index.js';
import type { AdapterEvent } from '../../../src/request/index.js';

const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const weights = file('local-model/weights/config.json');
const example = file('examples/circles.png');

/** The picture of the examples; three drawn circles while there is none. */
async function circles(): Promise<Uint8Array> {
  if (existsSync(example)) return readFileSync(example);
  const shapes = [50, 110, 170].map((x) => `<circle cx="${x}" cy="${x}" r="24" fill="#d02020"/>`).join('');
  return draw(shapes);
}

function draw(shapes: string): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="224" height="224"><rect width="224" height="224" fill="#ffffff"/>${shapes}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

afterAll(() => closeLocalEngines());

async function ask(
  bytes: Uint8Array,
  text: string,
): Promise<{ text: string; finish: AdapterEvent | undefined; counted: number | undefined }> {
  const adapter = local();
  const media = {
    type: 'bytes' as const,
    bytes,
    base64: Buffer.from(bytes).toString('base64'),
    mediaType: 'image/png',
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const { body } = adapter.toWire(
    {
      modelId: 'tiny',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', media, detail: 'high' },
            { type: 'text', text },
          ],
        },
      ],
      maxOutputTokens: 40,
      stop: [],
      tools: [],
      toolChoice: 'auto',
      providerOptions: {},
    },
    adapter.defaultDescription,
  );
  const signal = new AbortController().signal;
  const events: AdapterEvent[] = [];
  for await (const event of adapter.stream(body, { signal })) events.push(event);
  const answer = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
  return { text: answer, finish: events.at(-1), counted: await adapter.countTokens?.(body, { signal }) };
}

describe.skipIf(!existsSync(weights))('the bundled model (skipped while its weights are absent)', () => {
  const question = 'How many circles are there?';

  it('answers about a picture, and a blank picture changes the answer', async () => {
    const picture = await ask(await circles(), question);
    const blank = await ask(await draw(''), question);
    expect(picture.text.trim()).not.toBe('');
    expect(picture.finish).toMatchObject({ type: 'finish', reason: 'stop' });
    expect(blank.text).not.toBe(picture.text);
  });

  it('is what its catalogue row says', async () => {
    const row = findModel('local:tiny');
    const { finish, counted } = await ask(await circles(), question);
    if (finish?.type !== 'finish') throw new Error('no finish');
    const config = JSON.parse(readFileSync(weights, 'utf8')) as {
      readonly image_seq_length: number;
      readonly vision_config: {
        readonly image_size: number;
        readonly fine_image_size: number;
        readonly fine_image_seq_length: number;
      };
      readonly text_config: { readonly max_position_embeddings: number };
    };
    expect(row?.limits.contextTokens).toBe(config.text_config.max_position_embeddings);
    const { image_size, fine_image_size, fine_image_seq_length } = config.vision_config;
    const fine = { tokens: fine_image_seq_length, seenSide: fine_image_size };
    expect(row?.imageRule).toMatchObject({
      rule: 'fixed',
      tokens: config.image_seq_length,
      seenSide: image_size,
      byDetail: { high: fine, original: fine },
    });
    expect(finish.usage.byModality?.image).toBe(fine_image_seq_length);
    expect(finish.usage.inputTokens).toBe(counted);
  });
});
