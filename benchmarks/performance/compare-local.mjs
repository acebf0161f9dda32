/**
 * Ours, transformers.js and node-llama-cpp on the same decoder, each in its own process and all in turn: `npm run bench:local`.
 * Before: `python scripts/real-weights/make.py` (the model), `npm install` in this folder (the rivals), `npm run build`.
 */

import { fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { readSpeed } from './memory-speed.mjs';
import { machine, median, table, writeSection } from './measure.mjs';

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const weights = path('.cache/real-weights');
const folder = `${weights}/q4`;
const file = `${weights}/SmolLM2-135M-Instruct.Q4_1.gguf`;
const picture = `${weights}/picture.png`;
const lengths = (process.env.LENGTHS ?? '75,867,2048').split(',').map(Number);
const rounds = Number(process.env.ROUNDS ?? 4);
const threads = Number(process.env.THREADS ?? 2);
const most = 24;

for (const needed of [`${folder}/onnx/decoder_model_merged_q4.onnx`, file]) {
  if (existsSync(needed)) continue;
  console.error(`${needed} is not there. Make it with: python scripts/real-weights/make.py`);
  process.exit(1);
}

/** The others remember no pictures and prompts either, and ask for no guesses. */
const forgetful = { promptLookup: false, promptMemoryBytes: 0, pictureMemoryBytes: 0 };
const ours = { name: 'ours', program: 'ocelli', load: { folder, ...forgetful }, pictures: true };
const contenders = [
  ours,
  { name: 'ours, attention whole', program: 'ocelli', load: { folder, ...forgetful, splitAttention: false } },
  { name: 'transformers.js', program: 'transformers', load: { folder }, pictures: true },
  { name: 'node-llama-cpp', program: 'llama', load: { file } },
];
const versions = ['@huggingface/transformers', 'node-llama-cpp'].map(versionOf);

await sharp(noise(1280, 960), { raw: { width: 1280, height: 960, channels: 3 } })
  .png()
  .toFile(picture);
for (const contender of contenders) await start(contender);
const texts = new Map();
for (const length of lengths) texts.set(length, await textOf(length));
for (let round = 0; round < rounds; round++) {
  // Whoever comes after another may find its threads still waiting for work: everyone comes after everyone.
  await turn([...contenders.slice(round % contenders.length), ...contenders.slice(0, round % contenders.length)]);
  console.error(`round ${round + 1} of ${rounds}`);
}
const { times: questions } = await questionTimes();
const abort = await abortTimes();
const text = await report();
for (const { process: child } of contenders) child.disconnect();
console.log(text);
if (process.env.WRITE !== '0') await writeSection('local', text, 'local-speed');

/** Everything once, each contender after the other at every step. */
async function turn(order) {
  for (const contender of order) {
    await quiet();
    for (const tiles of contender.pictures ? [false, true] : []) {
      const { time, dims } = await ask(contender, 'preprocess', { folder, picture, tiles });
      note(contender, `preprocess ${tiles ? 'tiles' : 'one'}`, time);
      contender.dims = { ...contender.dims, [tiles]: dims.join('×') };
    }
    if (contender.pictures) {
      const answer = await ask(contender, 'answer', { text: 'What is this?', picture, most: 2 });
      note(contender, 'first picture', answer.first);
      contender.pictureTokens = answer.inputTokens;
    }
  }
  for (const length of lengths) {
    for (const contender of order) {
      await quiet();
      const user = texts.get(length);
      const answer = await ask(contender, 'answer', { text: user, prompt: rendered(user), most });
      if (answer.inputTokens !== length)
        throw new Error(`${contender.name}: ${answer.inputTokens} tokens of ${length}`);
      note(contender, `first ${length}`, answer.first);
      note(contender, `token ${length}`, answer.token);
      note(contender, `stall ${length}`, answer.stall);
      contender.memory = answer.memory;
      contender.answers = { ...contender.answers, [length]: answer.text };
    }
  }
}

/** Threads of a pool go on spinning for a little while after a run. */
function quiet() {
  return new Promise((resolve) => setTimeout(resolve, 60));
}

function note(contender, what, value) {
  (contender.figures[what] ??= []).push(value);
}

async function start(contender) {
  contender.figures = {};
  contender.process = fork(new URL(`contenders/${contender.program}.mjs`, import.meta.url), {
    serialization: 'advanced',
  });
  await new Promise((resolve, reject) => {
    contender.process.once('message', resolve);
    contender.process.once('exit', (code) => reject(new Error(`${contender.name} ended with ${code}`)));
  });
  const loaded = await ask(contender, 'load', { threads, ...contender.load });
  note(contender, 'load', loaded.time);
  console.error(`${contender.name}: loaded in ${loaded.time.toFixed(0)} ms`);
}

function ask(contender, command, options) {
  const id = Math.random();
  return new Promise((resolve, reject) => {
    const listener = (message) => {
      if (message.id !== id) return;
      contender.process.off('message', listener);
      if (message.error === undefined) resolve(message.value);
      else reject(new Error(`${contender.name}: ${message.error}`));
    };
    contender.process.on('message', listener);
    contender.process.send({ id, command, options });
  });
}

/** A question that is so many tokens long once the template is around it. */
async function textOf(length) {
  const words = readFileSync(path('LICENSE'), 'utf8').split(/\s+/).filter(Boolean);
  const count = async (text) => (await ask(ours, 'count', { text })).tokens;
  let [low, high] = [1, words.length];
  const first = words.slice(length);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((await count(first.slice(0, middle).join(' '))) <= length) low = middle;
    else high = middle - 1;
  }
  let text = first.slice(0, low).join(' ');
  while ((await count(text)) < length) text += ' a';
  return text;
}

/** What the folder's template makes of a question. */
function rendered(text) {
  return `<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;
}

async function questionTimes() {
  const asked = ['How many circles are there in this picture?', 'Is there a red square, and where does it lie?'];
  const times = [[], []];
  for (let round = 0; round < rounds; round++) {
    const answers = await ask(ours, 'questions', { folder, threads, picture, texts: asked });
    answers.times.forEach((time, place) => times[place].push(time));
  }
  return { times };
}

async function abortTimes() {
  const times = [];
  for (const after of [30, 100, 200, 350, 500, 700]) {
    times.push((await ask(ours, 'abort', { text: texts.get(Math.max(...lengths)), after })).free);
  }
  return times;
}

async function report() {
  const speed = await readSpeed(threads);
  const figure = (contender, what, digits = 0) => {
    const list = contender.figures[what];
    return list === undefined ? '' : `${median(list).toFixed(digits)} (${Math.min(...list).toFixed(digits)})`;
  };
  const rows = [
    ['load, ms', 'load', 0],
    [`preprocess 1280×960 PNG to one tile, ms`, 'preprocess one', 0],
    [`preprocess to ${(ours.dims.true ?? '').split('×')[1]} tiles, ms`, 'preprocess tiles', 0],
    [`first token, a picture (${ours.pictureTokens} tokens, tower included), ms`, 'first picture', 0],
    ...lengths.map((length) => [`first token, ${length} tokens, ms`, `first ${length}`, 0]),
    ...lengths.map((length) => [`a token after ${length}, ms`, `token ${length}`, 1]),
    ...lengths.map((length) => [
      `event loop held at a stretch, ${length} tokens, ms of the processor`,
      `stall ${length}`,
      0,
    ]),
  ];
  const cells = rows.map(([label, what, digits]) => [label, ...contenders.map((one) => figure(one, what, digits))]);
  cells.push(['peak memory, MB', ...contenders.map((one) => one.memory.toFixed(0))]);
  return [
    `\`npm run bench:local\` on ${await machine()}, ${threads} threads, ${rounds} rounds, all in turn, each in its own process: median (least). ${versions.join(', ')}, onnxruntime-node ${versionOf('onnxruntime-node').split(' ')[1]}.`,
    table(['', ...contenders.map((one) => one.name)], cells),
    `Ours against the others, by the medians:`,
    table(['', 'reached', 'aimed at'], goals()),
    `A second question about the same picture: first token after ${median(questions[1]).toFixed(0)} ms, where the first took ${median(questions[0]).toFixed(0)}: ${(median(questions[1]) / median(questions[0])).toFixed(2)} × (aimed at 0.3).`,
    `An abort while ${Math.max(...lengths)} tokens are read: the engine is free again after ${Math.max(...abort).toFixed(0)} ms at most of ${abort.length} tries (aimed at 300).`,
    bound(speed),
    `Same answers: ${sameAnswers()}`,
  ].join('\n\n');
}

function goals() {
  const ratio = (what, one, other) => median(one.figures[what]) / median(other.figures[what]);
  const [split, whole, transformers, llama] = contenders;
  const row = (label, what, one, other, goal) => [
    label,
    `${ratio(what, one, other).toFixed(2)} ×`,
    goal === undefined ? '' : `${goal} ×`,
  ];
  const last = lengths.at(-1);
  return [
    row('preprocess, one tile, of transformers.js', 'preprocess one', split, transformers, 0.25),
    row('preprocess, tiles, of transformers.js', 'preprocess tiles', split, transformers, 0.25),
    row('first token with a picture, of transformers.js', 'first picture', split, transformers, 0.7),
    ...lengths.map((length) =>
      row(`first token, ${length}, of transformers.js`, `first ${length}`, split, transformers, 0.7),
    ),
    ...lengths.map((length) =>
      row(
        `a token after ${length}, of transformers.js`,
        `token ${length}`,
        split,
        transformers,
        length < 200 ? 0.9 : 0.5,
      ),
    ),
    ...lengths.map((length) =>
      row(
        `a token after ${length}, of node-llama-cpp`,
        `token ${length}`,
        split,
        llama,
        length === last ? 1 : undefined,
      ),
    ),
    row(`a token after ${last}, attention whole, of node-llama-cpp`, `token ${last}`, whole, llama, 1.4),
  ];
}

/** What a token costs when nothing but memory counts. */
function bound(speed) {
  const decoder = readFileSync(`${folder}/onnx/decoder_model_merged_q4.onnx`).length - 2 * 8192 * 32 * 4;
  const cache = 2 * 30 * 3 * 64 * 4;
  const parts = lengths.map((length) => {
    const least = ((decoder + length * cache) / speed) * 1000;
    const reached = median(ours.figures[`token ${length}`]);
    return `${least.toFixed(1)} ms after ${length} (ours ${(reached / least).toFixed(1)} × that)`;
  });
  return `Memory reads ${(speed / 1e9).toFixed(1)} GB/s here with ${threads} threads. A token reads ${(decoder / 1e6).toFixed(0)} MB of weights and ${(cache / 1e3).toFixed(0)} kB for every token before it, so that it takes at least ${parts.join(', ')}.`;
}

function sameAnswers() {
  const [split, whole, transformers] = contenders;
  const shared = (one, other) => {
    const length = Math.min(one.length, other.length);
    let same = 0;
    while (same < length && one[same] === other[same]) same++;
    return same === length ? 'all' : `the first ${same} characters`;
  };
  return lengths
    .map(
      (length) =>
        `after ${length}, ${shared(split.answers[length], whole.answers[length])} of attention whole and ${shared(split.answers[length], transformers.answers[length])} of transformers.js`,
    )
    .join('; ')
    .concat('.');
}

function versionOf(name) {
  const require = createRequire(import.meta.url);
  const places = require.resolve.paths(name) ?? [];
  const found = places.map((place) => `${place}/${name}/package.json`).find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${name} is not installed: run npm install in benchmarks/performance.`);
  return `${name} ${JSON.parse(readFileSync(found, 'utf8')).version}`;
}

/** A picture with detail at every scale, the same each time. */
function noise(width, height) {
  const bytes = Buffer.alloc(width * height * 3);
  for (let index = 0; index < bytes.length; index++) {
    const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
    bytes[index] = 128 + 60 * Math.sin(x / 37 + (index % 3)) + 40 * Math.cos(y / 23) + ((x * 31 + y * 17) % 27);
  }
  return bytes;
}
