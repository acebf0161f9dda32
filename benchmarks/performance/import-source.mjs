/** Imports parts of the source that the package does not export, bundled as the package is. */

import { mkdir, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** `code` is a module that exports what is wanted, with paths from the root of the repository. */
export async function importSource(code) {
  const root = new URL('../../', import.meta.url).pathname;
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20.9',
    packages: 'external',
    logLevel: 'warning',
  });
  // Inside node_modules, so that packages are found from there and nothing is left in the tree.
  const folder = `${root}node_modules/.cache/ocelli-benchmarks`;
  await mkdir(folder, { recursive: true });
  const file = `${folder}/source-${process.pid}.mjs`;
  await writeFile(file, outputFiles[0].contents);
  return import(pathToFileURL(file).href);
}
