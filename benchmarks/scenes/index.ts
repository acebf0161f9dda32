/** The scenes room: pictures with exact truth, described plainly, asked about, and drawn on demand. */

import { OcelliError } from '../../src/index.js';
import { charts } from './generators/charts.js';
import { counting } from './generators/counting.js';
import { existence } from './generators/existence.js';
import { geometric } from './generators/geometric.js';
import { naming } from './generators/naming.js';
import { ocr } from './generators/ocr.js';
import { spatial } from './generators/spatial.js';
import {
  levels,
  looks,
  type GeneratorParameters,
  type Generator,
  type GeneratorName,
  type Level,
  type Look,
  type SceneItem,
  type Split,
} from './item.js';
import { sceneHash } from './scene.js';
import { slotsPerSeed } from './spread.js';

export * from './item.js';
export * from './scene.js';
export { renderScene, type RenderedBox, type RenderedScene } from './render.js';
export { artSources } from './art-sources.js';
export { confusableWith, distinct, objectClasses, type Category, type ObjectClass } from './classes.js';
export { fontFamilies, fontsOf, type FontFamily } from './fonts.js';
export { shapeOutlines } from './geometry.js';
export { seenXHeight } from './legibility.js';
export { moreQuestions, type MoreQuestion } from './more-questions.js';
export { listedWordSplit, wordSplit } from './words.js';

/** All generators by name. */
export const generators: Readonly<Record<GeneratorName, Generator>> = {
  counting,
  spatial,
  existence,
  ocr,
  geometric,
  charts,
  naming,
};

/** Scene seeds from here on belong to testing; training never reaches them. */
export const firstTestSeed = 1_000_000_000;
/** Seed numbers go from 0 to this, less one; each opens a block of 100,000 scene seeds of its own. */
export const seedNumbers = firstTestSeed / slotsPerSeed;

export interface GenerateOptions {
  readonly suite: GeneratorName;
  readonly level: Level;
  /** Items wanted, twins included; 1 to 100,000. */
  readonly n: number;
  /** 0 to 9,999: another number gives other scenes altogether. Default 0. */
  readonly seed?: number;
  /** Default `test`. */
  readonly split?: Split;
  /** `seen`: held-out scenes in the art, fonts and words of training, to tell what is lost to new ones. Default `unseen`. */
  readonly look?: Look;
  /** Follow each item with its twins, which change one thing. Default false. */
  readonly twins?: boolean;
  /** Keep to one sub-task. */
  readonly subtask?: string;
}

/**
 * Items of one suite and level, each with its scene. Nothing is drawn and no optional package is needed.
 *
 * @throws OcelliError `invalid-request` for a suite, level, number, seed or sub-task that does not exist.
 * @example
 * const items = generateItems({ suite: 'counting', level: 2, n: 40, seed: 7 });
 */
export function generateItems(options: GenerateOptions): SceneItem[] {
  const { suite, level, n, seed = 0, split = 'test', look = 'unseen', twins = false } = options;
  const generator = checked(options);
  const base = (split === 'test' ? firstTestSeed : 0) + seed * slotsPerSeed;
  const items: SceneItem[] = [];
  for (let slot = 0; items.length < n; slot++) {
    if (slot >= slotsPerSeed)
      throw new OcelliError(
        'invalid-request',
        `A seed gives at most ${slotsPerSeed} scenes of "${suite}". Take another seed for more.`,
      );
    if (options.subtask !== undefined && generator.subtasks[slot % generator.subtasks.length] !== options.subtask)
      continue;
    items.push(...itemsOf(generator, { seed: base + slot, slot, level, split }, { twins, look }));
  }
  return items.slice(0, n);
}

/** The item of one scene seed, followed by its twins where they are wanted. */
function itemsOf(
  generator: Generator,
  parameters: GeneratorParameters,
  { twins, look }: { readonly twins: boolean; readonly look: Look },
): SceneItem[] {
  const { seed, level, split } = parameters;
  const seen = look === 'seen';
  const [first, ...rest] = generator.generate(seen ? { ...parameters, split: 'train' } : parameters);
  const cluster = sceneHash(first.scene);
  const id = `${generator.name}-${first.subtask}-l${level}-${seed}${seen ? '-seen' : ''}`;
  return [first, ...(twins ? rest : [])].map(({ twin, ...made }) => ({
    ...made,
    id: twin === undefined ? id : `${id}~${twin}`,
    difficulty: { level, ...made.difficulty },
    cluster,
    sceneHash: twin === undefined ? cluster : sceneHash(made.scene),
    ...(twin === undefined ? {} : { twin: { kind: twin, of: id } }),
    generator: { name: generator.name, version: generator.version },
    level,
    seed,
    split,
    ...(seen ? { look: 'seen' as const } : {}),
  }));
}

function checked({ suite, level, n, seed = 0, split = 'test', look = 'unseen', subtask }: GenerateOptions): Generator {
  const refuse = (what: string): never => {
    throw new OcelliError('invalid-request', what);
  };
  const generator = (generators as Readonly<Record<string, Generator | undefined>>)[suite];
  if (generator === undefined)
    return refuse(`There is no scene generator "${suite}"; expected one of ${Object.keys(generators).join(', ')}.`);
  if (!levels.includes(level)) refuse(`The level was ${String(level)}; expected a whole number from 1 to 5.`);
  if (!Number.isInteger(n) || n < 1) refuse(`The number of items was ${String(n)}; expected a whole number from 1.`);
  if (!Number.isInteger(seed) || seed < 0 || seed >= seedNumbers)
    refuse(`The seed was ${String(seed)}; expected a whole number from 0 to ${seedNumbers - 1}.`);
  if (split !== 'train' && split !== 'test') refuse(`The split was "${String(split)}"; expected "train" or "test".`);
  if (!looks.includes(look)) refuse(`The look was "${String(look)}"; expected "unseen" or "seen".`);
  if (look === 'seen' && split === 'train') refuse('Training items have their own look; leave the look out.');
  if (subtask !== undefined && !generator.subtasks.includes(subtask))
    refuse(`"${suite}" has no sub-task "${subtask}"; expected one of ${generator.subtasks.join(', ')}.`);
  return generator;
}
