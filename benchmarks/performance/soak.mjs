/**
 * 10,000 calls over all four wires with aborts, errors, cuts and pictures: does memory come back, and does the process end by itself?
 * Run by `npm run bench:soak` (node --expose-gc); exits 1 when the heap grew by more than 5 MB from call 2,000 to the last.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import sharp from 'sharp';
import { createOcelli } from '../../dist/src/index.js';
import { machine, writeSection } from './measure.mjs';

const calls = Number(process.env.CALLS ?? 10_000);
const picture = await sharp({ create: { width: 200, height: 100, channels: 3, background: 'teal' } })
  .png()
  .toBuffer();
const chosen = process.env.WIRES?.split(',');
const wires = ['openai', 'openai-compatible', 'anthropic', 'google'];
const models = ['openai:gpt-4o', 'openai-compatible:any', 'anthropic:claude-opus-5', 'google:gemini-2.5-flash'];

const children = wires.map((wire) => fork(new URL('./soak-server.mjs', import.meta.url), [wire]));
const urls = (await Promise.all(children.map((child) => once(child, 'message')))).map(([message]) => message.url);
const ocelli = createOcelli({
  environment: {
    OPENAI_API_KEY: 'test',
    OPENAI_BASE_URL: urls[0],
    OPENAI_COMPATIBLE_BASE_URL: urls[1],
    ANTHROPIC_API_KEY: 'test',
    ANTHROPIC_BASE_URL: urls[2],
    GEMINI_API_KEY: 'test',
    GOOGLE_GEMINI_BASE_URL: urls[3],
  },
  retry: { baseDelayMs: 1 },
  // The server fails on purpose; a cooling candidate would not be called at all.
  cooldown: { failures: Number.POSITIVE_INFINITY, baseMs: 1, maxMs: 1 },
});

// One signal for many calls, as a server has for its own shutdown: listeners that stay behind would show.
const shared = new AbortController();
const outcomes = {};
const heaps = new Map();
const started = performance.now();

async function call(number) {
  const own = new AbortController();
  const signal = number % 5 === 0 ? own.signal : shared.signal;
  let outcome = 'answered';
  for await (const event of ocelli.stream({
    model: models[chosen === undefined ? number % models.length : wires.indexOf(chosen[number % chosen.length])],
    prompt: `Question ${number}`,
    images: number % 3 === 0 ? [picture] : [],
    signal,
  })) {
    if (event.type === 'text-delta' && number % 5 === 0) own.abort();
    if (event.type === 'text-delta' && number % 7 === 0) {
      outcome = 'left';
      break;
    }
    if (event.type === 'error') outcome = event.error.kind;
  }
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

const concurrency = 8;
for (let number = 0; number < calls; number += concurrency) {
  await Promise.all(Array.from({ length: concurrency }, (_, index) => call(number + index)));
  const done = number + concurrency;
  if (done % Math.min(2_000, calls / 3) < concurrency || done >= calls) {
    for (let round = 0; round < 4; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      globalThis.gc();
    }
    heaps.set(done, process.memoryUsage().heapUsed / 1e6);
    console.log(done, `${heaps.get(done).toFixed(2)} MB`, JSON.stringify(outcomes));
  }
}

const growth = [...heaps.values()].at(-1) - heaps.get(2_000);
for (const child of children) child.disconnect();
await Promise.all(children.map((child) => once(child, 'exit')));
// Keep-alive sockets of the SDKs close by themselves; anything else that holds the process would keep this from printing at exit.
const ended = setTimeout(() => {
  console.error('open handles:', process.getActiveResourcesInfo());
  process.exit(1);
}, 15_000);
ended.unref();
await writeSection(
  'soak',
  `\`npm run bench:soak\` on ${await machine()}: ${calls.toLocaleString('en-US')} calls, ${concurrency} at a time, in ${((performance.now() - started) / 1000).toFixed(0)} s; outcomes ${JSON.stringify(outcomes)}.

Heap after collection: ${[...heaps].map(([count, heap]) => `${count.toLocaleString('en-US')} calls ${heap.toFixed(2)} MB`).join(', ')}; ${growth.toFixed(2)} MB from call 2,000 to the last.`,
);
process.on('exit', () =>
  console.log(
    `growth ${growth.toFixed(2)} MB; open at exit: ${process.getActiveResourcesInfo().join(', ') || 'nothing'}`,
  ),
);
process.exitCode = growth > 5 ? 1 : 0;
