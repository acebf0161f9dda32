/**
 * Prints how many pictures a minute the scenes room draws, and how many items a second it describes.
 *
 *   node scripts/scene-speed.mjs --count 400 --workers 2
 *
 * Every generator and level takes part, the canvas is about 512 pixels, the PNG is encoded and the id buffer measured.
 * Needs `npm run build`.
 */

import { parseArgs } from 'node:util';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { scenes } from './load-scenes.mjs';

const { generateItems, generatorNames, renderScene } = scenes;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '400' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    suite: { type: 'string', default: 'all' },
  },
});

function itemsFor(count, suite) {
  const suites = suite === 'all' ? generatorNames : [suite];
  const each = Math.ceil(count / (suites.length * 5));
  return suites
    .flatMap((name) => [1, 2, 3, 4, 5].map((level) => generateItems({ suite: name, level, n: each, split: 'train' })))
    .flat();
}

async function drawShare({ count, suite, share, shares }) {
  const items = itemsFor(count, suite).filter((_, index) => index % shares === share);
  // Art and fonts are loaded once a process: draw some first, so that the rate is that of a long run.
  for (const item of items) await renderScene(item.scene);
  const start = performance.now();
  for (const item of items) await renderScene(item.scene);
  return { pictures: items.length, seconds: (performance.now() - start) / 1000 };
}

if (isMainThread) {
  const start = performance.now();
  const described = itemsFor(4000, values.suite).length;
  const seconds = (performance.now() - start) / 1000;
  console.log(`described: ${Math.round(described / seconds)} items a second`);
  const shares = Number(values.workers);
  const usage = process.cpuUsage();
  const results = await Promise.all(
    Array.from({ length: shares }, (_, share) => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { count: Number(values.count), suite: values.suite, share, shares },
      });
      return new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    }),
  );
  const rate = results.reduce((sum, { pictures, seconds: spent }) => sum + (60 * pictures) / spent, 0);
  // Every picture was drawn twice. The processor's share says what the machine would do with nothing else on it.
  const busy = process.cpuUsage(usage);
  const pictures = results.reduce((sum, result) => sum + 2 * result.pictures, 0);
  const milliseconds = (busy.user + busy.system) / 1000 / pictures;
  console.log(`processor time: ${milliseconds.toFixed(1)} ms a picture, loading of art and fonts included`);
  console.log(`drawn: ${Math.round(rate)} pictures a minute with ${shares} workers`);
} else {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port, not a window
  parentPort?.postMessage(await drawShare(workerData));
}
