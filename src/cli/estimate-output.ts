/** How an estimate is shown: tables for people, one JSON document or CSV for programs. */

import type { Picture } from './estimate-pictures.js';
import {
  detailFor,
  withCheapest,
  type EstimateSettings,
  type ModelEstimator,
  type ModelTotal,
  type ModelWarning,
  type PictureRecord,
} from './estimate-records.js';
import type { Problem } from './find-files.js';
import { printable, type Io } from './io.js';
import { csvLine, rangeText, renderTable, shortened, usdTexts, wholeNumberText, type Column } from './table.js';

export interface EstimateResult {
  readonly estimators: readonly ModelEstimator[];
  readonly pictures: readonly Picture[];
  readonly totals: readonly ModelTotal[];
  readonly warnings: readonly ModelWarning[];
  readonly problems: readonly Problem[];
  readonly settings: EstimateSettings;
}

export type SortOrder = 'price' | 'tokens';

export function resultOf(
  estimators: readonly ModelEstimator[],
  pictures: readonly Picture[],
  settings: EstimateSettings,
  sort: SortOrder | undefined,
  notes: Pick<EstimateResult, 'problems' | 'warnings'>,
): EstimateResult {
  const totals = withCheapest(estimators.map((estimator) => estimator.total(pictures)));
  return {
    estimators,
    pictures,
    totals: sort === undefined ? totals : totals.toSorted(sort === 'price' ? byPrice : byTokens),
    warnings: [...estimators.flatMap(({ warnings }) => warnings), ...notes.warnings],
    problems: notes.problems,
    settings,
  };
}

const byPrice = (left: ModelTotal, right: ModelTotal): number =>
  Number(left.rejected > 0) - Number(right.rejected > 0) ||
  (left.usd ?? Number.MAX_VALUE) - (right.usd ?? Number.MAX_VALUE) ||
  left.tokens - right.tokens;
const byTokens = (left: ModelTotal, right: ModelTotal): number =>
  Number(left.rejected > 0) - Number(right.rejected > 0) || left.tokens - right.tokens;

/** Written together, so that folders of thousands are not a write for each picture. */
const linesTogether = 500;

function* recordsOf({ estimators, pictures }: EstimateResult): Generator<PictureRecord> {
  for (const estimator of estimators) for (const picture of pictures) yield estimator.record(picture);
}

function writeTogether(lines: Iterable<string>, io: Io): void {
  let waiting: string[] = [];
  for (const line of lines) {
    waiting.push(line);
    if (waiting.length < linesTogether) continue;
    io.stdout.write(waiting.join(''));
    waiting = [];
  }
  if (waiting.length > 0) io.stdout.write(waiting.join(''));
}

/** One document, a record a line. */
export function writeJson(result: EstimateResult, io: Io): void {
  function* lines(): Generator<string> {
    yield '{\n"pictures": [';
    let separator = '\n';
    for (const record of recordsOf(result)) {
      yield `${separator}  ${JSON.stringify(record)}`;
      separator = ',\n';
    }
    yield '\n],\n"totals": [';
    separator = '\n';
    for (const total of result.totals) {
      yield `${separator}  ${JSON.stringify(total)}`;
      separator = ',\n';
    }
    yield `\n],\n"warnings": ${JSON.stringify(result.warnings)},\n"problems": ${JSON.stringify(result.problems)}\n}\n`;
  }
  writeTogether(lines(), io);
}

const csvColumns = [
  'picture',
  'width',
  'height',
  'count',
  'model',
  'detail',
  'tokens',
  'low',
  'high',
  'rule',
  'confidence',
  'asOf',
  'resizedTo',
  'rejected',
  'usd',
  'usdLow',
  'usdHigh',
  'priceAsOf',
] as const;

export function writeCsv(result: EstimateResult, io: Io): void {
  function* lines(): Generator<string> {
    yield csvLine(csvColumns);
    for (const record of recordsOf(result)) {
      const flat = { ...record, resizedTo: sizeText(record.resizedTo), rejected: record.rejected?.reason };
      yield csvLine(csvColumns.map((name) => flat[name]));
    }
  }
  writeTogether(lines(), io);
}

/** More rows than this are no longer read; `--json` and `--csv` have them all. */
const mostPictureRows = 40;

export function writeTables(result: EstimateResult, io: Io): void {
  const { pictures, estimators } = result;
  const isOne = pictures.length <= 1;
  io.stdout.write(`${headline(result)}\n\n`);
  if (!isOne && pictures.length * estimators.length <= mostPictureRows)
    for (const estimator of estimators) writePictures(estimator, pictures, io);
  else if (!isOne && estimators.length === 1) {
    const [estimator] = estimators;
    if (estimator !== undefined) writePictures(estimator, pictures.slice(0, mostPictureRows), io);
    io.stdout.write(`${pictures.length - mostPictureRows} more pictures are in --csv and --json.\n\n`);
  }
  writeTotals(result, io);
}

function headline({ pictures, settings, totals, estimators }: EstimateResult): string {
  const [only] = pictures;
  const details = [...new Set(estimators.map(({ row }) => detailFor(row, settings)))].join(' or ');
  const count = pictures.reduce((sum, picture) => sum + picture.count, 0);
  const what =
    only === undefined
      ? 'The prompt alone'
      : pictures.length === 1
        ? `${printable(shortened(only.name, 50))}${only.name === `${only.width}x${only.height}` ? '' : ` (${only.width}x${only.height})`}${count > 1 ? `, ${wholeNumberText(count)} of them` : ''}`
        : `${wholeNumberText(count)} pictures`;
  const parts = [what, ...(only === undefined ? [] : [`detail ${details}`]), `prices of ${settings.date}`];
  if (settings.batch) parts.push('as a batch');
  return `${parts.join(', ')}.${requestNote(settings, totals)}`;
}

/** What is counted besides the pictures, by the first model: their limits on answers differ little. */
function requestNote({ prompt }: EstimateSettings, totals: readonly ModelTotal[]): string {
  const first = totals.find(({ output }) => output !== null);
  if (first === undefined || first.output === null) return '';
  const requests = Math.max(1, first.pictures - first.rejected);
  const [expected, most] = [first.output.tokens / requests, first.output.high / requests].map(wholeNumberText);
  const each = first.pictures > 0 ? 'Each picture is one request' : 'It is one request';
  const withPrompt = prompt === undefined || first.pictures === 0 ? '' : ' with the prompt';
  const atMost = expected === most ? '' : ` (at most ${most})`;
  return `\n${each}${withPrompt} and an answer of ${expected} tokens${atMost}.`;
}

const pictureColumns: readonly Column[] = [
  { title: 'picture', align: 'left' },
  { title: 'size', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'range', align: 'right' },
  { title: 'resized', align: 'right' },
  { title: 'USD', align: 'right' },
  { title: '× 1,000', align: 'right' },
];
const longestName = 36;

function writePictures(estimator: ModelEstimator, pictures: readonly Picture[], io: Io): void {
  const records = pictures.map((picture) => estimator.record(picture));
  const taken = records.filter(({ rejected }) => rejected === null);
  const prices = usdTexts(taken.map(({ usd }) => usd));
  const thousands = usdTexts(taken.map(({ usd }) => (usd === null ? null : usd * 1_000)));
  io.stdout.write(`${estimator.row.id}\n`);
  if (taken.length > 0) {
    const rows = taken.map((record, index) => [
      `${printable(shortened(record.picture, longestName))}${record.count > 1 ? ` (${wholeNumberText(record.count)} of them)` : ''}`,
      `${record.width}x${record.height}`,
      wholeNumberText(record.tokens),
      rangeText(record),
      sizeText(record.resizedTo),
      prices[index] ?? '',
      thousands[index] ?? '',
    ]);
    io.stdout.write(indented(renderTable(pictureColumns, rows)));
  }
  for (const { picture, rejected } of records)
    if (rejected !== null)
      io.stdout.write(`  ${printable(shortened(picture, longestName))}: rejected. ${rejected.reason}\n`);
  io.stdout.write('\n');
}

const totalColumns: readonly Column[] = [
  { title: '  model', align: 'left' },
  { title: 'tokens', align: 'right' },
  { title: 'range', align: 'right' },
  { title: 'resized', align: 'right' },
  { title: 'USD each', align: 'right' },
  { title: '× 1,000', align: 'right' },
  { title: 'in all', align: 'right' },
  { title: 'at most', align: 'right' },
];

function writeTotals(result: EstimateResult, io: Io): void {
  const { totals } = result;
  const taken = totals.filter(({ rejected }) => rejected === 0);
  const paid = Math.min(...taken.flatMap(({ usd }) => (usd === null || usd === 0 ? [] : [usd])));
  const isFree = taken.some(({ usd, cheapest }) => cheapest && usd === 0);
  if (taken.length > 0) {
    const mark = ({ cheapest, usd }: ModelTotal): string =>
      totals.length > 1 && cheapest ? '*' : totals.length > 1 && isFree && usd === paid ? '+' : ' ';
    const columns = [
      usdTexts(taken.map(({ usdPerPicture }) => usdPerPicture)),
      usdTexts(taken.map(({ usdPerThousand }) => usdPerThousand)),
      usdTexts(taken.map(({ usd }) => usd)),
      usdTexts(taken.map(({ usdHigh }) => usdHigh)),
    ];
    // For one picture the price in all is the price of each.
    const isMany = taken.some(({ pictures }) => pictures > 1);
    const rows = taken.map((total, index) => [
      `${mark(total)} ${total.model}`,
      wholeNumberText(total.tokens),
      rangeText(total),
      resizedText(result, total.model),
      columns[0]?.[index] ?? '',
      columns[1]?.[index] ?? '',
      isMany ? (columns[2]?.[index] ?? '') : '',
      total.usd === total.usdHigh ? '' : (columns[3]?.[index] ?? ''),
    ]);
    io.stdout.write(renderTable(totalColumns, rows));
  }
  writeRejected(result, io);
  if (totals.length > 1 && Number.isFinite(paid))
    io.stdout.write(isFree ? '\n* free, on this machine   + the cheapest of the others\n' : '\n* the cheapest\n');
}

function writeRejected({ totals, estimators, pictures }: EstimateResult, io: Io): void {
  const rejecting = totals.filter(({ rejected }) => rejected > 0);
  if (rejecting.length > 0) io.stdout.write('\nWould be rejected:\n');
  for (const { model, rejected, pictures: count } of rejecting) {
    const estimator = estimators.find(({ row }) => row.id === model);
    const first = estimator && pictures.map((picture) => estimator.record(picture)).find((record) => record.rejected);
    const many = count > 1 ? `${wholeNumberText(rejected)} of ${wholeNumberText(count)}, the first: ` : '';
    const reason = first?.rejected?.reason ?? 'The request is more than the model takes.';
    io.stdout.write(`  ${model}  ${many}${reason}\n`);
  }
}

/** The size for one picture, how many were resized for several. */
function resizedText({ estimators, pictures }: EstimateResult, model: string): string {
  const estimator = estimators.find(({ row }) => row.id === model);
  if (estimator === undefined) return '';
  const [only] = pictures;
  if (pictures.length === 1 && only !== undefined) return sizeText(estimator.record(only).resizedTo);
  let resized = 0;
  for (const picture of pictures) if (estimator.record(picture).resizedTo !== null) resized += picture.count;
  return resized === 0 ? '' : wholeNumberText(resized);
}

function sizeText(size: { readonly width: number; readonly height: number } | null): string {
  return size === null ? '' : `${size.width}x${size.height}`;
}

export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** Warnings, and at the very end what could not be used. */
export function writeNotes(warnings: readonly ModelWarning[], problems: readonly Problem[], io: Io): void {
  for (const { message } of warnings) io.stderr.write(`warning: ${printable(message)}\n`);
  if (problems.length === 0) return;
  io.stderr.write(`${problems.length === 1 ? 'One thing' : `${problems.length} things`} could not be estimated:\n`);
  for (const { subject, message } of problems) io.stderr.write(`  ${printable(subject)}: ${printable(message)}\n`);
}
