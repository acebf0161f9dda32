/** Drawings of which everyone knows how many parts they have, with another number of parts: the answer from memory is wrong. */

import { namedColours, paperGround } from '../colours.js';
import { degradationDifficulty, degradationsFor } from '../degradations.js';
import { elementId } from '../elements.js';
import { around, starPolygon } from '../geometry.js';
import type { GeneratedScene, GeneratorParameters } from '../item.js';
import type { Random } from '../random.js';
import { sceneVersion, type Colour, type Point, type SceneElement } from '../scene.js';
import { range, type Draw } from '../spread.js';
import { numberWordings } from '../wording.js';

const side = 512;

/** One kind of drawing. All kinds draw the same numbers, so that the question does not give the answer away. */
interface Prior {
  readonly questions: readonly string[];
  /** The number that memory gives. */
  usual(count: number): number;
  draw(random: Random, count: number, colours: Colours): readonly Part[];
}

interface Colours {
  readonly dark: Colour;
  readonly strong: Colour;
  readonly pale: Colour;
}

/** An element before it gets its id. */
type Part = SceneElement extends infer Member ? (Member extends SceneElement ? Omit<Member, 'id'> : never) : never;

const star: Prior = {
  usual: () => 5,
  questions: ['How many points does this star have?', 'Count the tips of the star.'],
  draw: (random, count, { strong }) => [
    {
      kind: 'polygon',
      role: 'target',
      name: 'star',
      points: starPolygon(
        [side / 2, side / 2],
        random.between(140, 200),
        count,
        random.between(38, 50),
        random.between(0, 359),
      ),
      fill: strong,
      stroke: null,
      strokeWidth: 0,
    },
  ],
};

/** Places of the pips on a 3 by 3 grid, column then row, by number. */
const pips: Readonly<Record<number, readonly Point[]>> = {
  4: [
    [0, 0],
    [2, 0],
    [0, 2],
    [2, 2],
  ],
  5: [
    [0, 0],
    [2, 0],
    [1, 1],
    [0, 2],
    [2, 2],
  ],
  6: [
    [0, 0],
    [2, 0],
    [0, 1],
    [2, 1],
    [0, 2],
    [2, 2],
  ],
  7: [
    [0, 0],
    [2, 0],
    [0, 1],
    [1, 1],
    [2, 1],
    [0, 2],
    [2, 2],
  ],
  8: [
    [0, 0],
    [1, 0],
    [2, 0],
    [0, 1],
    [2, 1],
    [0, 2],
    [1, 2],
    [2, 2],
  ],
  9: [
    [0, 0],
    [1, 0],
    [2, 0],
    [0, 1],
    [1, 1],
    [2, 1],
    [0, 2],
    [1, 2],
    [2, 2],
  ],
};

const die: Prior = {
  // Every number up to six is a usual face.
  usual: (count) => Math.min(count, 6),
  questions: ['How many dots are on this face of the die?', 'Count the dots on the die.'],
  draw: (random, count, { dark, pale }) => {
    const half = random.between(120, 170);
    const left = side / 2 - half;
    const step = Math.floor((half * 11) / 20);
    const panel: Part = {
      kind: 'rectangle',
      role: 'decor',
      name: '',
      x: left,
      y: left,
      width: 2 * half,
      height: 2 * half,
      fill: pale,
      stroke: dark,
      strokeWidth: 4,
    };
    const dots = (pips[count] ?? []).map(([column, row]): Part => ({
      kind: 'shape',
      role: 'target',
      name: 'dot',
      shape: 'circle',
      x: side / 2 + (column - 1) * step,
      y: side / 2 + (row - 1) * step,
      size: Math.floor(half / 4),
      rotation: 0,
      fill: dark,
      stroke: null,
      strokeWidth: 0,
    }));
    return [panel, ...dots];
  },
};

const rings: Prior = {
  usual: () => 5,
  questions: ['How many interlocking rings are there?', 'Count the rings in this emblem.'],
  draw: (random, count) => {
    // The row of staggered rings must stay on the canvas.
    const diameter = Math.min(random.between(96, 108), Math.floor(49_000 / (100 + 57 * (count - 1))));
    const step = Math.floor((diameter * 57) / 100);
    const left = Math.floor(side / 2 - ((count - 1) * step) / 2);
    const colours = random.shuffle([
      namedColours.blue,
      namedColours.yellow,
      namedColours.black,
      namedColours.green,
      namedColours.red,
    ]);
    return range(0, count - 1).map((index): Part => ({
      kind: 'shape',
      role: 'target',
      name: 'ring',
      shape: 'circle',
      x: left + index * step,
      y: side / 2 + (index % 2 === 0 ? -1 : 1) * Math.floor(diameter / 4),
      size: diameter,
      rotation: 0,
      fill: null,
      stroke: colours[index % colours.length] ?? namedColours.black,
      strokeWidth: 8,
    }));
  },
};

const board: Prior = {
  usual: () => 8,
  questions: ['How many rows of squares does this chessboard have?', 'Count the rows of the chessboard.'],
  draw: (random, count, { dark, pale }) => {
    const cell = random.between(34, 44);
    const left = side / 2 - 4 * cell;
    const top = Math.floor(side / 2 - (count * cell) / 2);
    const rows = range(0, count - 1).flatMap((row) =>
      range(0, 7).map((column): Part => ({
        kind: 'rectangle',
        role: 'target',
        name: 'square',
        x: left + column * cell,
        y: top + row * cell,
        width: cell,
        height: cell,
        fill: (row + column) % 2 === 0 ? pale : dark,
        stroke: dark,
        strokeWidth: 1,
      })),
    );
    return rows;
  },
};

const spider: Prior = {
  usual: () => 8,
  questions: ['How many legs does this spider have?', 'Count the legs of the spider.'],
  draw: (random, count, { dark, strong }) => {
    const centre: Point = [side / 2, side / 2];
    const right = Math.ceil(count / 2);
    const legs = range(0, count - 1).map((index): Part => {
      const onRight = index < right;
      const among = onRight ? right : count - right;
      const place = onRight ? index : index - right;
      const angle = (onRight ? 0 : 180) + Math.round(-60 + (120 * (place + 0.5)) / among);
      const bend = angle + (onRight === (angle % 360 < 0 || angle > 180) ? 12 : -12);
      return {
        kind: 'line',
        role: 'target',
        name: 'leg',
        points: [centre, around(centre, 130, angle), around(centre, 190, bend)],
        colour: dark,
        width: 7,
      };
    });
    const body = (size: number, y: number): Part => ({
      kind: 'shape',
      role: 'decor',
      name: '',
      shape: 'circle',
      x: side / 2,
      y,
      size,
      rotation: 0,
      fill: strong,
      stroke: dark,
      strokeWidth: 3,
    });
    return [...legs, body(random.between(110, 130), side / 2), body(60, side / 2 - 78)];
  },
};

const priors: readonly Prior[] = [star, die, rings, board, spider];

/** The numbers of parts; all kinds take all of them. */
const numbers = range(4, 9);

/** A drawing with any of the numbers, and its twin with the usual one (or one more, where it is the usual one). */
export function priorScene(
  generator: string,
  draw: Draw,
  parameters: GeneratorParameters,
): readonly [GeneratedScene, ...GeneratedScene[]] {
  const { random } = draw;
  const count = draw.answerFrom(numbers);
  const prior = random.pick(priors);
  const colours: Colours = {
    dark: random.pick([namedColours.black, '#2d2a4a', '#3b2417']),
    strong: random.pick([namedColours.red, namedColours.blue, namedColours.green, namedColours.purple]),
    pale: random.pick(['#fff8e1', '#f3e2c0', '#e4eef5']),
  };
  const background = paperGround(random);
  const degradations = degradationsFor(random, parameters.level);
  const result = (parts: readonly Part[], answer: number, twin?: 'prior-breaking'): GeneratedScene => {
    const elements = parts.map((part, index): SceneElement => ({ ...part, id: elementId(index) }));
    return {
      scene: { version: sceneVersion, generator, width: side, height: side, background, elements, degradations },
      task: 'counting',
      subtask: 'prior',
      questions: numberWordings(...prior.questions),
      answerSpec: { type: 'integer', minimum: 0, maximum: 99 },
      answer,
      ...(answer === prior.usual(answer) ? {} : { expectedBias: prior.usual(answer) }),
      evidence: elements.filter((element) => element.role === 'target').map((element) => element.id),
      difficulty: { count: answer, usual: prior.usual(answer), ...degradationDifficulty(degradations) },
      ...(twin === undefined ? {} : { twin }),
    };
  };
  const usual = prior.usual(count);
  const other = count === usual ? numbers.filter((number) => prior.usual(number) !== number).at(count % 2) : usual;
  const first = result(prior.draw(random, count, colours), count);
  if (other === undefined) return [first];
  return [first, result(prior.draw(random, other, colours), other, 'prior-breaking')];
}
