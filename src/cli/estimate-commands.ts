/** Declares `ocelli estimate`, `ocelli estimate drift` and `ocelli ledger` with their options. */

import { InvalidArgumentError, type Command } from 'commander';
import { drift, type DriftOptions } from './estimate-drift.js';
import { estimate, type EstimateOptions } from './estimate.js';
import type { Io } from './io.js';
import { releaseLedger, showLedger, type LedgerReleaseOptions, type LedgerShowOptions } from './ledger.js';

/** @param done is told the exit code */
export function addEstimateCommands(program: Command, io: Io, done: (exitCode: number) => void): void {
  program
    .command('estimate')
    .description('say what pictures will cost, in tokens and money, without sending anything')
    .argument('[pictures...]', 'paths, folders or patterns such as "photos/**/*.jpg"')
    .option('-m, --model <ids>', 'models, separated by commas (default: the newest three of each vendor)')
    .option('-a, --all', 'every model of the catalogue that takes pictures, cheapest first')
    .option('--size <WxH[xN]>', 'a size in place of a file, N times; can be repeated', collected)
    .option('-p, --prompt <text>', 'asked with each picture: its tokens and an answer are counted in')
    .option('--max-output-tokens <n>', 'the longest answer, for the worst case', wholeNumber)
    .option('-d, --detail <level>', 'low, medium, high, original or auto (default: high; local folders: auto)')
    .option('--batch', "the vendor's price for a batch")
    .option('--cached <n>', 'input tokens of each request that come from the cache', wholeNumber)
    .option('--date <day>', 'prices of that day, such as 2026-12-01 (default: today)')
    .option('--ladder', 'every size at which the cost changes')
    .option('--plan', 'a size and a detail for each picture within a budget')
    .option('--budget-usd <x>', 'for --plan: most USD for all pictures', amount)
    .option('--budget-tokens <n>', 'for --plan: most tokens for all pictures', wholeNumber)
    .option('--min-long-edge <px>', 'for --plan: what the model must see of the long side', wholeNumber)
    .option('--exact', "ask the providers' count endpoints: sends the pictures, needs keys")
    .option('--fail-over-usd <x>', 'exit with 1 when a listed model may cost more in all', amount)
    .option('--sort <by>', 'price or tokens')
    .option('--json', 'print one JSON document')
    .option('--csv', 'print a line for each picture and model')
    .action(async (pictures: string[], options: EstimateOptions) => {
      done(await estimate(pictures, options, io));
    })
    .command('drift')
    .description('compare estimates with usage over a file of records, one JSON object a line')
    .argument('<records>', 'each line a reply, or any object with model, estimate and usage')
    .option('--json', 'print one JSON document')
    .action(async (file: string, _options: DriftOptions, command: Command) => {
      // `--json` may stand before the word too, where the outer command takes it.
      done(await drift(file, command.optsWithGlobals<DriftOptions>(), io));
    });

  const ledger = program.command('ledger').description('look after a ledger file, in which a budget is kept');
  ledger
    .command('show')
    .description('what was spent, what is reserved, and by whom')
    .argument('<file>', 'the ledger')
    .option('--json', 'print one JSON document')
    .action(async (file: string, options: LedgerShowOptions) => {
      done(await showLedger(file, options, io));
    });
  ledger
    .command('release')
    .description('give back what processes had reserved that no longer run')
    .argument('<file>', 'the ledger')
    .argument('[ids...]', 'only these reservations, whoever made them')
    .option('--all', 'every open reservation, also of processes that run')
    .option('--spent', 'book them as spent in full instead: the provider may have billed them')
    .action(async (file: string, ids: string[], options: LedgerReleaseOptions) => {
      done(await releaseLedger(file, ids, options, io));
    });
}

function collected(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}
