import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { loadEngine } from '../../local-model/engine/index.js';
import { copyOfModel, modelFolder } from './fixture.js';

const built = new URL('../../dist/local-model/engine/index.js', import.meta.url);

beforeAll(() => {
  if (!existsSync(fileURLToPath(built))) throw new Error('dist is not built: run `npm run build` first.');
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a script with the built engine in a process of its own, to its own end. */
async function runScript(script: string): Promise<Ended> {
  const head = `
    const { loadEngine } = await import(${JSON.stringify(built.href)});
    const folder = ${JSON.stringify(modelFolder)};
    const ask = (maxOutputTokens) => ({ messages: [{ role: 'user', content: [{ type: 'text', text: 'How many?' }] }], maxOutputTokens });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', head + script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output, errors }));
  });
}

it('ends by itself after an answer, although the engine was never closed', async () => {
  const ended = await runScript(`
    const engine = await loadEngine({ folder });
    for await (const event of engine.generate(ask(5))) if (event.type === 'finish') console.log(event.outputTokens);
  `);
  expect(ended).toEqual({ code: 0, signal: null, output: '5\n', errors: '' });
});

it('ends by itself with an engine that was only loaded, that was closed, or that failed to load', async () => {
  const ended = await runScript(`
    await loadEngine({ folder });
    const second = await loadEngine({ folder });
    await second.close();
    await loadEngine({ folder: '/nowhere' }).catch((error) => console.log(error.kind));
  `);
  expect(ended).toEqual({ code: 0, signal: null, output: 'local-model\n', errors: '' });
});

it('stays alive until the last of several answers has come', async () => {
  const ended = await runScript(`
    const engine = await loadEngine({ folder });
    for (const tokens of [3, 40, 2]) {
      void (async () => {
        for await (const event of engine.generate(ask(tokens))) if (event.type === 'finish') console.log(event.outputTokens);
      })();
    }
  `);
  expect(ended).toEqual({ code: 0, signal: null, output: '3\n40\n2\n', errors: '' });
});

it('leaves by process.exit in the middle of a run without a crash', async () => {
  // Without the gate around native code each of these ends in SIGABRT (tried on 2026-11-24).
  for (const delay of [0, 2, 4]) {
    const ended = await runScript(`
      const engine = await loadEngine({ folder });
      const text = 'Is there a triangle? '.repeat(60);
      const messages = [{ role: 'user', content: [{ type: 'text', text }] }];
      for await (const event of engine.generate({ messages, maxOutputTokens: 100 })) {
        if (event.type !== 'prompt') continue;
        await new Promise((resolve) => setTimeout(resolve, ${delay}));
        process.exit(3);
      }
    `);
    expect(ended).toEqual({ code: 3, signal: null, output: '', errors: '' });
  }
});

it('leaves by process.exit while the model is being loaded', async () => {
  const ended = await runScript(`
    void loadEngine({ folder });
    setTimeout(() => process.exit(4), 150);
  `);
  expect(ended).toEqual({ code: 4, signal: null, output: '', errors: '' });
});

it('leaves by an exception in the middle of a run with the exit code of an exception', async () => {
  const ended = await runScript(`
    const engine = await loadEngine({ folder });
    for await (const event of engine.generate(ask(600))) if (event.type === 'text') throw new Error('by the caller');
  `);
  expect(ended.code).toBe(1);
  expect(ended.errors).toContain('by the caller');
});

it.each([
  ['SIGKILL', 'loading'],
  ['SIGKILL', 'answering'],
  ['SIGTERM', 'answering'],
] as const)('%s while it is %s leaves the model as it was, for the next process to load', async (signal, moment) => {
  const folder = copyOfModel();
  const before = filesOf(folder);
  const child = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `const { loadEngine } = await import(${JSON.stringify(built.href)});
     console.log('loading');
     const engine = await loadEngine({ folder: ${JSON.stringify(folder)} });
     const messages = [{ role: 'user', content: [{ type: 'text', text: 'How many?' }] }];
     for (;;) for await (const event of engine.generate({ messages, maxOutputTokens: 60 })) if (event.type === 'text') console.log('answering');`,
  ]);
  const ended = new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (words: Buffer) => {
      if (words.toString().includes(moment)) resolve();
    });
  });
  child.kill(signal);
  expect(await ended).toBe(signal);
  expect(filesOf(folder)).toEqual(before);
  const next = await loadEngine({ folder, threads: 1 });
  await next.close();
});

/** Name and content of every file. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
}
