/** Further questions that a scene's truth can answer: several questions a picture teach a small model faster than one. */

import { confusableWith, objectClass, objectClasses, withArticle } from './classes.js';
import { tellApart, type ColourName } from './colours.js';
import { pluralShape } from './elements.js';
import { halfExtent } from './geometry.js';
import type { Answer, AnswerSpec, SceneItem, Task } from './item.js';
import { createRandom, type Random } from './random.js';
import type { ObjectElement, ShapeElement } from './scene.js';
import { choiceWordings, countWordings, existenceWordings } from './wording.js';

/** A question beside the item's own. Its answers are not spread evenly: use it for training, not for measuring. */
export interface MoreQuestion {
  readonly task: Task;
  readonly questions: readonly string[];
  readonly answerSpec: AnswerSpec;
  readonly answer: Answer;
  readonly evidence: readonly string[];
}

type Thing = ShapeElement | ObjectElement;

const relations = ['left', 'right', 'above', 'below'] as const;

/**
 * Counts, existence and relations of the things in a scene of shapes and objects; none for other scenes.
 *
 * The same margins hold as in the suites: nothing is asked whose answer could be disputed.
 *
 * @example
 * for (const more of moreQuestions(item)) train(item.scene, more.questions[0], more.answer);
 */
export function moreQuestions(item: SceneItem): MoreQuestion[] {
  const { elements } = item.scene;
  const things = elements.filter((element): element is Thing => element.kind === 'shape' || element.kind === 'object');
  if (things.length === 0 || things.length < elements.length || item.generator.name === 'geometric') return [];
  if (item.subtask === 'prior' && item.task === 'counting') return [];
  const random = createRandom(`more questions|${item.sceneHash}`);
  const names = [...new Set(things.map(({ name }) => name))];
  const own = item.questions[0];
  return [
    ...random.sample(names, 3).map((name) => countOf(things, name)),
    presence(things, random.pick(names)),
    ...absence(random, things),
    ...relationsAmong(random, things).slice(0, 3),
  ].filter(({ questions }) => questions[0] !== own);
}

function countOf(things: readonly Thing[], name: string): MoreQuestion {
  const found = things.filter((thing) => thing.name === name);
  return {
    task: 'counting',
    questions: countWordings(pluralOf(found[0])),
    answerSpec: { type: 'integer', minimum: 0, maximum: 99 },
    answer: found.length,
    evidence: found.map(({ id }) => id),
  };
}

function pluralOf(thing: Thing | undefined): string {
  if (thing?.kind === 'object') return objectClass(thing.object).plural;
  if (thing === undefined) return '';
  return `${thing.name.split(' ')[0] ?? ''} ${pluralShape(thing.shape)}`;
}

function article(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}

function presence(things: readonly Thing[], name: string): MoreQuestion {
  const found = things.filter((thing) => thing.name === name);
  return {
    task: 'existence',
    questions: existenceWordings(article(name)),
    answerSpec: { type: 'yesno' },
    answer: 'yes',
    evidence: found.map(({ id }) => id),
  };
}

/** An object class that is not there and near to none that is, or a colour and shape that do not meet in any thing. */
function absence(random: Random, things: readonly Thing[]): MoreQuestion[] {
  const thing = things[0]?.kind === 'object' ? absentObject(random, things) : absentShape(random, things);
  if (thing === undefined) return [];
  return [
    {
      task: 'existence',
      questions: existenceWordings(thing),
      answerSpec: { type: 'yesno' },
      answer: 'no',
      evidence: [],
    },
  ];
}

function absentObject(random: Random, things: readonly Thing[]): string | undefined {
  const near = new Set(things.flatMap(({ name }) => [name, ...confusableWith(name)]));
  const absent = objectClasses.filter(({ name }) => !near.has(name));
  return absent.length === 0 ? undefined : withArticle(random.pick(absent));
}

function absentShape(random: Random, things: readonly Thing[]): string | undefined {
  const pairs = things.map(({ name }) => name.split(' ') as [ColourName, string]);
  const absent = pairs.flatMap(([colour]) =>
    pairs
      .filter(([, shape]) =>
        pairs.every(([other, otherShape]) => otherShape !== shape || (other !== colour && tellApart(other, colour))),
      )
      .map(([, shape]) => `${colour} ${shape}`),
  );
  return absent.length === 0 ? undefined : article(random.pick(absent));
}

/** Pairs of things whose names occur once, a gap of half the larger between them and level with each other. */
function relationsAmong(random: Random, things: readonly Thing[]): MoreQuestion[] {
  const single = things.filter(({ name }) => things.filter((other) => other.name === name).length === 1);
  const found: MoreQuestion[] = [];
  for (const first of random.shuffle(single)) {
    for (const second of single) {
      const relation = first === second ? undefined : relationOf(first, second);
      if (relation === undefined) continue;
      found.push({
        task: 'spatial',
        questions: choiceWordings(relations, `Where is the ${first.name} relative to the ${second.name}?`),
        answerSpec: { type: 'choice', choices: relations },
        answer: relation,
        evidence: [first.id, second.id],
      });
    }
  }
  return random.shuffle(found);
}

function relationOf(first: Thing, second: Thing): (typeof relations)[number] | undefined {
  const [dx, dy] = [first.x - second.x, first.y - second.y];
  const reach = halfExtent(first.size, first.rotation) + halfExtent(second.size, second.rotation);
  const clear = reach + Math.max(first.size, second.size) / 2;
  const level = Math.min(first.size, second.size) / 10;
  if (Math.abs(dx) >= clear && Math.abs(dy) <= level) return dx < 0 ? 'left' : 'right';
  if (Math.abs(dy) >= clear && Math.abs(dx) <= level) return dy < 0 ? 'above' : 'below';
  return undefined;
}
