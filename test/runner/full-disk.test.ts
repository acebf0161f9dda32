/** A run on a disk that is really full, where the machine lets a test mount a small one: told, what was answered kept, and gone on with. */

import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifest } from '../../benchmarks/index.js';
import { billedServer, makeItems, responsesIn, type BilledServer } from './bench.js';
import { makeRunner } from './runner-program.js';

const items = 300;
const small = 'mount -t tmpfs -o size=400k none "$0"';
/** A mount that only the program and its children see. */
const canMount = spawnSync('unshare', ['-rm', 'sh', '-c', small, tmpdir()]).status === 0;

let folder = '';
let server: BilledServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-full-'));
  server = await billedServer();
});
afterEach(async () => {
  await server.server.close();
  await rm(folder, { recursive: true, force: true });
});

function runProgram(file: string, words: readonly string[]): Promise<{ code: number | null; said: string }> {
  return new Promise((settle, reject) => {
    const child = spawn(file, words, { env: { ...process.env, ...server.environment } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => settle({ code, said }));
  });
}

describe.skipIf(!canMount)('a full disk', () => {
  it('stops the run with what to do; what was answered counts when there is room again', async () => {
    const program = await makeRunner(folder);
    await makeItems(join(folder, 'items'), items);
    const path = join(folder, 'items/mine.jsonl');
    const disk = join(folder, 'disk');
    const saved = join(folder, 'saved');
    await mkdir(disk);
    const script = `${small} && "$1" "$2" "$0/run" "$3" 50; code=$?; cp -r "$0/run" "$4"; exit $code`;
    // Given on the shell's line as $0 to $4.
    const words = [disk, process.execPath, program, path, saved];
    const { code, said } = await runProgram('unshare', ['-rm', 'sh', '-c', script, ...words]);
    expect(code).toBe(1);
    // Of the answers or of the ledger, whichever met the end first.
    expect(said).toMatch(/cannot be written: the disk is full/);
    const kept = await responsesIn(saved);
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(items);
    // Every line that is there is whole.
    const text = await readFile(join(saved, 'responses.jsonl'), 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(kept.length);

    // Another server, so that nothing the first program had in flight is counted.
    await server.server.close();
    server = await billedServer();
    const run = join(folder, 'larger');
    await cp(saved, run, { recursive: true });
    expect(await runProgram(process.execPath, [program, run, path, '50'])).toMatchObject({ code: 0 });
    // What failed because nothing could be booked is asked again.
    const answered = kept.filter(({ text }) => text !== undefined);
    expect(server.served()).toBe(items - answered.length);
    expect(await readManifest(join(run, 'manifest.json'))).toMatchObject({ status: 'complete' });
  }, 120_000);
});
