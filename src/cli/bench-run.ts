/** `ocelli bench run`: asks models about items, scores what they say, and prints how often they were right. */

import {
  defaultMaxOutputTokens,
  dryRun,
  runBenchmark,
  scoreRun,
  type ModelForecast,
  type RunOptions,
  type RunResult,
} from '../../benchmarks/index.js';
import { runOptions, type BenchRunOptions } from './bench-options.js';
import { progressLine } from './bench-progress.js';
import { resultRows, resultTable } from './bench-results.js';
import { printable, type Io } from './io.js';
import { renderTable, usdTexts, wholeNumberText } from './table.js';

/** Everything was answered, or something was not. */
const complete = 0;
const incomplete = 3;

export async function runBench(options: BenchRunOptions, version: string, io: Io): Promise<number> {
  const wanted = await runOptions(options);
  if (options.dryRun === true) return showForecast(wanted, options, io);
  const line = progressLine(io);
  let result: RunResult;
  try {
    result = await runBenchmark({
      ...wanted,
      version,
      ocelli: { environment: io.environment },
      signal: io.signal,
      onProgress: line.show,
    });
  } finally {
    line.end();
  }
  const { scores } = await scoreRun(result.folder);
  const rows = resultRows(scores, result.responses);
  if (options.json === true) {
    const { folder, manifest, notes } = result;
    io.stdout.write(`${JSON.stringify({ folder, manifest, notes, results: rows }, undefined, 2)}\n`);
  } else {
    io.stdout.write(`${resultTable(rows)}\n${result.folder}\n`);
    tell(result, io);
  }
  return result.manifest.partial ? incomplete : complete;
}

function tell({ manifest, notes, folder }: RunResult, io: Io): void {
  for (const note of notes) io.stderr.write(`note: ${printable(note)}\n`);
  if (!manifest.partial) return;
  const why = manifest.reason === undefined ? '' : `: ${manifest.reason}`;
  io.stderr.write(
    printable(`note: the run is partial${why}. Go on with "ocelli bench run --resume --out ${folder}".`) + '\n',
  );
}

async function showForecast(wanted: RunOptions, options: BenchRunOptions, io: Io): Promise<number> {
  const forecasts = await dryRun({ ...wanted, maxOutputTokens: wanted.maxOutputTokens ?? defaultMaxOutputTokens });
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ models: forecasts }, undefined, 2)}\n`);
    return complete;
  }
  io.stdout.write(forecastTable(forecasts));
  const over = forecasts.filter(({ usd }) => usd !== undefined && usd.expected > (wanted.budgetUsd ?? Infinity));
  for (const { model } of over)
    io.stderr.write(`note: ${printable(model)} will not come to its end within the budget\n`);
  return complete;
}

function forecastTable(forecasts: readonly ModelForecast[]): string {
  const expected = usdTexts(forecasts.map(({ usd }) => usd?.expected ?? null));
  const worst = usdTexts(forecasts.map(({ usd }) => usd?.high ?? null));
  return renderTable(
    [
      { title: 'model', align: 'left' },
      { title: 'calls', align: 'right' },
      { title: 'input tokens', align: 'right' },
      { title: 'output tokens', align: 'right' },
      { title: 'USD', align: 'right' },
      { title: 'at most', align: 'right' },
      { title: 'refused', align: 'right' },
    ],
    forecasts.map(({ model, calls, inputTokens, outputTokens, rejected }, place) => [
      printable(model),
      wholeNumberText(calls),
      inputTokens === undefined ? '?' : wholeNumberText(inputTokens.expected),
      outputTokens === undefined ? '?' : wholeNumberText(outputTokens.expected),
      expected[place] ?? '',
      worst[place] ?? '',
      rejected === 0 ? '' : wholeNumberText(rejected),
    ]),
  );
}
