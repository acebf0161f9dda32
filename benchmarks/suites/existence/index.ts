/** The suite `existence`: whether a thing is there at all. */

import { sceneSuite } from '../scene-suite.js';

export const existence = sceneSuite({
  name: 'existence',
  version: 1,
  description:
    'Whether a thing is in the picture: random and likely absentees, and attributes that belong to another thing.',
  generator: 'existence',
});
