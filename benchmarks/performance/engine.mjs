/**
 * What the local engine's own ways save: the same ONNX folder with the cache fed back, append-only and with attention split, 4-bit products as stored
 * and at accuracy level 4, in turn within one process; then a second question about a picture. Run: `npm run build && node benchmarks/performance/engine.mjs`.
 * The decoder has the geometry of SmolVLM-256M's text model (135 M parameters, 4-bit blocks of 32) and random weights, made on first use.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadEngine } from '../../dist/local-model/engine/index.js';
import { machine, median, table, writeSection } from './measure.mjs';
import { writeSyntheticModel } from './synthetic-model.mjs';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const fixture = path('test/fixtures/tiny-llava/model');
const folder = path('node_modules/.cache/ocelli-benchmarks/decoder-135m');
const lengths = (process.env.LENGTHS ?? '75,867,2048').split(',').map(Number);
const rounds = Number(process.env.ROUNDS ?? 5);
const threads = Number(process.env.THREADS ?? 2);
const [few, many] = [2, 18];
const words = ['circle', 'square', 'triangle', 'star', 'picture'];

const ways = [
  { name: 'feed-back, stored level 0', options: { kvCache: 'feed-back', fastFourBit: false } },
  { name: 'feed-back, level 4', options: { kvCache: 'feed-back' } },
  { name: 'append-only, level 4', options: { splitAttention: false } },
  { name: 'attention split, level 4 (default)', options: {} },
];

if (!existsSync(`${folder}/onnx/vision_encoder.onnx`)) {
  const size = { layers: 30, hidden: 576, heads: 9, kvHeads: 3, headSize: 64, feedForward: 1536, vocabulary: 49_280 };
  writeSyntheticModel(folder, fixture, { ...size, context: 4096, bits: 4 });
}

const results = await decodeTimes();
const questions = await secondQuestion();
const text = [
  `\`node benchmarks/performance/engine.mjs\` on ${await machine()}, ${threads} threads, ${rounds} rounds, all ways in turn. The machine was shared with other work, which only ever adds: minimum (median).`,
  'Milliseconds a token after a prompt of so many tokens (greedy, no guessing):',
  table(['way', ...lengths.map(String)], results.rows),
  `Default against what a plain loop over the file as stored takes, by the medians: ${results.ratios}.`,
  questions,
].join('\n\n');
console.log(text);
if (process.env.WRITE !== '0') await writeSection('engine', text);

async function decodeTimes() {
  const engines = [];
  for (const way of ways) {
    engines.push(await loadEngine({ folder, threads, promptLookup: false, ...way.options }));
    console.error(
      `${way.name}: ${engines.at(-1).description.kvCache}, ${engines.at(-1).description.acceleratedNodes} nodes`,
    );
  }
  const times = ways.map(() => lengths.map(() => []));
  // Prompts of different words, so that none begins like another: each is remembered, and what is timed is the decoding of tokens alone.
  const prompts = [];
  for (const [column, length] of lengths.entries())
    prompts.push(await promptOf(engines[0], length, `${words[column]} `));
  for (const messages of prompts) for (const engine of engines) await timeOf(engine, messages, few);
  for (let round = 0; round < rounds; round++) {
    for (const [column, messages] of prompts.entries()) {
      for (const [row, engine] of engines.entries()) {
        const short = await timeOf(engine, messages, few);
        const long = await timeOf(engine, messages, many);
        times[row][column].push((long.time - short.time) / (long.tokens - short.tokens));
      }
    }
    console.error(`round ${round + 1} of ${rounds}`);
  }
  for (const engine of engines) await engine.close();
  const least = times.map((row) => row.map((list) => Math.min(...list)));
  return {
    rows: ways.map((way, row) => [
      way.name,
      ...times[row].map((list, column) => `${least[row][column].toFixed(1)} (${median(list).toFixed(1)})`),
    ]),
    ratios: lengths
      .map((length, column) => `${(median(times[3][column]) / median(times[0][column])).toFixed(2)} × at ${length}`)
      .join(', '),
  };
}

async function promptOf(engine, length, word) {
  const messages = (count) => [{ role: 'user', content: [{ type: 'text', text: word.repeat(count).trim() }] }];
  const tokens = async (words) =>
    (await engine.countTokens({ messages: messages(words), maxOutputTokens: 1 })).inputTokens;
  const [one, two] = [await tokens(1), await tokens(11)];
  return messages(Math.max(1, Math.round(1 + (length - one) / ((two - one) / 10))));
}

async function timeOf(engine, messages, maxOutputTokens) {
  const start = performance.now();
  let tokens = 0;
  for await (const event of engine.generate({ messages, maxOutputTokens })) {
    if (event.type === 'finish') tokens = event.outputTokens;
  }
  if (tokens !== maxOutputTokens) throw new Error(`The model ended after ${tokens} tokens; take another seed.`);
  return { time: performance.now() - start, tokens };
}

/** Time to the first token of the bundled model, about a new picture and about one that it has just seen. */
async function secondQuestion() {
  const weights = path('local-model/weights');
  const picture = readFileSync(path('test/fixtures/tiny-llava/pictures/photo.png'));
  const times = { first: [], second: [] };
  for (let round = 0; round < rounds * 3; round++) {
    const engine = await loadEngine({ folder: weights, threads });
    // Whatever is done once for a process is done before.
    await firstToken(engine, undefined, 'How many?');
    times.first.push(await firstToken(engine, picture, 'How many circles are there?'));
    times.second.push(await firstToken(engine, picture, 'Is there a red square?'));
    await engine.close();
  }
  const [first, second] = [median(times.first), median(times.second)];
  return `Bundled model, first token about a picture (its decoding included): ${first.toFixed(1)} ms; a second question about the same picture: ${second.toFixed(1)} ms, ${(second / first).toFixed(2)} × (medians of ${times.first.length} pairs).`;
}

async function firstToken(engine, bytes, text) {
  const content = [...(bytes === undefined ? [] : [{ type: 'image', bytes }]), { type: 'text', text }];
  const start = performance.now();
  for await (const _event of engine.generate({ messages: [{ role: 'user', content }], maxOutputTokens: 1 })) continue;
  return performance.now() - start;
}
