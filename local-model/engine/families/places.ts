/** Turns the location tokens of an answer into pixels, as the answer comes. */

import type { PictureSize } from './family.js';

/** How many numbers belong together: a box, four corners, or all that follow one another (an outline). */
export type PlaceGroups = 4 | 8 | 'all';

/** Rewrites a text piece by piece. */
export interface TextFilter {
  push(text: string): string;
  /** What was held back. */
  end(): string;
}

/** Steps along a side that location tokens count. */
const steps = 1000;
const token =
  /<loc_(\d{1,4})>|<\/?(?:sep|poly|od|ocr|cap|ncap|dcap|ground|grounding|and|seg|proposal|box|bbox|obj|region_[a-z_]+)>/g;
/** The beginning of what may become such a token. */
const beginning = /<[/a-z_]{0,30}\d{0,4}$/;

/**
 * `car<loc_50><loc_330><loc_930><loc_770>` becomes `car [32, 158, 595, 369]`: one line for each thing that is named, its places in pixels of the
 * picture that the model was given, left, top, right, bottom; corners and outlines as x, y, x, y and so on.
 * Source of the arithmetic: transformers, `Florence2PostProcessor.dequantize` (5.23).
 */
export class PlaceWriter implements TextFilter {
  readonly #groups: PlaceGroups;
  readonly #sizeOf: () => PictureSize;
  #held = '';
  #steps: number[] = [];
  /** Something stands on the line already. */
  #begun = false;
  #wasPlace = false;

  /** @param sizeOf asked when the first place is written */
  constructor(groups: PlaceGroups, sizeOf: () => PictureSize) {
    this.#groups = groups;
    this.#sizeOf = sizeOf;
  }

  push(text: string): string {
    const all = this.#held + text;
    const whole = beginning.exec(all)?.index ?? all.length;
    this.#held = all.slice(whole);
    return this.#write(all.slice(0, whole));
  }

  end(): string {
    const rest = this.#write(this.#held) + this.#outline();
    this.#held = '';
    return rest;
  }

  #write(text: string): string {
    let made = '';
    let from = 0;
    for (const match of text.matchAll(token)) {
      made += this.#words(text.slice(from, match.index));
      made += match[1] === undefined ? this.#outline() : this.#place(Number(match[1]));
      from = match.index + match[0].length;
    }
    return made + this.#words(text.slice(from));
  }

  #words(text: string): string {
    if (text === '') return '';
    const closed = this.#outline();
    const words = this.#begun && !this.#wasPlace ? text : text.trimStart();
    if (words === '') return closed;
    const line = this.#wasPlace ? '\n' : '';
    this.#wasPlace = false;
    this.#begun = true;
    return closed + line + words;
  }

  #place(step: number): string {
    this.#steps.push(step);
    return this.#steps.length === this.#groups ? this.#group() : '';
  }

  /** Ends a run of places: an outline is written, a box that is not whole is left out. */
  #outline(): string {
    if (this.#groups === 'all' && this.#steps.length > 1) return this.#group();
    this.#steps = [];
    return '';
  }

  #group(): string {
    const { width, height } = this.#sizeOf();
    const pairs = this.#steps.slice(0, this.#steps.length - (this.#steps.length % 2));
    const pixels = pairs.map((step, index) => pixelOf(step, index % 2 === 0 ? width : height));
    this.#steps = [];
    const before = this.#begun ? ' ' : '';
    this.#begun = true;
    this.#wasPlace = true;
    return `${before}[${pixels.join(', ')}]`;
  }
}

/** The middle of a step, in single precision as the reference has it. */
function pixelOf(step: number, length: number): number {
  return Math.trunc(Math.fround(Math.fround(step + 0.5) * Math.fround(length / steps)));
}
