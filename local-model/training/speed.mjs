/**
 * How long the bundled model takes to load, and from a picture's file to the answer's text: `npm run build && node local-model/training/speed.mjs [--card]`.
 *
 * Loading and the first answer are measured in a fresh process each time; warm answers alternate between two pictures that differ each
 * time by a pixel, so that no picture is remembered. `--card` writes the numbers into the model card. `--beside FOLDER` compares
 * these weights with those of another folder, in turns; `--against ROOT` compares loading with that of another built copy of the package.
 */

import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { machine, median, percentile } from '../../benchmarks/performance/measure.mjs';
import { createOcelli } from '../../dist/src/index.js';
import { loadEngine } from '../../dist/local-model/engine/index.js';
import { writeCardSection } from './card-section.mjs';

const own = fileURLToPath(new URL('../..', import.meta.url));
const weights = join(own, 'local-model/weights');
const { values } = parseArgs({
  options: { card: { type: 'boolean', default: false }, beside: { type: 'string' }, against: { type: 'string' } },
});
const question = 'How many circles are there?';
const ask = (ocelli, file, detail) =>
  ocelli.generate({ model: 'local:tiny', prompt: question, images: [file], detail });

async function answered(engine, content) {
  for await (const _ of engine.generate({ messages: [{ role: 'user', content }], maxOutputTokens: 48 }));
}

async function timed(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Milliseconds in a process of its own. */
function inFresh(kind, path, root = own) {
  const script = fileURLToPath(new URL('speed-child.mjs', import.meta.url));
  const child = spawnSync(process.execPath, [script, kind, path, root], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  return Number(child.stdout);
}
const rounds = 40;
const row = (name, times) =>
  `| ${name} | ${median(times).toFixed(0)} | ${percentile(times, 0.9).toFixed(0)} | ${times.length} |`;
const head = `\`node local-model/training/speed.mjs\` on ${await machine()}; milliseconds.

| what | median | 90 % | n |
|---|---|---|---|`;

/** Loading several models in turn: for each its row's name, its folder and the package that loads it. */
function inTurn(turns, models) {
  const times = models.map(() => []);
  for (let turn = 0; turn < turns; turn++)
    for (const [place, { folder, root }] of models.entries()) times[place].push(inFresh('load', folder, root));
  return models.map(({ name }, place) => row(`${name} loaded (fresh process)`, times[place]));
}

if (values.against !== undefined) {
  const models = [own, resolve(values.against)].map((root) => ({
    name: `the model of ${root}`,
    folder: join(root, 'local-model/weights'),
    root,
  }));
  console.log([head, ...inTurn(30, models)].join('\n'));
  process.exit(0);
}

const drawn = await sharp(fileURLToPath(new URL('../../examples/circles.png', import.meta.url)))
  .resize(224, 224, { fit: 'fill' })
  .removeAlpha()
  .raw()
  .toBuffer();
const raw = { raw: { width: 224, height: 224, channels: 3 } };

if (values.beside !== undefined) {
  // As copies, which the engine treats alike: a folder that lies in the package is trusted, and quicker to load.
  const copies = await mkdtemp(join(tmpdir(), 'ocelli-beside-'));
  const given = [weights, resolve(values.beside)];
  const folders = await Promise.all(
    given.map(async (path, place) => {
      await cp(path, join(copies, String(place)), { recursive: true });
      return join(copies, String(place));
    }),
  );
  const loads = inTurn(15, folders.map((folder, place) => ({ name: given[place], folder })));
  const engines = await Promise.all(folders.map((folder) => loadEngine({ folder, pictureMemoryBytes: 0, promptMemoryBytes: 0 })));
  const bytes = new Uint8Array(await sharp(drawn, raw).png().toBuffer());
  const content = [{ type: 'image', bytes, tiles: true }, { type: 'text', text: question }];
  const answers = folders.map(() => []);
  for (let turn = 0; turn < 40; turn++)
    for (const [place, engine] of engines.entries()) answers[place].push(await timed(() => answered(engine, content)));
  const rows = given.flatMap((path, place) => [
    loads[place],
    row(`${path}: answer to a 224 px PNG file, warm`, answers[place].slice(10)),
  ]);
  console.log([head, ...rows].join('\n'));
  await rm(copies, { recursive: true });
  process.exit(0);
}

const folder = await mkdtemp(join(tmpdir(), 'ocelli-speed-'));
async function picture(number) {
  const pixels = Buffer.from(drawn);
  pixels[3 * number] ^= 1;
  const file = join(folder, `${number}.png`);
  await sharp(pixels, raw).png().toFile(file);
  return file;
}
const files = await Promise.all(Array.from({ length: 40 }, (_, number) => picture(number)));
// In turn, so that all rows meet the same hours of a machine that wanders.
const fresh = { import: [], load: [], again: [], answer: [] };
for (let round = 0; round < rounds; round++)
  for (const [kind, times] of Object.entries(fresh)) times.push(inFresh(kind, kind === 'answer' ? files[0] : weights));
const ocelli = createOcelli();
for (const file of files.slice(0, 10)) await ask(ocelli, file);
const warm = { high: [], low: [] };
for (const file of files.slice(10))
  for (const detail of ['high', 'low']) warm[detail].push(await timed(() => ask(ocelli, file, detail)));
await ocelli.close?.();
await rm(folder, { recursive: true });

const text = `${head}
${row('`ocelli/local` imported (fresh process)', fresh.import)}
${row('the model loaded after that, its runtime and threads included (fresh process)', fresh.load)}
${row('the model loaded again in the same process', fresh.again)}
${row('first answer to a 224 px PNG file, loading included, importing not (fresh process)', fresh.answer)}
${row('answer to a 224 px PNG file, from file to text, warm', warm.high)}
${row("the same at `detail: 'low'`, without reading print", warm.low)}`;
console.log(text);
if (values.card) await writeCardSection('speed', text);
