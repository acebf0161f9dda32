/** `ocelli estimate`: what pictures will cost at which models, before anything is sent. Only `--exact` touches a network. */

import { loadTokenizers, type Detail } from '../index.js';
import { countExactly } from './estimate-exact.js';
import { chooseModels } from './estimate-models.js';
import { ladders } from './estimate-ladder.js';
import { resultOf, writeCsv, writeJson, writeNotes, writeTables, type SortOrder } from './estimate-output.js';
import { collectPictures } from './estimate-pictures.js';
import { plans } from './estimate-plan.js';
import { ModelEstimator, type EstimateSettings, type ModelTotal } from './estimate-records.js';
import type { Problem } from './find-files.js';
import { exitCodes, UsageError, type Io } from './io.js';

export interface EstimateOptions {
  readonly model?: string;
  readonly all?: boolean;
  readonly size?: readonly string[];
  readonly prompt?: string;
  readonly maxOutputTokens?: number;
  readonly detail?: string;
  readonly batch?: boolean;
  readonly cached?: number;
  readonly date?: string;
  readonly ladder?: boolean;
  readonly plan?: boolean;
  readonly budgetUsd?: number;
  readonly budgetTokens?: number;
  readonly minLongEdge?: number;
  readonly exact?: boolean;
  readonly failOverUsd?: number;
  readonly sort?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const details: readonly string[] = ['low', 'medium', 'high', 'original', 'auto'] satisfies Detail[];

/** @returns 0; 1 when something could not be estimated or is over `--fail-over-usd` */
export async function estimate(inputs: readonly string[], options: EstimateOptions, io: Io): Promise<number> {
  checkOptions(inputs, options);
  const date = dateOf(options.date);
  const { rows, problems: modelProblems } = await chooseModels(options.model, options.all === true, date, io);
  const collected = await collectPictures(inputs, options.size ?? [], io);
  const problems: Problem[] = [...modelProblems, ...collected.problems];
  const settings = await settingsOf(options, date, io);
  const isPromptAlone = inputs.length === 0 && (options.size ?? []).length === 0;
  if (rows.length === 0 || (collected.pictures.length === 0 && !isPromptAlone)) {
    if (options.json === true)
      io.stdout.write(`${JSON.stringify({ pictures: [], totals: [], warnings: [], problems }, undefined, 2)}\n`);
    writeNotes([], problems, io);
    return exitCodes.failed;
  }
  if (options.ladder === true) return ladders(rows, collected.pictures, settings, problems, options, io);
  if (options.plan === true) return plans(rows, collected.pictures, settings, problems, options, io);

  const exact = options.exact === true ? await countExactly(rows, collected.pictures, settings, io) : undefined;
  problems.push(...(exact?.problems ?? []));
  const estimators = rows.map((row) => new ModelEstimator(row, settings, exact?.counts.get(row.id)));
  const sort = (options.sort ?? (options.all === true ? 'price' : undefined)) as SortOrder | undefined;
  const result = resultOf(estimators, collected.pictures, settings, sort, {
    problems,
    warnings: exact?.warnings ?? [],
  });
  if (options.json === true) writeJson(result, io);
  else if (options.csv === true) writeCsv(result, io);
  else writeTables(result, io);
  writeNotes(options.json === true ? [] : result.warnings, problems, io);
  const isOver = tooDear(result.totals, options.failOverUsd, io);
  return problems.length > 0 || isOver ? exitCodes.failed : exitCodes.answered;
}

/** @throws UsageError */
function checkOptions(inputs: readonly string[], options: EstimateOptions): void {
  const { size = [], prompt, detail, sort, json, csv, ladder, plan, budgetUsd, budgetTokens } = options;
  if (inputs.length === 0 && size.length === 0 && prompt === undefined)
    throw new UsageError('Name pictures or folders, or give a size with --size 1024x768, or a --prompt.');
  if (detail !== undefined && !details.includes(detail))
    throw new UsageError(`--detail ${detail}: there is no such detail; use ${details.join(', ')}.`);
  if (sort !== undefined && sort !== 'price' && sort !== 'tokens')
    throw new UsageError(`--sort ${sort}: sort by price or by tokens.`);
  if (options.exact === true && (options.model === undefined || ladder === true || plan === true))
    throw new UsageError(
      '--exact sends the pictures to be counted: name the models with --model, without --ladder or --plan.',
    );
  if (json === true && csv === true) throw new UsageError('Give --json or --csv, not both.');
  if (ladder === true && plan === true) throw new UsageError('Give --ladder or --plan, not both.');
  const hasBudget = budgetUsd !== undefined || budgetTokens !== undefined;
  if (plan === true && (budgetUsd === undefined) === (budgetTokens === undefined))
    throw new UsageError('--plan needs a budget: --budget-usd or --budget-tokens, one of them.');
  if (plan !== true && (hasBudget || options.minLongEdge !== undefined))
    throw new UsageError('--budget-usd, --budget-tokens and --min-long-edge belong to --plan.');
  if ((plan === true || ladder === true) && inputs.length === 0 && size.length === 0)
    throw new UsageError('--ladder and --plan need pictures or a --size.');
  for (const [name, value] of [
    ['--max-output-tokens', options.maxOutputTokens],
    ['--cached', options.cached],
    ['--budget-usd', budgetUsd],
    ['--budget-tokens', budgetTokens],
    ['--min-long-edge', options.minLongEdge],
    ['--fail-over-usd', options.failOverUsd],
  ] as const)
    if (value !== undefined && value < 0) throw new UsageError(`${name} is ${value}; it cannot be negative.`);
}

/** @throws UsageError */
function dateOf(text: string | undefined): string {
  if (text === undefined) return new Date().toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new UsageError(`--date ${text}: write it as 2026-12-01.`);
  return text;
}

async function settingsOf(options: EstimateOptions, date: string, io: Io): Promise<EstimateSettings> {
  const { prompt, maxOutputTokens, cached } = options;
  const tokenizers = prompt === undefined ? {} : await loadTokenizers();
  if (prompt !== undefined && tokenizers.o200k === undefined)
    io.stderr.write(
      'warning: gpt-tokenizer is not installed, so that text is counted by its letters, with a wide range.\n',
    );
  return {
    ...(options.detail === undefined ? {} : { detail: options.detail as Detail }),
    batch: options.batch === true,
    date,
    ...(prompt === undefined ? {} : { prompt }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    tokenizers: remembering(tokenizers),
  };
}

type Tokenizers = Awaited<ReturnType<typeof loadTokenizers>>;

/** The same prompt goes with every picture. */
function remembering({ o200k }: Tokenizers): Tokenizers {
  if (o200k === undefined) return {};
  const known = new Map<string, number>();
  return {
    o200k: (text) => {
      const count = known.get(text) ?? o200k(text);
      known.set(text, count);
      return count;
    },
  };
}

/** A limit for scripts: any model in the list that may come to more, or whose price nobody knows, fails. */
function tooDear(totals: readonly ModelTotal[], limit: number | undefined, io: Io): boolean {
  if (limit === undefined) return false;
  const over = totals.filter(
    ({ usdHigh, pictures, rejected }) =>
      (pictures === 0 || rejected < pictures) && (usdHigh === null || usdHigh > limit),
  );
  for (const { model, usdHigh } of over)
    io.stderr.write(
      usdHigh === null
        ? `error: no price of ${model} is known, so that --fail-over-usd ${limit} cannot be kept.\n`
        : `error: ${model} may cost ${usdHigh} USD in all, over --fail-over-usd ${limit}.\n`,
    );
  return over.length > 0;
}
