/** A prepared call says what would be sent, and sends exactly that. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createMemoryLedger, createOcelli, loadMedia, type PreparedCall, type ReadyCall } from '../../src/index.js';
import { createFakeServer, type FakeServer } from '../../src/testing/index.js';
import { makePicture } from '../media/pictures.js';

let folder = '';
let path = '';
let server: FakeServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-prepared-'));
  path = join(folder, 'picture.png');
  await writeFile(path, await makePicture('png', 40, 30));
  server = await createFakeServer({ wire: 'openai' });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const model = 'openai:gpt-4o';
const make = (more: Parameters<typeof createOcelli>[0] = {}) =>
  createOcelli({ environment: { OPENAI_API_KEY: 'test', OPENAI_BASE_URL: server.url }, ...more });

function ready<T>(calls: readonly PreparedCall<T>[]): ReadyCall<T> {
  const [call] = calls;
  if (call?.status !== 'ready') throw new Error(`not ready: ${call?.error.message}`);
  return call;
}

describe('a prepared call', () => {
  it('sends nothing until it is sent, and then what `generate` would send', async () => {
    const ocelli = make();
    const request = { model, prompt: 'How many?', images: [path], maxOutputTokens: 50 };
    const call = ready(await ocelli.prepare(request));
    expect(server.requests).toHaveLength(0);
    const reply = await call.generate();
    const direct = await ocelli.generate(request);
    expect(server.requests[0]?.body).toEqual(server.requests[1]?.body);
    expect(reply).toMatchObject({ text: 'Hello.', model, estimate: call.estimate, images: call.images });
    expect(reply.images).toEqual(direct.images);
  });

  it('sends what it was when it was prepared, whatever became of the file and the request', async () => {
    const request = { model, prompt: 'How many?', images: [path] };
    const call = ready(await make().prepare(request));
    await writeFile(path, await makePicture('png', 8, 8));
    request.prompt = 'Where?';
    request.images.length = 0;
    await call.generate();
    await rm(path);
    expect(await call.stream().reply()).toMatchObject({ text: 'Hello.' });
    const [first, second] = server.requests;
    expect(JSON.stringify(first?.body)).toContain('How many?');
    expect(second?.body).toEqual(first?.body);
  });

  it('names a picture by the same digest however it came into the body', async () => {
    const { media } = await loadMedia(path);
    const { body } = ready(await make().prepare({ model, prompt: 'x', images: [media] }));
    expect(JSON.stringify(body)).toContain(`"[image/png, ${media.bytes.length} bytes, sha256 ${media.sha256}]"`);
  });

  it('is asked of its own model alone; of several each can be sent', async () => {
    server.script({ error: 'invalid-request' });
    const calls = await make().prepare({ model: ['openai:gpt-4o-mini', model], prompt: 'x' });
    const [first, second] = calls;
    if (first?.status !== 'ready' || second?.status !== 'ready') throw new Error('not ready');
    await expect(first.generate()).rejects.toMatchObject({ kind: 'invalid-request', model: 'openai:gpt-4o-mini' });
    const reply = await second.generate();
    expect(reply.attempts).toMatchObject([{ model, candidate: 0, outcome: 'answered' }]);
    expect(server.requests.map((request) => request.model)).toEqual(['gpt-4o-mini', 'gpt-4o']);
  });

  it('is tried again as its request says', async () => {
    server.script({ error: 'overloaded' });
    const call = ready(await make({ retry: { baseDelayMs: 1 } }).prepare({ model, prompt: 'x', retries: 1 }));
    expect((await call.generate()).attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'answered']);
  });

  it('is stopped by a signal of its own or by that of its request', async () => {
    const own = new AbortController();
    const call = ready(await make().prepare({ model, prompt: 'x' }));
    own.abort();
    await expect(call.generate({ signal: own.signal })).rejects.toMatchObject({ kind: 'aborted' });
    const theirs = new AbortController();
    const other = ready(await make().prepare({ model, prompt: 'x', signal: theirs.signal }));
    theirs.abort();
    await expect(other.generate()).rejects.toMatchObject({ kind: 'aborted' });
    expect(server.requests).toHaveLength(0);
  });

  it('is paid for when it is sent, each time, and not when it is prepared', async () => {
    const ledger = createMemoryLedger();
    const ocelli = make({ budget: { usd: 1 }, ledger });
    const call = ready(await ocelli.prepare({ model, prompt: 'x' }));
    const dear = ready(await ocelli.prepare({ model, prompt: 'x', budget: { usd: 0 } }));
    expect(await ledger.read()).toMatchObject({ open: [], settled: { calls: 0 } });
    await call.generate();
    await call.generate();
    expect(await ledger.read()).toMatchObject({ open: [], settled: { calls: 2 } });
    await expect(dear.generate()).rejects.toMatchObject({ kind: 'budget-exceeded' });
    expect(server.requests).toHaveLength(2);
  });

  it('checks the answer against the schema of its request, which also is its type', async () => {
    server.script({ reply: { text: '{"count":3}' } }, { reply: { text: '{"count":"three"}' } });
    const call = ready(await make().prepare({ model, prompt: 'x', output: z.object({ count: z.number() }) }));
    const { object } = await call.generate();
    expectTypeOf(object).toEqualTypeOf<{ count: number } | undefined>();
    expect(object).toEqual({ count: 3 });
    await expect(call.generate()).rejects.toMatchObject({ kind: 'invalid-output' });
  });

  it('as JSON is what it was before it could be sent', async () => {
    const call = ready(await make().prepare({ model, prompt: 'x' }));
    expect(Object.keys(JSON.parse(JSON.stringify(call)) as object).sort()).toEqual(
      ['body', 'estimate', 'images', 'model', 'status', 'warnings'].sort(),
    );
  });
});
