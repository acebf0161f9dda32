/**
 * Draws exported items with the harness's own renderer, for check.py to compare with.
 *
 *   node local-model/training/draw/real.mjs ITEMS.jsonl FOLDER
 *
 * Writes FOLDER/<line number>.png for every item of the file. Needs `npm run build`.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scenes } from '../../../scripts/load-scenes.mjs';

const [file = 'items.jsonl', folder = 'real'] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const lines = (await readFile(file, 'utf8')).trim().split('\n');
for (const [number, line] of lines.entries()) {
  const { png } = await scenes.renderScene(JSON.parse(line).scene);
  await writeFile(join(folder, `${number}.png`), png);
}
