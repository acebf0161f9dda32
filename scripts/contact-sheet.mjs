/**
 * Draws items with question and truth on PNG sheets, to be looked at by a person.
 *
 *   node scripts/contact-sheet.mjs --suite counting --level 3 --count 24 --seed 0 --split test --out sheets/
 *
 * Options: --suite (or "all"), --level (or "all"), --count items a sheet, --seed, --split, --twins, --subtask,
 * --boxes (draw what the id buffer measured), --side pixels of a picture, --out folder. Needs `npm run build`.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { scenes } from './load-scenes.mjs';

const { generateItems, generatorNames, renderScene } = scenes;

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'all' },
    level: { type: 'string', default: 'all' },
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: '0' },
    split: { type: 'string', default: 'test' },
    subtask: { type: 'string' },
    twins: { type: 'boolean', default: false },
    boxes: { type: 'boolean', default: false },
    side: { type: 'string', default: '300' },
    columns: { type: 'string', default: '5' },
    out: { type: 'string', default: 'runs/contact-sheets' },
  },
});

const suites = values.suite === 'all' ? generatorNames : [values.suite];
const levels = values.level === 'all' ? [1, 2, 3, 4, 5] : [Number(values.level)];
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

await mkdir(values.out, { recursive: true });
for (const suite of suites) {
  for (const level of levels) {
    const items = generateItems({
      suite,
      level,
      n: Number(values.count),
      seed: Number(values.seed),
      split: values.split,
      twins: values.twins,
      ...(values.subtask === undefined ? {} : { subtask: values.subtask }),
    });
    const rows = Math.ceil(items.length / columns);
    const sheet = createCanvas(columns * (side + 6), rows * (side + captionHeight + 6));
    const context = sheet.getContext('2d');
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, sheet.width, sheet.height);
    for (const [index, item] of items.entries()) {
      const left = (index % columns) * (side + 6);
      await drawItem(context, item, left, Math.floor(index / columns) * (side + captionHeight + 6));
    }
    const path = join(values.out, `${suite}-l${level}-${values.split}.png`);
    await writeFile(path, await sheet.encode('png'));
    console.log(path);
  }
}
