/** Declares `ocelli bench` with its commands; the harness itself is loaded when one of them is used. */

import { InvalidArgumentError, type Command } from 'commander';
import { OcelliError } from '../index.js';
import type { BenchGenerateOptions } from './bench-generate.js';
import type { BenchRunOptions } from './bench-options.js';
import { benchExitCodes } from './bench-load.js';
import { addReportCommands } from './bench-report.js';
import { printable, type Io } from './io.js';

/** @param done is told the exit code */
export function addBenchCommands(program: Command, io: Io, version: string, done: (exitCode: number) => void): void {
  const bench = program
    .command('bench')
    .description('measure how often models count, place, find and read things wrongly');
  const load = async (command: (harness: Harness) => Promise<number>): Promise<void> => {
    done(await reported(async () => command(await loadHarness()), io));
  };

  addItemOptions(bench.command('generate').description('draw items with their truth, to look at or to ask about later'))
    .option('--out <dir>', 'where to write (default: runs/<date>-<suites>-items)')
    .option('--json', 'print one JSON document')
    .action(async (options: BenchGenerateOptions) => load(async ({ generate }) => generate(options, io)));

  addItemOptions(bench.command('run').description('ask models about items and score what they say'))
    .option('-m, --model <ids>', 'models or baselines, separated by commas (default: local:tiny)')
    .option('--out <dir>', 'folder of the run (default: runs/<date>-<suites>)')
    .option('--resume', 'go on with the run of --out, or with the latest; options that are left out are as they were')
    .option('--dry-run', 'send nothing; say how many calls, tokens and how much money it would be')
    .option('--prompts <n>', 'wordings of each question to ask (default: 1)', wholeNumber)
    .option('--repeats <n>', 'how often to ask each (default: 1)', wholeNumber)
    .option('-d, --detail <level>', 'low, medium, high, original or auto (default: high)')
    .option(
      '--fit <how>',
      'vendor, limits or off: what is done to pictures that a model would scale (default: off; with --detail: vendor)',
    )
    .option('-t, --temperature <n>', 'randomness, 0 to 2', number)
    .option('-s, --system <text>', 'instructions before each question')
    .option('--max-output-tokens <n>', 'most tokens of an answer (default: 1024)', wholeNumber)
    .option('--lenient', 'send options that a model does not take to nobody, in place of refusing the run')
    .option('--budget-usd <x>', 'most USD for the run, worst cases reserved before sending', number)
    .option('--budget-usd-per-model <x>', 'most USD for each model', number)
    .option('--allow-unpriced', 'ask models without a known price in spite of a budget')
    .option('--concurrency <n>', 'most calls at once at each model (default: 16; a local model: 1)', wholeNumber)
    .option('--retries <n>', 'retries of a call after its first attempt (default: 4)', wholeNumber)
    .option('--replay <dir>', 'take the answers from the run in this folder; nothing is sent')
    .option('--cache <dir>', 'keep and use answers by request over several runs')
    .option('--json', 'print one JSON document')
    .action(async (options: BenchRunOptions) => load(async ({ runBench }) => runBench(options, version, io)));

  bench
    .command('score')
    .description('score the stored responses of a run again')
    .argument('[run]', 'folder of the run (default: the latest under runs/)')
    .option('--out <dir>', 'the same, as an option')
    .option('--json', 'print one JSON document')
    .action(async (folder: string | undefined, options: { readonly out?: string; readonly json?: boolean }) =>
      load(async ({ score }) => score(folder ?? options.out, options, io)),
    );

  bench
    .command('list')
    .description('list suites with their levels and sub-tasks, and baselines')
    .option('--json', 'print one JSON document')
    .action(async (options: { readonly json?: boolean }) => load(({ list }) => Promise.resolve(list(options, io))));

  addReportCommands(bench, io, done);
}

type Harness = Awaited<ReturnType<typeof loadHarness>>;

/** @throws OcelliError that names the optional package which is missing */
async function loadHarness() {
  try {
    return await import('./bench.js');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new OcelliError(
      'invalid-request',
      'The benchmark reads its records with a package that is not installed. Run: npm install zod',
    );
  }
}

/** A failure must not look like a verdict. */
async function reported(command: () => Promise<number>, io: Io): Promise<number> {
  try {
    return await command();
  } catch (error) {
    io.stderr.write(`error: ${printable(error instanceof Error ? error.message : String(error))}\n`);
    return benchExitCodes.failed;
  }
}

function addItemOptions(command: Command): Command {
  return command
    .option('--suite <names>', 'suites, or modules such as ./mine.mjs, separated by commas (default: all)')
    .option('--items <file>', 'items of your own: a .jsonl or .csv file')
    .option('--data <dir>', 'folder of data sets, such as blindtest/ (default: data)')
    .option('--level <levels>', '1 (easy) to 5 (hard), several separated by commas (default: 1)')
    .option('--n <n>', 'items of each suite and level (default: 40; of a file: all)', wholeNumber)
    .option('--seed <n>', 'which items: 0 to 9999 (default: 0)', wholeNumber)
    .option('--twins', 'follow items with twins that change one thing')
    .option(
      '--look <look>',
      'unseen or seen: new scenes in art, fonts and words that training never shows, or in those that it does (default: unseen)',
    );
}

function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}
