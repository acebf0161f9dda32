/** `ocelli bench report`, and where the commands that read finished runs are declared: report, compare, gate and power. */

import { InvalidArgumentError, type Command } from 'commander';
import {
  compare,
  decide,
  power,
  type CompareOptions,
  type GateOptions,
  type PowerCommandOptions,
} from './bench-compare.js';
import { benchExitCodes, loadBench } from './bench-load.js';
import { printable, UsageError, type Io } from './io.js';

interface ReportCommandOptions {
  readonly verdicts?: string;
  readonly out?: string;
  readonly pair?: readonly string[];
  readonly by?: readonly string[];
  readonly failures?: number;
  readonly json?: boolean;
}

/**
 * Adds the commands that read finished runs to `ocelli bench`.
 *
 * @param done is told the exit code
 */
export function addReportCommands(bench: Command, io: Io, done: (exitCode: number) => void): void {
  // A failure must not look like a verdict, whose codes are 1 and 2.
  const run = async (command: () => Promise<number>): Promise<void> => {
    try {
      done(await command());
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      io.stderr.write(`error: ${printable(message)}\n`);
      done(benchExitCodes.failed);
    }
  };

  bench
    .command('report')
    .description('write a page, JUnit XML, Markdown and JSON about a run')
    .argument('[run]', 'folder of the run (default: the latest under runs/)')
    .option('--verdicts <file>', "published verdicts in a run's place, such as BlindTest's verdicts.jsonl.gz")
    .option('--out <dir>', "where to write (default: the run's folder)")
    .option('--pair <baseline,candidate>', 'two models to compare by sub-task; can be repeated', collected)
    .option(
      '--by <keys>',
      'tell accuracies apart, such as level, count:0-9/10-15, xHeight@448:10-14/17-23+word; can be repeated',
      collected,
    )
    .option(
      '--failures <n>',
      'most failures to show, and a third as many answers that were right (default: 90)',
      wholeNumber,
    )
    .option('--json', 'print one JSON document: the files and the verdicts')
    .action(async (folder: string | undefined, options: ReportCommandOptions) =>
      run(() => report(folder, options, versionOf(bench), io)),
    );

  bench
    .command('compare')
    .description('say which of two runs is better at what, by how much and how sure that is')
    .argument('<a>', 'folder of the baseline run; with --run a model of it')
    .argument('<b>', 'folder of the candidate run; with --run a model of it')
    .option('--run <dir>', 'compare two models of this one run')
    .option('--verdicts <file>', 'compare two models of published verdicts')
    .option('--model <id>', 'the model that is meant, where the runs have several')
    .option('--json', 'print one JSON document')
    .option('--markdown', 'print Markdown')
    .action(async (a: string, b: string, options: CompareOptions) => run(() => compare(a, b, options, io)));

  bench
    .command('gate')
    .description('pass or fail a build: 0 pass, 1 regression, 2 inconclusive, 3 error')
    .argument('[run]', 'folder of the candidate run (default: the latest under runs/)')
    .option('--baseline <run>', 'folder of the run to hold against')
    .option('--margin <n>', 'loss in accuracy that is put up with, such as 0.02 (default: 0.02)', share)
    .option('--model <id>', 'the model that is meant, where the runs have several')
    .option('--baseline-model <id>', 'the same for the baseline (default: as --model)')
    .option('--json', 'print one JSON document')
    .action(async (folder: string | undefined, options: GateOptions) => run(() => decide(folder, options, io)));

  bench
    .command('power')
    .description('say how many items a difference takes, or what so many items can find')
    .option('--discordance <n>', 'share of items on which the two models differ, such as 0.2 (default: 0.2)', share)
    .option('--difference <n>', 'difference in accuracy to find, such as 0.05', share)
    .option('--n <items>', 'number of items', wholeNumber)
    .option('--power <n>', 'chance to find it (default: 0.8)', share)
    .option('--level <n>', 'chance of a false alarm (default: 0.05)', share)
    .option('--design-effect <n>', 'how many times more items clusters take (default: 1)', positive)
    .option('--json', 'print one JSON document')
    .action(async (options: PowerCommandOptions) => run(() => power(options, io)));
}

/** The version that the outermost command was given. */
function versionOf(command: Command): string {
  return command.version() ?? (command.parent === null ? '' : versionOf(command.parent));
}

async function report(
  folder: string | undefined,
  options: ReportCommandOptions,
  version: string,
  io: Io,
): Promise<number> {
  const bench = await loadBench();
  if (folder !== undefined && options.verdicts !== undefined)
    throw new UsageError('Name a run or --verdicts, not both.');
  const source = options.verdicts ?? folder ?? (await bench.latestRun('runs'));
  if (source === undefined)
    throw new UsageError(
      'There is no run under runs/. Name the folder of a run, or start one with "ocelli bench run".',
    );
  const run = options.verdicts === undefined ? await bench.readRun(source) : await bench.readPublishedRun(source);
  const out = options.out ?? (options.verdicts === undefined ? source : 'runs/published-verdicts');
  const pairs = options.pair?.map((pair) => pairOf(pair, (name) => bench.modelOf(run, name)));
  const { files, sentences } = await bench.writeReport(run, out, {
    version,
    ...(pairs === undefined ? {} : { pairs }),
    ...(options.by === undefined ? {} : { by: options.by.map((text) => bench.breakdownRequest(text)) }),
    ...(options.failures === undefined
      ? {}
      : { samples: { failures: options.failures, successes: Math.ceil(options.failures / 3) } }),
  });
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ files, findings: sentences, partial: run.partial }, undefined, 2)}\n`);
    return benchExitCodes.pass;
  }
  io.stdout.write(`${sentences.map(printable).join('\n')}\n\n${files.html}\n`);
  for (const note of run.notes) io.stderr.write(`note: ${printable(note)}\n`);
  if (run.partial) io.stderr.write('note: the run is partial; resume it for the rest\n');
  return benchExitCodes.pass;
}

function pairOf(text: string, find: (name: string) => string): readonly [string, string] {
  const [baseline, candidate, more] = text.split(',').map((name) => name.trim());
  if (!baseline || !candidate || more !== undefined)
    throw new UsageError(`"${text}" is no pair; expected two models separated by a comma.`);
  return [find(baseline), find(candidate)];
}

function collected(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0.');
  return Number(text);
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be a share from 0 to 1, such as 0.02 for two points.');
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
