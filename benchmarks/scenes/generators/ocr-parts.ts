/** What the pages of the reading generator are built from: inks and papers, sizes, text elements. */

import { elementId } from '../elements.js';
import { fontFamilies, fontsOf, sizeForXHeight, xHeightTenths, type FontFamily } from '../fonts.js';
import type { Answer, AnswerSpec, Level, Split, TwinKind } from '../item.js';
import { leastReadable } from '../legibility.js';
import type { Random } from '../random.js';
import type { Background, Colour, SceneElement, TextElement } from '../scene.js';

/** A page before its degradations are drawn. */
export interface Page {
  readonly width: number;
  readonly height: number;
  readonly background: Background;
  readonly elements: readonly SceneElement[];
  readonly questions: readonly string[];
  readonly answerSpec: AnswerSpec;
  readonly answer: Answer;
  readonly expectedBias?: Answer;
  /** Ids of the elements that must be read. */
  readonly evidence: readonly string[];
  /** Of the text that must be read, in tenths of a pixel. */
  readonly xHeightTenths: number;
  /** Whether its content keeps far enough from the border to be turned. */
  readonly mayTurn: boolean;
  readonly twin?: TwinKind;
  /** The same page with one character changed. */
  readonly changed?: () => Page | undefined;
}

export interface PageOptions {
  readonly random: Random;
  readonly level: Level;
  readonly split: Split;
  readonly width: number;
  readonly height: number;
}

/** X-heights in pixels of text that stands alone. */
const alone: Readonly<Record<Level, readonly [least: number, most: number]>> = {
  1: [36, 54],
  2: [24, 36],
  3: [14, 24],
  4: [9, 14],
  5: [7, 9],
};

/** X-heights in pixels of documents with many lines. */
const crowded: Readonly<Record<Level, readonly [least: number, most: number]>> = {
  1: [13, 16],
  2: [11, 14],
  3: [10, 12],
  4: [8, 10],
  5: [7, 8],
};

/** The most a picture is turned, in whole degrees to either side. */
export function mostTurned(level: Level): number {
  return { 1: 0, 2: 0, 3: 3, 4: 8, 5: 15 }[level];
}

export function xHeightFor(level: Level, document = false): readonly [least: number, most: number] {
  return (document ? crowded : alone)[level];
}

/** A size for this level, never below what must be readable. */
export function fontSizeFor(random: Random, family: FontFamily, level: Level, document = false): number {
  let size = sizeForXHeight(family, random.between(...xHeightFor(level, document)));
  while (xHeightTenths(family, size) < leastReadable) size++;
  return size;
}

/** Families whose figures stand on the line and look like no letter; the others are for words only. */
const notForFigures = new Set(['anton', 'caveat', 'playfair-display', 'raleway', 'josefin-sans']);

export function fontFor(random: Random, split: Split, figures: boolean): FontFamily {
  const families = fontsOf(split).filter((family) => !figures || !notForFigures.has(family.name));
  return random.pick(families.length > 0 ? families : fontFamilies);
}

/** Ink and paper that contrast by more than 4.5 to 1. */
export const inks: readonly (readonly [ink: Colour, paper: Colour])[] = [
  ['#111111', '#ffffff'],
  ['#1a1a40', '#f7f4ea'],
  ['#222222', '#f2d74e'],
  ['#ffffff', '#1c5d2c'],
  ['#ffffff', '#8f1d1d'],
  ['#ffffff', '#1b3f8b'],
  ['#fff3d6', '#4a2c17'],
  ['#0b3d2e', '#dcefe3'],
  ['#f5f5f5', '#2b2b2b'],
  ['#7a1020', '#fbeff0'],
];

/** Black or nearly so on white or nearly so, for documents. */
export const documentInks = inks.slice(0, 2);

/** An element that has neither id nor role yet. */
type Mark = SceneElement extends infer Member
  ? Member extends SceneElement
    ? Omit<Member, 'id' | 'role'>
    : never
  : never;

/** Collects a page's elements and numbers them. */
export class PageElements {
  readonly list: SceneElement[] = [];

  /** Adds a rectangle nobody asks about. */
  panel(
    x: number,
    y: number,
    width: number,
    height: number,
    fill: Colour | null,
    stroke: Colour | null,
    strokeWidth: number,
  ): void {
    const id = elementId(this.list.length);
    this.list.push({
      kind: 'rectangle',
      id,
      role: 'decor',
      name: '',
      x,
      y,
      width,
      height,
      fill,
      stroke,
      strokeWidth: stroke === null ? 0 : strokeWidth,
    });
  }

  /** Adds a straight line nobody asks about. */
  rule(fromX: number, fromY: number, toX: number, toY: number, colour: Colour, width: number): void {
    const id = elementId(this.list.length);
    this.list.push({
      kind: 'line',
      id,
      role: 'decor',
      name: '',
      points: [
        [fromX, fromY],
        [toX, toY],
      ],
      colour,
      width,
    });
  }

  /** Adds a mark of a chart and returns its id; without a name it is decor. */
  mark(element: Mark): string {
    const id = elementId(this.list.length);
    this.list.push({ ...element, id, role: element.name === '' ? 'decor' : 'target' });
    return id;
  }

  /** Adds a line of text and returns its id. Every text has a name, so that the id buffer measures it. */
  text(
    line: Omit<TextElement, 'kind' | 'id' | 'role' | 'name' | 'font'> & { font: FontFamily; asked?: boolean },
  ): string {
    const { asked = false, font, ...rest } = line;
    const id = elementId(this.list.length);
    this.list.push({
      kind: 'text',
      id,
      role: asked ? 'target' : 'decor',
      name: asked ? 'text' : 'other text',
      font: font.name,
      ...rest,
    });
    return id;
  }
}

/** What text answers have in common. */
export function textAnswer(accept: readonly string[] = []): AnswerSpec {
  return { type: 'text', accept, caseSensitive: false, abstain: 'wrong' };
}

/** The same string with one character changed to another of its kind. */
export function changeOne(random: Random, text: string, alphabet: string): string {
  const place = random.below(text.length);
  const others = alphabet
    .split('')
    .filter((character) => character !== text[place] && !(place === 0 && character === '0'));
  return text.slice(0, place) + random.pick(others) + text.slice(place + 1);
}
