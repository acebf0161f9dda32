/**
 * Measures the dual encoder through the package's own API and writes `accuracy.json` beside the weights.
 *
 *   node local-model/training/dual/evaluate.mjs --coco ../shared/data/coco --write
 *
 * - drawn: pictures of the benchmark's naming generator (split test: the held-out style noto, test seeds), n a level; the name
 *   asked for among 150 classes (the right one and 149 others, drawn by the item's seed) and among all 211.
 * - coco: the existence questions, area under the ROC curve of the cosine; intervals by drawing whole pictures anew.
 * - photos: photographs labelled in YOLO's layout (images, object_detection): each thing that one shows against all that do not show it.
 * - speed: a picture of 640 x 480, warm, and 20 labels.
 * Options: --folder, --per-level (default 120), --coco FOLDER and --photos FOLDER (left out without), --write. Needs `npm run build`.
 */

import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from '../../../benchmarks/performance/measure.mjs';
import { wilson } from '../../../dist/benchmarks/index.js';
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

const rounded = (value) => Number(value.toFixed(3));

/** How often a true one scores above a false one. */
function shareAbove(yes, no) {
  let above = 0;
  for (const first of yes) for (const second of no) above += first > second ? 1 : first === second ? 0.5 : 0;
  return above / (yes.length * no.length);
}

/** A thousand times as many pictures, drawn with replacement. */
function drawnAgain(pictures, seed) {
  const next = random(seed);
  return Array.from({ length: 1000 }, () => pictures.map(() => pictures[Math.floor(next() * pictures.length)]));
}

/** Where the middle 95 % of a thousand values end. */
function middle(values) {
  const sorted = values.toSorted((first, second) => first - second);
  return [sorted[24], sorted[974]].map(rounded);
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
  const share = wilson(right150, n);
  return { style: 'noto', n, of150: right150 / n, interval: [share.lower, share.upper].map(rounded), of211: right211 / n, byLevel };
}

async function coco(folder) {
  const lines = (await readFile(join(folder, 'items.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  const questions = lines.filter((item) => item.task === 'exist');
  const pictures = new Map();
  for (const { image } of questions) {
    if (pictures.has(image)) continue;
    const { images } = await encoder.embed({ images: [await readFile(join(folder, image))] });
    pictures.set(image, { vector: images[0], items: [] });
  }
  const words = questions.map(({ question }) => /^Is there an? (.+) in the image/u.exec(question)[1]);
  const { texts } = await encoder.embed({ texts: words.map(fill) });
  for (const [index, { image, answer }] of questions.entries()) {
    const { vector, items } = pictures.get(image);
    items.push({ truth: answer === 'yes', score: dot(vector, texts[index]) });
  }
  const all = [...pictures.values()].map(({ items }) => items);
  const area = (some) => {
    const scores = (truth) => some.flat().filter((item) => item.truth === truth).map(({ score }) => score);
    return shareAbove(scores(true), scores(false));
  };
  const areas = drawnAgain(all, 7).map(area);
  return { n: questions.length, pictures: all.length, area: rounded(area(all)), interval: middle(areas) };
}

/**
 * Each thing that a photograph shows against all photographs that do not show it: words are never compared with one another, so that nothing
 * is gained by a word's own scores (person and dining table score alike everywhere), and not looking is worth 0.5.
 */
async function photos(folder) {
  const config = await readFile(join(folder, 'object_detection/config.yaml'), 'utf8');
  const classes = [...config.matchAll(/^ +\d+: (.+)$/gmu)].map(([, name]) => name);
  const { texts } = await encoder.embed({ texts: classes.map(fill) });
  const shown = [];
  for (const part of ['train2017', 'val2017']) {
    for (const file of (await readdir(join(folder, 'images', part))).sort()) {
      const labels = join(folder, 'object_detection/labels', part, file.replace('.jpg', '.txt'));
      // A photograph with nothing to label has no file.
      const lines = existsSync(labels) ? await readFile(labels, 'utf8') : '';
      const words = new Set(lines.split('\n').filter(Boolean).map((line) => Number(line.split(' ')[0])));
      const { images } = await encoder.embed({ images: [await readFile(join(folder, 'images', part, file))] });
      shown.push({ words, scores: texts.map((text) => dot(images[0], text)) });
    }
  }
  const within = (pictures) => {
    const words = classes.map((_, word) => ({
      yes: pictures.filter((picture) => picture.words.has(word)).map(({ scores }) => scores[word]),
      no: pictures.filter((picture) => !picture.words.has(word)).map(({ scores }) => scores[word]),
    }));
    const areas = words.filter(({ yes, no }) => yes.length * no.length > 0).map(({ yes, no }) => ({ n: yes.length, area: shareAbove(yes, no) }));
    const n = areas.reduce((sum, word) => sum + word.n, 0);
    return {
      n,
      words: areas.length,
      area: areas.reduce((sum, word) => sum + word.n * word.area, 0) / n,
      meanOfWords: areas.reduce((sum, word) => sum + word.area, 0) / areas.length,
    };
  };
  const found = within(shown);
  if (found.n === 0) throw new Error(`No photograph in ${folder} has labels.`);
  const again = drawnAgain(shown, 11).map(within);
  return {
    n: found.n,
    pictures: shown.length,
    words: found.words,
    area: rounded(found.area),
    interval: middle(again.map(({ area }) => area)),
    meanOfWords: rounded(found.meanOfWords),
    intervalOfWords: middle(again.map(({ meanOfWords }) => meanOfWords)),
  };
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
