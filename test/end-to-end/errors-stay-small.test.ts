/** An error from a call with a picture of a mebibyte holds neither the picture nor the key. */

import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createOcelli, OcelliError } from '../../src/index.js';
import { createFakeServer, type FakeServer, type ServerStep, type WireName } from '../../src/testing/index.js';

const key = 'sk-secret-0123456789abcdefghijklmnop';
let picture: Buffer;
let server: FakeServer | undefined;

beforeAll(async () => {
  const side = 592;
  const noise = { raw: { width: side, height: side, channels: 3 as const } };
  picture = await sharp(randomBytes(side * side * 3), noise)
    .png()
    .toBuffer();
  expect(picture.length).toBeGreaterThan(1024 * 1024);
});
afterEach(async () => {
  await server?.close();
});

const models: Readonly<Record<WireName, string>> = {
  openai: 'openai:gpt-4o',
  anthropic: 'anthropic:claude-opus-5',
  google: 'google:gemini-2.5-flash',
  'openai-compatible': 'openai-compatible:any',
};

/** A server that is rude enough to send everything back that it was sent. */
const echo: ServerStep = { status: 400, contentType: 'application/json', body: '' };

describe.each(Object.entries(models))('an error from %s', (wire, model) => {
  it.each<[string, (echoed: string) => ServerStep]>([
    [
      'that quotes picture and key',
      (echoed) => ({ ...echo, body: JSON.stringify({ error: { message: echoed, type: 'invalid_request_error' } }) }),
    ],
    ['in the middle of the answer', () => ({ reply: { text: ['one', 'two'] }, cutAfterEvents: 'first-text' })],
    ['of an overloaded server', () => ({ error: 'overloaded' })],
  ])('%s is at most 16 kB, without picture and key', async (_name, step) => {
    server = await createFakeServer({ wire: wire as WireName });
    const base64 = picture.toString('base64');
    server.setDefault(step(`You sent ${base64} with ${key}`));
    const ocelli = createOcelli({
      environment: {
        OPENAI_API_KEY: key,
        OPENAI_BASE_URL: server.url,
        ANTHROPIC_API_KEY: key,
        ANTHROPIC_BASE_URL: server.url,
        GEMINI_API_KEY: key,
        GOOGLE_GEMINI_BASE_URL: server.url,
        OPENAI_COMPATIBLE_API_KEY: key,
        OPENAI_COMPATIBLE_BASE_URL: server.url,
      },
      retry: { baseDelayMs: 1 },
    });
    const error: unknown = await ocelli
      .generate({ model, prompt: 'x', images: [picture] })
      .catch((failure: unknown) => failure);
    expect(OcelliError.isInstance(error)).toBe(true);
    const [json, shown] = [JSON.stringify(error), inspect(error, { depth: 9, showHidden: false })];
    expect(json.length).toBeLessThanOrEqual(16_384);
    expect(shown.length).toBeLessThanOrEqual(16_384);
    for (const text of [json, shown]) {
      expect(text).not.toContain(base64.slice(5_000, 5_060));
      expect(text).not.toContain(key);
    }
  });
});
