/** A benchmark run as a program of its own, for tests that kill it or run it where the disk is small. */

import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { model } from './bench.js';

const root = resolve(import.meta.dirname, '../..');

/** The path of a program that runs a benchmark: `node runner.mjs <folder> <items> <budget>`. */
export async function makeRunner(folder: string): Promise<string> {
  const outfile = join(folder, 'runner.mjs');
  const contents = `
    import { existsSync } from 'node:fs';
    import { runBenchmark } from './runner/index.ts';
    import { itemsOfFile } from './suites/own-items.ts';
    const [out, path, budget] = process.argv.slice(2);
    const { manifest } = await runBenchmark({
      folder: out, suites: [{ suite: await itemsOfFile(path), path }], models: ['${model}'], budgetUsd: Number(budget), concurrency: 8,
      maxOutputTokens: 64, resume: existsSync(out + '/manifest.json'), ocelli: { environment: process.env },
    });
    process.exitCode = manifest.partial ? 3 : 0;`;
  await build({
    stdin: { contents, loader: 'ts', resolveDir: join(root, 'benchmarks') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['sharp', 'onnxruntime-node', 'gpt-tokenizer/*', '@huggingface/*', '@napi-rs/canvas'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}
