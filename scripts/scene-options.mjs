/** The options that the scripts which make items share, and the items that they ask for. */

import { parseArgs } from 'node:util';
import { scenes } from './load-scenes.mjs';

const { generateItems, generatorNames } = scenes;

/** What `parseArgs` is told; each script adds its own. */
const shared = {
  suite: { type: 'string', default: 'all' },
  level: { type: 'string', default: 'all' },
  seed: { type: 'string', default: '0' },
  subtask: { type: 'string' },
  look: { type: 'string' },
  twins: { type: 'boolean', default: false },
};

/**
 * Reads the command line: `--suite NAME,…|all --level 1,…|all --seed --subtask --look --twins`, and the script's own, which must have
 * `count` and `split` and may have `plan`, counts by suite and level in place of the three.
 */
export function sceneOptions(own) {
  const { values } = parseArgs({ options: { ...shared, ...own } });
  const plan = values.plan === undefined ? undefined : JSON.parse(values.plan);
  const named = values.suite === 'all' ? generatorNames : values.suite.split(',');
  const countOf = (suite, level) => Number(plan === undefined ? values.count : (plan[suite][level - 1] ?? 0));
  return {
    values,
    suites: plan === undefined ? named : Object.keys(plan),
    levels: values.level === 'all' ? [1, 2, 3, 4, 5] : values.level.split(',').map(Number),
    itemsOf: (suite, level) => {
      const n = countOf(suite, level);
      if (plan !== undefined && n === 0) return [];
      return generateItems({
        suite,
        level,
        n,
        seed: Number(values.seed),
        split: values.split,
        twins: values.twins,
        ...(values.subtask === undefined ? {} : { subtask: values.subtask }),
        ...(values.look === undefined ? {} : { look: values.look }),
      });
    },
  };
}
