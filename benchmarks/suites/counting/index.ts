/** The suite `counting`: how many of a thing there are. */

import { sceneSuite } from '../scene-suite.js';

export const counting = sceneSuite({
  name: 'counting',
  version: 1,
  description: 'How many shapes or objects there are, among others, by attributes, and where memory says otherwise.',
  generator: 'counting',
});
