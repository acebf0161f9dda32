/** Makes a program of a piece of TypeScript, for tests that need processes of their own: to kill, or to run under a limit. */

import { build } from 'esbuild';
import { join, resolve } from 'node:path';

export const costRoom = resolve(import.meta.dirname, '../../src/cost');

/**
 * @param script imports by paths from the cost room
 * @returns the path of a file that Node runs
 */
export async function makeProgram(folder: string, name: string, script: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: { contents: script, loader: 'ts', resolveDir: costRoom },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Loaded on first use only, and not used by these programs.
    external: ['sharp', 'onnxruntime-node', 'gpt-tokenizer/*', '@huggingface/*'],
    // Packages in the old format ask for `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}
