/**
 * The local engine over a long time: 200 requests of which many are aborted at random, loads and unloads, processes that are killed while
 * they load or answer, and how long the main thread is held meanwhile. Run by `npm run bench:local-soak`; exits 1 when memory does not come
 * back to within 10 % of its plateau, a file was changed, or the event loop was held for more than 20 ms.
 *
 * Loads are looked at three times, since glibc keeps freed memory in every arena that a thread of a load has used, and which one that is
 * changes: with 2 arenas, where memory that is not given back would show; with 8, which 200 loads fill
 * (each in two threads, which take turns with the arenas); and as glibc has it by itself
 * (8 for each processor), where the plateau may come after any number of loads, so that what the arenas can keep is the bound.
 */

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { closeLocalEngines } from '../../dist/adapters/local/index.js';
import { checkModelFolder, loadEngine } from '../../dist/local-model/engine/index.js';
import { createOcelli } from '../../dist/src/index.js';
import { machine, table, writeSection } from './measure.mjs';
import { drawPictures, loadOver, plateauOf, residentMegabytes, seeded } from './soak-memory.mjs';
import { stallWhile } from './stall.mjs';

const requests = Number(process.env.REQUESTS ?? 200);
const cycles = Number(process.env.CYCLES ?? 20);
const kills = Number(process.env.KILLS ?? 8);
const rounds = Number(process.env.ROUNDS ?? 15);
const bundled = new URL('../../local-model/weights', import.meta.url).pathname;
const llava = new URL('../../test/fixtures/families/llava-clip/model', import.meta.url).pathname;
const random = seeded(7);

const pictures = await drawPictures(random);
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
  ...loaded.judged
    .filter(({ end, plateau }) => end / plateau > limits.growth)
    .map(({ name }) => `memory of loading ${name}`),
  ...(loaded.own.end > limits.growth * loaded.most ? ['memory of loading, more than the arenas can keep'] : []),
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

/** Load, one answer, close, over and over: in fresh processes with few arenas, and in this one, after the requests. */
async function manyLoads() {
  const fixture = { name: 'llava fixture, 2 arenas', ...plateauOf(await loadsWithArenas(2, llava, 2 * cycles)) };
  const two = { name: 'bundled, 2 arenas', ...plateauOf(await loadsWithArenas(2, bundled, 3 * cycles)) };
  const eight = { name: 'bundled, 8 arenas', ...plateauOf(await loadsWithArenas(8, bundled, 10 * cycles)) };
  const before = await residentMegabytes();
  const own = { name: 'bundled, glibc by itself', ...plateauOf(await loadOver(bundled, cycles, pictures)) };
  const keptByArena = (eight.end - two.end) / (8 - 2);
  const most = before + 8 * availableParallelism() * keptByArena;
  return { judged: [fixture, two, eight], own, keptByArena, most };
}

async function loadsWithArenas(arenas, folder, count) {
  const child = fork(new URL('./local-soak-loads.mjs', import.meta.url), [folder, String(count)], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, MALLOC_ARENA_MAX: String(arenas) },
  });
  const ended = once(child, 'exit');
  const memory = await Promise.race([once(child, 'message').then(([sent]) => sent), ended.then(() => undefined)]);
  await ended;
  if (memory === undefined) throw new Error(`The process that loads ${folder} ended with ${child.exitCode}.`);
  return memory;
}

/** A process that is killed while it loads or answers leaves the model's files as they are, and the next one loads them. */
async function manyKills() {
  const parent = await mkdtemp(join(tmpdir(), 'ocelli-kill-'));
  const folder = join(parent, 'model');
  await cp(bundled, folder, { recursive: true });
  // What is being written in the repository at the moment is no kill's doing.
  const wrongBefore = (await checkModelFolder(folder)).wrong.length;
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
    changed += (await checkModelFolder(folder)).wrong.length - wrongBefore;
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
  const first = await stallWhile(withoutWarmUp(ask(pictures[0])), 1);
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
function withoutWarmUp(work) {
  let calls = 0;
  return async () => (calls++ === 0 ? undefined : work());
}

async function report() {
  const megabytes = (value) => value.toFixed(0);
  const ms = (value) => value.toFixed(1);
  const loads = [...loaded.judged, loaded.own].map((result) => [`loads, ${result.name}`, result]);
  const rows = [['requests', requested], ...loads];
  await writeSection(
    'local-soak',
    `\`npm run bench:local-soak\` on ${await machine()}, ${((performance.now() - started) / 1000).toFixed(0)} s: ${requests} requests, four at a time, outcomes ${JSON.stringify(requested.outcomes)}; ${cycles} loads and unloads of the bundled model, ${3 * cycles} where there are 2 arenas and ${10 * cycles} where there are 8, ${2 * cycles} of the fixture; ${killed.kills} processes killed while they loaded or answered (${killed.changed} files changed, and the model loads after them).

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

An arena of glibc keeps ${megabytes(loaded.keptByArena)} MB of freed memory once a thread that loaded the bundled model has used it. glibc by itself has ${8 * availableParallelism()} of them here: at most ${megabytes(loaded.most)} MB after any number of loads in the process of the requests.

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
