/** Compares two models from their scores: what is paired, within one prompt and over all of them, by suite and by sub-task. */

import { outcomePlaces, type ScoreRecord } from '../scoring/index.js';
import {
  comparePairs,
  pairVerdicts,
  smallestDetectableDifference,
  type Comparison,
  type Verdict,
} from '../statistics/index.js';

/** A comparison, and what was left out of it. */
export interface PairedResult extends Comparison {
  readonly suite: string;
  /** Undefined: all sub-tasks. */
  readonly subtask?: string;
  /** Undefined: all prompts pooled. */
  readonly prompt?: number;
  readonly baseline: string;
  readonly candidate: string;
  /** Keys that occur more than once for a model, such as byte-identical pictures: left out. */
  readonly repeatedKeys: number;
  /** Questions that only one of the two was asked, or whose call failed for one: left out. */
  readonly unmatchedKeys: number;
  /** The smallest true difference that this many pairs find four times in five; undefined where nothing can be found. */
  readonly detectable: number | undefined;
}

/** Which scores of which two models. */
export interface PairRequest {
  readonly suite: string;
  readonly subtask?: string;
  readonly prompt?: number;
  readonly baseline: string;
  readonly candidate: string;
}

/**
 * Verdicts of scores, for pairing. Failed and skipped calls say nothing of the model and are no verdicts. Repeats are told apart by number and
 * share the item's cluster, so that they count as one item in the tests.
 */
export function verdictsOf(scores: readonly ScoreRecord[]): Verdict[] {
  return scores
    .filter(({ outcome }) => outcomePlaces[outcome].asked)
    .map(({ itemId, subtask, repeat, prompt, cluster, outcome }) => ({
      item: `${subtask} ${itemId} ${repeat}`,
      prompt,
      cluster,
      correct: outcome === 'correct',
    }));
}

/**
 * Compares two lists of scores, the first being the baseline's.
 *
 * @returns undefined where they share no question
 * @example
 * const result = comparePaired(scoresOfA, scoresOfB, { suite: 'counting', baseline: 'a', candidate: 'b' });
 */
export function comparePaired(
  baseline: readonly ScoreRecord[],
  candidate: readonly ScoreRecord[],
  request: PairRequest,
): PairedResult | undefined {
  const wanted = (score: ScoreRecord): boolean =>
    score.suite === request.suite &&
    (request.subtask === undefined || score.subtask === request.subtask) &&
    (request.prompt === undefined || score.prompt === request.prompt);
  const { pairs, repeatedKeys, unmatchedKeys } = pairVerdicts(
    verdictsOf(baseline.filter(wanted)),
    verdictsOf(candidate.filter(wanted)),
  );
  if (pairs.length === 0) return undefined;
  const clusters = new Set(pairs.map(({ cluster }) => cluster)).size;
  // An interval takes two clusters; fewer tell nothing that could be compared.
  if (clusters < 2) return undefined;
  const comparison = comparePairs(pairs);
  return { ...comparison, ...request, repeatedKeys, unmatchedKeys, detectable: detectableDifference(comparison) };
}

/** With the discordance that was seen; at least one pair is taken as discordant, since none seen does not mean none. */
function detectableDifference({ n, counts }: Comparison): number | undefined {
  const discordance = Math.max(1, counts.baselineOnly + counts.candidateOnly) / n;
  return smallestDetectableDifference(n, { discordance: Math.min(1, discordance) });
}

/** The prompts that scores of a suite were asked with. */
export function promptsOf(scores: readonly ScoreRecord[], suite: string): number[] {
  return [...new Set(scores.filter((score) => score.suite === suite).map(({ prompt }) => prompt))].sort(
    (one, other) => one - other,
  );
}
