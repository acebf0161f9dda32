/**
 * Draws items with question and truth on PNG sheets, to be looked at by a person.
 *
 *   node scripts/contact-sheet.mjs --suite counting --level 3 --count 24 --seed 0 --split test --out sheets/
 *
 * Options: --suite NAMES and --level LEVELS (lists with commas, or "all"), --count items of each, --seed, --split, --look, --twins,
 * --subtask, --boxes (draw what the id buffer measured), --together (all levels of a suite on one sheet), --side pixels of a picture,
 * --columns, --out folder. Needs `npm run build`.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { scenes } from './load-scenes.mjs';
import { sceneOptions } from './scene-options.mjs';

const { renderScene } = scenes;

const { values, suites, levels, itemsOf } = sceneOptions({
  count: { type: 'string', default: '20' },
  split: { type: 'string', default: 'test' },
  boxes: { type: 'boolean', default: false },
  together: { type: 'boolean', default: false },
  side: { type: 'string', default: '300' },
  columns: { type: 'string', default: '5' },
  out: { type: 'string', default: 'runs/contact-sheets' },
});

const side = Number(values.side);
const columns = Number(values.columns);
const captionHeight = 62;

/** Lines of at most so many pixels. */
function wrap(context, text, width) {
  const lines = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && context.measureText(longer).width > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

async function drawItem(context, item, left, top) {
  const { png, width, height, boxes } = await renderScene(item.scene);
  const scale = side / Math.max(width, height);
  context.drawImage(await loadImage(Buffer.from(png)), left, top, width * scale, height * scale);
  if (values.boxes) {
    context.lineWidth = 1;
    for (const entry of boxes.filter(({ id }) => item.evidence.includes(id))) {
      context.strokeStyle = '#ff00c8';
      const { box } = entry;
      context.strokeRect(left + box.x * scale, top + box.y * scale, box.width * scale, box.height * scale);
    }
  }
  const bias = item.expectedBias === undefined ? '' : ` (bias ${JSON.stringify(item.expectedBias)})`;
  const twin = item.twin === undefined ? '' : ` [${item.twin.kind}]`;
  context.font = '11px sans-serif';
  context.fillStyle = '#000000';
  const question = item.questions[0].replace(/ Answer with.*$/, '').replace(/ Answer yes.*$/, '');
  const lines = [
    ...wrap(context, `L${item.level} ${item.subtask}${twin}: ${question}`, side - 4).slice(0, 3),
    ...wrap(context, `= ${JSON.stringify(item.answer)}${bias}`, side - 4).slice(0, 2),
  ];
  lines.slice(0, 5).forEach((line, index) => context.fillText(line, left + 2, top + side + 11 + index * 12));
}

async function drawSheet(name, items) {
  const rows = Math.ceil(items.length / columns);
  const sheet = createCanvas(columns * (side + 6), rows * (side + captionHeight + 6));
  const context = sheet.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, sheet.width, sheet.height);
  for (const [index, item] of items.entries()) {
    const left = (index % columns) * (side + 6);
    await drawItem(context, item, left, Math.floor(index / columns) * (side + captionHeight + 6));
  }
  const path = join(values.out, `${name}-${values.look ?? values.split}.png`);
  await writeFile(path, await sheet.encode('png'));
  console.log(path);
}

await mkdir(values.out, { recursive: true });
for (const suite of suites) {
  if (values.together) {
    await drawSheet(
      suite,
      levels.flatMap((level) => itemsOf(suite, level)),
    );
  } else for (const level of levels) await drawSheet(`${suite}-l${level}`, itemsOf(suite, level));
}
