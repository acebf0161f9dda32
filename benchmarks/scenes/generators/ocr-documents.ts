/** Pages with much text: receipts with prices and a total, tables of numbers, paragraphs. */

import { paperGround } from '../colours.js';
import { fitSize, textWidth, xHeightTenths, type FontFamily } from '../fonts.js';
import type { Random } from '../random.js';
import type { Colour } from '../scene.js';
import { range } from '../spread.js';
import { numberWordings, readWordings } from '../wording.js';
import { drawWord, heldBy, wares, words } from '../words.js';
import {
  changeOne,
  documentInks,
  fontFor,
  fontSizeFor,
  PageElements,
  textAnswer,
  type Page,
  type PageOptions,
} from './ocr-parts.js';

/** "12.45" */
function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

function moneyAnswer(amount: string): ReturnType<typeof textAnswer> {
  return textAnswer([`$${amount}`, `USD ${amount}`]);
}

/**
 * A till receipt. The twin of the total has one digit changed, so that it is no longer the sum: whoever adds up instead
 * of reading gives the sum. The twin of an item has one digit of its price changed.
 */
export function receiptPage(options: PageOptions, total: boolean): [Page, ...Page[]] {
  const { random, level, split, width, height } = options;
  const font = fontFor(random, split, true);
  const lines = random.between(1 + level, 3 + level);
  const items = random.sample(wares, lines).map((ware) => ({ ware, cents: random.between(49, 1999) }));
  const sum = items.reduce((amount, item) => amount + item.cents, 0);
  const asked = random.below(lines);
  const size = receiptSize(random, font, options, items.length + 4);
  const shop = `${drawWord(random, words, split)} store`.toUpperCase();
  const day = `2026-${String(random.between(1, 12)).padStart(2, '0')}-${String(random.between(1, 28)).padStart(2, '0')}`;
  const ground = { kind: 'plain' as const, colour: random.pick(['#7d8a97', '#8a7a66', '#5f6f64', '#9aa3ab']) };
  const ink: Colour = random.pick(['#111111', '#2a2a33']);
  const build = (shownTotal: string, shownPrice: string | undefined, expectedBias?: string): Page => {
    const elements = new PageElements();
    const line = Math.floor((size * 3) / 2);
    const inner = Math.min(
      340,
      Math.max(textWidth(font, size, 'MMMMMMMMMMMM 00.00'), textWidth(font, size, shop)) + 10,
    );
    const paperHeight = (items.length + 4) * line + 30;
    const left = Math.floor((width - inner) / 2);
    const right = left + inner;
    const top = Math.floor((height - paperHeight) / 2);
    elements.panel(left - 20, top, inner + 40, paperHeight, '#fdfdf8', '#c8c8c0', 1);
    let y = top + 8 + line;
    elements.text({
      text: shop,
      font,
      size: fitSize(font, size, shop, inner),
      x: Math.floor(width / 2),
      y,
      align: 'center',
      colour: ink,
    });
    y += line;
    elements.text({ text: day, font, size, x: Math.floor(width / 2), y, align: 'center', colour: ink });
    let id = '';
    items.forEach(({ ware, cents }, index) => {
      y += line;
      elements.text({ text: ware, font, size, x: left, y, align: 'left', colour: ink });
      const isAsked = !total && index === asked;
      const text = isAsked && shownPrice !== undefined ? shownPrice : money(cents);
      const added = elements.text({ text, font, size, x: right, y, align: 'right', colour: ink, asked: isAsked });
      if (isAsked) id = added;
    });
    y += Math.floor(line / 2);
    elements.rule(left, y, right, y, ink, 1);
    y += line;
    elements.text({ text: 'TOTAL', font, size, x: left, y, align: 'left', colour: ink });
    const totalId = elements.text({
      text: shownTotal,
      font,
      size,
      x: right,
      y,
      align: 'right',
      colour: ink,
      asked: total,
    });
    const ware = items[asked]?.ware ?? '';
    const answer = total ? shownTotal : (shownPrice ?? money(items[asked]?.cents ?? 0));
    return {
      width,
      height,
      background: ground,
      elements: elements.list,
      questions: total
        ? readWordings(
            'What is the total on the receipt?',
            'Read the total amount that is printed.',
            'Which total does the receipt show?',
          )
        : readWordings(`What is the price of ${ware} on the receipt?`, `How much does the receipt show for ${ware}?`),
      answerSpec: moneyAnswer(answer),
      answer,
      ...(expectedBias === undefined ? {} : { expectedBias }),
      evidence: [total ? totalId : id],
      xHeightTenths: xHeightTenths(font, size),
      mayTurn: true,
    };
  };
  const shown = money(sum);
  const first = build(shown, undefined);
  const change = (amount: string): string => changeDigit(random, amount);
  if (total) return [first, { ...build(change(shown), undefined, shown), twin: 'digit-changed' }];
  return [first, { ...build(shown, change(money(items[asked]?.cents ?? 0))), twin: 'digit-changed' }];
}

/** One digit of an amount changed, the point left where it is. */
function changeDigit(random: Random, amount: string): string {
  const [whole = '', cents = ''] = amount.split('.');
  return random.chance(50)
    ? `${changeOne(random, whole, '123456789')}.${cents}`
    : `${whole}.${changeOne(random, `1${cents}`.slice(1), '123456789')}`;
}

function receiptSize(random: Random, font: FontFamily, { level, height }: PageOptions, lines: number): number {
  let size = fontSizeFor(random, font, level, true);
  // A turned receipt must stay on the table: at most seven tenths of the height.
  const tallest = level >= 3 ? Math.floor((height * 74) / 100) : height - 40;
  while (
    size > 8 &&
    (lines * Math.floor((size * 3) / 2) + 30 > tallest || textWidth(font, size, 'MMMMMMMMMMMM 00.00') > 340)
  )
    size--;
  return size;
}

/** A table of whole numbers with named rows and columns. */
export function tablePage(options: PageOptions): [Page, ...Page[]] {
  const { random, level, split, width, height } = options;
  const font = fontFor(random, split, true);
  const columns = Math.min(2 + Math.ceil(level / 2), 4);
  const rows = 2 + level;
  const short = heldBy(words, 'train').filter((word) => word.length <= 6);
  const own = [...short, ...(split === 'test' ? heldBy(words, 'test').filter((word) => word.length <= 6) : [])];
  const names = random.sample(own, rows + columns);
  const heads = names.slice(0, columns);
  const labels = names.slice(columns);
  const cells = labels.map(() => heads.map(() => random.between(0, level <= 2 ? 99 : 999)));
  const [row, column] = [random.below(rows), random.below(columns)];
  const size = Math.min(fontSizeFor(random, font, level, true), 24);
  const [ink] = random.pick(documentInks);
  const background = paperGround(random);
  const cellWidth = Math.floor(440 / (columns + 1));
  const cellHeight = Math.min(Math.floor(400 / (rows + 1)), size * 2 + 8);
  const left = Math.floor((width - cellWidth * (columns + 1)) / 2);
  const top = Math.floor((height - cellHeight * (rows + 1)) / 2);
  const fitted = fitSize(font, size, 'mmmmmm', cellWidth - 10);
  const build = (shown: number): Page => {
    const elements = new PageElements();
    for (const edge of range(0, rows + 1))
      elements.rule(left, top + edge * cellHeight, left + cellWidth * (columns + 1), top + edge * cellHeight, ink, 1);
    for (const edge of range(0, columns + 1))
      elements.rule(left + edge * cellWidth, top, left + edge * cellWidth, top + cellHeight * (rows + 1), ink, 1);
    const write = (text: string, atRow: number, atColumn: number, asked = false): string =>
      elements.text({
        text,
        font,
        size: fitted,
        x: left + atColumn * cellWidth + Math.floor(cellWidth / 2),
        y: top + atRow * cellHeight + Math.floor(cellHeight / 2) + Math.floor((fitted * font.xHeight) / 2000),
        align: 'center',
        colour: ink,
        asked,
      });
    heads.forEach((head, index) => write(head, 0, index + 1));
    let id = '';
    labels.forEach((label, index) => {
      write(label, index + 1, 0);
      cells[index]?.forEach((value, place) => {
        const asked = index === row && place === column;
        const added = write(String(asked ? shown : value), index + 1, place + 1, asked);
        if (asked) id = added;
      });
    });
    return {
      width,
      height,
      background,
      elements: elements.list,
      questions: numberWordings(
        `In the table, what is the value in row "${labels[row] ?? ''}" and column "${heads[column] ?? ''}"?`,
        `Read the number where the row "${labels[row] ?? ''}" meets the column "${heads[column] ?? ''}".`,
      ),
      answerSpec: { type: 'integer', minimum: 0, maximum: 9999 },
      answer: shown,
      evidence: [id],
      xHeightTenths: xHeightTenths(font, fitted),
      mayTurn: false,
    };
  };
  const value = cells[row]?.[column] ?? 0;
  const other = Number(changeOne(random, String(value), '123456789'));
  return [build(value), { ...build(other), twin: 'digit-changed' }];
}

/** Lines of words: all of it to be copied, or one word asked by its place. */
export function paragraphPage(options: PageOptions, whole: boolean): [Page] {
  const { random, level, split, width, height } = options;
  const font = fontFor(random, split, false);
  const size = fontSizeFor(random, font, level, true);
  const lineCount = 2 + level;
  const lines = range(1, lineCount).map(() => lineOf(random, font, size, width - 130, options));
  const step = Math.floor((size * 8) / 5);
  const left = 60;
  const top = random.between(40, Math.max(41, height - 60 - lineCount * step)) + size;
  const [ink] = random.pick(documentInks);
  const elements = new PageElements();
  const asked = random.below(lineCount);
  const ids = lines.map((words_, index) =>
    elements.text({
      text: words_.join(' '),
      font,
      size,
      x: left,
      y: top + index * step,
      align: 'left',
      colour: ink,
      asked: whole || index === asked,
    }),
  );
  const last = random.chance(50);
  const line = lines[asked] ?? [];
  const answer = whole ? lines.map((words_) => words_.join(' ')).join(' ') : ((last ? line.at(-1) : line[0]) ?? '');
  return [
    {
      width,
      height,
      background: paperGround(random),
      elements: elements.list,
      questions: whole
        ? readWordings('Copy all the text in the picture.', 'Transcribe the text in this image.')
        : readWordings(
            `What is the ${last ? 'last' : 'first'} word of line ${asked + 1}?`,
            `Read the ${last ? 'last' : 'first'} word in line number ${asked + 1}.`,
          ),
      answerSpec: textAnswer(),
      answer,
      evidence: whole ? ids : [ids[asked] ?? ''],
      xHeightTenths: xHeightTenths(font, size),
      mayTurn: false,
    },
  ];
}

/** Words to fill a line, a random number among them now and then. */
function lineOf(random: Random, font: FontFamily, size: number, room: number, { split }: PageOptions): string[] {
  const line = [drawWord(random, words, split)];
  for (;;) {
    const next = random.chance(10) ? String(random.between(10, 9999)) : drawWord(random, words, split);
    if (line.length >= 7 || textWidth(font, size, [...line, next].join(' ')) > room) return line;
    line.push(next);
  }
}
