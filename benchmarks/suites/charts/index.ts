/** The suite `charts`: what a diagram says. */

import { sceneSuite } from '../scene-suite.js';

export const charts = sceneSuite({
  name: 'charts',
  version: 1,
  description: 'What bar, line and pie charts say: values read off an axis or a label, and the highest or lowest.',
  generator: 'charts',
});
