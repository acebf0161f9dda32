/** The suite `spatial`: where things lie. */

import { sceneSuite } from '../scene-suite.js';

export const spatial = sceneSuite({
  name: 'spatial',
  version: 1,
  description: 'Where things lie: relations of two, corners, the outermost, and where memory says otherwise.',
  generator: 'spatial',
});
