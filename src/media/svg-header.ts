/** Tells SVG from other text and works out its size. */

import { InvalidHeader } from './header-bytes.js';
import type { PictureSize } from './picture-size.js';

/** How much of a file is looked at for the root element. Long licence comments stand before it in some files. */
export const svgSearchBytes = 65_536;

// CSS 2.2, section 10.3.2: what a picture without a size of its own takes.
const defaultWidth = 300;
const defaultHeight = 150;

/** CSS pixels of the absolute units (CSS Values 3, section 6.2). Relative units have no size of their own. */
const pixelsPerUnit: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 9.6 / 2.54,
  q: 9.6 / 10.16,
};

/** The root `svg` tag up to its `>`, or `undefined` when the bytes are not SVG. A tag without end is given as far as it goes. */
export function findSvgTag(bytes: Uint8Array): string | undefined {
  const text = decodeStart(bytes);
  if (text === undefined) return undefined;
  const start = skipProlog(text);
  if (!/^<(?:[A-Za-z_][\w.-]*:)?svg(?=[\s/>]|$)/.test(text.slice(start, start + 80))) return undefined;
  return text.slice(start, endOfTag(text, start));
}

/** Whole pixels from `width` and `height`, the missing ones from `viewBox`, at least 1 × 1. */
export function readSvgHeader(bytes: Uint8Array): PictureSize {
  const tag = findSvgTag(bytes);
  if (tag === undefined) throw new InvalidHeader('it has no svg element');
  if (!tag.endsWith('>')) throw new InvalidHeader('its svg element has no end');
  const attributes = readAttributes(tag);
  const viewBox = readViewBox(attributes.get('viewBox'));
  const width = readLength(attributes.get('width'));
  const height = readLength(attributes.get('height'));
  const ratio = viewBox === undefined ? defaultWidth / defaultHeight : viewBox.width / viewBox.height;
  const shownWidth = width ?? (height === undefined ? (viewBox?.width ?? defaultWidth) : height * ratio);
  const shownHeight = height ?? (width === undefined ? (viewBox?.height ?? defaultHeight) : width / ratio);
  return { width: wholePixels(shownWidth), height: wholePixels(shownHeight), orientation: 1 };
}

function wholePixels(length: number): number {
  return Math.max(1, Math.round(length));
}

function decodeStart(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const start = bytes.subarray(0, svgSearchBytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(start);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(start);
  const at = first === 0xef && second === 0xbb ? 3 : 0;
  let place = at;
  while (isBlank(bytes[place])) place += 1;
  return bytes[place] === 0x3c ? new TextDecoder('utf-8').decode(start) : undefined;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Where the first element starts: behind blanks, XML declaration, comments, processing instructions and doctype. */
function skipProlog(text: string): number {
  let place = 0;
  for (;;) {
    while (place < text.length && /\s/.test(text.charAt(place))) place += 1;
    if (text.startsWith('<!--', place)) place = behind(text, '-->', place);
    else if (text.startsWith('<?', place)) place = behind(text, '?>', place);
    else if (/^<!doctype/i.test(text.slice(place, place + 9))) place = endOfDoctype(text, place);
    else return place;
  }
}

function behind(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found === -1 ? text.length : found + end.length;
}

/** A doctype may hold declarations between brackets, which contain `>` themselves. */
function endOfDoctype(text: string, from: number): number {
  const close = behind(text, '>', from);
  const bracket = text.indexOf('[', from);
  if (bracket === -1 || bracket > close) return close;
  return behind(text, '>', behind(text, ']', bracket));
}

function endOfTag(text: string, from: number): number {
  let quote = '';
  for (let place = from; place < text.length; place += 1) {
    const character = text.charAt(place);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return place + 1;
  }
  return text.length;
}

function readAttributes(tag: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const match of tag.matchAll(/\s(width|height|viewBox)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    const [, name = '', double, single] = match;
    if (!attributes.has(name)) attributes.set(name, double ?? single ?? '');
  }
  return attributes;
}

function readLength(text: string | undefined): number | undefined {
  const match = /^\s*\+?(\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:e(\+?\d|-\d))?([a-z]*)\s*$/i.exec(text ?? '');
  if (match === null) return undefined;
  const factor = pixelsPerUnit[(match[3] ?? '').toLowerCase()];
  const length = factor === undefined ? 0 : Number(match[1]) * 10 ** Number(match[2] ?? 0) * factor;
  return length > 0 && Number.isFinite(length) ? length : undefined;
}

function readViewBox(text: string | undefined): { width: number; height: number } | undefined {
  const numbers = (text ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [, , width, height] = numbers;
  if (numbers.length !== 4 || width === undefined || height === undefined) return undefined;
  return width > 0 && height > 0 && Number.isFinite(width) && Number.isFinite(height) ? { width, height } : undefined;
}
