/** Pages with little text: a word, string or number on its own, a sign, a screen. */

import { jitter, paperGround } from '../colours.js';
import { fitSize, textWidth, xHeightTenths, type FontFamily } from '../fonts.js';
import type { Random } from '../random.js';
import { sine } from '../geometry.js';
import { readWordings } from '../wording.js';
import { drawWord, randomDigits, randomString, signWords, words } from '../words.js';
import {
  changeOne,
  fontFor,
  fontSizeFor,
  inks,
  mostTurned,
  PageElements,
  textAnswer,
  type Page,
  type PageOptions,
} from './ocr-parts.js';

type SingleKind = 'word' | 'string' | 'number';

/** Letters that replace another one clearly. */
const clearLetters = 'ACEHKLMNPRTXY';
const clearCharacters = 'ACDEFHJKLMNPRTVWXY3479';

/** One line of text somewhere on the page. */
export function singlePage(options: PageOptions, kind: SingleKind): Page {
  const { random, level, split, width, height } = options;
  const font = fontFor(random, split, kind !== 'word');
  const text = singleText(random, kind, options);
  const size = fitSize(font, fontSizeFor(random, font, level), text, Math.floor((width * 72) / 100));
  const reach = textWidth(font, size, text);
  const tall = Math.ceil((size * (font.ascent + font.descent)) / 1000);
  const [ink, paper] = random.pick(inks);
  // Inside this distance from the centre the text stays on the picture when it is turned as far as the level goes.
  const clear = Math.floor(((width / 2 - 8) * 10_000) / (10_000 + sine(mostTurned(level))));
  const sway = Math.max(0, clear - Math.ceil(reach / 2));
  const lift = Math.max(0, clear - Math.ceil(tall / 2));
  const x = Math.floor(width / 2) + random.between(-sway, sway);
  const y = Math.floor(height / 2 + (size * font.ascent) / 1000 - tall / 2) + random.between(-lift, lift);
  const background = { kind: 'plain' as const, colour: jitter(random, paper, 4) };
  const build = (shown: string, expectedBias?: string): Page => {
    const elements = new PageElements();
    const id = elements.text({ text: shown, font, size, x, y, align: 'center', colour: ink, asked: true });
    return {
      width,
      height,
      background,
      elements: elements.list,
      questions: singleQuestions(kind),
      answerSpec: textAnswer(),
      answer: shown,
      ...(expectedBias === undefined ? {} : { expectedBias }),
      evidence: [id],
      xHeightTenths: xHeightTenths(font, size),
      mayTurn: true,
    };
  };
  return { ...build(text), changed: () => changedSingle(random, kind, text, build) };
}

function changedSingle(
  random: Random,
  kind: SingleKind,
  text: string,
  build: (shown: string, expectedBias?: string) => Page,
): Page | undefined {
  if (kind !== 'word') {
    const shown = changeOne(random, text, kind === 'number' ? '0123456789' : clearCharacters);
    return { ...build(shown), twin: 'digit-changed' };
  }
  const broken = misspell(random, text);
  return broken === undefined ? undefined : { ...build(broken, text), twin: 'prior-breaking' };
}

/** One letter replaced so that no word comes out; a reader who guesses mends it. */
function misspell(random: Random, text: string): string | undefined {
  const known = new Set([...words, ...signWords]);
  const upper = text === text.toUpperCase();
  for (let attempt = 0; attempt < 20; attempt++) {
    const place = random.between(1, text.length - 1);
    const letter = random.pick(clearLetters.split(''));
    if (letter === text[place]?.toUpperCase()) continue;
    const broken = text.slice(0, place) + (upper ? letter : letter.toLowerCase()) + text.slice(place + 1);
    if (!known.has(broken.toLowerCase())) return broken;
  }
  return undefined;
}

function singleText(random: Random, kind: SingleKind, { level, split }: PageOptions): string {
  if (kind === 'string') return randomString(random, random.between(2 + level, 3 + level));
  if (kind === 'number') return randomDigits(random, random.between(1 + level, 2 + level));
  const word = drawWord(random, words, split);
  const form = random.below(3);
  if (form === 0) return word;
  return form === 1 ? word.toUpperCase() : (word[0] ?? '').toUpperCase() + word.slice(1);
}

function singleQuestions(kind: SingleKind): string[] {
  if (kind === 'number')
    return readWordings('What number is shown?', 'Read the number in this image.', 'Which number is written here?');
  if (kind === 'string')
    return readWordings(
      'What characters are shown?',
      'Read the characters in this image.',
      'Copy the code in the picture.',
    );
  return readWordings('What does it say?', 'Read the word in this image.', 'What word is written here?');
}

/** A sign on a post or wall, with a second line nobody asks about. */
export function signPage(options: PageOptions): [Page, ...Page[]] {
  const { random, level, split, width, height } = options;
  const font = fontFor(random, split, false);
  const text = drawWord(random, signWords, split).toUpperCase();
  const size = fitSize(font, fontSizeFor(random, font, level), text, 320);
  const [ink, paper] = random.pick(inks.slice(2, 9));
  const panelWidth = Math.min(380, textWidth(font, size, text) + 2 * Math.max(20, Math.floor(size / 2)));
  const panelHeight = 2 * size + 24;
  const left = random.between(60, width - 60 - panelWidth);
  const top = random.between(60, Math.max(61, height - 80 - panelHeight));
  const background = paperGround(random);
  const build = (shown: string, expectedBias?: string): Page => {
    const elements = new PageElements();
    elements.panel(left, top, panelWidth, panelHeight, paper, ink, 4);
    const middle = left + Math.floor(panelWidth / 2);
    const y = top + Math.floor(panelHeight / 2) + Math.floor((size * font.capitalHeight) / 2000);
    const id = elements.text({ text: shown, font, size, x: middle, y, align: 'center', colour: ink, asked: true });
    elements.panel(
      middle - 5,
      top + panelHeight + 2,
      10,
      Math.max(10, Math.min(90, height - 40 - top - panelHeight)),
      '#5b5b5b',
      null,
      0,
    );
    return {
      width,
      height,
      background,
      elements: elements.list,
      questions: readWordings(
        'What does the sign say?',
        'Read the sign in this image.',
        'What is written on the sign?',
      ),
      answerSpec: textAnswer(),
      answer: shown,
      ...(expectedBias === undefined ? {} : { expectedBias }),
      evidence: [id],
      xHeightTenths: xHeightTenths(font, size),
      mayTurn: true,
    };
  };
  const broken = misspell(random, text);
  return broken === undefined ? [build(text)] : [build(text), { ...build(broken, text), twin: 'prior-breaking' }];
}

const fields = ['SPEED', 'ROOM', 'GATE', 'FLIGHT', 'ORDER', 'SEAT', 'SCORE', 'CODE', 'LEVEL', 'TRACK', 'ZONE', 'UNIT'];

/** A display with labelled values. */
export function screenPage(options: PageOptions): [Page, ...Page[]] {
  const { random, level, split, width, height } = options;
  const font = fontFor(random, split, true);
  const rows = 2 + level;
  const values = random.sample(fields, rows).map((label) => ({ label, value: screenValue(random, level) }));
  const asked = random.below(rows);
  const size = screenSize(random, font, options, values);
  const line = Math.floor((size * 17) / 10);
  const [ink, paper] = random.pick([
    ['#d7ffd9', '#0d1f12'],
    ['#e8f1ff', '#12233f'],
    ['#ffd27a', '#1d1509'],
    ['#102a1d', '#cfe3c8'],
  ] as const);
  const panelHeight = rows * line + 36;
  const left = 70;
  const right = width - 70;
  const top = random.between(50, Math.max(51, height - 50 - panelHeight));
  const background = paperGround(random);
  const build = (shown: string): Page => {
    const elements = new PageElements();
    elements.panel(left - 16, top - 16, right - left + 32, panelHeight + 32, '#3a3a3a', '#1c1c1c', 3);
    elements.panel(left, top, right - left, panelHeight, paper, null, 0);
    let id = '';
    values.forEach(({ label, value }, index) => {
      const y = top + 18 + (index + 1) * line - Math.floor(size / 2);
      elements.text({ text: label, font, size, x: left + 16, y, align: 'left', colour: ink });
      const text = index === asked ? shown : value;
      const added = elements.text({
        text,
        font,
        size,
        x: right - 16,
        y,
        align: 'right',
        colour: ink,
        asked: index === asked,
      });
      if (index === asked) id = added;
    });
    const label = values[asked]?.label ?? '';
    return {
      width,
      height,
      background,
      elements: elements.list,
      questions: readWordings(
        `What value does the screen show for ${label}?`,
        `Read the value next to ${label}.`,
        `What is written beside ${label}?`,
      ),
      answerSpec: textAnswer(),
      answer: shown,
      evidence: [id],
      xHeightTenths: xHeightTenths(font, size),
      mayTurn: level >= 3,
    };
  };
  const text = values[asked]?.value ?? '';
  const alphabet = /^\d+$/.test(text) ? '0123456789' : clearCharacters;
  return [build(text), { ...build(changeOne(random, text, alphabet)), twin: 'digit-changed' }];
}

function screenValue(random: Random, level: number): string {
  const length = random.between(2, 2 + Math.ceil(level / 2));
  return random.chance(60) ? randomDigits(random, length) : randomString(random, length);
}

/** As large as the level wants it, so that label and value fit on a line and the lines on the display. */
function screenSize(
  random: Random,
  font: FontFamily,
  { level, height }: PageOptions,
  values: readonly { readonly label: string; readonly value: string }[],
): number {
  let size = fontSizeFor(random, font, level);
  const fits = (): boolean =>
    values.every(({ label, value }) => textWidth(font, size, `${label}  ${value}`) <= 330) &&
    values.length * Math.floor((size * 17) / 10) + 36 <= height - 120;
  while (size > 8 && !fits()) size--;
  return size;
}
