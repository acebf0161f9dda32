/** From a run's scores to everything the report says: rows per model, comparisons with corrected p-values, curves. Pure. */

import { summariseScores, taskMetrics, type ScoreRecord, type Summary, type TaskMetrics } from '../scoring/index.js';
import { benjaminiHochberg, holm } from '../statistics/index.js';
import { breakdown, type Breakdown, type BreakdownRequest } from './breakdown.js';
import { difficultyCurves, type DifficultyCurve } from './difficulty.js';
import { groupBy } from './grouping.js';
import { comparePaired, promptsOf, type PairedResult } from './pairing.js';
import type { RunRecords } from './run-folder.js';

/** One model on one suite. */
export interface ModelResult {
  readonly model: string;
  /** It answers without looking, such as `baseline:majority`. */
  readonly isBaseline: boolean;
  /** Its training saw pictures of this suite's generator: marked with a dagger and kept out of every verdict. */
  readonly trainedOnSuite: boolean;
  readonly summary: Summary;
  readonly metrics: TaskMetrics;
  readonly subtasks: readonly { readonly subtask: string; readonly summary: Summary; readonly metrics: TaskMetrics }[];
  readonly prompts: readonly { readonly prompt: number; readonly summary: Summary }[];
  readonly costUsd: number | undefined;
}

/** A comparison with its p-value corrected for the family it stands in. */
export interface CorrectedResult extends PairedResult {
  /** Holm over the family: for what was asked beforehand. */
  readonly holm: number;
  /** Benjamini and Hochberg over the family: for exploring. */
  readonly benjaminiHochberg: number;
}

export interface SuiteAnalysis {
  readonly suite: string;
  /** Best first. */
  readonly models: readonly ModelResult[];
  readonly prompts: readonly number[];
  readonly subtasks: readonly string[];
  /** Every two models over all prompts; the worse one is the baseline. */
  readonly overall: readonly CorrectedResult[];
  /** Every two models within each prompt; the family that Holm's correction is over. Empty where there is one prompt. */
  readonly withinPrompt: readonly CorrectedResult[];
  /** The chosen pairs by sub-task within each prompt. */
  readonly slices: readonly CorrectedResult[];
  readonly curves: readonly DifficultyCurve[];
  /** What was asked to be told apart. */
  readonly breakdowns: readonly Breakdown[];
}

export interface Analysis {
  readonly suites: readonly SuiteAnalysis[];
  /** All models in the order in which they get their colours: best first over everything. */
  readonly models: readonly string[];
}

export interface AnalysisOptions {
  /** Pairs to compare by sub-task, baseline first. Default: the second best and the best model of each suite. */
  readonly pairs?: readonly (readonly [baseline: string, candidate: string])[];
  /** What to tell accuracies apart by. */
  readonly by?: readonly BreakdownRequest[];
}

/** A model that answers without looking: the majority answer, the bag of words. */
export function isBaselineModel(model: string): boolean {
  return model.startsWith('baseline:');
}

/**
 * Analyses a run.
 *
 * @throws OcelliError `invalid-request` for statistics of nothing, which a run with scores never is.
 * @example
 * const { suites } = analyse(await readRun(folder));
 */
export function analyse(run: RunRecords, options: AnalysisOptions = {}): Analysis {
  const suites = [...groupBy(run.scores, ({ suite }) => suite)].map(([suite, scores]) =>
    analyseSuite(suite, scores, run, options),
  );
  const models = [...groupBy(run.scores, ({ model }) => model)]
    .map(([model, scores]) => ({ model, accuracy: summariseScores(scores).accuracyOverAsked ?? 0 }))
    .sort((one, other) => other.accuracy - one.accuracy)
    .map(({ model }) => model);
  return { suites: correctTogether(suites), models };
}

/** What is added to the name of a sub-task for its questions that cannot be answered. */
export const untellable = ' (illegible)';

/**
 * Where a sub-task has questions to which abstaining is right beside others, they are a sub-task of their own: whoever always abstains gets
 * all of these and none of the others, which one number for both would hide.
 */
function untellableApart(scores: readonly ScoreRecord[]): readonly ScoreRecord[] {
  const kinds = groupBy(scores, ({ subtask }) => subtask);
  const isUntellable = ({ truth, parser }: ScoreRecord): boolean => truth === null && parser !== 'published';
  const mixed = new Set(
    [...kinds].filter(([, list]) => list.some(isUntellable) && !list.every(isUntellable)).map(([subtask]) => subtask),
  );
  return scores.map((score) =>
    mixed.has(score.subtask) && isUntellable(score) ? { ...score, subtask: `${score.subtask}${untellable}` } : score,
  );
}

function analyseSuite(
  suite: string,
  written: readonly ScoreRecord[],
  run: RunRecords,
  options: AnalysisOptions,
): SuiteAnalysis {
  const scores = untellableApart(written);
  const byModel = groupBy(scores, ({ model }) => model);
  const named = scores.flatMap(({ itemId }) => run.items.get(itemId)?.generator?.name ?? []);
  const generators = new Set(named.length > 0 ? named : [suite, ...run.generators]);
  const models = [...byModel]
    .map(([model, list]) => modelResult(model, list, run, generators))
    .sort((one, other) => accuracyOf(other) - accuracyOf(one));
  const prompts = promptsOf(scores, suite);
  const subtasks = [...new Set(scores.map(({ subtask }) => subtask))].sort();
  const compare = (baseline: string, candidate: string, where: { subtask?: string; prompt?: number }) =>
    comparePaired(byModel.get(baseline) ?? [], byModel.get(candidate) ?? [], {
      suite,
      baseline,
      candidate,
      ...where,
    }) ?? [];
  const pairs = models.flatMap((better, place) =>
    models.slice(place + 1).map((worse) => [worse.model, better.model] as const),
  );
  const chosen = (options.pairs ?? defaultPairs(models)).filter((pair) => pair.every((model) => byModel.has(model)));
  const withinPrompt = pairs.flatMap((pair) => prompts.flatMap((prompt) => compare(...pair, { prompt })));
  return {
    suite,
    models,
    prompts,
    subtasks,
    overall: uncorrected(
      pairs.flatMap((pair) => compare(...pair, prompts.length === 1 ? { prompt: prompts[0] ?? 0 } : {})),
    ),
    withinPrompt: prompts.length > 1 ? uncorrected(withinPrompt) : [],
    slices: corrected(
      chosen.flatMap((pair) =>
        subtasks.flatMap((subtask) => prompts.flatMap((prompt) => compare(...pair, { subtask, prompt }))),
      ),
    ),
    curves: difficultyCurves(scores, run.items),
    breakdowns: (options.by ?? [])
      .map((request) => breakdown(scores, run.items, request))
      .filter(({ rows }) => rows.length > 0),
  };
}

function modelResult(
  model: string,
  scores: readonly ScoreRecord[],
  run: RunRecords,
  generators: ReadonlySet<string>,
): ModelResult {
  const costs = run.responses.filter((response) => response.model === model).map(({ costUsd }) => costUsd);
  const known = costs.filter((cost) => cost !== undefined);
  return {
    model,
    isBaseline: isBaselineModel(model),
    trainedOnSuite: (run.trainedOn[model] ?? []).some((generator) => generators.has(generator)),
    summary: summariseScores(scores),
    metrics: taskMetrics(scores),
    subtasks: [...groupBy(scores, ({ subtask }) => subtask)]
      .map(([subtask, list]) => ({ subtask, summary: summariseScores(list), metrics: taskMetrics(list) }))
      .sort((one, other) => one.subtask.localeCompare(other.subtask)),
    prompts: [...groupBy(scores, ({ prompt }) => prompt)]
      .map(([prompt, list]) => ({ prompt, summary: summariseScores(list) }))
      .sort((one, other) => one.prompt - other.prompt),
    // In an order of their own: the last digit must not depend on which answer came first.
    costUsd: known.length === 0 ? undefined : known.toSorted((a, b) => a - b).reduce((sum, cost) => sum + cost, 0),
  };
}

/** The accuracy that models are ranked by: over asked, so that not answering is no way to the top. */
export function accuracyOf({ summary }: ModelResult): number {
  return summary.overAsked?.estimate ?? -1;
}

/** Models that a verdict may name: they look at the picture, and have not seen the generator's pictures before. */
export function contenders(models: readonly ModelResult[]): ModelResult[] {
  return models.filter(
    ({ isBaseline, trainedOnSuite, summary }) => !isBaseline && !trainedOnSuite && summary.asked > 0,
  );
}

/** The best two that a verdict may name; where there is one, it and the best that it can be held against. */
function defaultPairs(models: readonly ModelResult[]): (readonly [string, string])[] {
  const [best = models.find(({ isBaseline }) => !isBaseline), second] = contenders(models);
  const other = second ?? models.find(({ model, isBaseline }) => isBaseline && model !== best?.model);
  const last = other ?? models.find(({ model }) => model !== best?.model);
  return best === undefined || last === undefined ? [] : [[last.model, best.model]];
}

function uncorrected(results: readonly PairedResult[]): CorrectedResult[] {
  return results.map((result) => ({ ...result, holm: result.p, benjaminiHochberg: result.p }));
}

/** Corrects the p-values of one family. */
export function corrected<T extends PairedResult>(results: readonly T[]): (T & CorrectedResult)[] {
  const byHolm = holm(results.map(({ p }) => p));
  const byRate = benjaminiHochberg(results.map(({ p }) => p));
  return results.map((result, place) => ({
    ...result,
    holm: byHolm[place] ?? 1,
    benjaminiHochberg: byRate[place] ?? 1,
  }));
}

/**
 * The headline family spans all suites of the report: whoever reads four suites asks four questions. Comparisons with a model that was
 * trained on the suite are in no verdict and are corrected apart, so that they cost the others nothing.
 */
function correctTogether(suites: readonly SuiteAnalysis[]): SuiteAnalysis[] {
  const families = (['overall', 'withinPrompt'] as const).map((which) => {
    const all = suites.flatMap((suite) => suite[which].map((result) => ({ result, fair: isFair(suite, result) })));
    const part = (fair: boolean): CorrectedResult[] =>
      corrected(all.filter((entry) => entry.fair === fair).map(({ result }) => result));
    return [...part(true), ...part(false)];
  });
  const [overall = [], withinPrompt = []] = families;
  return suites.map((suite) => ({
    ...suite,
    overall: overall.filter((result) => result.suite === suite.suite),
    withinPrompt: withinPrompt.filter((result) => result.suite === suite.suite),
  }));
}

function isFair({ models }: SuiteAnalysis, { baseline, candidate }: CorrectedResult): boolean {
  return !models.some(({ model, trainedOnSuite }) => trainedOnSuite && (model === baseline || model === candidate));
}

/** How many comparisons a headline family holds: those that p-values in verdicts are corrected for. */
export function familySize({ suites }: Pick<Analysis, 'suites'>, which: 'overall' | 'withinPrompt'): number {
  return suites.reduce((sum, suite) => sum + suite[which].filter((result) => isFair(suite, result)).length, 0);
}
