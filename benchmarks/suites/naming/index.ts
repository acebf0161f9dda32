/** The suite `naming`: what a thing is called. */

import { sceneSuite } from '../scene-suite.js';

export const naming = sceneSuite({
  name: 'naming',
  version: 1,
  description: 'What the one thing in the picture is: 150 kinds, asked openly or with four names to choose from.',
  generator: 'naming',
});
