/**
 * Measures the dual encoder through the package's own API and writes `accuracy.json` beside the weights.
 *
 *   node local-model/training/dual/evaluate.mjs --coco ../shared/data/coco --write
 *
 * - drawn: pictures of the benchmark's naming generator (split test: the held-out style noto, test seeds), n a level; the name
 *   asked for among 150 classes (the right one and 149 others, drawn by the item's seed) and among all 211.
 * - coco: the existence questions, area under the ROC curve of the cosine; intervals by drawing whole pictures anew.
 * - photos: photographs labelled in YOLO's layout (images, object_detection), asked as POPE's "popular" questions are: of each up to
 *   three things that it shows and as many of the commonest of all that it does not.
 * - speed: a picture of 640 x 480, warm, and 20 labels.
 * Options: --folder, --per-level (default 120), --coco FOLDER and --photos FOLDER (left out without), --write. Needs `npm run build`.
 */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from '../../../benchmarks/performance/measure.mjs';
import { loadDualEncoder } from '../../../dist/local-model/engine/index.js';
import { scenes } from '../../../scripts/load-scenes.mjs';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'local-model/dual-encoder' },
    'per-level': { type: 'string', default: '120' },
    coco: { type: 'string' },
    photos: { type: 'string' },
    template: { type: 'string', default: '{}' },
    write: { type: 'boolean', default: false },
  },
});
const encoder = await loadDualEncoder({ folder: values.folder });
const results = { date: new Date().toISOString().slice(0, 10), template: values.template };

/** A small generator of numbers that are the same everywhere. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const dot = (first, second) => first.reduce((sum, value, index) => sum + value * second[index], 0);
const fill = (label) => values.template.split('{}').join(label);

/** Wilson's interval of a share. */
function interval(right, n, z = 1.96) {
  const share = right / n;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return [middle - half, middle + half].map((value) => Number(value.toFixed(3)));
}

/** How often a true one scores above a false one. */
function area(items) {
  const yes = items.filter((item) => item.truth);
  const no = items.filter((item) => !item.truth);
  let above = 0;
  for (const first of yes) {
    for (const second of no) above += first.score > second.score ? 1 : first.score === second.score ? 0.5 : 0;
  }
  return above / (yes.length * no.length);
}

async function drawn() {
  const names = scenes.objectClasses.map((entry) => entry.name);
  const { texts } = await encoder.embed({ texts: names.map(fill) });
  const byLevel = {};
  let [right150, right211, n] = [0, 0, 0];
  for (const level of [1, 2, 3, 4, 5]) {
    const items = scenes.generateItems({ suite: 'naming', level, n: Number(values['per-level']), split: 'test' });
    let [here150, here211] = [0, 0];
    for (const item of items) {
      const { png } = await scenes.renderScene(item.scene);
      const { images } = await encoder.embed({ images: [png] });
      const next = random(item.seed);
      const others = names.map((name) => ({ name, key: next() })).sort((first, second) => first.key - second.key);
      const some = new Set([item.answer, ...others.map(({ name }) => name).filter((name) => name !== item.answer)].slice(0, 150));
      const scores = names.map((name, index) => ({ name, score: dot(images[0], texts[index]) }));
      scores.sort((first, second) => second.score - first.score);
      here211 += Number(scores[0].name === item.answer);
      here150 += Number(scores.find(({ name }) => some.has(name)).name === item.answer);
    }
    byLevel[level] = { n: items.length, of150: here150 / items.length, of211: here211 / items.length };
    right150 += here150;
    right211 += here211;
    n += items.length;
  }
  return { style: 'noto', n, of150: right150 / n, interval: interval(right150, n), of211: right211 / n, byLevel };
}

async function coco(folder) {
  const lines = (await readFile(join(folder, 'items.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  const questions = lines.filter((item) => item.task === 'exist');
  return existence(
    questions.map(({ question, image, answer }) => ({
      image: join(folder, image),
      word: /^Is there an? (.+) in the image/u.exec(question)[1],
      truth: answer === 'yes',
    })),
  );
}

/** POPE (arXiv:2305.10355), section 4.1: as many absent things as present ones, the commonest first. */
async function photos(folder) {
  const config = await readFile(join(folder, 'object_detection/config.yaml'), 'utf8');
  const classes = [...config.matchAll(/^ +\d+: (.+)$/gmu)].map(([, name]) => name);
  const shown = [];
  for (const part of ['train2017', 'val2017']) {
    for (const file of (await readdir(join(folder, 'images', part))).sort()) {
      const labels = join(folder, 'object_detection/labels', part, file.replace('.jpg', '.txt'));
      const lines = await readFile(labels, 'utf8').catch(() => '');
      const names = new Set(lines.split('\n').filter(Boolean).map((line) => classes[Number(line.split(' ')[0])]));
      if (names.size > 0) shown.push({ image: join(folder, 'images', part, file), names });
    }
  }
  const frequency = (name) => shown.filter(({ names }) => names.has(name)).length;
  const commonest = classes.map((name) => ({ name, often: frequency(name) })).sort((first, second) => second.often - first.often);
  const next = random(11);
  return existence(
    shown.flatMap(({ image, names }) => {
      const keyed = [...names].map((word) => ({ word, key: next() })).sort((first, second) => first.key - second.key);
      const present = keyed.slice(0, 3).map(({ word }) => ({ image, word, truth: true }));
      const absent = commonest.filter(({ name }) => !names.has(name)).slice(0, present.length);
      return [...present, ...absent.map(({ name }) => ({ image, word: name, truth: false }))];
    }),
  );
}

/** Questions about what pictures show: how often the cosine of a true one is above that of a false one. */
async function existence(questions) {
  const pictures = new Map();
  for (const { image } of questions) {
    if (pictures.has(image)) continue;
    const { images } = await encoder.embed({ images: [await readFile(image)] });
    pictures.set(image, images[0]);
  }
  const { texts } = await encoder.embed({ texts: questions.map(({ word }) => fill(word)) });
  const items = questions.map((question, index) => ({ ...question, score: dot(pictures.get(question.image), texts[index]) }));
  const next = random(7);
  const names = [...pictures.keys()];
  const of = new Map(names.map((name) => [name, items.filter(({ image }) => image === name)]));
  const areas = Array.from({ length: 1000 }, () => {
    const drawnNames = names.map(() => names[Math.floor(next() * names.length)]);
    return area(drawnNames.flatMap((name) => of.get(name)));
  }).sort((first, second) => first - second);
  const ends = [areas[24], areas[974]].map((value) => Number(value.toFixed(3)));
  return { n: items.length, pictures: names.length, area: Number(area(items).toFixed(3)), interval: ends };
}

async function speed() {
  const [item] = scenes.generateItems({ suite: 'naming', level: 1, n: 1, split: 'train' });
  const { png } = await scenes.renderScene({ ...item.scene, width: 640, height: 480 });
  const time = async (work) => {
    const spent = [];
    for (let round = 0; round < 15; round++) {
      const start = performance.now();
      await work(round);
      spent.push(performance.now() - start);
    }
    return Number(spent.sort((first, second) => first - second)[7].toFixed(1));
  };
  return {
    machine: await machine(),
    pictureMs: await time(() => encoder.embed({ images: [png] })),
    twentyLabelsMs: await time((round) => encoder.embed({ texts: Array.from({ length: 20 }, (_, i) => `thing ${i} ${round}`) })),
  };
}

results.weightBytes = encoder.description.weightBytes;
results.drawn = await drawn();
if (values.coco !== undefined) results.coco = await coco(values.coco);
if (values.photos !== undefined) results.photos = await photos(values.photos);
results.speed = await speed();
await encoder.close();
console.log(JSON.stringify(results, null, 2));
if (values.write) await writeFile(join(values.folder, 'accuracy.json'), `${JSON.stringify(results, null, 2)}\n`);
