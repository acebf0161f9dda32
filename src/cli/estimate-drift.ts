/** `ocelli estimate drift`: estimates against usage over records that the caller kept. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  readDriftRecord,
  summariseDrift,
  type DriftRecord,
  type ModelDrift,
  type SkippedRecord,
} from './drift-records.js';
import type { Problem } from './find-files.js';
import { writeNotes } from './estimate-output.js';
import { exitCodes, printable, UsageError, type Io } from './io.js';
import { renderTable, wholeNumberText, type Column } from './table.js';

export interface DriftOptions {
  readonly json?: boolean;
}

interface Reading {
  readonly records: DriftRecord[];
  readonly skipped: Record<SkippedRecord['skipped'], number>;
  readonly problems: Problem[];
}

/** Problems after these are only counted. */
const mostProblems = 20;

/** @returns 0; 1 when a line is no record or there is nothing to compare */
export async function drift(file: string, options: DriftOptions, io: Io): Promise<number> {
  const { records, skipped, problems } = await read(file);
  const models = summariseDrift(records);
  if (options.json === true)
    io.stdout.write(
      `${JSON.stringify({ models, skipped, problems: problems.slice(0, mostProblems) }, undefined, 2)}\n`,
    );
  else writeTable(models, io);
  for (const [reason, count] of Object.entries(skipped))
    if (count > 0 && options.json !== true)
      io.stderr.write(`${wholeNumberText(count)} left out: ${explanations[reason as SkippedRecord['skipped']]}\n`);
  const more = problems.length - mostProblems;
  writeNotes([], problems.slice(0, mostProblems), io);
  if (more > 0) io.stderr.write(`  and ${more} more lines\n`);
  if (models.length === 0)
    io.stderr.write(`error: ${printable(file)} holds no record with an estimate and its usage.\n`);
  return problems.length > 0 || models.length === 0 ? exitCodes.failed : exitCodes.answered;
}

const explanations: Readonly<Record<SkippedRecord['skipped'], string>> = {
  'no-estimate': 'no estimate in the record.',
  'no-usage': 'the provider had reported no input tokens.',
  'usage-estimated': 'the usage was estimated itself, since the call was cut.',
};

async function read(file: string): Promise<Reading> {
  const reading: Reading = {
    records: [],
    skipped: { 'no-estimate': 0, 'no-usage': 0, 'usage-estimated': 0 },
    problems: [],
  };
  let number = 0;
  let failed: Problem | undefined;
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() === '') continue;
      // Only now is it known that the line before was not the last one, which a writer that died may have left half.
      if (failed !== undefined) reading.problems.push(failed);
      failed = undefined;
      try {
        const record = readDriftRecord(line);
        if ('skipped' in record) reading.skipped[record.skipped] += 1;
        else reading.records.push(record);
      } catch (error) {
        const reason = error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message;
        failed = { subject: `${file}:${number}`, message: `The line is no record: ${reason}.` };
        if (!(error instanceof SyntaxError)) {
          reading.problems.push(failed);
          failed = undefined;
        }
      }
    }
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`);
  }
  // The last line, half-written: ignored, unless there is nothing else.
  if (failed !== undefined && reading.records.length === 0) reading.problems.push(failed);
  return reading;
}

const columns: readonly Column[] = [
  { title: 'model', align: 'left' },
  { title: 'records', align: 'right' },
  { title: 'estimated', align: 'right' },
  { title: 'used', align: 'right' },
  { title: 'bias', align: 'right' },
  { title: 'median error', align: 'right' },
  { title: '95 % within', align: 'right' },
  { title: 'in range', align: 'right' },
];

function writeTable(models: readonly ModelDrift[], io: Io): void {
  if (models.length === 0) return;
  const rows = models.map((model) => [
    model.model,
    wholeNumberText(model.records),
    wholeNumberText(model.estimatedTokens),
    wholeNumberText(model.usedTokens),
    percent(model.bias, true),
    percent(model.medianError),
    percent(model.error95),
    percent(model.withinRange),
  ]);
  io.stdout.write(renderTable(columns, rows));
}

function percent(share: number | null, signed = false): string {
  if (share === null) return '?';
  const value = share * 100;
  const text = value.toFixed(Math.abs(value) < 10 && value % 1 !== 0 ? 1 : 0);
  return `${signed && value > 0 ? '+' : ''}${text} %`;
}
