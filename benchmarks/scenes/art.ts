/** Turns a class and an art style into a sprite: loaded from its package, cropped to its opaque part, treated. */

import type { Canvas } from '@napi-rs/canvas';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OcelliError } from '../../src/index.js';
import { artSources } from './art-sources.js';
import { objectClass } from './classes.js';
import { packageFolder, packageJson, type CanvasModule, type IconSet } from './packages.js';
import type { ArtStyle, Treatment } from './scene.js';

/** Longer side of a sprite in pixels; scenes draw them smaller, so nothing is enlarged. */
const spriteSide = 256;
/** Opacity from which a pixel belongs to the object. */
const opaque = 48;
/** Sprites kept in memory, about 0.2 MB each. */
const cacheLimit = 500;

const cache = new Map<string, Promise<Canvas>>();

/** The sprite of an object, its opaque part touching all four borders. */
export function sprite(canvas: CanvasModule, style: ArtStyle, object: string, treatment: Treatment): Promise<Canvas> {
  const key = `${style}/${object}/${treatment}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= cacheLimit) cache.delete(cache.keys().next().value ?? '');
  const made = makeSprite(canvas, style, object, treatment);
  cache.set(key, made);
  return made;
}

async function makeSprite(
  canvas: CanvasModule,
  style: ArtStyle,
  object: string,
  treatment: Treatment,
): Promise<Canvas> {
  const image = await canvas.loadImage(await artFile(style, object));
  const drawn = canvas.createCanvas(spriteSide, spriteSide);
  drawn.getContext('2d').drawImage(image, 0, 0, spriteSide, spriteSide);
  const cropped = crop(canvas, drawn);
  return treatment === 'none' ? cropped : treat(canvas, cropped, treatment);
}

/** The bytes of the drawing: WebP for fluent-3d, SVG for the others. */
export async function artFile(style: ArtStyle, object: string): Promise<Buffer> {
  const entry = objectClass(object);
  const source = artSources[style].package;
  if (style === 'fluent-3d') {
    const folder = join(packageFolder(source), 'assets');
    const path = variants(entry.code)
      .map((code) => join(folder, `${code}.webp`))
      .find((candidate) => existsSync(candidate));
    if (path === undefined) throw noDrawing(style, object);
    return readFile(path);
  }
  const icons = await packageJson<IconSet>(source, 'icons.json');
  const name = style === 'fxemoji' ? entry.fxemoji : await iconName(source, entry.code);
  const icon = icons.icons[name ?? ''] ?? icons.icons[icons.aliases?.[name ?? '']?.parent ?? ''];
  if (icon === undefined) throw noDrawing(style, object);
  const width = icon.width ?? icons.width ?? 16;
  const height = icon.height ?? icons.height ?? 16;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${spriteSide}" height="${spriteSide}" viewBox="${icon.left ?? 0} ${icon.top ?? 0} ${width} ${height}">${icon.body}</svg>`,
  );
}

async function iconName(source: string, code: string): Promise<string | undefined> {
  const names = await packageJson<Record<string, string>>(source, 'chars.json');
  return variants(code)
    .map((variant) => names[variant])
    .find((name) => name !== undefined);
}

/** With and without the variation selector, since the packages disagree about it. */
function variants(code: string): string[] {
  return [code, `${code}-fe0f`];
}

function noDrawing(style: ArtStyle, object: string): OcelliError {
  return new OcelliError(
    'invalid-request',
    `The installed ${artSources[style].package} has no drawing of "${object}". Install the version that package.json names.`,
  );
}

/** The part of a drawing that is not transparent. */
function crop(canvas: CanvasModule, drawn: Canvas): Canvas {
  const { width, height } = drawn;
  const { data } = drawn.getContext('2d').getImageData(0, 0, width, height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((data[(y * width + x) * 4 + 3] ?? 0) < opaque) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  const cropped = canvas.createCanvas(Math.max(1, right - left + 1), Math.max(1, bottom - top + 1));
  cropped.getContext('2d').drawImage(drawn, -left, -top);
  return cropped;
}

function treat(canvas: CanvasModule, source: Canvas, treatment: Exclude<Treatment, 'none'>): Canvas {
  if (treatment === 'outline') return outlined(canvas, source);
  const context = source.getContext('2d');
  const pixels = context.getImageData(0, 0, source.width, source.height);
  const { data } = pixels;
  for (let index = 0; index < data.length; index += 4) {
    for (let channel = 0; channel < 3; channel++) {
      data[index + channel] = recoloured(data[index + channel] ?? 0, channel, treatment);
    }
  }
  context.putImageData(pixels, 0, 0);
  return source;
}

/** One channel of a treated pixel: six levels, or a tenth more red and less blue (warm), or the reverse (cool). */
function recoloured(value: number, channel: number, treatment: 'posterise' | 'warm' | 'cool'): number {
  if (treatment === 'posterise') return Math.round(value / 51) * 51;
  const stronger = treatment === 'warm' ? 0 : 2;
  if (channel === 1) return value;
  return channel === stronger ? Math.min(255, Math.round(value * 1.1)) : Math.round(value * 0.85);
}

/** A white contour like a sticker's, 3 % of the longer side wide. */
function outlined(canvas: CanvasModule, source: Canvas): Canvas {
  const width = Math.max(2, Math.round(Math.max(source.width, source.height) * 0.03));
  const result = canvas.createCanvas(source.width + 2 * width, source.height + 2 * width);
  const silhouette = canvas.createCanvas(result.width, result.height);
  const pen = silhouette.getContext('2d');
  for (let step = 0; step < 16; step++) {
    const angle = (Math.PI * step) / 8;
    pen.drawImage(source, width + Math.round(width * Math.cos(angle)), width + Math.round(width * Math.sin(angle)));
  }
  pen.globalCompositeOperation = 'source-in';
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, silhouette.width, silhouette.height);
  const context = result.getContext('2d');
  context.drawImage(silhouette, 0, 0);
  context.drawImage(source, width, width);
  return result;
}
