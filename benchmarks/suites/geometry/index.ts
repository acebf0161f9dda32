/** The suite `geometry`: abstract drawings of the kind that "Vision language models are blind" made known. */

import { sceneSuite } from '../scene-suite.js';

export const geometry = sceneSuite({
  name: 'geometry',
  version: 1,
  description: 'Crossings, touching circles, nested squares, grids, overlapping rings: drawings of few lines.',
  generator: 'geometric',
});
