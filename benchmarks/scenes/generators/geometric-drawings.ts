/** The abstract drawings themselves, each with a margin that leaves one answer. */

import {
  colourDistance,
  colourNames,
  groundColours,
  namedColours,
  paperGround,
  tellApart,
  type ColourName,
} from '../colours.js';
import { elementId } from '../elements.js';
import { fitSize } from '../fonts.js';
import type { Answer, AnswerSpec, Level, Split, Task, TwinKind } from '../item.js';
import type { Random } from '../random.js';
import type { Background, Point, Scene, SceneElement } from '../scene.js';
import { range, type Draw } from '../spread.js';
import { numberWordings, yesNoWordings } from '../wording.js';
import { drawWord, words } from '../words.js';
import { fontFor } from './ocr-parts.js';

/** Side of all drawings in pixels. */
export const side = 512;

/** A drawing of 512 pixels square with its question. */
export interface Drawing {
  readonly scene: Pick<Scene, 'background' | 'elements'>;
  readonly task: Task;
  readonly questions: readonly string[];
  readonly answerSpec: AnswerSpec;
  readonly answer: Answer;
  readonly difficulty: Readonly<Record<string, number>>;
  /** The same drawing with one thing changed: a crossing more, circles that meet or part, a ring more where there is room. */
  readonly twin?: Pick<Drawing, 'scene' | 'answer' | 'difficulty'> & { readonly kind: TwinKind };
}

export interface DrawingOptions {
  readonly random: Random;
  readonly level: Level;
  readonly draw: Draw;
}

/** Colours for lines on paper: never too pale. */
function inkFor(random: Random, background: Background, apart: readonly ColourName[] = []): ColourName {
  const fits = colourNames.filter(
    (colour) =>
      groundColours(background).every((ground) => colourDistance(ground, namedColours[colour]) >= 90) &&
      apart.every((other) => other !== colour && tellApart(other, colour)),
  );
  return random.pick(fits.length > 0 ? fits : (['black'] as const));
}

const count: AnswerSpec = { type: 'integer', minimum: 0, maximum: 99 };

/**
 * Two lines over the same steps from left to right. At every step they are at least `margin` apart, so each change of
 * sides is one crossing that lies well inside a step, and there is no other.
 */
export function crossings({ random, level, draw }: DrawingOptions): Drawing {
  const steps = level <= 2 ? 2 : level <= 4 ? 3 : 4;
  const answer = draw.answerFrom(range(0, steps));
  const margin = [70, 56, 44, 34, 26][level - 1] ?? 40;
  const changes = new Set(random.sample(range(1, steps), answer));
  const xs = range(0, steps).map((step) => 40 + Math.round((step * (side - 80)) / steps));
  let firstAbove = random.chance(50);
  const first: Point[] = [];
  const second: Point[] = [];
  xs.forEach((x, step) => {
    if (changes.has(step)) firstAbove = !firstAbove;
    // The lower line's place leaves room for the upper one's.
    const upper = random.between(40, side - 40 - margin);
    const lower = random.between(upper + margin, Math.min(side - 40, upper + 5 * margin));
    first.push([x, firstAbove ? upper : lower]);
    second.push([x, firstAbove ? lower : upper]);
  });
  const background = paperGround(random);
  const colour = inkFor(random, background);
  const other = level >= 4 && random.chance(50) ? colour : inkFor(random, background, [colour]);
  const width = Math.max(2, 8 - level + random.below(2));
  const line = (index: number, points: readonly Point[], ink: ColourName): SceneElement => ({
    kind: 'line',
    id: elementId(index),
    role: 'target',
    name: `${ink} line`,
    points,
    colour: namedColours[ink],
    width,
  });
  const lines = (one: readonly Point[], another: readonly Point[]): SceneElement[] => [
    line(0, one, colour),
    line(1, another, other),
  ];
  return {
    scene: { background, elements: lines(first, second) },
    task: 'counting',
    questions: numberWordings(
      'How many times do the two lines cross each other?',
      'Count the intersection points of the two lines.',
    ),
    answerSpec: count,
    answer,
    difficulty: { count: answer, lineWidth: width, margin },
    ...crossedOnceMore(),
  };

  /** The lines change places from a step on in which they did not cross. */
  function crossedOnceMore(): Pick<Drawing, 'twin'> {
    const at = range(1, steps).find((step) => !changes.has(step));
    if (at === undefined) return {};
    const swapped = (kept: readonly Point[], taken: readonly Point[]): Point[] => [
      ...kept.slice(0, at),
      ...taken.slice(at),
    ];
    return {
      twin: {
        kind: 'one-more',
        scene: { background, elements: lines(swapped(first, second), swapped(second, first)) },
        answer: answer + 1,
        difficulty: { count: answer + 1, lineWidth: width, margin },
      },
    };
  }
}

/** Directions with whole-numbered lengths, so that distances are exact: Pythagorean triples over their hypotenuse. */
const directions: readonly (readonly [x: number, y: number, length: number])[] = [
  [1, 0, 1],
  [0, 1, 1],
  [3, 4, 5],
  [4, 3, 5],
  [-3, 4, 5],
  [-4, 3, 5],
  [5, 12, 13],
  [-12, 5, 13],
];

/** Two circles that overlap or leave a gap; the gap or overlap is never less than the level's margin. */
export function touchingCircles({ random, level, draw }: DrawingOptions): Drawing {
  const answer = draw.answerFrom(['yes', 'no'] as const);
  const least = [36, 24, 14, 8, 5][level - 1] ?? 10;
  const gap = random.between(least, least * 2) * (answer === 'yes' ? -1 : 1);
  const filled = random.chance(50);
  const strokeWidth = filled ? 0 : random.between(2, 6);
  const diameter = random.between(90, 150);
  const otherDiameter = level <= 2 ? diameter : random.between(80, 150);
  const distance = Math.round((diameter + otherDiameter) / 2) + strokeWidth + gap;
  const [dx, dy, length] = random.pick(directions);
  const [offsetX, offsetY] = [Math.round((dx * distance) / length), Math.round((dy * distance) / length)];
  const room = (offset: number): number => Math.floor(side / 2 - 90 - Math.abs(offset) / 2);
  const spread = (offset: number): number => random.between(-Math.max(0, room(offset)), Math.max(0, room(offset)));
  const x = side / 2 - Math.round(offsetX / 2) + spread(offsetX);
  const y = side / 2 - Math.round(offsetY / 2) + spread(offsetY);
  const background = paperGround(random);
  const ink = inkFor(random, background);
  const other = random.chance(50) ? ink : inkFor(random, background, [ink]);
  const circle = (index: number, colour: ColourName, atX: number, atY: number, size: number): SceneElement => ({
    kind: 'shape',
    id: elementId(index),
    role: 'target',
    name: `${colour} circle`,
    shape: 'circle',
    x: atX,
    y: atY,
    size,
    rotation: 0,
    fill: filled ? namedColours[colour] : null,
    stroke: filled ? null : namedColours[colour],
    strokeWidth,
  });
  const elementsAt = (toX: number, toY: number): SceneElement[] => {
    const [leftX, leftY] = [intoPicture(x, x + toX), intoPicture(y, y + toY)];
    return [circle(0, ink, leftX, leftY, diameter), circle(1, other, leftX + toX, leftY + toY, otherDiameter)];
  };
  // The same margin the other way: apart where they overlapped, over each other where they stood clear.
  const turned = distance - 2 * gap;
  const difficulty = { gap: Math.abs(gap), size: Math.min(diameter, otherDiameter) };
  return {
    scene: { background, elements: elementsAt(offsetX, offsetY) },
    task: 'spatial',
    questions: yesNoWordings(
      'Do the two circles touch or overlap?',
      'Are the two circles touching or overlapping each other?',
    ),
    answerSpec: { type: 'yesno' },
    answer,
    difficulty,
    twin: {
      kind: 'toggled',
      scene: {
        background,
        elements: elementsAt(Math.round((dx * turned) / length), Math.round((dy * turned) / length)),
      },
      answer: answer === 'yes' ? 'no' : 'yes',
      difficulty,
    },
  };
}

/** Where the first of two centres must be for both to be 85 pixels from the border at least. */
function intoPicture(first: number, second: number): number {
  const [low, high] = [Math.min(first, second), Math.max(first, second)];
  return first + Math.max(0, 85 - low) - Math.max(0, high - (side - 85));
}

/** Squares one inside the other, clear of each other by at least two line widths and four pixels. */
export function nestedSquares({ random, level, draw }: DrawingOptions): Drawing {
  const answer = draw.answerFrom(range(2, 4 + level));
  const strokeWidth = random.between(2, level <= 2 ? 5 : 3);
  const background = paperGround(random);
  const ink = inkFor(random, background);
  const elements: SceneElement[] = [];
  let size = random.between(380, 440);
  let [x, y] = [
    Math.floor((side - size) / 2) + random.between(-20, 20),
    Math.floor((side - size) / 2) + random.between(-20, 20),
  ];
  for (let depth = 0; depth < answer; depth++) {
    elements.push({
      kind: 'rectangle',
      id: elementId(depth),
      role: 'target',
      name: 'square',
      x,
      y,
      width: size,
      height: size,
      fill: null,
      stroke: namedColours[ink],
      strokeWidth,
    });
    const clear = 2 * strokeWidth + 4;
    // What is left must hold the squares that are still to come, each with its margins and at least 18 pixels of its own.
    const needed = 18 + (answer - depth - 2) * (2 * clear + 4);
    const inner = Math.max(Math.min(needed, size - 2 * clear), Math.floor((size * random.between(62, 86)) / 100));
    const next = Math.min(inner, size - 2 * clear);
    x += random.between(clear, Math.max(clear, size - next - clear));
    y += random.between(clear, Math.max(clear, size - next - clear));
    size = next;
  }
  return {
    scene: { background, elements },
    task: 'counting',
    questions: numberWordings('How many squares are there, counting those inside others?', 'Count the nested squares.'),
    answerSpec: count,
    answer,
    difficulty: { count: answer, lineWidth: strokeWidth },
  };
}

/** A ruled grid; with `split`, a word of it stands in every cell. */
export function gridDrawing({ random, level, draw }: DrawingOptions, split: Split | undefined): Drawing {
  const most = [5, 6, 7, 9, 11][level - 1] ?? 6;
  const sizes = range(3, most);
  const [rows, columns] = draw.answerFrom(
    sizes.flatMap((row) => sizes.map((column): [number, number] => [row, column])),
  );
  const width = random.between(2, 4);
  const left = random.between(20, 50);
  const top = random.between(20, 50);
  const [cellWidth, cellHeight] = [Math.floor((side - 2 * left) / columns), Math.floor((side - 2 * top) / rows)];
  const background = paperGround(random);
  const ink = namedColours[inkFor(random, background)];
  const elements: SceneElement[] = [];
  const rule = (from: Point, to: Point): void => {
    elements.push({
      kind: 'line',
      id: elementId(elements.length),
      role: 'target',
      name: 'grid line',
      points: [from, to],
      colour: ink,
      width,
    });
  };
  for (const row of range(0, rows))
    rule([left, top + row * cellHeight], [left + columns * cellWidth, top + row * cellHeight]);
  for (const column of range(0, columns))
    rule([left + column * cellWidth, top], [left + column * cellWidth, top + rows * cellHeight]);
  if (split !== undefined)
    elements.push(...gridWords(random, split, { rows, columns, left, top, cellWidth, cellHeight }, elements.length));
  return {
    scene: { background, elements },
    task: 'counting',
    questions: [
      'How many rows and how many columns does the grid have? Answer with two numbers: rows, columns.',
      'Count the rows and the columns of the table. Answer with two numbers: rows, columns.',
    ],
    answerSpec: { type: 'pair' },
    answer: [rows, columns],
    difficulty: { count: rows * columns, rows, columns, lineWidth: width },
  };
}

interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

function gridWords(random: Random, split: Split, grid: Grid, firstIndex: number): SceneElement[] {
  const font = fontFor(random, split, false);
  return range(0, grid.rows * grid.columns - 1).map((cell): SceneElement => {
    const text = drawWord(random, words, split);
    const size = fitSize(font, Math.min(22, Math.floor(grid.cellHeight / 2)), text, grid.cellWidth - 10);
    return {
      kind: 'text',
      id: elementId(firstIndex + cell),
      role: 'decor',
      name: 'other text',
      text,
      font: font.name,
      size,
      x: grid.left + (cell % grid.columns) * grid.cellWidth + Math.floor(grid.cellWidth / 2),
      y:
        grid.top +
        Math.floor(cell / grid.columns) * grid.cellHeight +
        Math.floor(grid.cellHeight / 2) +
        Math.floor(size / 4),
      align: 'center',
      colour: '#333333',
    };
  });
}

/** Rings or pentagons in two staggered rows, each overlapping its neighbours. */
export function overlappingShapes({ random, level, draw }: DrawingOptions, shape: 'circle' | 'pentagon'): Drawing {
  const answer = draw.answerFrom(level <= 1 ? range(2, 5) : level <= 3 ? range(3, 7) : range(5, 10));
  // Steps of 56 to 64 % of the size sideways and 40 to 48 % down: neighbours overlap, the others stay apart.
  const [sideways, down] = [random.between(56, 64), random.between(40, 48)];
  const size = Math.min(random.between(110, 140), Math.floor(46_000 / (100 + sideways * (answer - 1))));
  const step = Math.floor((size * sideways) / 100);
  const strokeWidth = random.between(2, Math.max(2, 6 - level));
  const free = side - 30 - (answer - 1) * step - size;
  const left = 15 + Math.floor(size / 2) + random.between(0, Math.max(0, free));
  const middle = side / 2 + random.between(-100, 100);
  const drop = Math.floor((size * down) / 200);
  const background = paperGround(random);
  const single = inkFor(random, background);
  const coloured = random.chance(50);
  const elements = range(0, answer - 1).map((index): SceneElement => {
    const ink = coloured ? inkFor(random, background) : single;
    return {
      kind: 'shape',
      id: elementId(index),
      role: 'target',
      name: shape,
      shape,
      x: left + index * step,
      y: middle + (index % 2 === 0 ? -drop : drop),
      size,
      rotation: 0,
      fill: null,
      stroke: namedColours[ink],
      strokeWidth,
    };
  });
  return {
    scene: { background, elements },
    task: 'counting',
    questions: numberWordings(`How many ${shape}s are there in the picture?`, `Count the overlapping ${shape}s.`),
    answerSpec: count,
    answer,
    difficulty: { count: answer, size, lineWidth: strokeWidth },
  };
}
