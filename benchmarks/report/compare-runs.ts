/** Two runs, or two models, against each other: the comparison for `ocelli bench compare` and the decision for `gate`. */

import { OcelliError } from '../../src/index.js';
import { gate, type GateVerdict } from '../statistics/index.js';
import { corrected, type CorrectedResult } from './analysis.js';
import { comparePaired, promptsOf, type PairedResult } from './pairing.js';
import type { RunRecords } from './run-folder.js';

/** One side: a run and the model of it that is meant. */
export interface Side {
  readonly run: RunRecords;
  readonly model: string;
  /** What the sentences call it; two runs of one model need names that differ. */
  readonly name: string;
}

export interface RunComparison {
  readonly baseline: string;
  readonly candidate: string;
  /** One per suite, all prompts; the headline family, corrected by Holm. */
  readonly suites: readonly CorrectedResult[];
  /** Per suite and prompt; empty where there is one prompt. */
  readonly prompts: readonly CorrectedResult[];
  /** Per suite, sub-task and prompt: exploring, to be read with Benjamini and Hochberg's p. */
  readonly slices: readonly CorrectedResult[];
  /** A side was stopped before its end. */
  readonly partial: boolean;
}

/**
 * Picks the model of a run.
 *
 * @throws OcelliError `invalid-request` where the run has several models and none was named, or not the one that was.
 * @example
 * const model = modelOf(run, undefined); // the only one that looks
 */
export function modelOf(run: RunRecords, wanted: string | undefined): string {
  const models = [...new Set(run.scores.map(({ model }) => model))];
  if (wanted !== undefined) {
    const found = models.find((model) => model === wanted) ?? models.find((model) => model.endsWith(`:${wanted}`));
    if (found !== undefined) return found;
    throw new OcelliError(
      'invalid-request',
      `The run "${run.name}" has no model "${wanted}"; it has ${models.join(', ')}.`,
    );
  }
  const looking = models.filter((model) => !model.startsWith('baseline:'));
  const [only, another] = looking.length > 0 ? looking : models;
  if (only === undefined) throw new OcelliError('invalid-request', `The run "${run.name}" has no scores.`);
  if (another !== undefined)
    throw new OcelliError(
      'invalid-request',
      `The run "${run.name}" has several models: ${looking.join(', ')}. Name the one that is meant.`,
    );
  return only;
}

/**
 * Compares two sides on the questions that both were asked.
 *
 * @throws OcelliError `invalid-request` where they share no questions, or too few to say anything.
 * @example
 * const { suites } = compareSides(baseline, candidate);
 */
export function compareSides(baseline: Side, candidate: Side): RunComparison {
  const before = baseline.run.scores.filter(({ model }) => model === baseline.model);
  const after = candidate.run.scores.filter(({ model }) => model === candidate.model);
  const suites = [...new Set(before.map(({ suite }) => suite))];
  const names = { baseline: baseline.name, candidate: candidate.name };
  const pair = (suite: string, where: { subtask?: string; prompt?: number }): PairedResult[] => {
    const result = comparePaired(before, after, { suite, ...names, ...where });
    return result === undefined ? [] : [result];
  };
  const bySuite = suites.flatMap((suite) => {
    const [only, another] = promptsOf(before, suite);
    return pair(suite, only !== undefined && another === undefined ? { prompt: only } : {});
  });
  if (bySuite.length === 0)
    throw new OcelliError(
      'invalid-request',
      `"${baseline.name}" and "${candidate.name}" share fewer than two questions that both were asked. Run both on the same suite, level and seed.`,
    );
  return {
    ...names,
    suites: corrected(bySuite),
    prompts: corrected(
      suites.flatMap((suite) => {
        const prompts = promptsOf(before, suite);
        return prompts.length > 1 ? prompts.flatMap((prompt) => pair(suite, { prompt })) : [];
      }),
    ),
    slices: corrected(
      suites.flatMap((suite) => {
        const subtasks = [
          ...new Set(before.filter((score) => score.suite === suite).map(({ subtask }) => subtask)),
        ].sort();
        return subtasks.flatMap((subtask) =>
          promptsOf(before, suite).flatMap((prompt) => pair(suite, { subtask, prompt })),
        );
      }),
    ),
    partial: baseline.run.partial || candidate.run.partial,
  };
}

export interface GateDecision {
  /** Of all suites: a regression in one is a regression; one that is inconclusive leaves the whole so. */
  readonly verdict: GateVerdict;
  readonly margin: number;
  readonly suites: readonly { readonly result: CorrectedResult; readonly verdict: GateVerdict }[];
}

/**
 * Decides whether a candidate may replace its baseline, suite by suite, on the 95% interval of candidate − baseline.
 *
 * @param margin the loss in accuracy that is put up with, such as 0.02
 * @throws OcelliError `invalid-request` for a negative margin.
 * @example
 * decideGate(compareSides(baseline, candidate), 0.02).verdict; // 'pass'
 */
export function decideGate(comparison: RunComparison, margin: number): GateDecision {
  const suites = comparison.suites.map((result) => ({ result, verdict: gate(result.difference, margin) }));
  const worst = (['regression', 'inconclusive'] as const).find((verdict) =>
    suites.some((suite) => suite.verdict === verdict),
  );
  return { verdict: worst ?? 'pass', margin, suites };
}
