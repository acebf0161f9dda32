/** Draws a scene to a PNG, and measures by an id buffer where each element is and how much of it can be seen. */

import type { Canvas, SKRSContext2D } from '@napi-rs/canvas';
import { changesPixels, degradePixels } from './degrade.js';
import { drawable, reachOf, type Drawable, type Reach } from './draw-element.js';
import { loadCanvas, type CanvasModule } from './packages.js';
import { hashNumber } from './random.js';
import { sceneHash, type Role, type Scene } from './scene.js';

/** Where a named element lies in the finished picture. Pixels from the top left corner. */
export interface RenderedBox {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Of the visible part; all 0 where nothing is visible. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly centroid: { readonly x: number; readonly y: number };
  /** Visible pixels over the pixels it would have alone: 0 to 1. */
  readonly visibleFraction: number;
}

export interface RenderedScene {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** One for every element that has a name, in the order of drawing. */
  readonly boxes: readonly RenderedBox[];
}

/** Opacity from which a pixel belongs to an element. */
const belongs = 96;

/**
 * Draws a scene. The same scene gives the same bytes on linux-x64 with the packages of the lockfile.
 *
 * @throws OcelliError `invalid-request` that names the optional package which is not installed.
 * @example
 * const { png, boxes } = await renderScene(items[0].scene);
 */
export async function renderScene(scene: Scene): Promise<RenderedScene> {
  const canvas = await loadCanvas();
  const drawables = await Promise.all(scene.elements.map((element) => drawable(canvas, element)));
  const picture = canvas.createCanvas(scene.width, scene.height);
  const context = picture.getContext('2d');
  drawBackground(context, scene);
  context.save();
  turn(context, scene);
  for (const entry of drawables) entry.draw(context);
  context.restore();
  const boxes = measure(canvas, scene, drawables);
  const finished = await spoil(canvas, picture, scene);
  return { png: await finished.encode('png'), width: scene.width, height: scene.height, boxes };
}

function drawBackground(context: SKRSContext2D, { background, width, height }: Scene): void {
  if (background.kind === 'plain') {
    context.fillStyle = background.colour;
    return context.fillRect(0, 0, width, height);
  }
  if (background.kind === 'gradient') {
    const down = background.direction === 'down';
    const gradient = context.createLinearGradient(0, 0, down ? 0 : width, down ? height : 0);
    gradient.addColorStop(0, background.from);
    gradient.addColorStop(1, background.to);
    context.fillStyle = gradient;
    return context.fillRect(0, 0, width, height);
  }
  const { cell, kind } = background;
  context.fillStyle = background.from;
  context.fillRect(0, 0, width, height);
  context.fillStyle = background.to;
  for (let row = 0; row * cell < height; row++) {
    if (kind === 'stripes' && row % 2 === 1) context.fillRect(0, row * cell, width, cell);
    for (let column = 0; column * cell < width; column++) {
      if (kind === 'checks' && (row + column) % 2 === 1) context.fillRect(column * cell, row * cell, cell, cell);
    }
  }
}

function turn(context: SKRSContext2D, scene: Scene): void {
  if (scene.degradations.rotation === 0) return;
  context.translate(scene.width / 2, scene.height / 2);
  context.rotate((scene.degradations.rotation * Math.PI) / 1800);
  context.translate(-scene.width / 2, -scene.height / 2);
}

async function spoil(canvas: CanvasModule, picture: Canvas, scene: Scene): Promise<Canvas> {
  const { degradations } = scene;
  const context = picture.getContext('2d');
  if (changesPixels(degradations)) {
    const pixels = context.getImageData(0, 0, scene.width, scene.height);
    degradePixels(pixels, degradations, hashNumber(sceneHash(scene)));
    context.putImageData(pixels, 0, 0);
  }
  if (degradations.jpeg !== null) {
    const image = await canvas.loadImage(await picture.encode('jpeg', degradations.jpeg));
    context.drawImage(image, 0, 0);
  }
  return picture;
}

interface Mask {
  readonly reach: Reach;
  readonly width: number;
  readonly alone: number;
}

/** Draws every element alone, keeps the topmost one of every pixel, and counts what is left of each. */
function measure(canvas: CanvasModule, scene: Scene, drawables: readonly Drawable[]): RenderedBox[] {
  const scratch = canvas.createCanvas(scene.width, scene.height).getContext('2d');
  const top = new Int16Array(scene.width * scene.height).fill(-1);
  const masks = drawables.map((entry, index) => stamp(scratch, scene, entry, index, top));
  return drawables.flatMap(({ element }, index) => {
    const mask = masks[index];
    if (element.name === '' || mask === undefined) return [];
    return [{ id: element.id, name: element.name, role: element.role, ...seen(top, scene.width, mask, index) }];
  });
}

function stamp(scratch: SKRSContext2D, scene: Scene, entry: Drawable, index: number, top: Int16Array): Mask {
  const reach = reachInPicture(scene, reachOf(entry.element));
  const width = reach.right - reach.left;
  const height = reach.bottom - reach.top;
  if (width <= 0 || height <= 0) return { reach, width: 0, alone: 0 };
  scratch.clearRect(0, 0, scene.width, scene.height);
  scratch.save();
  turn(scratch, scene);
  entry.draw(scratch);
  scratch.restore();
  const { data } = scratch.getImageData(reach.left, reach.top, width, height);
  let alone = 0;
  for (let pixel = 0, offset = 3; offset < data.length; pixel++, offset += 4) {
    if ((data[offset] as number) < belongs) continue;
    alone++;
    const y = reach.top + Math.floor(pixel / width);
    top[y * scene.width + reach.left + (pixel % width)] = index;
  }
  return { reach, width, alone };
}

function seen(
  top: Int16Array,
  sceneWidth: number,
  mask: Mask,
  index: number,
): Omit<RenderedBox, 'id' | 'name' | 'role'> {
  const { reach, alone } = mask;
  let [count, sumX, sumY] = [0, 0, 0];
  let [left, up, right, down] = [reach.right, reach.bottom, -1, -1];
  for (let y = reach.top; y < reach.bottom; y++) {
    for (let x = reach.left; x < reach.right; x++) {
      if (top[y * sceneWidth + x] !== index) continue;
      count++;
      sumX += x;
      sumY += y;
      left = Math.min(left, x);
      right = Math.max(right, x);
      up = Math.min(up, y);
      down = y;
    }
  }
  if (count === 0) return { box: { x: 0, y: 0, width: 0, height: 0 }, centroid: { x: 0, y: 0 }, visibleFraction: 0 };
  return {
    box: { x: left, y: up, width: right - left + 1, height: down - up + 1 },
    centroid: { x: sumX / count, y: sumY / count },
    visibleFraction: count / alone,
  };
}

/** The reach in whole pixels of the finished picture: turned with it and cut at its borders. */
function reachInPicture(scene: Scene, reach: Reach): Reach {
  const angle = (scene.degradations.rotation * Math.PI) / 1800;
  const [middleX, middleY] = [scene.width / 2, scene.height / 2];
  const corners = [
    [reach.left, reach.top],
    [reach.right, reach.top],
    [reach.left, reach.bottom],
    [reach.right, reach.bottom],
  ].map(([x = 0, y = 0]) => {
    const [dx, dy] = [x - middleX, y - middleY];
    return [
      middleX + dx * Math.cos(angle) - dy * Math.sin(angle),
      middleY + dx * Math.sin(angle) + dy * Math.cos(angle),
    ] as const;
  });
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return {
    left: Math.max(0, Math.floor(Math.min(...xs)) - 1),
    top: Math.max(0, Math.floor(Math.min(...ys)) - 1),
    right: Math.min(scene.width, Math.ceil(Math.max(...xs)) + 1),
    bottom: Math.min(scene.height, Math.ceil(Math.max(...ys)) + 1),
  };
}
