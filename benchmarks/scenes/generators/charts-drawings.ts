/** Draws bar, line and pie charts whose values lie exactly on grid lines or are printed beside their slice. */

import { namedColours, paperGround } from '../colours.js';
import { fitSize, textWidth, xHeightTenths, type FontFamily } from '../fonts.js';
import { around } from '../geometry.js';
import type { AnswerSpec, Level, Split } from '../item.js';
import type { Random } from '../random.js';
import type { Background, Colour, Point, SceneElement } from '../scene.js';
import { range } from '../spread.js';
import { choiceWordings, numberWordings } from '../wording.js';
import { fontFor, fontSizeFor, PageElements } from './ocr-parts.js';

export interface Chart {
  readonly background: Background;
  readonly elements: readonly SceneElement[];
  readonly questions: readonly string[];
  readonly answerSpec: AnswerSpec;
  readonly answer: number | string;
  readonly evidence: readonly string[];
  readonly xHeightTenths: number;
}

export interface ChartOptions {
  readonly random: Random;
  readonly level: Level;
  readonly split: Split;
  readonly labels: readonly string[];
  /** A value is asked; otherwise which category is the highest or lowest. */
  readonly asksValue: boolean;
  /** 0 to 19, evenly spread over the run: where the asked value lies on its scale. */
  readonly wish: number;
}

const ink: Colour = '#222222';
const fills: readonly Colour[] = [
  namedColours.blue,
  namedColours.orange,
  namedColours.green,
  namedColours.red,
  namedColours.purple,
  namedColours.brown,
  namedColours.pink,
  namedColours.gray,
];

/** Left, top, right and bottom of the plotting field. */
const field = { left: 80, top: 50, right: 480, bottom: 420 };

interface Scale {
  /** Value between two grid lines. */
  readonly step: number;
  /** Number of grid lines above zero. */
  readonly lines: number;
  readonly ticks: readonly number[];
}

/** Bars or points over named categories. At level 4 and 5 values may lie half way between two grid lines. */
export function axisChart(options: ChartOptions, kind: 'bar' | 'line'): Chart {
  const { random, level, split, labels, asksValue, wish } = options;
  const font = fontFor(random, split, true);
  const size = Math.min(fontSizeFor(random, font, level, true), 20);
  const scale: Scale = scaleFor(random, level);
  const asked = random.below(labels.length);
  const highest = random.chance(50);
  const halves = valuesFor(random, scale, labels.length, { asked, asksValue, wish, highest, fine: level >= 4 });
  const elements = new PageElements();
  const height = (half: number): number => Math.round((half * (field.bottom - field.top)) / (2 * scale.lines));
  for (const [line, value] of scale.ticks.entries()) {
    const y = field.bottom - height(2 * line);
    elements.rule(field.left, y, field.right, y, line === 0 ? ink : '#b9b9b9', line === 0 ? 2 : 1);
    const baseline = y + Math.floor((size * font.capitalHeight) / 2000);
    elements.text({ text: String(value), font, size, x: field.left - 10, y: baseline, align: 'right', colour: ink });
  }
  const slot = Math.floor((field.right - field.left) / labels.length);
  const middles = labels.map((_, index) => field.left + index * slot + Math.floor(slot / 2));
  const marks =
    kind === 'bar'
      ? bars(random, elements, halves, middles, slot, height)
      : points(random, elements, halves, middles, height);
  labels.forEach((label, index) =>
    elements.text({
      text: label,
      font,
      size: fitSize(font, size, label, slot - 6),
      x: middles[index] ?? 0,
      y: field.bottom + size + 8,
      align: 'center',
      colour: ink,
    }),
  );
  const label = labels[asked] ?? '';
  const mark = kind === 'bar' ? 'bar' : 'point';
  return {
    background: paperGround(random),
    elements: elements.list,
    ...(asksValue
      ? {
          questions: numberWordings(
            `What is the value of the ${mark} for "${label}"?`,
            `Read the value of "${label}" from the chart.`,
          ),
          answerSpec: { type: 'integer', minimum: 0, maximum: 9999 },
          answer: ((halves[asked] ?? 0) * scale.step) / 2,
        }
      : extremeQuestion(labels, label, highest, 'value')),
    evidence: [marks[asked] ?? ''],
    xHeightTenths: xHeightTenths(font, size),
  };
}

function extremeQuestion(
  labels: readonly string[],
  answer: string,
  highest: boolean,
  what: string,
): Pick<Chart, 'questions' | 'answerSpec' | 'answer'> {
  const word = highest ? (what === 'value' ? 'highest' : 'largest') : what === 'value' ? 'lowest' : 'smallest';
  return {
    questions: choiceWordings(
      labels,
      `Which label has the ${word} ${what} in the chart?`,
      `Name the label with the ${word} ${what}.`,
    ),
    answerSpec: { type: 'choice', choices: labels },
    answer,
  };
}

function scaleFor(random: Random, level: Level): Scale {
  const step = random.pick(level <= 2 ? [1, 2, 10] : [2, 4, 10, 20, 50]);
  const lines = level <= 2 ? 5 : 10;
  return { step, lines, ticks: range(0, lines).map((line) => line * step) };
}

interface Wanted {
  readonly asked: number;
  readonly asksValue: boolean;
  readonly wish: number;
  readonly highest: boolean;
  readonly fine: boolean;
}

/** Values in half grid steps. The outermost of them stands clear of the next by at least a whole step. */
function valuesFor(random: Random, scale: Scale, count: number, wanted: Wanted): number[] {
  const most = 2 * scale.lines;
  const draw = (low: number, high: number): number => {
    const value = random.between(low, high);
    return wanted.fine && scale.step % 2 === 0 ? value : value + (value % 2);
  };
  const even = (value: number): number => (wanted.fine && scale.step % 2 === 0 ? value : value - (value % 2));
  if (wanted.asksValue) {
    const values = range(1, count).map(() => draw(1, most - 1));
    values[wanted.asked] = Math.max(2, even(1 + Math.round((wanted.wish * (most - 1)) / 19)));
    return values;
  }
  const extreme = wanted.highest
    ? even(random.between(Math.floor(most / 2), most))
    : even(random.between(2, Math.floor(most / 2)));
  const others = range(1, count).map(() => (wanted.highest ? draw(1, extreme - 3) : draw(extreme + 2, most - 1)));
  others[wanted.asked] = extreme;
  return others;
}

function bars(
  random: Random,
  elements: PageElements,
  halves: readonly number[],
  middles: readonly number[],
  slot: number,
  height: (half: number) => number,
): string[] {
  const width = Math.floor((slot * random.between(45, 70)) / 100);
  const single = random.chance(50) ? random.pick(fills) : undefined;
  return halves.map((half, index) => {
    const tall = height(half);
    return elements.mark({
      kind: 'rectangle',
      name: 'bar',
      x: (middles[index] ?? 0) - Math.floor(width / 2),
      y: field.bottom - tall,
      width,
      height: tall,
      fill: single ?? fills[index % fills.length] ?? ink,
      stroke: null,
      strokeWidth: 0,
    });
  });
}

function points(
  random: Random,
  elements: PageElements,
  halves: readonly number[],
  middles: readonly number[],
  height: (half: number) => number,
): string[] {
  const colour = random.pick(fills);
  const places = halves.map((half, index): Point => [middles[index] ?? 0, field.bottom - height(half)]);
  elements.mark({ kind: 'line', name: '', points: places, colour, width: 3 });
  return places.map(([x, y]) =>
    elements.mark({
      kind: 'shape',
      name: 'point',
      shape: 'circle',
      x,
      y,
      size: 12,
      rotation: 0,
      fill: colour,
      stroke: null,
      strokeWidth: 0,
    }),
  );
}

/** A pie whose slices carry their label and, where the value is asked, their percentage. */
export function pieChart(options: ChartOptions): Chart {
  const { random, level, split, labels, asksValue, wish } = options;
  const font = fontFor(random, split, true);
  const size = Math.min(fontSizeFor(random, font, level, true), 20);
  const asked = random.below(labels.length);
  const highest = random.chance(50);
  const shares = asksValue
    ? sharesAsked(random, labels.length, asked, wish)
    : sharesOutermost(random, labels.length, asked, highest);
  const elements = new PageElements();
  const centre: Point = [256, 256];
  const radius = random.between(120, 140);
  let start = 0;
  const ids = shares.map((share, index) => {
    const end = start + share * 36;
    const id = elements.mark({
      kind: 'sector',
      name: 'slice',
      x: centre[0],
      y: centre[1],
      radius,
      start,
      end,
      fill: fills[index % fills.length] ?? ink,
      stroke: '#ffffff',
      strokeWidth: 2,
    });
    const text = asksValue ? `${labels[index] ?? ''} ${share}%` : (labels[index] ?? '');
    writeBeside(elements, { text, font, size }, centre, radius, Math.round((start + end) / 20) - 90);
    start = end;
    return id;
  });
  const label = labels[asked] ?? '';
  return {
    background: paperGround(random),
    elements: elements.list,
    ...(asksValue
      ? {
          questions: numberWordings(
            `What percentage does the pie chart show for "${label}"?`,
            `Read the percentage of "${label}" from the pie chart.`,
          ),
          answerSpec: { type: 'integer', minimum: 0, maximum: 100 },
          answer: shares[asked] ?? 0,
        }
      : extremeQuestion(labels, label, highest, 'slice')),
    evidence: [ids[asked] ?? ''],
    xHeightTenths: xHeightTenths(font, size),
  };
}

/** Text outside the pie, centred where there is room for all of it. */
function writeBeside(
  elements: PageElements,
  { text, font, size }: { readonly text: string; readonly font: FontFamily; readonly size: number },
  centre: Point,
  radius: number,
  degrees: number,
): void {
  const half = Math.ceil(textWidth(font, size, text) / 2);
  const [x, y] = around(centre, radius + 16 + Math.floor(half / 2), degrees);
  const sideways =
    x < centre[0] ? Math.max(half + 6, x - Math.floor(half / 2)) : Math.min(506 - half, x + Math.floor(half / 2));
  elements.text({ text, font, size, x: sideways, y: y + Math.floor(size / 3), align: 'center', colour: ink });
}

/** Whole percentages that add up to 100, none below 6, the asked one where the run wants it. */
function sharesAsked(random: Random, count: number, asked: number, wish: number): number[] {
  const least = 6;
  const most = Math.min(60, 100 - least * (count - 1));
  const own = least + 1 + Math.round((wish * (most - least - 1)) / 19);
  return divided(random, count, asked, own, least, 100);
}

/** One slice larger, or smaller, than every other by at least six percentage points. */
function sharesOutermost(random: Random, count: number, asked: number, highest: boolean): number[] {
  for (let attempt = 0; attempt < 200; attempt++) {
    const own = highest
      ? random.between(Math.ceil(100 / count) + 7, Math.min(60, Math.ceil(100 / count) + 25))
      : random.between(4, Math.max(4, Math.floor(100 / count) - 8));
    const shares = divided(random, count, asked, own, highest ? 4 : own + 6, highest ? own - 6 : 100);
    const others = shares.filter((_, index) => index !== asked);
    if (highest ? Math.max(...others) <= own - 6 : Math.min(...others) >= own + 6) return shares;
  }
  const rest = highest ? Math.floor((100 - 40) / (count - 1)) : Math.floor((100 - 4) / (count - 1));
  const shares = range(1, count).map(() => rest);
  shares[asked] = 100 - rest * (count - 1);
  return shares;
}

/** Splits what the asked slice leaves among the others, each between the limits where that is possible. */
function divided(random: Random, count: number, asked: number, own: number, least: number, most: number): number[] {
  const others = count - 1;
  const shares = range(1, others).map(() => Math.min(least, Math.floor((100 - own) / others)));
  let left = 100 - own - shares.reduce((sum, share) => sum + share, 0);
  for (let guard = 0; left > 0 && guard < 1000; guard++) {
    const index = random.below(others);
    const more = Math.min(left, random.between(1, 6), Math.max(0, most - (shares[index] ?? 0)));
    shares[index] = (shares[index] ?? 0) + more;
    left -= more;
  }
  shares.splice(asked, 0, own + left);
  return shares;
}
