/** The suite `ocr`: what is written. */

import { sceneSuite } from '../scene-suite.js';

export const ocr = sceneSuite({
  name: 'ocr',
  version: 1,
  description:
    'What is written: words, random strings, numbers, signs, screens, receipts, tables, paragraphs, and the illegible.',
  generator: 'ocr',
});
