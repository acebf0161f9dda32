/**
 * Writes every drawn class of benchmarks/scenes in every art style as a PNG with transparency, for `drawings.py`.
 *
 *   node local-model/training/dual/sprites.mjs --out local-model/training/state/dual/sprites
 *
 * Also writes `classes.json` (names, aliases, categories, confusable names). Noto, the held-out style, is never drawn here:
 * what is measured is drawn by the benchmark's own renderer. Two more styles for training come from a folder that --more names:
 *   npm install --prefix local-model/training/state/dual/art @iconify-json/emojione@1.2.3 @iconify-json/fluent-emoji-flat@1.2.6
 * Needs `npm run build` and the art packages.
 */

import { createCanvas, loadImage } from '@napi-rs/canvas';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { scenes } from '../../../scripts/load-scenes.mjs';

const side = 256;
const opaque = 48;
const require = createRequire(import.meta.url);
const state = 'local-model/training/state/dual';
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: `${state}/sprites` },
    more: { type: 'string', default: `${state}/art/node_modules` },
  },
});
/** Their licences: emojione 2.3 CC BY 4.0 (Emoji One), fluent-emoji-flat MIT (Microsoft). */
const moreStyles = { emojione: '@iconify-json/emojione', 'fluent-flat': '@iconify-json/fluent-emoji-flat' };
const sources = {
  ...Object.fromEntries(Object.entries(scenes.artSources).map(([style, source]) => [style, source.package])),
  ...moreStyles,
};

/** Where a package lies; some export no package.json. */
function folderOf(name) {
  for (const path of [...require.resolve.paths(name), resolve(values.more)]) if (existsSync(join(path, name))) return join(path, name);
  throw new Error(`${name} is not installed`);
}

const json = async (name, file) => JSON.parse(await readFile(join(folderOf(name), file), 'utf8'));
const variants = (code) => [code, `${code}-fe0f`];

async function artOf(style, entry) {
  const source = sources[style];
  if (style === 'fluent-3d') {
    const paths = variants(entry.code).map((code) => join(folderOf(source), 'assets', `${code}.webp`));
    return readFile(paths.find((path) => existsSync(path)));
  }
  const icons = await json(source, 'icons.json');
  // emojione has no table of code points; its icons have the names that twemoji's have.
  const characters = await json(style === 'emojione' ? sources.twemoji : source, 'chars.json');
  const name =
    style === 'fxemoji'
      ? entry.fxemoji
      : variants(entry.code)
          .map((code) => characters[code])
          .find((found) => found !== undefined);
  const icon = icons.icons[name] ?? icons.icons[icons.aliases?.[name]?.parent];
  if (icon === undefined) return undefined;
  const box = `${icon.left ?? 0} ${icon.top ?? 0} ${icon.width ?? icons.width ?? 16} ${icon.height ?? icons.height ?? 16}`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${side}" height="${side}" viewBox="${box}">${icon.body}</svg>`,
  );
}

/** The part of a drawing that is not transparent. */
async function cropped(bytes) {
  const canvas = createCanvas(side, side);
  canvas.getContext('2d').drawImage(await loadImage(bytes), 0, 0, side, side);
  const { data } = canvas.getContext('2d').getImageData(0, 0, side, side);
  let [left, top, right, bottom] = [side, side, 0, 0];
  for (let index = 0; index < side * side; index++) {
    if (data[index * 4 + 3] < opaque) continue;
    const [x, y] = [index % side, Math.floor(index / side)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const result = createCanvas(right - left + 1, bottom - top + 1);
  result.getContext('2d').drawImage(canvas, -left, -top);
  return result.toBuffer('image/png');
}

for (const style of Object.keys(sources)) {
  if (style === 'noto') continue;
  const folder = join(values.out, style);
  await mkdir(folder, { recursive: true });
  let drawn = 0;
  for (const entry of scenes.objectClasses) {
    const art = await artOf(style, entry);
    if (art === undefined) continue;
    await writeFile(join(folder, `${entry.name}.png`), await cropped(art));
    drawn++;
  }
  console.log(`${style}: ${drawn} drawings`);
}
const table = scenes.objectClasses.map((entry) => ({
  name: entry.name,
  plural: entry.plural,
  category: entry.category,
  aliases: entry.aliases,
  confusableWith: scenes.objectClasses
    .filter((other) => other !== entry && !scenes.distinct(entry, other))
    .map((other) => other.name),
}));
await writeFile(join(values.out, 'classes.json'), `${JSON.stringify(table, null, 1)}\n`);
