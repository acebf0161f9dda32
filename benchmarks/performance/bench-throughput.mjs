/**
 * How many calls a second a benchmark run makes, against the bare vendor SDK in the same process, in turn: 64 at a time, a picture of
 * 60 kB a call, a server of its own process that answers after 200 ms or at once. Run by `npm run bench:throughput`; exits 1 below 0.9
 * (200 ms) or 0.8 (at once).
 *
 *   --calls N    calls a round against the server that answers after 200 ms (default 2,000), half as many at once
 *   --rounds N   rounds (default 3)
 *   --wires a,b  default openai,anthropic,google
 */

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { runBenchmark } from '../../dist/benchmarks/index.js';
import { clients } from './bench-clients.mjs';
import { machine, median, table } from './measure.mjs';

const { values: chosen } = parseArgs({
  options: {
    calls: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    wires: { type: 'string', default: 'openai,anthropic,google' },
    delays: { type: 'string', default: '200,0' },
  },
});
const rounds = Number(chosen.rounds);
const concurrency = 64;
const maxOutputTokens = 64;
const prompt = 'How many circles are there?';
const targets = new Map([
  [200, 0.9],
  [0, 0.8],
]);
const folder = await mkdtemp(join(tmpdir(), 'ocelli-throughput-'));
const pictures = await Promise.all(Array.from({ length: Number(chosen.calls) }, noise));

/** The path of a PNG of noise, about three bytes a pixel: 60 kB. */
async function noise(_, place) {
  const side = 141;
  const raw = { width: side, height: side, channels: 3 };
  const path = join(folder, `${place}.png`);
  await writeFile(
    path,
    await sharp(randomBytes(side * side * 3), { raw })
      .png()
      .toBuffer(),
  );
  return path;
}

/** Every item has a picture of its own, as in a run over scenes. */
function suiteOf(count) {
  return {
    name: 'throughput',
    version: 1,
    description: 'Pictures of noise.',
    generators: [],
    levels: [],
    subtasks: ['noise'],
    items: async () => ({
      problems: [],
      items: pictures.slice(0, count).map((path, place) => ({
        record: {
          record: 'item',
          version: 1,
          id: `item-${place}`,
          suite: 'throughput',
          task: 'counting',
          subtask: 'noise',
          questions: [prompt],
          answerSpec: { type: 'integer' },
          answer: 3,
          cluster: `item-${place}`,
        },
        picture: async () => ({ bytes: await readFile(path) }),
      })),
    }),
  };
}

/** As many as concurrency allows, from a queue, pictures from their files: what a careful program without ocelli would do. */
async function runBare(ask, count) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const text = await ask(await readFile(pictures[next++]), prompt, maxOutputTokens);
      if (text !== '{3}') throw new Error(`answered ${text}`);
    }
  };
  const start = now();
  await Promise.all(Array.from({ length: concurrency }, work));
  return since(start, now());
}

/** The clock, and the processor time of this process: the second says what a call costs however busy the machine is. */
function now() {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now(), processor: (user + system) / 1_000 };
}

function since(start, end) {
  return { clock: end.clock - start.clock, processor: end.processor - start.processor };
}

let runs = 0;
async function runHarness({ model, environment }, url, count, more = {}) {
  const run = join(folder, `run-${runs++}`);
  let start;
  let end;
  const { manifest } = await runBenchmark({
    folder: run,
    suites: [{ suite: suiteOf(count) }],
    n: count,
    models: [model],
    concurrency,
    maxOutputTokens,
    ocelli: { environment: environment(url) },
    // From the first question to the last answer on the disk; drawing and scoring are measured elsewhere.
    onProgress: ({ step, done }) => {
      if (step !== 'asking') return;
      start ??= now();
      if (done === count) end = now();
    },
    ...more,
  });
  await rm(run, { recursive: true });
  if (manifest.counts.answered !== count) throw new Error(`${manifest.counts.answered} of ${count} were answered`);
  return since(start, end);
}

const rows = [];
let enough = true;
for (const delay of chosen.delays.split(',').map(Number)) {
  const count = delay === 0 ? pictures.length / 2 : pictures.length;
  for (const client of clients.filter(({ wire }) => chosen.wires.split(',').includes(wire))) {
    const child = fork(new URL('./bench-throughput-server.mjs', import.meta.url), [client.wire, String(delay)]);
    const [{ url }] = await once(child, 'message');
    const ask = client.bare(url);
    await runBare(ask, 200);
    await runHarness(client, url, 200);
    const taken = { bare: [], ours: [], booked: [] };
    const contestants = {
      bare: () => runBare(ask, count),
      ours: () => runHarness(client, url, count),
      booked: () => runHarness(client, url, count, { budgetUsd: 1_000 }),
    };
    const names = Object.keys(contestants);
    for (let round = 0; round < rounds; round += 1) {
      for (const name of round % 2 === 0 ? names : names.toReversed()) taken[name].push(await contestants[name]());
    }
    child.disconnect();
    const rate = (name) => (1_000 * count) / median(taken[name].map(({ clock }) => clock));
    const cost = (name) => median(taken[name].map(({ processor }) => processor / count)).toFixed(2);
    const ratio = (name) => rate(name) / rate('bare');
    enough &&= ratio('ours') >= targets.get(delay);
    rows.push([
      delay === 0 ? 'at once' : `after ${delay} ms`,
      client.wire,
      ...[rate('bare'), rate('ours')].map((calls) => calls.toFixed(0)),
      ratio('ours').toFixed(2),
      ratio('booked').toFixed(2),
      ...['bare', 'ours', 'booked'].map(cost),
    ]);
    process.stdout.write(`${rows.at(-1).join('  ')}\n`);
  }
}
await rm(folder, { recursive: true });
process.stdout.write(`
${await machine()}; ${concurrency} at a time, a picture of 60 kB a call, read from its file, medians of ${rounds} rounds in turn.

${table(
  [
    'server answers',
    'vendor SDK',
    'bare calls/s',
    'bench run calls/s',
    'ratio',
    'ratio with a budget',
    'bare ms of processor a call',
    'bench run ms',
    'with a budget ms',
  ],
  rows,
)}
`);
process.exitCode = enough ? 0 : 1;
