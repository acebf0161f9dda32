import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { closeLocalEngines } from '../../adapters/local/index.js';
import { printable } from '../../src/cli/io.js';
import { run } from '../../src/cli/program.js';
import { modelFolder, referenceCase } from './fixture.js';
import { commit, FakeHub } from './hub-server.js';

const model = 'tiny-lab/tiny-llava';

afterAll(closeLocalEngines);

async function command(argv: readonly string[], environment: Record<string, string>, isTTY = false) {
  let output = '';
  let errors = '';
  const code = await run(argv, '0.0.0', {
    stdin: Readable.from([]),
    stdout: { write: (text) => (output += text) },
    stderr: { write: (text) => (errors += text), isTTY },
    environment,
    signal: new AbortController().signal,
  });
  return { code, output, errors };
}

async function start(): Promise<{ hub: FakeHub; environment: Record<string, string> }> {
  const names = (readdirSync(modelFolder, { recursive: true }) as string[]).filter((name) => /\.\w+$/.test(name));
  const files = new Map(names.map((name) => [name, readFileSync(join(modelFolder, name))]));
  const folder = mkdtempSync(join(tmpdir(), 'ocelli-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { hub: await new FakeHub(model, files).start(), environment: { OCELLI_CACHE: folder } };
}

it('a model that is pulled answers as local:owner/name; before that the error says how to pull it', async () => {
  const { hub, environment } = await start();
  const reference = referenceCase('text only');
  const question = [
    'ask',
    'What is in this picture?',
    '--model',
    `local:${model}`,
    '--max-output-tokens',
    '24',
    '--temperature',
    '0',
  ];
  const before = await command(question, environment);
  expect(before.code).toBe(1);
  expect(before.errors).toContain('Run `npx ocelli pull tiny-lab/tiny-llava` first.');
  expect(hub.seen).toEqual([]);

  const pulled = await command(['pull', model, '--mirror', hub.url], environment);
  expect(pulled).toMatchObject({
    code: 0,
    output: `${join(environment['OCELLI_CACHE'] ?? '', 'models', 'tiny-lab', `tiny-llava@${commit}`)}\n`,
  });
  expect(pulled.errors).toMatch(/^tiny-lab\/tiny-llava: 9 files, \d+ kB, into /);
  expect(pulled.errors).toMatch(/onnx\/vision_encoder\.onnx, \d+ kB\n/);
  expect(pulled.errors).toMatch(/Use it as local:tiny-lab\/tiny-llava \(\d+ kB\)\.\n$/);

  const requests = hub.seen.length;
  const after = await command(question, environment);
  expect(after.errors).toBe('warning: the answer was cut at --max-output-tokens.\n');
  expect(after.output.trim()).toBe(printable(reference.text).trim());
  expect(after.code).toBe(0);
  expect(hub.seen.length).toBe(requests);
});

it('a terminal gets a bar that is written over', async () => {
  const { hub, environment } = await start();
  const { errors } = await command(['pull', model], { ...environment, HF_ENDPOINT: hub.url }, true);
  expect(errors).toMatch(/\r\[#+\.*\] +\d+ % of \d+ kB {2}decoder_model_merged\.onnx/);
  expect(errors).toMatch(/100 % of [^\n]*\nUse it as/);
});

it('the token comes from the variable that is named, and wrong words end with exit code 2', async () => {
  const { hub, environment } = await start();
  hub.token = 'secret-token';
  const own = { ...environment, MY_TOKEN: 'secret-token' };
  const pull = ['pull', model, '--mirror', hub.url];
  const refused = await command(pull, own);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.errors).toMatch(/it needs a token \(--token-variable\)/);
  expect((await command([...pull, '--token-variable', 'MY_TOKEN'], own)).code).toBe(0);
  expect(await command([...pull, '--token-variable', 'NO_TOKEN'], own)).toMatchObject({
    code: 2,
    errors: 'error: --token-variable: the environment variable NO_TOKEN is not set.\n',
  });
  expect((await command([...pull, '--dtype', 'q3'], own)).errors).toMatch(/--dtype must be one of fp32/);
  expect((await command(['pull', 'nonsense'], own)).code).toBe(2);
  expect((await command([...pull, '--offline'], environment)).code).toBe(0);
});
