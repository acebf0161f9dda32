import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { modelFolder } from './fixture.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The built package as `npm install --omit=optional` leaves it, with some of the optional packages added. */
function install(...optional: readonly string[]): string {
  if (!existsSync(join(root, 'dist'))) throw new Error('dist is not built: run `npm run build` first.');
  const folder = mkdtempSync(join(tmpdir(), 'ocelli-light-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const packageFolder = join(folder, 'node_modules', 'ocelli');
  mkdirSync(packageFolder, { recursive: true });
  cpSync(join(root, 'dist'), join(packageFolder, 'dist'), { recursive: true });
  writeFileSync(join(packageFolder, 'package.json'), JSON.stringify({ name: 'ocelli', type: 'module' }));
  for (const name of ['@huggingface', ...optional]) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return packageFolder;
}

async function ask(packageFolder: string): Promise<string> {
  const script = `
    const { readFileSync } = await import('node:fs');
    const { loadEngine } = await import(${JSON.stringify(join(packageFolder, 'dist/local-model/engine/index.js'))});
    try {
      const engine = await loadEngine({ folder: ${JSON.stringify(modelFolder)} });
      const content = [{ type: 'image', bytes: readFileSync(${JSON.stringify(join(modelFolder, '../pictures/photo.png'))}) }, { type: 'text', text: 'What?' }];
      for await (const event of engine.generate({ messages: [{ role: 'user', content }], maxOutputTokens: 2 })) console.log(event.type);
    } catch (error) {
      console.log(error.kind + ': ' + error.message);
    }
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return stdout;
}

it('without onnxruntime-node, says what is missing and how to get it', async () => {
  expect(await ask(install())).toBe(
    'local-model: The local model needs the package onnxruntime-node, which is not installed. Install it with `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`.\n',
  );
});

it('without sharp, says so when a picture comes', async () => {
  expect(await ask(install('onnxruntime-node', 'onnxruntime-common'))).toBe(
    'prompt\nlocal-model: The local model needs the package sharp to read pictures, which is not installed. Install it with `npm install sharp`.\n',
  );
});

it('with both, answers', async () => {
  expect(
    await ask(install('onnxruntime-node', 'onnxruntime-common', 'sharp', '@img', 'detect-libc', 'semver')),
  ).toMatch(/^prompt\n(text\n)*finish\n$/);
});
