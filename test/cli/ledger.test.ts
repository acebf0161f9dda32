/** `ocelli ledger`: what stands in a budget file, and giving back what dead processes hold. */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFileLedger, type LedgerState } from '../../src/index.js';
import { makeProgram } from '../cost/program.js';
import { ocelli } from './terminal.js';

let folder = '';
let file = '';
let victim = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ocelli-ledger-cli-'));
  victim = await makeProgram(
    folder,
    'victim',
    `import { createFileLedger } from './file-ledger.ts';
     const ledger = createFileLedger(process.argv[2]);
     await ledger.reserve({ id: 'lost', usd: 0.25, tokens: 1500, model: 'openai:gpt-4o', budget: { usd: 1 } });
     process.kill(process.pid, 'SIGKILL');`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
beforeEach(async () => {
  file = join(folder, `${(count += 1)}.ledger`);
  const ledger = createFileLedger(file, { now: () => new Date('2026-11-24T12:00:00Z') });
  const budget = { usd: 1 };
  await ledger.reserve({ id: 'done', usd: 0.5, tokens: 900, model: 'openai:gpt-4o', budget });
  await ledger.settle('done', { usd: 0.125, tokens: 800, estimated: true });
  await ledger.reserve({ id: 'mine', usd: 0.0125, tokens: 700, model: 'anthropic:claude-opus-5', budget });
  await new Promise((resolve) => spawn(process.execPath, [victim, file]).once('close', resolve));
});

const stateNow = () => createFileLedger(file).read();

describe('show', () => {
  it('tells what was spent, what is reserved, and who of them still runs', async () => {
    const said = await ocelli(['ledger', 'show', file]);
    expect(said.code).toBe(0);
    expect(said.out).toMatch(
      /^settled {3}0\.125 USD, 800 tokens in 1 call, 1 of them an upper bound\nreserved {2}0\.2625 USD, 2,200 tokens in 2 open\n/,
    );
    expect(said.out).toMatch(
      new RegExp(`mine +anthropic:claude-opus-5 +0\\.013 +700 +2026-11-24 12:00:00 +${process.pid} running`),
    );
    expect(said.out).toMatch(/lost +openai:gpt-4o +0\.250 +1,500 .* gone\n/);
  });

  it('prints the state as JSON', async () => {
    const state = JSON.parse((await ocelli(['ledger', 'show', file, '--json'])).out) as LedgerState;
    expect(state.reserved).toEqual({ usd: 0.2625, tokens: 2_200 });
    expect(state.open.map(({ id, owner }) => [id, owner?.alive])).toEqual([
      ['mine', true],
      ['lost', false],
    ]);
  });
});

describe('release', () => {
  it('gives back what dead processes hold, and nothing else', async () => {
    const said = await ocelli(['ledger', 'release', file]);
    expect([said.code, said.out]).toEqual([0, '1 released, 1 left open.\n']);
    expect(said.err).toMatch(/--all takes them too/);
    const { settled, open } = await stateNow();
    expect(open.map(({ id }) => id)).toEqual(['mine']);
    expect(settled.usd).toBe(0.125);
  });

  it('books them as spent when that is safer', async () => {
    await ocelli(['ledger', 'release', file, '--spent']);
    const { settled, reserved } = await stateNow();
    expect([settled.usd, settled.tokens, settled.calls, settled.estimatedCalls]).toEqual([0.375, 2_300, 2, 2]);
    expect(reserved.usd).toBe(0.0125);
  });

  it('takes single reservations or all, whoever holds them', async () => {
    const one = await ocelli(['ledger', 'release', file, 'mine', 'nobody']);
    expect([one.code, one.out, one.err]).toEqual([
      1,
      '1 released, 1 left open.\n',
      'error: no open reservation has the id nobody.\n',
    ]);
    expect((await ocelli(['ledger', 'release', file, '--all'])).out).toBe('1 released, 0 left open.\n');
    expect((await stateNow()).reserved.usd).toBe(0);
  });
});

describe('a ledger that cannot be used', () => {
  it('is damaged', async () => {
    await writeFile(file, (await readFile(file, 'utf8')).replace('"usd":0.5', '"usd":0.1'));
    const said = await ocelli(['ledger', 'show', file]);
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.err).toMatch(
      /^error: The ledger ".*" is damaged at line 2: its checksum does not fit\. Put a copy back/,
    );
  });

  it('is on a device that is always full', async () => {
    const full = join(folder, 'full.ledger');
    await symlink('/dev/full', full);
    const said = await ocelli(['ledger', 'show', full]);
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/is not a regular file/) as string]);
  });

  it('is not there, or the words are wrong', async () => {
    const missing = await ocelli(['ledger', 'show', join(folder, 'missing.ledger')]);
    expect([missing.code, missing.err]).toEqual([2, expect.stringMatching(/There is no ledger/) as string]);
    expect((await ocelli(['ledger', 'release', file, 'mine', '--all'])).code).toBe(2);
    expect((await ocelli(['ledger', 'burn', file])).code).toBe(2);
    expect((await ocelli(['ledger'])).code).toBe(2);
  });
});
