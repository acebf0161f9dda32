/** The file ledger when things go wrong: half lines, damage, other people's files, locks, full disks, dead processes. */

import { spawn, spawnSync } from 'node:child_process';
import { appendFile, lstat, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { open as openFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFileLedger, type LedgerStore } from '../../src/cost/index.js';
import { thisProcess } from '../../src/cost/process-identity.js';
import { makeProgram } from './program.js';

let programs = '';
let folder = '';
let path = '';
beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'ocelli-program-'));
});
afterAll(() => rm(programs, { recursive: true, force: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-ledger-'));
  path = join(folder, 'budget.ledger');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const budget = { usd: 1 };
const reserve = (store: LedgerStore, id: string, usd = 0.1) => store.reserve({ id, usd, budget });
const amounts = async (store: LedgerStore) => {
  const { settled, reserved } = await store.read();
  return [settled.usd, reserved.usd];
};

/** A process that ended long ago, by a number that lives: this one's own, begun at another time. */
const dead = () => ({ ...thisProcess(), startedAt: '1' });

describe('the lines of a ledger file', () => {
  it('are JSON, one a change, and only ever added', async () => {
    const store = createFileLedger(path, { now: () => new Date('2026-11-24T12:00:00Z') });
    await store.reserve({ id: 'a', usd: 0.1, tokens: 50, model: 'openai:gpt-4o', budget });
    const before = await readFile(path, 'utf8');
    await store.settle('a', { usd: 0.05, tokens: 20, estimated: false });
    const after = await readFile(path, 'utf8');
    expect(after.startsWith(before)).toBe(true);
    const lines = after.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['ledger', 'reserve', 'settle']);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ id: 'a', usd: 0.1, tokens: 50, at: '2026-11-24T12:00:00.000Z' });
    expect((await readdir(folder)).sort()).toEqual(['budget.ledger']);
  });

  it('count up to any byte at which the writer was killed, and the next one goes on', async () => {
    const store = createFileLedger(path);
    await reserve(store, 'a');
    const confirmed = (await readFile(path)).length;
    await reserve(store, 'b', 0.2);
    const whole = await readFile(path);
    for (let length = confirmed; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      const next = createFileLedger(path);
      expect(await amounts(next)).toEqual([0, 0.1]);
      await reserve(next, 'c', 0.3);
      expect(await amounts(createFileLedger(path))).toEqual([0, 0.4]);
    }
  });

  it('may end within the header, when the first writer was killed', async () => {
    await reserve(createFileLedger(path), 'a');
    await truncate(path, 11);
    const store = createFileLedger(path);
    expect(await amounts(store)).toEqual([0, 0]);
    await reserve(store, 'b');
    expect(await amounts(createFileLedger(path))).toEqual([0, 0.1]);
  });

  it('are read again when the file was replaced', async () => {
    const store = createFileLedger(path);
    await reserve(store, 'a');
    await rm(path);
    expect(await amounts(store)).toEqual([0, 0]);
    await reserve(store, 'b', 0.5);
    expect(await amounts(store)).toEqual([0, 0.5]);
  });
});

describe('a file that cannot be used', () => {
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing was thrown',
      (error: Error & { kind?: string }) => `${error.kind ?? error.name}: ${error.message}`,
    );

  it('is damaged: the line is named, and nothing is counted', async () => {
    const store = createFileLedger(path);
    await reserve(store, 'a');
    await reserve(store, 'b');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"id":"a","usd":0.1', '"id":"a","usd":0.0'));
    const said = await failure(createFileLedger(path).read());
    expect(said).toMatch(
      /^invalid-request: The ledger ".*budget\.ledger" is damaged at line 2: its checksum does not fit/,
    );
    expect(await failure(reserve(createFileLedger(path), 'c'))).toBe(said);
    expect(await readFile(path, 'utf8')).not.toContain('"c"');
  });

  it('lacks a line: what follows does not fit', async () => {
    const store = createFileLedger(path);
    await reserve(store, 'a');
    await store.settle('a', { usd: 0.1, estimated: false });
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [lines[0], ...lines.slice(2)].join('\n'));
    expect(await failure(createFileLedger(path).read())).toMatch(
      /damaged at line 2: The ledger knows no reservation "a"/,
    );
  });

  it.each([
    ['another file', 'Dear diary,\nnothing happened.\n'],
    ['another file without a line end', 'Dear diary'],
    ['JSON lines of something else', '{"type":"other"}\n'],
  ])('is %s: it is left as it is', async (_name, text) => {
    await writeFile(path, text);
    expect(await failure(reserve(createFileLedger(path), 'a'))).toMatch(/is not a ledger: it does not begin as one\.$/);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('comes from a newer version', async () => {
    await reserve(createFileLedger(path), 'a');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"version":1', '"version":7'));
    expect(await failure(createFileLedger(path).read())).toMatch(/it has version 7, and this program knows version 1/);
  });

  it('is a folder, is in none, or is no regular file', async () => {
    expect(await failure(reserve(createFileLedger(folder), 'a'))).toMatch(/is a folder; name a file\.$/);
    expect(await failure(reserve(createFileLedger(join(folder, 'none', 'x.ledger')), 'a'))).toMatch(
      /its folder does not exist/,
    );
    const device = join(folder, 'device');
    await symlink('/dev/null', device);
    expect(await failure(reserve(createFileLedger(device), 'a'))).toMatch(/is not a regular file/);
  });

  it('is on a full disk: nothing is booked, and all is well again when there is room', async () => {
    let isFull = false;
    const store = createFileLedger(path, { open: (name, flags) => openOnDisk(name, flags, () => isFull) });
    await reserve(store, 'a');
    const before = await readFile(path, 'utf8');
    isFull = true;
    const said = await Promise.all([failure(reserve(store, 'b')), failure(store.settle('a', { estimated: true }))]);
    for (const text of said)
      expect(text).toMatch(/cannot be written: the disk is full\. Free some space; nothing was booked\.$/);
    expect(await readFile(path, 'utf8')).toBe(before);
    expect(await amounts(store)).toEqual([0, 0.1]);
    isFull = false;
    expect(await reserve(store, 'b')).toEqual({ reserved: true });
    expect(await amounts(createFileLedger(path))).toEqual([0, 0.2]);
  });

  it('may not grow any further', async () => {
    // A real limit of the system: the shell's `ulimit -f 1` lets a file have 1 kB at most, so that a line is cut in the middle.
    const script = `
      import { createFileLedger } from './file-ledger.ts';
      const ledger = createFileLedger(${JSON.stringify(path)});
      let booked = 0;
      try { for (; booked < 50; booked += 1) await ledger.reserve({ id: 'call ' + booked, usd: 0.01, budget: {} }); }
      catch (error) { console.log(booked, (await ledger.read()).open.length, error.message); }`;
    const program = await makeProgram(programs, 'fill', script);
    const { stdout } = spawnSync('bash', ['-c', 'ulimit -f 1; exec "$@"', 'bash', process.execPath, program], {
      encoding: 'utf8',
    });
    const [booked, open] = stdout.split(' ').map(Number);
    expect(stdout).toMatch(/cannot be written: it would be larger than this system allows/);
    expect(booked).toBeGreaterThan(0);
    expect(open).toBe(booked);
  });
});

describe('a lock', () => {
  const lock = () => `${path}.lock`;
  const leave = (holder: object, place = lock()) => symlink(JSON.stringify(holder), place);

  it('that is held is waited for, then named', async () => {
    await leave({ token: 'other', ...thisProcess() });
    const store = createFileLedger(path, { lockTimeoutMs: 30 });
    await expect(reserve(store, 'a')).rejects.toThrow(
      new RegExp(
        `is locked by process ${process.pid} on .* was not free within 0\\.03 s.* remove .*budget\\.ledger\\.lock`,
      ),
    );
    expect((await lstat(lock())).isSymbolicLink()).toBe(true);
    await rm(lock());
    expect(await reserve(store, 'a')).toEqual({ reserved: true });
  });

  it('of another machine is never broken', async () => {
    await leave({ token: 'other', ...dead(), host: 'elsewhere' });
    await expect(reserve(createFileLedger(path, { lockTimeoutMs: 30 }), 'a')).rejects.toThrow(/on elsewhere/);
  });

  it('of a process that died is succeeded', async () => {
    await leave({ token: 'other', ...dead() });
    expect(await reserve(createFileLedger(path), 'a')).toEqual({ reserved: true });
    expect(await readdir(folder)).toEqual(['budget.ledger']);
  });

  it('whose successor died too is succeeded again', async () => {
    await leave({ token: 'first', ...dead() });
    await leave({ token: 'second', ...dead() }, `${lock()}.first`);
    expect(await reserve(createFileLedger(path), 'a')).toEqual({ reserved: true });
    expect(await readdir(folder)).toEqual(['budget.ledger']);
  });

  it('of a dead process has one successor among many', async () => {
    for (let round = 0; round < 20; round += 1) {
      await leave({ token: `round ${round}`, ...dead() });
      const stores = Array.from({ length: 6 }, () => createFileLedger(path));
      await Promise.all(stores.map((store, index) => reserve(store, `${round} ${index}`, 0.001)));
    }
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 20 * 6);
    expect(await amounts(createFileLedger(path))).toEqual([0, 0.12]);
    expect(await readdir(folder)).toEqual(['budget.ledger']);
  });

  it('that is a plain file, as where links are not allowed, is waited for too', async () => {
    await writeFile(lock(), JSON.stringify({ token: 'other', ...thisProcess() }));
    await expect(reserve(createFileLedger(path, { lockTimeoutMs: 30 }), 'a')).rejects.toThrow(/locked by process/);
    await writeFile(lock(), '{"tok');
    await expect(reserve(createFileLedger(path, { lockTimeoutMs: 30 }), 'a')).rejects.toThrow(/an unknown process/);
  });
});

describe('a process that was killed', () => {
  it('leaves its reservation booked, and the ledger says that it is gone', async () => {
    const script = `
      import { createFileLedger } from './file-ledger.ts';
      const ledger = createFileLedger(${JSON.stringify(path)});
      await ledger.reserve({ id: 'lost', usd: 0.25, model: 'openai:gpt-4o', budget: { usd: 1 } });
      console.log('reserved');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, [await makeProgram(programs, 'victim', script)]);
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', () => reject(new Error('it ended by itself')));
    });
    const store = createFileLedger(path);
    expect((await store.read()).open[0]?.owner).toMatchObject({ pid: child.pid, alive: true });
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    const { open, reserved } = await store.read();
    expect(reserved.usd).toBe(0.25);
    expect(open[0]?.owner).toMatchObject({ pid: child.pid, alive: false });
    await store.release('lost');
    expect(await amounts(store)).toEqual([0, 0]);
  });
});

it('is not confused by what comes in while it reads', async () => {
  const first = createFileLedger(path);
  await reserve(first, 'a');
  const [header, line] = (await readFile(path, 'utf8')).split('\n');
  await appendFile(path, (line ?? '').slice(0, 20));
  expect(await amounts(first)).toEqual([0, 0.1]);
  expect(header).toContain('"type":"ledger"');
});

/** A file handle of a disk that can become full in the middle of a line. */
async function openOnDisk(name: string, flags: number, isFull: () => boolean): Promise<FileHandle> {
  const handle = await openFile(name, flags, 0o600);
  const write = handle.write.bind(handle) as (bytes: Buffer, from: number, size: number, at: number) => unknown;
  let free = 10;
  const limited = async (bytes: Buffer, from: number, size: number, at: number) => {
    if (!isFull()) return write(bytes, from, size, at);
    if (free === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const most = Math.min(free, size);
    free -= most;
    return write(bytes, from, most, at);
  };
  Object.defineProperty(handle, 'write', { value: limited });
  return handle;
}
