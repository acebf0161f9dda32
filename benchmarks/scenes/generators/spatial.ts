/** Spatial relations: left, right, above, below with a margin that leaves one answer; corners; the outermost of several. */

import { degradationDifficulty, degradationsFor } from '../degradations.js';
import { canvasFor, elementId } from '../elements.js';
import type { AnswerSpec, GeneratedScene, Generator, Level } from '../item.js';
import { mirrorScene } from '../mirror.js';
import { sceneVersion, type Scene } from '../scene.js';
import { startDraw, type Draw } from '../spread.js';
import { choiceWordings, yesNoWordings } from '../wording.js';
import { castOf, type Member, type Relation } from './spatial-cast.js';
import { placeCorner, placeOutermost, placeRelation, type Corner, type Layout } from './spatial-layout.js';

const version = 1;
const name = `spatial@${version}`;
const subtasks = ['relation-shapes', 'relation-objects', 'relation-yesno', 'corner', 'outermost', 'prior'];

const relations: readonly Relation[] = ['left', 'right', 'above', 'below'];
const opposite: Readonly<Record<Relation, Relation>> = { left: 'right', right: 'left', above: 'below', below: 'above' };
const phrases: Readonly<Record<Relation, string>> = {
  left: 'to the left of',
  right: 'to the right of',
  above: 'above',
  below: 'below',
};
const corners: readonly Corner[] = ['top left', 'top right', 'bottom left', 'bottom right'];

/** How many things stand about besides those asked for. */
const bystanders: Readonly<Record<Level, number>> = { 1: 0, 2: 1, 3: 3, 4: 5, 5: 7 };

export const spatial: Generator = {
  name: 'spatial',
  version,
  subtasks,
  generate(parameters) {
    const draw = startDraw(name, subtasks, parameters);
    const { random } = draw;
    const { level, split } = parameters;
    const canvas = canvasFor(random);
    const asked = draw.subtask === 'corner' ? 1 : 2;
    const count = draw.subtask === 'outermost' ? Math.min(3 + Math.floor(level / 2), 5) : asked + bystanders[level];
    const cast = castOf(random, draw.subtask, count, level, split);
    const layout = { random, canvas, level, cast };
    if (draw.subtask === 'corner') return cornerItem(draw, layout);
    if (draw.subtask === 'outermost') return outermostItem(draw, layout);
    return relationItem(draw, layout);
  },
};

/** What all kinds of question need to be put into words. */
interface Asked {
  readonly questions: readonly string[];
  readonly answerSpec: AnswerSpec;
  readonly answer: string;
  readonly expectedBias?: string;
}

function relationItem(draw: Draw, layout: Layout): readonly [GeneratedScene, GeneratedScene] {
  const [first, second] = layout.cast.members as [Member, Member];
  const yesNo = draw.subtask === 'relation-yesno';
  const verdict = yesNo ? draw.answerFrom(['yes', 'no']) : '';
  const claimed = yesNo ? layout.random.pick(relations) : draw.answerFrom(relations);
  const actual = verdict === 'no' ? opposite[claimed] : claimed;
  const placed = placeRelation(layout, actual);
  const ask = (truth: Relation): Asked => {
    if (yesNo) {
      return {
        questions: yesNoWordings(
          `Is the ${first.name} ${phrases[claimed]} the ${second.name}?`,
          `In this image, is the ${first.name} ${phrases[claimed]} the ${second.name}?`,
        ),
        answerSpec: { type: 'yesno' },
        answer: truth === claimed ? 'yes' : 'no',
      };
    }
    const usual = layout.cast.usual;
    return {
      questions: choiceWordings(
        relations,
        `Where is the ${first.name} relative to the ${second.name}?`,
        `On which side of the ${second.name} is the ${first.name}?`,
        `Is the ${first.name} left of, right of, above or below the ${second.name}?`,
      ),
      answerSpec: { type: 'choice', choices: relations },
      answer: truth,
      ...(usual === undefined || usual === truth ? {} : { expectedBias: usual }),
    };
  };
  const axis = actual === 'left' || actual === 'right' ? 'horizontal' : 'vertical';
  return withTwin(draw, layout, placed, axis, ask(actual), ask(opposite[actual]), [0, 1]);
}

function cornerItem(draw: Draw, layout: Layout): readonly [GeneratedScene, GeneratedScene] {
  const [target] = layout.cast.members as [Member];
  const corner = draw.answerFrom(corners);
  const ask = (answer: Corner): Asked => ({
    questions: choiceWordings(
      corners,
      `In which corner of the picture is the ${target.name}?`,
      `Which quarter of the image holds the ${target.name}?`,
    ),
    answerSpec: { type: 'choice', choices: corners },
    answer,
  });
  const mirrored = corner.includes('left') ? corner.replace('left', 'right') : corner.replace('right', 'left');
  const placed = placeCorner(layout, corner);
  return withTwin(draw, layout, placed, 'horizontal', ask(corner), ask(mirrored as Corner), [0]);
}

function outermostItem(draw: Draw, layout: Layout): readonly [GeneratedScene, GeneratedScene] {
  const { random, cast } = layout;
  const side = random.pick(relations);
  const horizontal = side === 'left' || side === 'right';
  const choices = random.shuffle(cast.members.map((member) => member.name));
  const { places, order } = placeOutermost(layout, horizontal);
  const [start, end] = [order[0] ?? 0, order.at(-1) ?? 0];
  const winner = side === 'left' || side === 'above' ? start : end;
  const loser = winner === start ? end : start;
  const superlative = {
    left: 'farthest to the left',
    right: 'farthest to the right',
    above: 'highest up',
    below: 'lowest down',
  };
  const ask = (index: number): Asked => ({
    questions: choiceWordings(
      choices,
      `Which of these things is ${superlative[side]} in the picture?`,
      `What is ${superlative[side]} in this image?`,
    ),
    answerSpec: { type: 'choice', choices },
    answer: cast.members[index]?.name ?? '',
  });
  return withTwin(draw, layout, places, horizontal ? 'horizontal' : 'vertical', ask(winner), ask(loser), [
    winner,
    loser,
  ]);
}

function withTwin(
  draw: Draw,
  layout: Layout,
  placed: ReturnType<typeof placeRelation>,
  axis: 'horizontal' | 'vertical',
  asked: Asked,
  mirrored: Asked,
  evidence: readonly number[],
): readonly [GeneratedScene, GeneratedScene] {
  const { random, canvas, cast, level } = layout;
  const degradations = degradationsFor(random, level);
  const scene: Scene = {
    version: sceneVersion,
    generator: name,
    ...canvas,
    background: cast.background,
    elements: cast.members.map((member, index) => {
      const place = placed[index];
      if (place === undefined) throw new RangeError('Every member of a spatial scene needs a place.');
      return member.draw(index, place);
    }),
    degradations,
  };
  const sizes = evidence.map((index) => placed[index]?.size ?? 0);
  const common = {
    task: 'spatial' as const,
    subtask: draw.subtask,
    evidence: evidence.map(elementId),
    difficulty: {
      total: cast.members.length,
      distractors: cast.members.length - evidence.length,
      size: Math.min(...sizes),
      separation: separation(placed, evidence),
      ...degradationDifficulty(degradations),
    },
  };
  return [
    { scene, ...common, ...asked },
    { scene: mirrorScene(scene, axis), ...common, ...mirrored, twin: 'mirrored' },
  ];
}

/** Pixels between the centres of the two things asked about; 0 where only one is. */
function separation(placed: ReturnType<typeof placeRelation>, [first = 0, second]: readonly number[]): number {
  const [left, right] = [placed[first], second === undefined ? undefined : placed[second]];
  if (left === undefined || right === undefined) return 0;
  return Math.max(Math.abs(left.x - right.x), Math.abs(left.y - right.y));
}
