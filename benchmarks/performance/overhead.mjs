/**
 * What ocelli adds to a call: ours against the bare vendor SDK on the same fake server, stream with stream, base64 in both, in turn,
 * with a picture of 1 MB; then import time and bundle size. Run by `npm run bench:overhead`.
 */

import { execFile, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import sharp from 'sharp';
import { createOcelli } from '../../dist/src/index.js';
import { clients } from './bench-clients.mjs';
import { machine, median, percentile, table, writeSection } from './measure.mjs';

const rounds = Number(process.env.ROUNDS ?? 150);
const picture = await noise(578);
const prompt = 'How many coins are there?';

const rows = [];
for (const { wire, model, environment, bare } of clients) {
  const child = fork(new URL('./fake-server.mjs', import.meta.url), [wire]);
  const [{ url }] = await once(child, 'message');
  const ocelli = createOcelli({ environment: environment(url) });
  const ask = bare(url);
  const contestants = {
    bare: () => ask(picture, prompt),
    ours: async () => {
      let text = '';
      for await (const event of ocelli.stream({ model, prompt, images: [picture] })) {
        if (event.type === 'text-delta') text += event.text;
        if (event.type === 'error') throw event.error;
      }
      return text;
    },
  };
  const times = { bare: [], ours: [] };
  for (let round = -20; round < rounds; round += 1) {
    // Whoever goes second may find warm caches: take turns.
    const order = round % 2 === 0 ? ['bare', 'ours'] : ['ours', 'bare'];
    for (const name of order) {
      const start = performance.now();
      const text = await contestants[name]();
      const taken = performance.now() - start;
      if (!text.startsWith('word0 word1')) throw new Error(`${wire} ${name} answered ${text.slice(0, 40)}`);
      if (round >= 0) times[name].push(taken);
    }
  }
  child.disconnect();
  const [bareMedian, oursMedian] = [median(times.bare), median(times.ours)];
  rows.push([
    wire,
    bareMedian.toFixed(2),
    oursMedian.toFixed(2),
    (oursMedian / bareMedian).toFixed(3),
    (oursMedian - bareMedian).toFixed(2),
    percentile(times.bare, 0.99).toFixed(1),
    percentile(times.ours, 0.99).toFixed(1),
  ]);
  console.log(rows.at(-1).join('  '));
}

const imports = await importTimes();
const sizes = await bundleSizes();
await writeSection(
  'overhead',
  `\`npm run bench:overhead\` on ${await machine()}, ${rounds} calls each, in turn, a picture of ${picture.length} bytes, one process for the server.

${table(['wire', 'bare SDK p50 ms', 'ocelli p50 ms', 'ratio', 'added ms', 'bare p99 ms', 'ocelli p99 ms'], rows)}

Import of \`ocelli\`: ${imports.ours.toFixed(0)} ms against ${imports.empty.toFixed(0)} ms for an empty script (${(imports.ours - imports.empty).toFixed(0)} ms more; medians of 15 fresh processes each, in turn).

Bundle of \`createOcelli\` (esbuild, minified, gzipped; vendor SDKs, sharp and onnxruntime external): ${(sizes.entry / 1000).toFixed(1)} kB loaded at once, ${(sizes.total / 1000).toFixed(1)} kB with everything that is loaded on first use.`,
);
console.log(imports, sizes);

async function importTimes() {
  const run = promisify(execFile);
  const times = { empty: [], ours: [] };
  const code = {
    empty: '',
    ours: `import ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).href)};`,
  };
  for (let round = 0; round < 15; round += 1) {
    for (const name of ['empty', 'ours']) {
      const start = performance.now();
      await run(process.execPath, ['--input-type=module', '-e', code[name]]);
      times[name].push(performance.now() - start);
    }
  }
  return { empty: median(times.empty), ours: median(times.ours) };
}

async function bundleSizes() {
  const outdir = new URL('../../node_modules/.cache/bundle-size/', import.meta.url).pathname;
  await rm(outdir, { recursive: true, force: true });
  await build({
    stdin: {
      contents: "export { createOcelli } from './dist/src/index.js';",
      resolveDir: new URL('../..', import.meta.url).pathname,
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    splitting: true,
    external: ['openai', '@anthropic-ai/sdk', '@google/generative-ai', 'sharp', 'onnxruntime-node'],
    outdir,
  });
  const loadedAtOnce = new Set(['stdin.js']);
  const files = await readdir(outdir);
  const texts = new Map(
    await Promise.all(files.map(async (name) => [name, await readFile(`${outdir}/${name}`, 'utf8')])),
  );
  for (const name of loadedAtOnce) {
    for (const [, chunk] of texts.get(name).matchAll(/(?:^|;|})(?:import|export)[^;"(]*"\.\/([^"]+)"/g))
      loadedAtOnce.add(chunk);
  }
  // As one file each, which is what a bundle without splitting would be.
  const gzipped = (names) => gzipSync(names.map((name) => texts.get(name)).join('\n'), { level: 9 }).length;
  const [entry, total] = [gzipped([...loadedAtOnce]), gzipped(files)];
  return { entry, total };
}

/** A PNG of noise, which no compression makes smaller: about three bytes a pixel. */
async function noise(side) {
  return sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}
