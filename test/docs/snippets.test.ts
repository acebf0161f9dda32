/** Every TypeScript snippet of the docs compiles and runs, with the hosted providers played by fake servers. */

import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeServer, type FakeServer, type WireName } from '../../src/testing/index.js';

const root = resolve(import.meta.dirname, '../..');
// Inside the package, so that `import 'ocelli'` finds it by its own name, as a user's import would.
const folder = join(root, '.cache/docs-snippets');

interface Snippet {
  readonly name: string;
  readonly code: string;
}

async function findSnippets(): Promise<Snippet[]> {
  const pages = [
    'README.md',
    ...(await readdir(join(root, 'docs'))).filter((page) => page.endsWith('.md')).map((page) => `docs/${page}`),
  ];
  const snippets: Snippet[] = [];
  for (const page of pages) {
    const text = await readFile(join(root, page), 'utf8');
    for (const [index, match] of [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].entries()) {
      snippets.push({ name: `${page.replace(/\W+/g, '-')}-${index + 1}`, code: match[1] ?? '' });
    }
  }
  return snippets;
}

const snippets = await findSnippets();
const wires: readonly WireName[] = ['openai', 'anthropic', 'google', 'openai-compatible'];
const servers: FakeServer[] = [];

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { name, code } of snippets) {
    await writeFile(join(folder, `${name}.ts`), code);
    const { code: javascript } = await transform(code, { loader: 'ts', format: 'esm' });
    await writeFile(join(folder, `${name}.mjs`), javascript);
  }
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: true, rootDir: root },
      include: ['*.ts'],
      exclude: [],
    }),
  );
  for (const wire of wires) {
    const server = await createFakeServer({ wire });
    server.setDefault({ reply: { text: ['Three', '.'] } });
    servers.push(server);
  }
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

function run(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...environment } });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => done({ code, output }));
  });
}

describe('the snippets of the docs', () => {
  it('are found', () => {
    expect(snippets.length).toBeGreaterThan(5);
  });

  it('compile', async () => {
    const { code, output } = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    expect(output).toBe('');
    expect(code).toBe(0);
  });

  it.each(snippets.map(({ name }) => name))('run: %s', async (name) => {
    const [openai, anthropic, google, compatible] = servers.map((server) => server.url);
    const { code, output } = await run(process.execPath, [join(folder, `${name}.mjs`)], {
      OPENAI_API_KEY: 'test',
      OPENAI_BASE_URL: openai ?? '',
      ANTHROPIC_API_KEY: 'test',
      ANTHROPIC_BASE_URL: anthropic ?? '',
      GEMINI_API_KEY: 'test',
      GOOGLE_GEMINI_BASE_URL: google ?? '',
      OPENAI_COMPATIBLE_BASE_URL: compatible ?? '',
    });
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  });
});
