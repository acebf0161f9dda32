/** Items over all generators and levels, for the tests that look at many. */

import {
  generateItems,
  generatorNames,
  levels,
  type GeneratorName,
  type SceneItem,
  type Split,
} from '../../benchmarks/scenes/index.js';

export interface ManyOptions {
  readonly suites?: readonly GeneratorName[];
  /** Items of each suite and level. */
  readonly each: number;
  readonly split?: Split;
  readonly twins?: boolean;
  readonly seed?: number;
}

export function manyItems({
  suites = generatorNames,
  each,
  split = 'test',
  twins = true,
  seed = 0,
}: ManyOptions): SceneItem[] {
  return suites.flatMap((suite) =>
    levels.flatMap((level) => generateItems({ suite, level, n: each, split, twins, seed })),
  );
}
