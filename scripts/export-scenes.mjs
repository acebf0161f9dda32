/**
 * Writes scene descriptions and their items as JSON lines, for a renderer or a trainer in another language.
 *
 *   node scripts/export-scenes.mjs --suite all --level all --count 1000 --seed 0 --split train --out scenes.jsonl
 *
 * The first line is a header with what a renderer needs to know (shape outlines, classes, fonts); every further line is an
 * item with its scene; benchmarks/scenes/README.md describes the fields. Nothing is drawn and no optional package is needed.
 *
 * Options: --suite NAMES|all, --level LEVELS|all (lists with commas), --count items of each suite and level (twins included),
 * --seed 0-9999, --split train|test (default train), --look seen (test scenes in the look of training), --subtask NAME, --twins (add
 * the twins), --more (add further questions in `more`),
 * --plan JSON (counts of items by suite and level instead of --suite, --level and --count: `{"counting":[20,20,10,5,5]}`),
 * --out FILE (default: standard output). Needs `npm run build`.
 */

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { scenes } from './load-scenes.mjs';
import { sceneOptions } from './scene-options.mjs';

const { artSources, fontFamilies, moreQuestions, objectClasses, sceneVersion, shapeOutlines } = scenes;

const { values, suites, levels, itemsOf } = sceneOptions({
  count: { type: 'string', default: '1000' },
  split: { type: 'string', default: 'train' },
  plan: { type: 'string' },
  more: { type: 'boolean', default: false },
  out: { type: 'string' },
});
const output = values.out === undefined ? process.stdout : createWriteStream(values.out);

// A reader that has seen enough, such as head, is no failure.
output.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

async function writeLine(record) {
  if (!output.write(`${JSON.stringify(record)}\n`)) await once(output, 'drain');
}

const started = performance.now();
let written = 0;
await writeLine({
  kind: 'header',
  sceneVersion,
  split: values.split,
  shapeOutlines,
  artSources,
  objectClasses,
  fonts: fontFamilies.map(({ name, file, split }) => ({ name, file, split })),
});
for (const suite of suites) {
  for (const level of levels) {
    for (const item of itemsOf(suite, level)) {
      await writeLine({ kind: 'item', ...item, ...(values.more ? { more: moreQuestions(item) } : {}) });
      written++;
    }
  }
}
if (values.out !== undefined) {
  output.end();
  await once(output, 'finish');
}
const seconds = (performance.now() - started) / 1000;
console.error(`${written} items in ${seconds.toFixed(1)} s, ${Math.round(written / seconds)} a second`);
