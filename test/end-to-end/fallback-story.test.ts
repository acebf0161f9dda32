/** Three vendors fail in three ways over real HTTP, and the model on this machine answers: the story that fallback is for. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOcelli } from '../../src/index.js';
import { createFakeServer, type FakeServer } from '../../src/testing/index.js';

const root = resolve(import.meta.dirname, '../..');
const picture = join(root, 'examples/circles.png');
const hasWeights = existsSync(join(root, 'local-model/weights/config.json')) && existsSync(picture);

describe.skipIf(!hasWeights)('a call that every vendor fails', () => {
  let openai: FakeServer;
  let anthropic: FakeServer;
  let google: FakeServer;

  beforeAll(async () => {
    openai = await createFakeServer({ wire: 'openai' });
    anthropic = await createFakeServer({ wire: 'anthropic' });
    google = await createFakeServer({ wire: 'google' });
  });
  afterAll(async () => {
    await Promise.all([openai, anthropic, google].map((server) => server.close()));
  });

  it('is answered by the local model, and the attempts tell why', async () => {
    openai.script({ error: 'rate-limit', headers: { 'retry-after': '120' } });
    anthropic.setDefault({ reply: { text: 'never seen' }, cutAfterEvents: 1 });
    google.script({ error: 'authentication' });
    const key = 'sk-secret-0123456789abcdef';
    const ocelli = createOcelli({
      environment: {
        OPENAI_API_KEY: key,
        OPENAI_BASE_URL: openai.url,
        ANTHROPIC_API_KEY: key,
        ANTHROPIC_BASE_URL: anthropic.url,
        GEMINI_API_KEY: key,
        GOOGLE_GEMINI_BASE_URL: google.url,
      },
      retry: { baseDelayMs: 1 },
    });

    const reply = await ocelli.generate({
      model: ['openai:gpt-4o', 'anthropic:claude-opus-5', 'google:gemini-2.5-flash', 'local:tiny'],
      prompt: 'How many circles are there?',
      images: [picture],
    });

    expect(reply.model).toBe('local:tiny');
    expect(reply.text).not.toBe('');
    expect(
      reply.attempts.map(({ model, try: tries, outcome, errorKind }) => [model, tries, outcome, errorKind]),
    ).toEqual([
      ['openai:gpt-4o', 1, 'failed', 'rate-limit'],
      ['anthropic:claude-opus-5', 1, 'failed', 'network'],
      ['anthropic:claude-opus-5', 2, 'failed', 'network'],
      ['anthropic:claude-opus-5', 3, 'failed', 'network'],
      ['google:gemini-2.5-flash', 1, 'failed', 'authentication'],
      ['local:tiny', 1, 'answered', undefined],
    ]);
    expect(reply.attempts[0]).toMatchObject({ status: 429 });
    expect(reply.attempts[0]?.reason).toMatch(/asked to wait 120 s, another candidate is left/);
    expect(openai.requests).toHaveLength(1);
    expect(anthropic.requests).toHaveLength(3);
    expect(JSON.stringify(reply) + inspect(reply, { depth: 9 })).not.toContain(key);
  });
});
