/** Draws one element of a scene, and says which part of the canvas it can reach. */

import type { Image, SKRSContext2D } from '@napi-rs/canvas';
import { join } from 'node:path';
import { sprite } from './art.js';
import { fontFamilies, textWidth, type FontFamily } from './fonts.js';
import { shapeOutlines } from './geometry.js';
import { packageFolder, type CanvasModule } from './packages.js';
import type { ObjectElement, Point, SceneElement, ShapeElement, TextElement } from './scene.js';

/** An element with everything loaded that drawing it needs; drawing itself waits for nothing. */
export interface Drawable {
  readonly element: SceneElement;
  draw(context: SKRSContext2D): void;
}

/** A rectangle in pixels that surely holds everything that is drawn, before the picture is rotated. */
export interface Reach {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Loads what an element needs: its sprite or its font. */
export async function drawable(canvas: CanvasModule, element: SceneElement): Promise<Drawable> {
  if (element.kind === 'object') {
    const image = await sprite(canvas, element.style, element.object, element.treatment);
    return { element, draw: (context) => drawObject(context, element, image as unknown as Image) };
  }
  if (element.kind === 'text') registerFont(canvas, familyOf(element.font));
  return { element, draw: (context) => drawPlain(context, element) };
}

/** The family of a text element; throws a RangeError for a name that no scene of this version holds. */
export function familyOf(name: string): FontFamily {
  const family = fontFamilies.find((candidate) => candidate.name === name);
  if (family === undefined) throw new RangeError(`No font family is called "${name}".`);
  return family;
}

const registered = new Set<string>();

function registerFont(canvas: CanvasModule, family: FontFamily): void {
  if (registered.has(family.name)) return;
  const folder = packageFolder(`@expo-google-fonts/${family.name}`);
  canvas.GlobalFonts.registerFromPath(join(folder, '400Regular', `${family.file}.ttf`), fontAlias(family.name));
  registered.add(family.name);
}

/** A name of our own, so that no font of the system is ever taken instead. */
function fontAlias(name: string): string {
  return `ocelli-scene-${name}`;
}

function drawObject(context: SKRSContext2D, element: ObjectElement, image: Image): void {
  const scale = element.size / Math.max(image.width, image.height);
  const width = image.width * scale;
  const height = image.height * scale;
  context.save();
  context.translate(element.x, element.y);
  context.rotate((element.rotation * Math.PI) / 180);
  if (element.flip) context.scale(-1, 1);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, -width / 2, -height / 2, width, height);
  context.restore();
}

function drawPlain(context: SKRSContext2D, element: Exclude<SceneElement, ObjectElement>): void {
  switch (element.kind) {
    case 'shape':
      return drawShape(context, element);
    case 'text':
      return drawText(context, element);
    case 'line':
      context.beginPath();
      trace(context, element.points);
      context.lineCap = 'round';
      context.lineJoin = 'round';
      context.strokeStyle = element.colour;
      context.lineWidth = element.width;
      return context.stroke();
    case 'polygon':
      context.beginPath();
      trace(context, element.points);
      context.closePath();
      return paint(context, element);
    case 'rectangle':
      context.beginPath();
      context.rect(element.x, element.y, element.width, element.height);
      return paint(context, element);
    case 'sector': {
      const angle = (tenths: number): number => ((tenths / 10 - 90) * Math.PI) / 180;
      context.beginPath();
      context.moveTo(element.x, element.y);
      context.arc(element.x, element.y, element.radius, angle(element.start), angle(element.end));
      context.closePath();
      return paint(context, element);
    }
  }
}

function drawShape(context: SKRSContext2D, element: ShapeElement): void {
  context.save();
  context.translate(element.x, element.y);
  context.rotate((element.rotation * Math.PI) / 180);
  context.beginPath();
  if (element.shape === 'circle') context.arc(0, 0, element.size / 2, 0, 2 * Math.PI);
  else {
    const scale = element.size / 1000;
    trace(
      context,
      shapeOutlines[element.shape].map(([x, y]): Point => [x * scale, y * scale]),
    );
    context.closePath();
  }
  paint(context, element);
  context.restore();
}

function drawText(context: SKRSContext2D, element: TextElement): void {
  context.font = `${element.size}px ${fontAlias(element.font)}`;
  context.textAlign = element.align;
  context.textBaseline = 'alphabetic';
  context.fillStyle = element.colour;
  context.fillText(element.text, element.x, element.y);
}

function trace(context: SKRSContext2D, points: readonly Point[]): void {
  points.forEach(([x, y], index) => {
    if (index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
}

interface Painted {
  readonly fill: string | null;
  readonly stroke: string | null;
  readonly strokeWidth: number;
}

function paint(context: SKRSContext2D, { fill, stroke, strokeWidth }: Painted): void {
  if (fill !== null) {
    context.fillStyle = fill;
    context.fill();
  }
  if (stroke !== null) {
    context.lineJoin = 'miter';
    context.strokeStyle = stroke;
    context.lineWidth = strokeWidth;
    context.stroke();
  }
}

/** What an element can reach at most. */
export function reachOf(element: SceneElement): Reach {
  switch (element.kind) {
    case 'shape':
      return square(element.x, element.y, element.size * 0.72 + element.strokeWidth);
    case 'object':
      return square(element.x, element.y, element.size * 0.72);
    case 'sector':
      return square(element.x, element.y, element.radius + element.strokeWidth);
    case 'rectangle':
      return grown(
        [
          [element.x, element.y],
          [element.x + element.width, element.y + element.height],
        ],
        element.strokeWidth,
      );
    case 'line':
      return grown(element.points, element.width);
    case 'polygon':
      return grown(element.points, 2 * element.strokeWidth);
    case 'text':
      return textReach(element);
  }
}

function textReach(element: TextElement): Reach {
  const family = familyOf(element.font);
  const width = textWidth(family, element.size, element.text);
  const shift = element.align === 'left' ? 0 : element.align === 'right' ? width : width / 2;
  const margin = element.size / 4;
  return {
    left: element.x - shift - margin,
    right: element.x - shift + width + margin,
    top: element.y - (family.ascent * element.size) / 1000,
    bottom: element.y + (family.descent * element.size) / 1000,
  };
}

function square(x: number, y: number, half: number): Reach {
  return { left: x - half, top: y - half, right: x + half, bottom: y + half };
}

function grown(points: readonly Point[], margin: number): Reach {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return {
    left: Math.min(...xs) - margin,
    top: Math.min(...ys) - margin,
    right: Math.max(...xs) + margin,
    bottom: Math.max(...ys) + margin,
  };
}
