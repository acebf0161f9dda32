/** The built program as a process of its own: its exit codes, its pipes, and that it ends. Needs `npm run build`, which `npm ci` does. */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const main = resolve(import.meta.dirname, '../../dist/src/cli/main.js');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(words: readonly string[], closeAfterFirstBytes = false): Promise<Ended> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [main, ...words], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString();
      if (closeAfterFirstBytes) child.stdout.destroy();
    });
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
    child.once('error', reject);
    child.once('close', (code) => settle({ code, out, err }));
  });
}

describe('the built program', () => {
  it('estimates, prints JSON and ends with 0', async () => {
    const { code, out, err } = await start(['estimate', '--size', '1024x1024', '--model', 'openai:gpt-4o', '--json']);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ pictures: [{ model: 'openai:gpt-4o', tokens: 765 }], problems: [] });
  });

  it('ends with 1 for a failure and with 2 for wrong words', async () => {
    const failed = await start(['estimate', '/no/such/picture.png', '--model', 'openai:gpt-4o']);
    expect([failed.code, failed.out]).toEqual([1, '']);
    expect(failed.err).toMatch(/^One thing could not be estimated:\n {2}\/no\/such\/picture\.png: /);
    expect(await start(['estimate', '--colour'])).toMatchObject({ code: 2, out: '' });
  });

  it('takes it well when a reader leaves early', async () => {
    const { code, err } = await start(['estimate', '--size', '4032x3024', '--all', '--ladder', '--csv'], true);
    expect([code, err]).toEqual([0, '']);
  });
});
