/** Makes a program of a piece of TypeScript, for tests that need processes of their own: to kill, or to run under a limit. */

import { build } from 'esbuild';
import { join, resolve } from 'node:path';

export const costRoom = resolve(import.meta.dirname, '../../src/cost');

/** @returns the path of a file that Node runs */
export async function makeProgram(folder: string, name: string, script: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: { contents: script, loader: 'ts', resolveDir: costRoom },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}
