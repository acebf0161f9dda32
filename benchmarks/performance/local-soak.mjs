/**
 * The local engine over a long time: 200 requests of which many are aborted at random, 20 loads and unloads, processes that are killed while
 * they load or answer, and how long the main thread is held meanwhile. Run by `npm run bench:local-soak`; exits 1 when memory does not come
 * back to within 10 % of its plateau, a file was changed, or the event loop was held for more than 20 ms.
 */

import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { closeLocalEngines } from '../../dist/adapters/local/index.js';
import { checkModelFolder, loadEngine } from '../../dist/local-model/engine/index.js';
import { createOcelli } from '../../dist/src/index.js';
import { machine, table, writeSection } from './measure.mjs';
import { stallWhile } from './stall.mjs';

const requests = Number(process.env.REQUESTS ?? 200);
const cycles = Number(process.env.CYCLES ?? 20);
const kills = Number(process.env.KILLS ?? 8);
const rounds = Number(process.env.ROUNDS ?? 15);
const bundled = new URL('../../local-model/weights', import.meta.url).pathname;
const llava = new URL('../../test/fixtures/families/llava-clip/model', import.meta.url).pathname;
const random = seeded(7);

const pictures = await Promise.all(Array.from({ length: 24 }, (_, index) => picture(index)));
const started = performance.now();
const requested = await manyRequests();
console.log(requested);
const loaded = await manyLoads();
console.log(loaded);
const killed = await manyKills();
console.log(killed);
const stalls = await measureStalls();
console.log(stalls);

const limits = { growth: 1.1, held: 20 };
const broken = [
  ...(requested.end / requested.plateau > limits.growth ? ['memory of requests'] : []),
  ...loaded.filter(({ end, plateau }) => end / plateau > limits.growth).map(({ name }) => `memory of loading ${name}`),
  ...(killed.changed > 0 ? ['files after a kill'] : []),
  ...stalls.filter(({ name, held }) => name !== 'nothing' && held > limits.held).map(({ name }) => `stall: ${name}`),
];
await report();
// Whatever still holds the process would keep this from being reached in time.
const stuck = setTimeout(() => {
  console.error('still open:', process.getActiveResourcesInfo());
  process.exit(1);
}, 10_000);
stuck.unref();
process.on('exit', () =>
  console.log(broken.length === 0 ? 'all within bounds' : `out of bounds: ${broken.join(', ')}`),
);
process.exitCode = broken.length === 0 ? 0 : 1;

/** Four at a time, half of them aborted at a random moment: while they wait, while the picture is read, or in the middle of the answer. */
async function manyRequests() {
  const ocelli = createOcelli({ environment: {} });
  const outcomes = {};
  const memory = [];
  const one = async (number) => {
    const abort = new AbortController();
    const timer = random() < 0.5 ? setTimeout(() => abort.abort(), random() * 80) : undefined;
    let outcome = 'answered';
    const stream = ocelli.stream({
      prompt: `How many circles are there? (${number % 7})`,
      images: number % 4 === 3 ? [] : [pictures[Math.floor(random() * pictures.length)]],
      maxOutputTokens: 12,
      signal: abort.signal,
    });
    for await (const event of stream) {
      if (event.type === 'error') outcome = event.error.kind;
      // A reader that leaves is an abort too.
      if (event.type === 'text-delta' && number % 11 === 0) {
        outcome = 'left';
        break;
      }
    }
    clearTimeout(timer);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const concurrency = 4;
  for (let number = 0; number < requests; number += concurrency) {
    await Promise.all(Array.from({ length: concurrency }, (_, index) => one(number + index)));
    if ((number + concurrency) % 20 < concurrency) memory.push(await residentMegabytes());
  }
  await closeLocalEngines();
  return { outcomes, ...plateauOf(memory) };
}

/** Load, one answer, close: the weights go back to the system each time. */
async function manyLoads() {
  const results = [];
  for (const [name, folder] of [
    ['bundled', bundled],
    ['llava fixture', llava],
  ]) {
    const memory = [];
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const engine = await loadEngine({ folder });
      for await (const event of engine.generate(question(pictures[cycle % pictures.length])))
        if (event.type === 'finish' && event.outputTokens < 0) throw new Error('impossible');
      await engine.close();
      memory.push(await residentMegabytes());
    }
    results.push({ name, ...plateauOf(memory) });
  }
  return results;
}

/** A process that is killed while it loads or answers leaves the model's files as they are, and the next one loads them. */
async function manyKills() {
  const parent = await mkdtemp(join(tmpdir(), 'ocelli-kill-'));
  const folder = join(parent, 'model');
  await cp(bundled, folder, { recursive: true });
  const script = `
    const { loadEngine } = await import(${JSON.stringify(new URL('../../dist/local-model/engine/index.js', import.meta.url).href)});
    console.log('loading');
    const engine = await loadEngine({ folder: ${JSON.stringify(folder)} });
    console.log('loaded');
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Is there a triangle? '.repeat(40) }] }];
    for (;;) for await (const event of engine.generate({ messages, maxOutputTokens: 100 })) if (event.type === 'text') console.log('answering');
  `;
  let changed = 0;
  const ends = {};
  for (let kill = 0; kill < kills; kill += 1) {
    const moment = kill % 2 === 0 ? 'loading' : 'answering';
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
    await new Promise((resolve) => {
      child.stdout.on('data', (words) => String(words).includes(moment) && resolve());
    });
    await new Promise((resolve) => setTimeout(resolve, random() * 60));
    child.kill(kill % 4 < 2 ? 'SIGKILL' : 'SIGTERM');
    const signal = await ended;
    ends[signal] = (ends[signal] ?? 0) + 1;
    changed += (await checkModelFolder(folder)).wrong.length;
  }
  const engine = await loadEngine({ folder });
  await engine.close();
  await rm(parent, { recursive: true, force: true });
  return { kills, ends, changed };
}

/** What the main thread does while a picture is answered: reading, hashing, handing over, passing tokens on. */
async function measureStalls() {
  const ocelli = createOcelli({ environment: {} });
  const noise = { type: 'gaussian', mean: 128, sigma: 12 };
  const large = await sharp({ create: { width: 4_032, height: 3_024, channels: 3, background: 'teal', noise } })
    .jpeg({ quality: 90 })
    .toBuffer();
  const ask = (image) => () =>
    ocelli.generate({ prompt: 'How many circles are there?', images: [image], maxOutputTokens: 24, detail: 'high' });
  const results = [];
  // The very first call loads modules and weights.
  const first = await stallWhile(once(ask(pictures[0])), 1);
  results.push({ name: 'the first picture, loading included', ...first });
  results.push({ name: 'a picture of 448 px', ...(await stallWhile(ask(pictures[1]), rounds)) });
  results.push({
    name: `a JPEG of 12 megapixels, ${(large.length / 1e6).toFixed(1)} MB`,
    ...(await stallWhile(ask(large), rounds)),
  });
  results.push({ name: 'nothing', ...(await stallWhile(() => new Promise((done) => setTimeout(done, 200)), rounds)) });
  await closeLocalEngines();
  return results;
}

/** Skips the warm-up that `stallWhile` begins with. */
function once(work) {
  let calls = 0;
  return async () => (calls++ === 0 ? undefined : work());
}

function question(bytes) {
  const content = [
    { type: 'image', bytes: new Uint8Array(bytes) },
    { type: 'text', text: 'How many circles are there?' },
  ];
  return { messages: [{ role: 'user', content }], maxOutputTokens: 8 };
}

async function residentMegabytes() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return process.memoryUsage().rss / 1e6;
}

/** The plateau is what memory comes to in the first half of the time; where it ends is the middle of the last three looks. */
function plateauOf(memory) {
  const plateau = Math.max(...memory.slice(0, Math.ceil(memory.length / 2)));
  const end = memory.slice(-3).toSorted((first, second) => first - second)[1] ?? memory.at(-1);
  return { first: memory[0], plateau, end, highest: Math.max(...memory) };
}

async function picture(index) {
  const circles = Array.from({ length: 1 + (index % 6) }, (_, place) => {
    const [x, y, radius] = [40 + random() * 360, 40 + random() * 360, 12 + random() * 24];
    return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${['crimson', 'teal', 'navy'][place % 3]}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="448" height="448"><rect width="448" height="448" fill="white"/>${circles.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function report() {
  const megabytes = (value) => value.toFixed(0);
  const ms = (value) => value.toFixed(1);
  const rows = [['requests', requested], ...loaded.map((result) => [`loads, ${result.name}`, result])];
  await writeSection(
    'local-soak',
    `\`npm run bench:local-soak\` on ${await machine()}, ${((performance.now() - started) / 1000).toFixed(0)} s: ${requests} requests, four at a time, outcomes ${JSON.stringify(requested.outcomes)}; ${cycles} loads and unloads of each of two models; ${killed.kills} processes killed while they loaded or answered (${killed.changed} files changed, and the model loads after them).

Resident memory after collection, MB; the plateau is the highest of the first half:

${table(
  ['work', 'first look', 'plateau', 'end', 'end / plateau'],
  rows.map(([name, { first, plateau, end }]) => [
    name,
    megabytes(first),
    megabytes(plateau),
    megabytes(end),
    (end / plateau).toFixed(3),
  ]),
)}

How long the main thread was held at a stretch while a picture was answered (see above for how that is measured):

${table(
  ['work', 'held, median ms', 'held, worst ms', 'late, median ms', 'late, worst ms'],
  stalls.map(({ name, held, heldMedian, late, lateMedian }) => [
    name,
    ms(heldMedian),
    ms(held),
    ms(lateMedian),
    ms(late),
  ]),
)}`,
  );
}
