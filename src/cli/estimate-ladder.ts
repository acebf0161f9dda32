/** `ocelli estimate --ladder`: the largest size at each cost, so that nobody pays for a pixel too many. */

import type { Detail, ModelRow } from '../index.js';
import { ladder, type ImageEstimate } from '../estimate/index.js';
import { indented, writeNotes } from './estimate-output.js';
import type { Picture } from './estimate-pictures.js';
import { detailFor, type EstimateSettings } from './estimate-records.js';
import type { Problem } from './find-files.js';
import { exitCodes, printable, type Io } from './io.js';
import { csvLine, rangeText, renderTable, shortened, usdTexts, wholeNumberText, type Column } from './table.js';

interface Ladder {
  readonly picture: Picture;
  readonly model: string;
  readonly detail: Detail;
  readonly rungs: readonly ImageEstimate[];
}

const columns: readonly Column[] = [
  { title: 'up to', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'range', align: 'right' },
  { title: 'resized', align: 'right' },
  { title: 'the model sees', align: 'right' },
  { title: 'USD', align: 'right' },
  { title: '× 1,000', align: 'right' },
];
/** A patch rule changes its cost a hundred times on the way to a photo; the whole ladder is in --json and --csv. */
const mostRungs = 24;

export function ladders(
  rows: readonly ModelRow[],
  pictures: readonly Picture[],
  settings: EstimateSettings,
  problems: readonly Problem[],
  output: { readonly json?: boolean; readonly csv?: boolean },
  io: Io,
): number {
  const { batch, date } = settings;
  const all: Ladder[] = pictures.flatMap((picture) =>
    rows.map((row) => {
      const detail = detailFor(row, settings);
      const rungs = ladder({ model: row, width: picture.width, height: picture.height, detail, batch, date });
      return { picture, model: row.id, detail, rungs };
    }),
  );
  if (output.json === true) {
    const records = all.map((one) => ({ ...recordOf(one), detail: one.detail, rungs: one.rungs.map(rungRecord) }));
    io.stdout.write(`${JSON.stringify({ ladders: records, warnings: [], problems }, undefined, 2)}\n`);
  } else if (output.csv === true) writeCsv(all, io);
  else for (const one of all) writeTable(one, io);
  writeNotes([], problems, io);
  return problems.length > 0 ? exitCodes.failed : exitCodes.answered;
}

function recordOf({ picture, model }: Ladder): { picture: string; width: number; height: number; model: string } {
  return { picture: picture.name, width: picture.width, height: picture.height, model };
}

function rungRecord(rung: ImageEstimate): Record<string, unknown> {
  const { width, height, tokens, low, high, seenLongEdge, resizedTo, money } = rung;
  return {
    width,
    height,
    tokens,
    low,
    high,
    seenLongEdge,
    resizedTo: resizedTo ?? null,
    usd: money?.usd ?? null,
    usdLow: money?.low ?? null,
    usdHigh: money?.high ?? null,
  };
}

function writeCsv(all: readonly Ladder[], io: Io): void {
  io.stdout.write(csvLine(['picture', 'model', 'width', 'height', 'tokens', 'low', 'high', 'seenLongEdge', 'usd']));
  for (const { picture, model, rungs } of all)
    for (const { width, height, tokens, low, high, seenLongEdge, money } of rungs)
      io.stdout.write(csvLine([picture.name, model, width, height, tokens, low, high, seenLongEdge, money?.usd]));
}

function writeTable({ picture, model, detail, rungs }: Ladder, io: Io): void {
  const size = `${picture.width}x${picture.height}`;
  const name = picture.name === size ? size : `${printable(shortened(picture.name, 50))} (${size})`;
  io.stdout.write(`${name} at ${model}, detail ${detail}\n`);
  if (rungs.length === 0) io.stdout.write('  No size of this shape is taken.\n');
  const shown = thinned(rungs);
  const prices = usdTexts(shown.map(({ money }) => money?.usd ?? null));
  const thousands = usdTexts(shown.map(({ money }) => (money === undefined ? null : money.usd * 1_000)));
  const lines = shown.map((rung, index) => [
    `${rung.width}x${rung.height}`,
    wholeNumberText(rung.tokens),
    rangeText(rung),
    rung.resizedTo === undefined ? '' : `${rung.resizedTo.width}x${rung.resizedTo.height}`,
    `${wholeNumberText(rung.seenLongEdge)} px`,
    prices[index] ?? '',
    thousands[index] ?? '',
  ]);
  if (lines.length > 0) io.stdout.write(indented(renderTable(columns, lines)));
  if (shown.length < rungs.length)
    io.stdout.write(`  ${shown.length} of ${rungs.length} steps; all of them with --json or --csv.\n`);
  io.stdout.write('\n');
}

/** Evenly over the ladder, its ends included. */
function thinned(rungs: readonly ImageEstimate[]): readonly ImageEstimate[] {
  if (rungs.length <= mostRungs) return rungs;
  return Array.from({ length: mostRungs }, (_, index) =>
    rungs.at(Math.round((index * (rungs.length - 1)) / (mostRungs - 1))),
  ).filter((rung) => rung !== undefined);
}
