/** Reading: words, strings, numbers, signs, screens, receipts, tables and paragraphs in stated sizes, and text nobody can read. */

import { degradationDifficulty, degradationsFor } from '../degradations.js';
import type { GeneratedScene, Generator, GeneratorParameters, TwinKind } from '../item.js';
import { leastReadable, mustBeRead, seenXHeight, unreadableBlur } from '../legibility.js';
import type { Random } from '../random.js';
import { sceneVersion, type Degradations, type Scene } from '../scene.js';
import { startDraw } from '../spread.js';
import { paragraphPage, receiptPage, tablePage } from './ocr-documents.js';
import { screenPage, signPage, singlePage } from './ocr-pages.js';
import { mostTurned, xHeightFor, type Page, type PageOptions } from './ocr-parts.js';

const version = 1;
const name = `ocr@${version}`;
const subtasks = [
  'word',
  'string',
  'number',
  'sign',
  'screen',
  'receipt-total',
  'receipt-item',
  'table',
  'paragraph',
  'paragraph-word',
  'legibility',
];

export const ocr: Generator = {
  name: 'ocr',
  version,
  subtasks,
  generate(parameters) {
    const draw = startDraw(name, subtasks, parameters);
    const { random, subtask } = draw;
    const options: PageOptions = { random, ...parameters, width: 512, height: 512 };
    if (subtask === 'legibility') {
      const page = singlePage(options, random.pick(['word', 'string', 'number']));
      const readable = draw.answerFrom([true, false]);
      const degradations = readingDegradations(random, page, parameters);
      const clear = result(page, subtask, degradations);
      const spoiled = result(unreadable(page), subtask, spoil(page, degradations));
      return readable ? [clear, { ...spoiled, twin: 'illegible' }] : [spoiled, { ...clear, twin: 'illegible' }];
    }
    const [page, ...twins] = pageOf(subtask, options);
    const degradations = readingDegradations(random, page, parameters);
    const first = result(page, subtask, degradations);
    const rest = twins.map((twin) => ({ ...result(twin, subtask, degradations), ...twinOf(twin.twin) }));
    if (subtask !== 'word' && subtask !== 'string') return [first, ...rest];
    return [first, ...rest, { ...result(unreadable(page), subtask, spoil(page, degradations)), twin: 'illegible' }];
  },
};

function twinOf(kind: TwinKind | undefined): { twin: TwinKind } {
  return { twin: kind ?? 'digit-changed' };
}

function pageOf(subtask: string, options: PageOptions): [Page, ...Page[]] {
  switch (subtask) {
    case 'sign':
      return signPage(options);
    case 'screen':
      return screenPage(options);
    case 'receipt-total':
    case 'receipt-item':
      return receiptPage(options, subtask === 'receipt-total');
    case 'table':
      return tablePage(options);
    case 'paragraph':
    case 'paragraph-word':
      return paragraphPage(options, subtask === 'paragraph');
    default:
      return singleWithTwin(options, subtask === 'string' || subtask === 'number' ? subtask : 'word');
  }
}

/** A word, string or number; numbers and strings get a twin with one character changed, words one that is no word. */
function singleWithTwin(options: PageOptions, kind: 'word' | 'string' | 'number'): [Page, ...Page[]] {
  const page = singlePage(options, kind);
  const twin = page.changed?.();
  return twin === undefined ? [page] : [page, twin];
}

function result(page: Page, subtask: string, degradations: Degradations): GeneratedScene {
  const scene: Scene = {
    version: sceneVersion,
    generator: name,
    width: page.width,
    height: page.height,
    background: page.background,
    elements: page.elements,
    degradations,
  };
  return {
    scene,
    task: 'ocr',
    subtask,
    questions: page.questions,
    answerSpec: page.answerSpec,
    answer: page.answer,
    ...(page.expectedBias === undefined ? {} : { expectedBias: page.expectedBias }),
    evidence: page.evidence,
    difficulty: {
      xHeight: page.xHeightTenths,
      seenAt224: Math.round(10 * seenXHeight(page.xHeightTenths, scene, 224)),
      characters: typeof page.answer === 'string' ? page.answer.length : 0,
      readable: page.answer === null ? 0 : 1,
      ...degradationDifficulty(degradations),
    },
  };
}

/** Degradations under which the page must still be read, with a turn of the whole picture. */
function readingDegradations(random: Random, page: Page, { level }: GeneratorParameters): Degradations {
  const drawn = degradationsFor(random, level, { gentle: true });
  const small = page.xHeightTenths < leastReadable + 30;
  const turned: Degradations = {
    ...drawn,
    blur: Math.min(drawn.blur, Math.floor(page.xHeightTenths / 8)),
    noise: small ? drawn.noise >> 1 : drawn.noise,
    // Fine print on compressed paper loses its strokes first.
    jpeg: drawn.jpeg === null ? null : Math.max(drawn.jpeg, small ? 70 : 50),
    contrast: small ? Math.max(drawn.contrast, 80) : drawn.contrast,
    rotation: page.mayTurn ? random.between(-10 * mostTurned(level), 10 * mostTurned(level)) : 0,
  };
  if (!mustBeRead(page.xHeightTenths, turned))
    throw new RangeError(
      `A page of the level ${level} came out too small to be read: ${xHeightFor(level).join(' to ')} px.`,
    );
  return turned;
}

/** The same page, blurred beyond reading. */
function spoil(page: Page, degradations: Degradations): Degradations {
  return { ...degradations, blur: unreadableBlur(page.xHeightTenths) };
}

/** What is right for a page that cannot be read. */
function unreadable(page: Page): Page {
  return {
    ...page,
    answer: null,
    answerSpec: { type: 'text', accept: [], caseSensitive: false, abstain: 'right' },
    evidence: page.evidence,
  };
}
