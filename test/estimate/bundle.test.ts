/** `ocelli/estimate` runs in a browser: one small bundle that needs nothing of Node, nor of the network. */

import { runInNewContext } from 'node:vm';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { estimateImage, listModels } from '../../src/estimate/index.js';

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/estimate/index.ts', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'ocelliEstimate',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

it('is at most 25 kB gzipped with all rows in it', async () => {
  expect(gzipSync(await bundle(), { level: 9 }).byteLength).toBeLessThanOrEqual(25_000);
});

it('gives the same numbers where there is no process, no require, no fetch', async () => {
  const call = `JSON.stringify(ocelliEstimate.listModels().map((row) =>
    ocelliEstimate.estimateImage({ model: row.id, width: 1920, height: 1080, date: '2026-11-24' })))`;
  const inBrowser: unknown = JSON.parse(String(runInNewContext(`${await bundle()};${call}`, {})));
  const here: unknown = JSON.parse(
    JSON.stringify(
      listModels().map((row) => estimateImage({ model: row.id, width: 1920, height: 1080, date: '2026-11-24' })),
    ),
  );
  expect(inBrowser).toEqual(here);
});

it('throws its errors there too', async () => {
  const call = `(() => { try { ocelliEstimate.estimateImage({ model: 'openai:gpt-4oo', width: 1, height: 1 }) } catch (error) { return error.kind } })()`;
  expect(runInNewContext(`${await bundle()};${call}`, {})).toBe('model-not-found');
});
