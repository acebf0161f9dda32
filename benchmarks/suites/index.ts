/** The suites room: every suite by its name, and suites of one's own. A new suite is a folder and a line here. */

import { OcelliError } from '../../src/index.js';
import { dataSuites } from './data-suites.js';
import { charts } from './charts/index.js';
import { counting } from './counting/index.js';
import { existence } from './existence/index.js';
import { geometry } from './geometry/index.js';
import { naming } from './naming/index.js';
import { ocr } from './ocr/index.js';
import { spatial } from './spatial/index.js';
import type { Suite } from './suite.js';

export { dataSuites, loadDataSuite } from './data-suites.js';
export { itemsOfFile } from './own-items.js';
export { loadSuite } from './own-suite.js';
export type { ItemProblem, ItemsWanted, Picture, Suite, SuiteItem, SuiteItems } from './suite.js';

/** All suites that come with ocelli. */
export const suites: readonly Suite[] = [counting, spatial, existence, ocr, naming, charts, geometry];

/**
 * The suite of a name.
 *
 * @throws OcelliError `invalid-request` that names those there are
 * @example
 * findSuite('counting').levels; // 1 to 5
 */
export function findSuite(name: string): Suite {
  const suite = suites.find((candidate) => candidate.name === name);
  if (suite !== undefined) return suite;
  throw new OcelliError(
    'invalid-request',
    `There is no suite "${name}"; there are ${[...suites, ...dataSuites].map((known) => known.name).join(', ')}. A suite of your own is named by its file, such as ./mine.mjs.`,
  );
}
