/**
 * Measures reading at stated font sizes, which the suites' levels only come near: words, strings and numbers of the suite ocr, drawn at 20 and at 12 px.
 *
 *   npm run build && node local-model/training/print-sizes.mjs [--n 500] [--card]
 *
 * Items of the test split (unseen fonts) with seeds of their own, as many of each level, with the level's own blur, noise, contrast and
 * turning; only the size is another one. `detail: 'high'`, the default.
 */

import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { wilson } from '../../dist/benchmarks/index.js';
import { askerOf, someItems } from './ask-scene.mjs';
import { writeCardSection } from './card-section.mjs';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '500' },
    model: { type: 'string', default: 'local:tiny' },
    card: { type: 'boolean', default: false },
  },
});
const levels = [1, 2, 3, 4, 5];
const asked = askerOf(values.model);
const items = someItems({
  suite: 'ocr',
  subtasks: ['word', 'string', 'number'],
  levels,
  perLevel: Math.ceil(Number(values.n) / levels.length),
  seed: 9_400,
});

const sized = (scene, size) => ({
  ...scene,
  elements: scene.elements.map((element) => (element.kind === 'text' ? { ...element, size } : element)),
});

/** Whether training may show the word, as benchmarks/scenes/words.ts decides. */
const mayBeSeen = ({ answer }) => createHash('sha256').update(answer.toLowerCase()).digest().readUInt32BE() % 2 === 0;

const rows = {
  'words, strings and numbers': () => true,
  'words that training may show': (item) => item.subtask === 'word' && mayBeSeen(item),
  'words that it never shows': (item) => item.subtask === 'word' && !mayBeSeen(item),
  'strings and numbers': ({ subtask }) => subtask !== 'word',
  'levels 1 to 3, little done to the picture': ({ level }) => level <= 3,
  'levels 4 and 5, with blur, noise, low contrast': ({ level }) => level > 3,
};

const percent = (share) => (100 * share).toFixed(0);
const lines = ['| font size | what | right | 95 % | n |', '|---|---|---|---|---|'];
for (const size of [20, 12]) {
  const verdicts = [];
  for (const item of items)
    verdicts.push({ item, right: (await asked(item, sized(item.scene, size), item.questions[0])) === 'correct' });
  for (const [name, chosen] of Object.entries(rows)) {
    const some = verdicts.filter(({ item }) => chosen(item));
    const right = some.filter((verdict) => verdict.right).length;
    const { lower, upper } = wilson(right, some.length);
    lines.push(
      `| ${size} px | ${name} | ${percent(right / some.length)} % | ${percent(lower)}–${percent(upper)} | ${some.length} |`,
    );
  }
}
console.log(lines.join('\n'));
if (values.card) await writeCardSection('print-sizes', lines.join('\n'));
