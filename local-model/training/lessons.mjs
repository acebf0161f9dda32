/**
 * Writes the items of one block of lessons as JSON lines: `node lessons.mjs SEED '[["counting",1,40],…]' FILE` (suite, level, how many).
 * Twins and further questions are in it. Needs `npm run build`.
 */

import { writeFileSync } from 'node:fs';
import { scenes } from '../../scripts/load-scenes.mjs';

const { generateItems, moreQuestions } = scenes;
const [seed, wishes, file] = process.argv.slice(2);
const lines = [];
for (const [suite, level, n] of JSON.parse(wishes)) {
  const items = generateItems({ suite, level, n, seed: Number(seed), split: 'train', twins: true });
  for (const item of items) lines.push(JSON.stringify({ ...item, more: moreQuestions(item) }));
}
writeFileSync(file, lines.join('\n'));
