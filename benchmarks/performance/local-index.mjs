/**
 * Exact search over 100,000 pictures: every vector is looked at. Run by `npm run bench:local-index`; exits 1 when the median takes 50 ms or
 * more. The vectors are random, since their values change nothing about the time.
 */

import { createImageIndex } from '../../dist/local-model/engine/index.js';
import { machine, median, percentile, table, writeSection } from './measure.mjs';

const count = Number(process.env.COUNT ?? 100_000);
const rounds = Number(process.env.ROUNDS ?? 60);
const results = [];
for (const dimension of [512, 768]) results.push({ dimension, ...(await measure(dimension)) });
console.log(results);
await writeSection(
  'local-index',
  `\`npm run bench:local-index\` on ${await machine()}: exact search for the nearest 10 of ${count.toLocaleString('en-US')} pictures, ${rounds} searches each, the text's own embedding not counted.

${table(
  ['numbers a picture', 'median ms', 'p95 ms'],
  results.map((result) => [result.dimension, result.median.toFixed(1), result.p95.toFixed(1)]),
)}`,
);
process.exitCode = results.some((result) => result.dimension === 512 && result.median >= 50) ? 1 : 0;

async function measure(dimension) {
  const encoder = {
    description: { dimension, fingerprint: 'random' },
    embed: async ({ images = [], texts = [] }) => ({ images: images.map(vector), texts: texts.map(vector) }),
  };
  function vector() {
    const values = Float32Array.from({ length: dimension }, () => Math.random() - 0.5);
    const length = Math.hypot(...values);
    return values.map((value) => value / length);
  }
  const index = await createImageIndex({ encoder });
  const bytes = new Uint8Array(1);
  await index.add(Array.from({ length: count }, (_, id) => ({ id: String(id), bytes })));
  const times = [];
  for (let round = 0; round < rounds + 5; round += 1) {
    const started = performance.now();
    const found = await index.search({ text: 'anything' });
    if (found.length !== 10) throw new Error('too few were found');
    times.push(performance.now() - started);
  }
  const steady = times.slice(5);
  return { median: median(steady), p95: percentile(steady, 0.95) };
}
