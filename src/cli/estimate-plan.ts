/** `ocelli estimate --plan`: a size and a detail for every picture, as sharp as the budget allows. */

import type { ModelRow } from '../index.js';
import { plan, type Plan, type PlanBudget } from '../estimate/index.js';
import { indented, writeNotes } from './estimate-output.js';
import type { Picture } from './estimate-pictures.js';
import type { EstimateSettings } from './estimate-records.js';
import type { Problem } from './find-files.js';
import { exitCodes, printable, UsageError, type Io } from './io.js';
import { csvLine, renderTable, shortened, usdTexts, wholeNumberText, type Column } from './table.js';

interface PlanOptions {
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly minLongEdge?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Each has a target of its own, so that they cannot be counted together. */
const mostPictures = 20_000;
const mostRows = 40;

const columns: readonly Column[] = [
  { title: 'picture', align: 'left' },
  { title: 'size', align: 'right' },
  { title: 'send as', align: 'right' },
  { title: 'detail', align: 'left' },
  { title: 'the model sees', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'USD', align: 'right' },
];

/** @returns 0 when at least one model's plan keeps to the budget, else 1 */
export function plans(
  rows: readonly ModelRow[],
  pictures: readonly Picture[],
  { batch, date }: EstimateSettings,
  problems: readonly Problem[],
  options: PlanOptions,
  io: Io,
): number {
  const { minLongEdge, budgetUsd, budgetTokens } = options;
  const all = oneByOne(pictures);
  const budget: PlanBudget = budgetUsd === undefined ? { tokens: budgetTokens ?? 0 } : { usd: budgetUsd };
  const found = plan({
    pictures: all.map(({ width, height }) => ({
      width,
      height,
      ...(minLongEdge === undefined ? {} : { minLongEdge }),
    })),
    models: rows,
    budget,
    date,
    batch,
  });
  if (options.json === true)
    io.stdout.write(
      `${JSON.stringify({ plans: found.map((one) => recordOf(one, all)), warnings: [], problems }, undefined, 2)}\n`,
    );
  else if (options.csv === true) writeCsv(found, all, io);
  else for (const one of found) writeTable(one, all, budget, io);
  writeNotes([], problems, io);
  return problems.length > 0 || !found.some(({ fits }) => fits) ? exitCodes.failed : exitCodes.answered;
}

function oneByOne(pictures: readonly Picture[]): Picture[] {
  const count = pictures.reduce((sum, picture) => sum + picture.count, 0);
  if (count > mostPictures)
    throw new UsageError(`--plan takes at most ${mostPictures} pictures at once, not ${count}; plan them in parts.`);
  return pictures.flatMap((picture) => Array.from({ length: picture.count }, () => ({ ...picture, count: 1 })));
}

function recordOf(one: Plan, pictures: readonly Picture[]): Record<string, unknown> {
  const { model, fits, reason, tokens, money, score } = one;
  return {
    model,
    fits,
    reason: reason ?? null,
    ...tokens,
    usd: money?.usd ?? null,
    usdLow: money?.low ?? null,
    usdHigh: money?.high ?? null,
    score: Number.isFinite(score) ? score : null,
    pictures: one.pictures.map(({ index, target, estimate, sharpness, gaveUp }) => ({
      picture: pictures[index]?.name ?? '',
      target,
      tokens: estimate.tokens,
      usd: estimate.money?.usd ?? null,
      sharpness,
      gaveUp: gaveUp ?? null,
    })),
  };
}

function writeCsv(found: readonly Plan[], pictures: readonly Picture[], io: Io): void {
  io.stdout.write(csvLine(['picture', 'model', 'fits', 'width', 'height', 'detail', 'tokens', 'usd', 'sharpness']));
  for (const { model, fits, pictures: planned } of found)
    for (const { index, target, estimate, sharpness } of planned)
      io.stdout.write(
        csvLine([
          pictures[index]?.name,
          model,
          String(fits),
          target.width,
          target.height,
          target.detail,
          estimate.tokens,
          estimate.money?.usd,
          sharpness,
        ]),
      );
}

function writeTable(one: Plan, pictures: readonly Picture[], budget: PlanBudget, io: Io): void {
  const limit = 'usd' in budget ? `${budget.usd} USD` : `${wholeNumberText(budget.tokens)} tokens`;
  const [usd = '?'] = usdTexts([one.money?.usd ?? null]);
  const cost = `${wholeNumberText(one.tokens.tokens)} tokens, ${usd === 'free' || usd === '?' ? usd : `${usd} USD`}`;
  io.stdout.write(
    one.fits
      ? `${one.model}: ${cost} of ${limit}\n`
      : `${one.model}: does not fit into ${limit}. ${one.reason ?? ''}\n`,
  );
  const planned = one.pictures.slice(0, mostRows);
  const prices = usdTexts(planned.map(({ estimate }) => estimate.money?.usd ?? null));
  const rows = planned.map(({ index, target, estimate, sharpness }, place) => {
    const picture = pictures[index];
    return [
      printable(shortened(picture?.name ?? '', 36)),
      picture === undefined ? '' : `${picture.width}x${picture.height}`,
      `${target.width}x${target.height}`,
      target.detail,
      `${wholeNumberText(estimate.seenLongEdge)} px (${Math.round(sharpness * 100)} %)`,
      wholeNumberText(estimate.tokens),
      prices[place] ?? '',
    ];
  });
  if (rows.length > 0) io.stdout.write(indented(renderTable(columns, rows)));
  if (one.pictures.length > planned.length)
    io.stdout.write(`  ${one.pictures.length - planned.length} more pictures are in --csv and --json.\n`);
  io.stdout.write('\n');
}
