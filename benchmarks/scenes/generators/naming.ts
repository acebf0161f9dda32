/** Naming: one object alone; what is it? Asked openly or with four names to choose from. */

import { distinctFrom, edgeColour, objectClasses, type ObjectClass } from '../classes.js';
import { objectGround } from '../colours.js';
import { degradationDifficulty, degradationsFor } from '../degradations.js';
import { canvasFor, objectElement, objectTurn, stylesOf, treatmentFor } from '../elements.js';
import { halfExtent } from '../geometry.js';
import type { GeneratedScene, Generator, Level } from '../item.js';
import type { Random } from '../random.js';
import { sceneVersion, type Scene } from '../scene.js';
import { startDraw } from '../spread.js';
import { choiceWordings } from '../wording.js';

const version = 1;
const name = `naming@${version}`;
const subtasks = ['open', 'choice'];
const sizes: Readonly<Record<Level, readonly [least: number, most: number]>> = {
  1: [280, 360],
  2: [200, 280],
  3: [130, 200],
  4: [80, 130],
  5: [56, 80],
};

export const naming: Generator = {
  name: 'naming',
  version,
  subtasks,
  generate(parameters) {
    const { level, split } = parameters;
    const draw = startDraw(name, subtasks, parameters);
    const { random } = draw;
    const object = draw.answerFrom(objectClasses);
    const canvas = canvasFor(random);
    const size = random.between(...sizes[level]);
    const rotation = objectTurn(random, level);
    const half = halfExtent(size, rotation);
    const x = random.between(half + 4, canvas.width - half - 4);
    const y = random.between(half + 4, canvas.height - half - 4);
    const look = {
      object,
      role: 'target' as const,
      style: random.pick(stylesOf(split)),
      treatment: treatmentFor(random, level),
    };
    const degradations = degradationsFor(random, level);
    const scene: Scene = {
      version: sceneVersion,
      generator: name,
      ...canvas,
      background: objectGround(random, [edgeColour(object, look.style)], level),
      elements: [objectElement(random, 0, look, { x, y, size, rotation, half })],
      degradations,
    };
    return [
      {
        scene,
        task: 'existence',
        subtask: draw.subtask,
        ...(draw.subtask === 'open' ? openQuestion(object) : choiceQuestion(random, object, level)),
        answer: object.name,
        evidence: ['e1'],
        difficulty: { size, ...degradationDifficulty(degradations) },
      },
    ];
  },
};

function openQuestion(object: ObjectClass): Pick<GeneratedScene, 'questions' | 'answerSpec'> {
  const form = 'Answer with the name of the thing only.';
  return {
    questions: [
      `What is shown in the picture? ${form}`,
      `What is this? ${form}`,
      `Name the object in this image. ${form}`,
    ],
    answerSpec: { type: 'text', accept: object.aliases, caseSensitive: false, abstain: 'wrong' },
  };
}

/** The wrong names come from anywhere, from level 3 on from the same part of the world. */
function choiceQuestion(
  random: Random,
  object: ObjectClass,
  level: Level,
): Pick<GeneratedScene, 'questions' | 'answerSpec'> {
  const near = objectClasses.filter((entry) => entry.category === object.category);
  const chosen: ObjectClass[] = [];
  for (const pool of level >= 3 ? [near, objectClasses] : [objectClasses]) {
    while (chosen.length < 3) {
      const left = distinctFrom(pool, [object, ...chosen]);
      if (left.length === 0) break;
      chosen.push(random.pick(left));
    }
  }
  const choices = random.shuffle([object, ...chosen].map((entry) => entry.name));
  return {
    questions: choiceWordings(choices, 'Which of these is in the picture?', 'What is shown in this image?'),
    answerSpec: { type: 'choice', choices },
  };
}
