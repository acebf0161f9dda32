/**
 * Draws every class of things in every training style once, on black and on white, for the trainer's own renderer.
 *
 *   node local-model/training/draw/sprites.mjs FOLDER
 *
 * The real renderer draws them, so a sprite is what it would be in a test picture: cropped, 256 px along its longer side. From
 * the two grounds sprites.py gets opacity and colour back exactly. Needs `npm run build` and the art packages; never draws noto.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scenes } from '../../../scripts/load-scenes.mjs';

const folder = process.argv[2] ?? 'sprites';
const styles = ['fluent-3d', 'twemoji', 'fxemoji'];
const side = 256;

async function drawn(style, object, colour) {
  const { png } = await scenes.renderScene({
    version: scenes.sceneVersion,
    generator: 'sprites',
    width: side,
    height: side,
    background: { kind: 'plain', colour },
    elements: [
      {
        kind: 'object',
        id: 'e1',
        role: 'target',
        name: object,
        object,
        style,
        treatment: 'none',
        x: side / 2,
        y: side / 2,
        size: side,
        rotation: 0,
        flip: false,
      },
    ],
    degradations: { rotation: 0, contrast: 100, blur: 0, noise: 0, jpeg: null },
  });
  return png;
}

for (const style of styles) {
  await mkdir(join(folder, style), { recursive: true });
  for (const { name } of scenes.objectClasses) {
    for (const [ground, colour] of [
      ['black', '#000000'],
      ['white', '#ffffff'],
    ]) {
      await writeFile(join(folder, style, `${name}.${ground}.png`), await drawn(style, name, colour));
    }
  }
}
