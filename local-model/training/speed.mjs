/**
 * How long the bundled model takes to load, and from a picture's file to the answer's text: `npm run build && node local-model/training/speed.mjs [--card]`.
 *
 * Loading and the first answer are measured in a fresh process each time; warm answers alternate between two pictures that differ each
 * time by a pixel, so that no picture is remembered. `--card` writes the numbers into the model card.
 */

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { machine, median, percentile } from '../../benchmarks/performance/measure.mjs';
import { createOcelli } from '../../dist/src/index.js';
import { loadEngine } from '../../dist/local-model/engine/index.js';
import { writeCardSection } from './card-section.mjs';

const weights = fileURLToPath(new URL('../weights', import.meta.url));
const { values } = parseArgs({ options: { card: { type: 'boolean', default: false }, child: { type: 'string' } } });
const ask = (ocelli, file, detail) =>
  ocelli.generate({ model: 'local:tiny', prompt: 'How many circles are there?', images: [file], detail });

async function timed(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** What a fresh process measures: loading alone, or everything up to the first answer. */
async function fresh(kind, file) {
  if (kind === 'load') return timed(() => loadEngine({ folder: weights }));
  return timed(() => ask(createOcelli(), file));
}

if (values.child !== undefined) {
  const [kind, file] = values.child.split(':');
  console.log(await fresh(kind, file));
  process.exit(0);
}

const folder = await mkdtemp(join(tmpdir(), 'ocelli-speed-'));
const drawn = await sharp(fileURLToPath(new URL('../../examples/circles.png', import.meta.url)))
  .resize(224, 224, { fit: 'fill' })
  .removeAlpha()
  .raw()
  .toBuffer();
async function picture(number) {
  const pixels = Buffer.from(drawn);
  pixels[3 * number] ^= 1;
  const file = join(folder, `${number}.png`);
  await sharp(pixels, { raw: { width: 224, height: 224, channels: 3 } })
    .png()
    .toFile(file);
  return file;
}
const files = await Promise.all(Array.from({ length: 40 }, (_, number) => picture(number)));
const inFresh = (kind) =>
  Array.from({ length: 10 }, () =>
    Number(
      spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--child', `${kind}:${files[0]}`], {
        encoding: 'utf8',
      }).stdout,
    ),
  );
const load = inFresh('load');
const first = inFresh('answer');
const ocelli = createOcelli();
for (const file of files.slice(0, 10)) await ask(ocelli, file);
const warm = { high: [], low: [] };
for (const file of files.slice(10))
  for (const detail of ['high', 'low']) warm[detail].push(await timed(() => ask(ocelli, file, detail)));
await ocelli.close?.();
await rm(folder, { recursive: true });

const row = (name, times) =>
  `| ${name} | ${median(times).toFixed(0)} | ${percentile(times, 0.9).toFixed(0)} | ${times.length} |`;
const text = `\`node local-model/training/speed.mjs\` on ${await machine()}; milliseconds.

| what | median | 90 % | n |
|---|---|---|---|
${row('the model loaded, its modules included (fresh process)', load)}
${row('first answer to a 224 px PNG file, loading included (fresh process)', first)}
${row('answer to a 224 px PNG file, from file to text, warm', warm.high)}
${row("the same at `detail: 'low'`, without reading print", warm.low)}`;
console.log(text);
if (values.card) await writeCardSection('speed', text);
