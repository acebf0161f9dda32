/** The built worker threads are CommonJS and require what they load: all of it must have such an entry, on the oldest Node too. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const engine = resolve(import.meta.dirname, '../../dist/local-model/engine');
const threads = ['worker.cjs', 'graph-worker.cjs', 'embedding/worker.cjs'].map((name) => join(engine, name));

/** `module` when its package.json says so; a file's own ending comes first. */
function kindOf(file: string): string {
  const ending = { '.cjs': 'commonjs', '.mjs': 'module', '.node': 'commonjs', '.json': 'commonjs' }[extname(file)];
  if (ending !== undefined) return ending;
  let folder = dirname(file);
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const { type } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { type?: string };
  return type ?? 'commonjs';
}

describe.each(threads)('the thread %s', (thread) => {
  it('is strict, as a module would be', () => {
    expect(readFileSync(thread, 'utf8').startsWith("'use strict';")).toBe(true);
  });

  it('requires CommonJS only', () => {
    const required = [...readFileSync(thread, 'utf8').matchAll(/\brequire\d*\(['"]([^'"]+)['"]\)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !isBuiltin(name))
      // By a function of its own (runtime.ts).
      .concat('onnxruntime-node');
    const resolved = required.map((name) => [name, kindOf(createRequire(thread).resolve(name))]);
    expect(resolved).toEqual(required.map((name) => [name, 'commonjs']));
    if (!thread.endsWith('graph-worker.cjs')) expect(required).toContain('sharp');
  });
});
