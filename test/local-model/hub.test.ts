import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findPulledModel, listPulledModels, parseModelName } from '../../local-model/engine/hub/cache.js';
import { pullModel, type PullEvent, type PullOptions } from '../../local-model/engine/hub/pull.js';
import { OcelliError } from '../../src/errors/index.js';
import { modelFolder } from './fixture.js';
import { commit, FakeHub } from './hub-server.js';

const model = 'tiny-lab/tiny-llava';
const weights = 'onnx/decoder_model_merged.onnx';

/** The files of the tiny model as a hub would have them. */
function modelFiles(): Map<string, Buffer> {
  const names = (readdirSync(modelFolder, { recursive: true }) as string[]).filter((name) => /\.\w+$/.test(name));
  return new Map(names.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(modelFolder, name))]));
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ocelli-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startHub(files = modelFiles()): Promise<FakeHub> {
  return new FakeHub(model, files).start();
}

async function pull(
  hub: FakeHub,
  cacheFolder: string,
  options: Partial<PullOptions> = {},
): Promise<{ readonly events: readonly PullEvent[]; readonly folder: string }> {
  const events: PullEvent[] = [];
  const all = { model, mirror: hub.url, cacheFolder, wait: () => Promise.resolve(), ...options };
  for await (const event of pullModel(all)) events.push(event);
  const last = events.at(-1);
  if (last?.type !== 'finish') throw new Error('the download did not end in finish');
  return { events, folder: last.folder };
}

async function failure(work: Promise<unknown>): Promise<OcelliError> {
  try {
    await work;
  } catch (error) {
    if (OcelliError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** The folder holds every chosen file whole, its record, and nothing else. */
function expectWhole(folder: string, hub: FakeHub): void {
  const record = filesIn(folder).filter((name) => name !== 'ocelli-pull.json');
  expect(record).toEqual([...hub.files.keys()].filter((name) => name !== '.gitattributes').sort());
  for (const name of record)
    expect(readFileSync(join(folder, name)).equals(hub.files.get(name) ?? Buffer.alloc(0)), name).toBe(true);
}

describe('pulling a model', () => {
  it('brings every file through redirects, checked, into our own plain folder', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    const { events, folder } = await pull(hub, cache);
    expect(folder).toBe(join(cache, 'tiny-lab', `tiny-llava@${commit}`));
    expectWhole(folder, hub);
    const total = [...hub.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    expect(events[0]).toMatchObject({ type: 'plan', model, commit, folder, bytes: total });
    const progress = events.filter((event) => event.type === 'progress').map((event) => event.bytes);
    expect(progress).toEqual([...progress].sort((first, second) => first - second));
    expect(progress.at(-1)).toBe(total);
    expect(events.filter((event) => event.type === 'file')).toHaveLength(hub.files.size);
    expect(findPulledModel(cache, model)).toMatchObject({ model, revision: 'main', commit, folder, bytes: total });
    expect(listPulledModels(cache).map((pulled) => pulled.model)).toEqual([model]);
  });

  it('fetches nothing that is there already, and again what was spoilt or lost', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    const { folder } = await pull(hub, cache);
    const before = hub.seen.length;
    const second = await pull(hub, cache);
    expect(hub.seen.slice(before).map((seen) => seen.path)).toEqual([`/api/models/${model}/revision/main`]);
    expect(second.events.map((event) => event.type)).toEqual(['plan', 'finish']);
    rmSync(join(folder, weights));
    writeFileSync(join(folder, 'config.json'), '{');
    const third = await pull(hub, cache);
    expect(
      third.events
        .filter((event) => event.type === 'file')
        .map((event) => event.path)
        .sort(),
    ).toEqual(['config.json', weights]);
    expectWhole(folder, hub);
  });

  it('sends the token to the hub only, never to the host that it redirects to', async () => {
    const hub = await startHub();
    hub.token = 'hf_secret';
    const error = await failure(pull(hub, temporaryFolder()));
    expect(error.kind).toBe('permission');
    expect(error.message).toMatch(/gated: accept its terms at .*tiny-lab\/tiny-llava; it needs a token/);
    await pull(hub, temporaryFolder(), { token: 'hf_secret' });
    expect(hub.seen.some((seen) => seen.host === 'storage')).toBe(true);
    for (const seen of hub.seen) if (seen.host === 'storage') expect(seen.authorization).toBeUndefined();
  });

  it('follows a renamed model and keeps it under the name that was asked for', async () => {
    const hub = await startHub();
    hub.renamed = 'old-lab/old-name';
    const cache = temporaryFolder();
    const { folder } = await pull(hub, cache, { model: 'old-lab/old-name' });
    expectWhole(folder, hub);
    expect(findPulledModel(cache, 'old-lab/old-name')?.folder).toBe(join(cache, 'old-lab', `old-name@${commit}`));
  });

  it('works with mirrors that state neither commit, sizes nor checksums', async () => {
    const hub = await startHub();
    hub.commit = undefined;
    hub.statesChecksums = false;
    hub.statesSizes = false;
    const { folder } = await pull(hub, temporaryFolder());
    expect(folder).toMatch(/tiny-llava@main$/);
    expectWhole(folder, hub);
  });
});

describe('a connection that breaks half-way', () => {
  it('is gone on with from the byte where it broke, under the same entity tag', async () => {
    const hub = await startHub();
    hub.fault(weights, { cutAfter: 1000 }, { cutAfter: 5000 });
    const { events, folder } = await pull(hub, temporaryFolder());
    const ranges = hub.rangesOf(weights);
    expect(ranges).toEqual([undefined, 'bytes=1000-', 'bytes=6000-']);
    const asked = hub.seen.filter((seen) => seen.path === weights && seen.range !== undefined);
    expect(asked.every((seen) => /^"[0-9a-f]{16}"$/.test(seen.ifRange ?? ''))).toBe(true);
    expect(events.filter((event) => event.type === 'retry')).toHaveLength(2);
    expectWhole(folder, hub);
  });

  it('is given up after several tries without a byte, and gone on with by the next pull', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    hub.fault(weights, { cutAfter: 1000 }, ...Array.from({ length: 6 }, () => ({ status: 503 })));
    const waits: number[] = [];
    const error = await failure(pull(hub, cache, { wait: async (milliseconds) => void waits.push(milliseconds) }));
    expect(error.kind).toBe('server');
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000]);
    expect(findPulledModel(cache, model)).toBeUndefined();
    const { folder } = await pull(hub, cache);
    expect(hub.rangesOf(weights).at(-1)).toBe('bytes=1000-');
    expectWhole(folder, hub);
  });

  it('waits as long as the hub asks', async () => {
    const hub = await startHub();
    hub.fault('config.json', { status: 429, headers: { 'retry-after': '7' } });
    const waits: number[] = [];
    await pull(hub, temporaryFolder(), { wait: async (milliseconds) => void waits.push(milliseconds) });
    expect(waits).toEqual([7000]);
  });

  it('starts over when the file has changed meanwhile', async () => {
    const hub = await startHub();
    hub.statesChecksums = false;
    const cache = temporaryFolder();
    hub.fault(weights, { cutAfter: 1000 }, { status: 404 });
    expect((await failure(pull(hub, cache))).kind).toBe('model-not-found');
    const changed = Buffer.alloc(hub.files.get(weights)?.length ?? 0, 'changed');
    hub.files.set(weights, changed);
    const { folder } = await pull(hub, cache);
    expect(hub.rangesOf(weights).at(-1)).toBe('bytes=1000-');
    expect(readFileSync(join(folder, weights)).equals(changed)).toBe(true);
  });

  it('starts over where nothing says that the beginning belongs to the same file', async () => {
    const hub = await startHub();
    hub.statesChecksums = false;
    hub.hasTags = false;
    hub.fault(weights, { cutAfter: 1000 });
    const { folder } = await pull(hub, temporaryFolder());
    expect(hub.rangesOf(weights)).toEqual([undefined, undefined]);
    expectWhole(folder, hub);
  });

  it('counts a connection that falls silent as broken', async () => {
    const hub = await startHub();
    hub.fault(weights, { hangAfter: 2000 });
    const { events, folder } = await pull(hub, temporaryFolder(), { patienceMs: 1000 });
    expect(events.find((event) => event.type === 'retry')).toMatchObject({ path: weights, reason: /sent nothing/ });
    expect(hub.rangesOf(weights)).toEqual([undefined, 'bytes=2000-']);
    expectWhole(folder, hub);
  });

  it('ends at once when the caller aborts, and is gone on with later', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    const controller = new AbortController();
    hub.fault(weights, { hangAfter: 2000 });
    hub.onHang = () => setTimeout(() => controller.abort(), 20);
    const error = await failure(pull(hub, cache, { signal: controller.signal }));
    expect(error.kind).toBe('aborted');
    const { folder } = await pull(hub, cache);
    expectWhole(folder, hub);
  });
});

describe('content that is not what the hub states', () => {
  it('is fetched once more, then refused, and never gets its name', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    const right = hub.files.get(weights) ?? Buffer.alloc(0);
    const sent = Buffer.from(right).fill(7, 500, 600);
    const listing = await (await fetch(`${hub.url}/api/models/${model}/revision/main?blobs=true`)).json();
    hub.listing = listing;
    hub.files.set(weights, sent);
    const error = await failure(pull(hub, cache));
    expect(error.kind).toBe('local-model');
    expect(error.message).toMatch(/decoder_model_merged\.onnx does not have the checksum that the hub states/);
    expect(hub.rangesOf(weights)).toEqual([undefined, undefined]);
    expect(existsSync(join(cache, 'tiny-lab', `tiny-llava@${commit}`, weights))).toBe(false);
    hub.files.set(weights, right);
    expectWhole((await pull(hub, cache)).folder, hub);
  });

  it('is noticed when a spoilt beginning was left on the disk', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    hub.fault(weights, { cutAfter: 1000 }, { status: 404 });
    await failure(pull(hub, cache));
    writeFileSync(join(cache, 'tiny-lab', `tiny-llava@${commit}`, `${weights}.part`), Buffer.alloc(1000));
    const { events, folder } = await pull(hub, cache);
    expect(events.find((event) => event.type === 'retry')).toMatchObject({ reason: 'the checksum is wrong' });
    expectWhole(folder, hub);
  });

  it.each([
    ['JSON that lists nothing', { sha: commit }, 'malformed-response'],
    [
      'no ONNX weights',
      { sha: commit, siblings: [{ rfilename: 'config.json' }, { rfilename: 'model.safetensors' }] },
      'local-model',
    ],
  ])('%s', async (_, listing, kind) => {
    const hub = await startHub();
    hub.listing = listing;
    expect((await failure(pull(hub, temporaryFolder()))).kind).toBe(kind);
  });

  it('names that lead out of the folder are never files of a model', async () => {
    const hub = await startHub();
    const real = [...hub.files.keys()].map((rfilename) => ({ rfilename }));
    hub.listing = {
      sha: '../../..',
      siblings: [
        ...real,
        { rfilename: '../config.json' },
        { rfilename: '/etc/tokenizer.json' },
        { rfilename: 'onnx/../../model.onnx' },
      ],
    };
    hub.commit = undefined;
    const cache = temporaryFolder();
    const { folder } = await pull(hub, cache);
    expect(folder).toBe(join(cache, 'tiny-lab', 'tiny-llava@main'));
    expect(filesIn(cache).every((name) => name.startsWith('tiny-lab/tiny-llava@main/'))).toBe(true);
  });
});

describe('a hub that refuses', () => {
  it.each([
    [404, undefined, 'model-not-found', /has no model or file/],
    [401, 'RepoNotFound', 'model-not-found', /A private one needs a token/],
    [404, 'RevisionNotFound', 'model-not-found', /no such revision/],
    [401, undefined, 'authentication', /asks for a token \(--token-variable\)/],
    [403, undefined, 'permission', /accept its terms/],
    [401, 'GatedRepo', 'permission', /accept its terms/],
    [500, undefined, 'server', /failed with status 500/],
    [429, undefined, 'rate-limit', /asks to wait/],
    [418, undefined, 'local-model', /answered status 418/],
  ])('status %i %s is %s', async (status, code, kind, message) => {
    const hub = await startHub();
    hub.refusal = code === undefined ? { status } : { status, code };
    const error = await failure(pull(hub, temporaryFolder()));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
    expect(error.status).toBe(kind === 'local-model' ? undefined : status);
  });

  it('is not there at all', async () => {
    const error = await failure(pull(await startHub(), temporaryFolder(), { mirror: 'http://127.0.0.1:9' }));
    expect(error.kind).toBe('network');
  });

  it.each(['ftp://hub.example', 'no url'])('is no mirror: %s', async (mirror) => {
    expect((await failure(pull(await startHub(), temporaryFolder(), { mirror }))).kind).toBe('invalid-request');
  });
});

describe('before anything is downloaded', () => {
  it('says how much room is missing on the disk', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    const error = await failure(pull(hub, cache, { freeBytes: () => Promise.resolve(64 * 1024 ** 2) }));
    expect(error.message).toMatch(/needs 64\.\d MB, but the disk of .* has 64\.0 MB free/);
    expect(hub.seen.some((seen) => seen.host === 'storage')).toBe(false);
  });

  it('refuses a second download of the same model at the same time', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    const first = pullModel({ model, mirror: hub.url, cacheFolder: cache });
    await first.next();
    expect((await failure(pull(hub, cache))).message).toMatch(/is downloading this model already/);
    await first.return();
    await pull(hub, cache);
  });

  it('offline touches no network', async () => {
    const hub = await startHub();
    const cache = temporaryFolder();
    const error = await failure(pull(hub, cache, { offline: true }));
    expect(error.message).toContain('Run `npx ocelli pull tiny-lab/tiny-llava` without --offline');
    expect(hub.seen).toEqual([]);
    const { folder } = await pull(hub, cache);
    const before = hub.seen.length;
    expect((await pull(hub, cache, { offline: true })).folder).toBe(folder);
    expect(hub.seen.length).toBe(before);
  });

  it.each(['tiny', '../secret/name', 'a/b/c', 'owner/..', 'owner/na me', 'owner/name@../x'])(
    '%s is no model name',
    async (name) => {
      expect(parseModelName(name)).toBeUndefined();
      expect((await failure(pull(await startHub(), temporaryFolder(), { model: name }))).kind).toBe('invalid-request');
    },
  );
});

it('a process killed in the middle of a download leaves no broken file, and its lock holds nobody up', async () => {
  const hub = await startHub();
  const cache = temporaryFolder();
  const script = join(cache, 'pull.mjs');
  await build({
    entryPoints: [new URL('../../local-model/engine/hub/pull.ts', import.meta.url).pathname],
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  hub.fault(weights, { hangAfter: 3000 });
  const hanging = new Promise<void>((resolve) => (hub.onHang = resolve));
  const options = JSON.stringify({ model, mirror: hub.url, cacheFolder: cache });
  const child = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `const { pullModel } = await import(${JSON.stringify(`file://${script}`)});
     for await (const event of pullModel(${options})) if (event.type === 'progress') console.log(event.bytes);`,
  ]);
  const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
  await hanging;
  const folder = join(cache, 'tiny-lab', `tiny-llava@${commit}`);
  const part = join(folder, `${weights}.part`);
  for (let tries = 0; tries < 200 && !(existsSync(part) && readFileSync(part).length === 3000); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  expect(existsSync(join(folder, weights))).toBe(false);
  for (const name of filesIn(folder).filter((name) => hub.files.has(name))) {
    expect(readFileSync(join(folder, name)).equals(hub.files.get(name) ?? Buffer.alloc(0)), name).toBe(true);
  }
  expect(findPulledModel(cache, model)).toBeUndefined();
  await pull(hub, cache);
  expect(hub.rangesOf(weights)).toEqual([undefined, 'bytes=3000-']);
  expectWhole(folder, hub);
});
