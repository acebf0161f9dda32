/**
 * Builds dist: declarations by tsc, code by esbuild as few files that share chunks, and one file for each thread. Importing ocelli as 120 small modules costs three
 * times the processor time of these (measured by `npm run bench:overhead`).
 */

import { spawnSync } from 'node:child_process';
import { chmod, readFile, rename, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const { exports: exported, bin } = JSON.parse(await readFile('package.json', 'utf8'));
const targets = [
  ...Object.values(exported).map((target) => target.default),
  ...Object.values(bin).map((path) => `./${path}`),
  // For scripts/export-scenes.mjs, contact-sheet.mjs and scene-speed.mjs.
  './dist/benchmarks/scenes/index.js',
].filter((path) => path?.startsWith('./dist/'));
// Started as threads of their own. A thread shares no modules with the others: each is one file. In CommonJS, loading packages by `require`, it is ready sooner: Node
// need not set up its loader of modules there, nor look through what packages export.
const threads = ['worker', 'graph-worker', 'embedding/worker'].map((name) => `./dist/local-model/engine/${name}.js`);
const sourceOf = (path) => path.replace('./dist/', './').replace(/\.js$/, '.ts');

// Built aside and moved, so that programs and builds that run meanwhile do not trip over half of it.
const outdir = `.build/${process.pid}`;
const options = {
  outbase: '.',
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.9',
  // Everything installed stays outside; so do the weights.
  packages: 'external',
  logLevel: 'warning',
};
await build({
  ...options,
  entryPoints: targets.map(sourceOf),
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
await build({
  ...options,
  entryPoints: threads.map(sourceOf),
  format: 'cjs',
  // `import('sharp')` becomes a `require`; every package that threads load has a CommonJS entry (test/structure/threads.test.ts).
  supported: { 'dynamic-import': false },
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'ownUrl' },
  banner: { js: "'use strict'; const ownUrl = require('node:url').pathToFileURL(__filename).href;" },
});
for (const path of Object.values(bin)) await chmod(path.replace('dist', outdir), 0o755);

const { status } = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', outdir],
  { stdio: 'inherit' },
);
if (status === 0) {
  const old = `${outdir}-old`;
  await rename('dist', old).catch(() => undefined);
  await rename(outdir, 'dist');
  await rm(old, { recursive: true, force: true });
}
await rm(outdir, { recursive: true, force: true });
process.exitCode = status ?? 1;
