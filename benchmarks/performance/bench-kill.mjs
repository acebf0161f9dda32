/**
 * A benchmark run that is killed with `kill -9` ten times at random moments and stopped once by its budget, each time gone on with, against
 * a server of its own process that keeps its own bill; then the same run undisturbed, and what must hold between the two. Run by
 * `npm run bench:kill`; exits 1 when anything does not hold.
 *
 *   --items N   default 2,000
 *   --kills N   default 10
 *   --seed N    of the moments; default: another each time, and printed
 */

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { createFileLedger } from '../../dist/src/index.js';
import { readManifest, readResponses } from '../../dist/benchmarks/index.js';

const { values: chosen } = parseArgs({
  options: {
    items: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const count = Number(chosen.items);
const kills = Number(chosen.kills);
const concurrency = 16;
const model = 'openai:gpt-4o';
const cli = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'ocelli-kill-'));
const random = randomFrom(Number(chosen.seed));
const print = (line) => process.stdout.write(`${line}\n`);
const dollars = (usd) => `$${usd.toFixed(6)}`;

/** mulberry32: moments that another run with the same seed tries again. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Questions about 50 pictures; every fifth answer is the same number. */
async function writeItems() {
  await mkdir(join(folder, 'items'));
  for (let picture = 0; picture < 50; picture += 1) {
    const background = { r: 5 * picture, g: 120, b: 80 };
    const image = sharp({ create: { width: 64, height: 48, channels: 3, background } });
    await image.png().toFile(join(folder, 'items', `${picture}.png`));
  }
  const lines = Array.from({ length: count }, (_, place) =>
    JSON.stringify({
      id: `item-${place}`,
      task: 'count',
      subtask: place % 2 === 0 ? 'even' : 'odd',
      question: `How many dots are in square ${place}?`,
      image: `${place % 50}.png`,
      answer: place % 5,
      answerType: 'integer',
      cluster: `scene-${Math.floor(place / 2)}`,
    }),
  );
  const path = join(folder, 'items', 'mine.jsonl');
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

async function startServer() {
  const child = fork(new URL('./bench-kill-server.mjs', import.meta.url));
  const [{ url }] = await once(child, 'message');
  let served = 0;
  const server = {
    environment: { ...process.env, OPENAI_API_KEY: 'test', OPENAI_BASE_URL: url },
    served: () => served,
    onServed: () => undefined,
    bill: () =>
      new Promise((resolve) => {
        child.send('bill');
        const look = (message) => {
          if (message.bill === undefined) return;
          child.off('message', look);
          resolve({ ...message.bill, times: new Map(message.bill.times) });
        };
        child.on('message', look);
      }),
    close: () => child.disconnect(),
  };
  child.on('message', (message) => {
    if (message.served === undefined) return;
    served = message.served;
    server.onServed();
  });
  return server;
}

/** `ocelli bench run`, gone on with where the folder holds a run; ends by itself or as `kill` says. */
async function runOnce(server, run, { budget = 1_000, kill = () => undefined } = {}) {
  const begin = ['--items', items, '--model', `${model},baseline:majority`, '--max-output-tokens', '64'];
  const words = existsSync(join(run, 'manifest.json')) ? ['--resume'] : begin;
  const child = spawn(
    process.execPath,
    [cli, 'bench', 'run', ...words, '--out', run, '--budget-usd', String(budget), '--concurrency', String(concurrency)],
    { env: server.environment, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  kill(child);
  const [code, signal] = await once(child, 'close');
  server.onServed = () => undefined;
  return { code, signal, said };
}

/** Kills after so many more answers, and then some milliseconds; some kills by the clock alone, wherever the program is by then. */
function killer(server, number) {
  const left = count - server.served();
  const more = 1 + Math.floor((random() * 2 * left) / (kills - number + 1));
  const pause = random() * 60;
  const byClock = number % 4 === 2;
  const after = 150 + random() * 1_500;
  return (child) => {
    if (byClock) {
      const timer = setTimeout(() => child.kill('SIGKILL'), after);
      child.once('close', () => clearTimeout(timer));
      return;
    }
    const from = server.served();
    server.onServed = () => {
      if (server.served() - from < more) return;
      server.onServed = () => undefined;
      void sleep(pause).then(() => child.kill('SIGKILL'));
    };
  };
}

/** Items that were billed and have no answer on the disk: what was in flight. */
async function inFlight(server, run, before) {
  const { times } = await server.bill();
  const answered = await answeredIn(run);
  const lost = [...times].filter(([place, now]) => now > (before.get(place) ?? 0) && !answered.has(`item-${place}`));
  return { lost: lost.map(([place]) => place), times, answered };
}

async function answeredIn(run) {
  const { all } = await readResponses(run);
  return new Set(all.filter((line) => line.model === model && line.text !== undefined).map(({ itemId }) => itemId));
}

async function tablesOf(run, server) {
  const child = spawn(process.execPath, [cli, 'bench', 'report', run], { env: server.environment, stdio: 'ignore' });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`bench report ended with ${code}`);
  const report = JSON.parse(await readFile(join(run, 'report.json'), 'utf8'));
  // When it was begun is all that may differ.
  delete report.run.startedAt;
  return { scores: await readFile(join(run, 'scores.jsonl'), 'utf8'), report: JSON.stringify(report) };
}

const failures = [];
function check(holds, text) {
  print(`${holds ? 'holds' : 'FAILS'}: ${text}`);
  if (!holds) failures.push(text);
}

const items = await writeItems();
print(`${count} items, ${kills} kills, seed ${chosen.seed}, ${concurrency} calls at a time`);

const server = await startServer();
const run = join(folder, 'killed', 'run');
await mkdir(join(folder, 'killed'));
const allowed = new Map();
let before = new Map();
const stopAfter = Math.ceil(kills / 2);
for (let number = 0; number < kills; number += 1) {
  const { signal, code, said } = await runOnce(server, run, { kill: killer(server, number) });
  if (signal !== 'SIGKILL') throw new Error(`start ${number + 1} was not killed but ended with ${code}: ${said}`);
  const { lost, times, answered } = await inFlight(server, run, before);
  for (const place of lost) allowed.set(place, (allowed.get(place) ?? 0) + 1);
  before = times;
  print(
    `kill ${number + 1}: ${server.served()} answers billed, ${answered.size} on the disk, ${lost.length} lost in flight`,
  );
  check(
    lost.length <= 2 * concurrency,
    `no more were lost than can be asked and written down at once (${2 * concurrency})`,
  );
  if (number + 1 === stopAfter) await stopByBudget();
}

async function stopByBudget() {
  const { settled, reserved } = await createFileLedger(join(run, 'ledger.jsonl')).read();
  const budget = settled.usd + reserved.usd + 0.15 * (count / Math.max(1, settled.calls)) * settled.usd;
  const { code } = await runOnce(server, run, { budget });
  const manifest = await readManifest(join(run, 'manifest.json'));
  const { usd, times } = await server.bill();
  before = times;
  print(`budget ${dollars(budget)}: exit code ${code}, ${manifest.counts.answered} answers, bill ${dollars(usd)}`);
  check(code === 3 && /budget ended/.test(manifest.reason), `the budget stopped it: ${manifest.reason}`);
  check(usd <= budget, 'the bill is within that budget');
}

const last = await runOnce(server, run);
const manifest = await readManifest(join(run, 'manifest.json'));
check(last.code === 0 && manifest.status === 'complete', 'the last start comes to the end of the run');
const { usd: bill, served, times } = await server.bill();
const killed = await tablesOf(run, server);
const { all } = await readResponses(run);
const paid = all.filter((line) => line.model === model);
const recorded = paid.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
const { settled, reserved } = await createFileLedger(join(run, 'ledger.jsonl')).read();
server.close();

const quiet = await startServer();
const calm = join(folder, 'calm', 'run');
await mkdir(join(folder, 'calm'));
const undisturbed = await runOnce(quiet, calm);
check(undisturbed.code === 0 && quiet.served() === count, 'the undisturbed run asks every item once');
const expected = await tablesOf(calm, quiet);
const { usd: calmBill } = await quiet.bill();
quiet.close();

print(
  `bill ${dollars(bill)} for ${served} answers (undisturbed ${dollars(calmBill)} for ${count}); settled ${dollars(settled.usd)} for ${settled.calls} calls, recorded ${dollars(recorded)}, unsettled ${dollars(reserved.usd)}`,
);
const twice = [...times].filter(([, now]) => now > 1);
print(`${twice.length} items were billed more than once, ${served - count} answers in all`);
const cents = 1e-9;
check(killed.scores === expected.scores, `scores.jsonl is the same, byte for byte (${expected.scores.length} bytes)`);
check(
  killed.report === expected.report,
  `report.json is the same but for the time of its start (${expected.report.length} bytes)`,
);
check(
  twice.every(([place, now]) => now <= 1 + (allowed.get(place) ?? 0)),
  'nothing was paid twice but what was in flight when it was killed',
);
check(Math.abs(settled.usd - recorded) < cents, 'what is settled equals what the recorded responses cost');
check(
  bill >= settled.usd - cents && bill <= settled.usd + reserved.usd + cents,
  "the server's bill lies between settled and settled plus unsettled",
);
if (failures.length === 0) await rm(folder, { recursive: true });
process.exitCode = failures.length === 0 ? 0 : 1;
