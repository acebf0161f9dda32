/** `ocelli ask` and `ocelli models` against fake vendors: what is printed where, and the exit codes. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listModels } from '../../src/index.js';
import { conformanceKey, createFakeServer, type FakeServer } from '../../src/testing/index.js';
import { makePicture } from '../media/pictures.js';
import { ocelli } from './terminal.js';

let folder = '';
let picture = '';
let bytes: Buffer;
let server: FakeServer;
let environment: Record<string, string> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-ask-'));
  picture = join(folder, 'picture.png');
  bytes = await makePicture('png', 32, 20);
  await writeFile(picture, bytes);
  server = await createFakeServer({ wire: 'openai' });
  environment = { OPENAI_API_KEY: conformanceKey, OPENAI_BASE_URL: server.url };
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => server.reset());

const ask = (words: readonly string[], options: Parameters<typeof ocelli>[1] = {}) =>
  ocelli(['ask', ...words], { environment, ...options });
const model = ['--model', 'openai:gpt-4o'];

describe('ask', () => {
  it('prints the answer, ends the line, and exits with 0', async () => {
    server.script({ reply: { text: ['Th', 'ree', '.'] } });
    const said = await ask(['How many?', picture, ...model]);
    expect(said).toEqual({ code: 0, out: 'Three.\n', err: '' });
    const body = JSON.stringify(server.requests[0]?.body);
    expect(body).toContain(`data:image/png;base64,${bytes.toString('base64')}`);
    expect(body).toContain('How many?');
  });

  it('prints the same at once with --no-stream, and tells more with --verbose', async () => {
    server.script({ reply: { text: ['Th', 'ree.'] } });
    const said = await ask(['How many?', ...model, '--no-stream', '--verbose']);
    expect([said.code, said.out]).toEqual([0, 'Three.\n']);
    expect(said.err).toMatch(/openai:gpt-4o: \d+ input tokens, \d+ output tokens/);
  });

  it('passes the options on', async () => {
    await ask([
      'How many?',
      ...model,
      '--system',
      'Be brief.',
      '--max-output-tokens',
      '77',
      '--temperature',
      '0.5',
      '--detail',
      'low',
      picture,
    ]);
    expect(server.requests[0]?.body).toMatchObject({ max_output_tokens: 77, temperature: 0.5 });
    const body = JSON.stringify(server.requests[0]?.body);
    expect(body).toContain('Be brief.');
    expect(body).toContain('"detail":"low"');
  });

  it('reads a picture from standard input', async () => {
    const said = await ask(['What is it?', '-', ...model], { stdin: bytes });
    expect(said.code).toBe(0);
    expect(JSON.stringify(server.requests[0]?.body)).toContain(bytes.toString('base64'));
    const nothing = await ask(['What is it?', '-', ...model]);
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringMatching(/nothing is piped in/) as string]);
    const empty = await ask(['What is it?', '-', ...model], { stdin: new Uint8Array(0) });
    expect([empty.code, empty.err]).toEqual([2, expect.stringContaining('standard input, which is empty')]);
    const twice = await ask(['What is it?', '-', '-', ...model], { stdin: bytes });
    expect([twice.code, twice.err]).toEqual([2, expect.stringMatching(/only once/) as string]);
  });

  it('prints one JSON document with --json, for a reply and for a failure', async () => {
    server.script({ reply: { text: 'Three.' } }, { error: 'authentication' });
    const good = await ask(['How many?', picture, ...model, '--json']);
    expect([good.code, good.err]).toEqual([0, '']);
    expect(JSON.parse(good.out)).toMatchObject({
      text: 'Three.',
      model: 'openai:gpt-4o',
      finishReason: 'stop',
      images: [{ width: 32, height: 20 }],
    });
    const bad = await ask(['How many?', ...model, '--json']);
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({ error: { kind: 'authentication', attempts: [{ outcome: 'failed' }] } });
    expect(bad.out).not.toContain(conformanceKey);
  });

  it('asks for JSON of a shape', async () => {
    const schema = join(folder, 'schema.json');
    const shape = {
      type: 'object',
      properties: { count: { type: 'integer' } },
      required: ['count'],
      additionalProperties: false,
    };
    await writeFile(schema, JSON.stringify(shape));
    server.script({ reply: { text: '{"count":3}' } });
    const said = await ask(['How many?', ...model, '--schema', schema, '--json']);
    expect(JSON.parse(said.out)).toMatchObject({ object: { count: 3 } });
    await writeFile(schema, '{"type":');
    expect(await ask(['How many?', ...model, '--schema', schema])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is not JSON/) as string,
    });
    expect(await ask(['How many?', ...model, '--schema', join(folder, 'none.json')])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/cannot be read/) as string,
    });
  });

  it('sends nothing with --dry-run: it prints the body with digests in place of pictures', async () => {
    const said = await ask([
      'How many?',
      picture,
      '--model',
      'openai:gpt-4o,anthropic:claude-opus-5',
      '--dry-run',
      '--json',
    ]);
    expect(said.code).toBe(0);
    expect(server.requests).toHaveLength(0);
    const { candidates } = JSON.parse(said.out) as { candidates: { model: string; status: string }[] };
    expect(candidates).toMatchObject([
      { model: 'openai:gpt-4o', status: 'ready' },
      { model: 'anthropic:claude-opus-5', status: 'skipped', error: { kind: 'authentication' } },
    ]);
    expect(said.out).not.toContain(bytes.toString('base64').slice(0, 60));
    expect(said.out).toMatch(/sha256/);
    const text = await ask(['How many?', picture, '--model', 'openai:gpt-4o,anthropic:claude-opus-5', '--dry-run']);
    expect(text.out).toMatch(/^openai:gpt-4o would be sent:\n\{/);
    expect(text.out).toMatch(/anthropic:claude-opus-5 would be skipped: .*ANTHROPIC_API_KEY/);
    expect((await ask(['How many?', '--model', 'anthropic:claude-opus-5', '--dry-run'])).code).toBe(1);
  });

  it('goes on to the next model, and says so beside the answer', async () => {
    server.script({ reply: { text: 'Three.' } });
    const said = await ask(['How many?', '--model', 'anthropic:claude-opus-5,openai:gpt-4o']);
    expect([said.code, said.out]).toEqual([0, 'Three.\n']);
    expect(said.err).toBe('anthropic:claude-opus-5 skipped (authentication)\n');
  });

  it('ends a half answer with a line end and one sentence', async () => {
    server.script({ reply: { text: ['It is ', 'a cat'] }, cutAfterEvents: 'first-text' });
    const said = await ask(['What is it?', ...model]);
    expect(said.code).toBe(1);
    expect(said.out.endsWith('\n')).toBe(true);
    expect(said.err).toMatch(/^error: .+\n$/);
  });

  it('keeps escape sequences of a model away from the terminal', async () => {
    server.script({ reply: { text: 'red \u001b[31mtext\u0007' } });
    expect((await ask(['Say something', ...model])).out).toBe('red [31mtext\n');
  });

  it('stops when it is interrupted', async () => {
    server.script({ reply: { text: 'Late.' }, delayMs: 60_000 });
    const interrupted = new AbortController();
    const asked = ask(['How many?', ...model], { signal: interrupted.signal });
    while (server.openRequests === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    interrupted.abort();
    expect((await asked).code).toBe(1);
  });

  it.each([
    [[], 2, /missing required argument/],
    [['Hi', '--temperature', 'hot'], 2, /must be a number/],
    [['Hi', '--temperature', '7', ...model], 2, /temperature/],
    [['Hi', '--model', ','], 2, /--model is empty/],
    [['Hi', '--model', 'gpt-4o'], 2, /write provider:model-id. Did you mean "openai:gpt-4o"/],
    [['Hi', '--detail', 'huge', ...model], 2, /detail/],
    [['Hi', '--colour'], 2, /unknown option/],
    [[' ', ...model], 2, /The question is empty/],
    [['package.json', ...model], 2, /is a file, and no question was asked.*ocelli ask/],
    [['Hi', '/no/such/picture.png', ...model], 1, /picture\.png/],
  ])('%j ends with %i', async (words, code, message) => {
    const said = await ask(words);
    expect(said.code).toBe(code);
    expect(said.err).toMatch(message);
    expect(server.requests).toHaveLength(0);
  });
});

describe('models', () => {
  it('lists the catalogue and which keys are there', async () => {
    const said = await ocelli(['models'], { environment });
    expect(said.code).toBe(0);
    expect(said.out).toMatch(/^openai:gpt-4o +text image document +128,000 +ready$/m);
    expect(said.out).toMatch(/^anthropic:claude-opus-5 .* no key$/m);
    expect(said.out).toMatch(/^openai:gpt-4 .* retired$/m);
    expect(said.out).toMatch(/^anthropic: .*ANTHROPIC_API_KEY/m);
  });

  it('prints them as JSON', async () => {
    const said = await ocelli(['models', '--json'], { environment });
    const { models } = JSON.parse(said.out) as { models: { id: string; ready: boolean }[] };
    expect(models.map(({ id }) => id)).toEqual(listModels().map(({ id }) => id));
    expect(models.find(({ id }) => id === 'openai:gpt-4o')?.ready).toBe(true);
    expect(models.find(({ id }) => id === 'google:gemini-2.5-pro')?.ready).toBe(false);
  });
});

describe('the program', () => {
  it('shows its help and its version', async () => {
    expect(await ocelli(['--version'])).toEqual({ code: 0, out: '1.2.3\n', err: '' });
    const help = await ocelli(['--help']);
    expect(help.code).toBe(0);
    for (const command of ['ask', 'models', 'estimate', 'ledger']) expect(help.out).toContain(`  ${command} `);
    expect((await ocelli(['estimate', '--help'])).out).toContain('--fail-over-usd <x>');
    expect((await ocelli([])).code).toBe(2);
    expect(await ocelli(['aks'])).toMatchObject({ code: 2, err: expect.stringMatching(/Did you mean ask/) as string });
  });
});
