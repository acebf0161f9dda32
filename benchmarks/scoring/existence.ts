/** How "is there …?" goes wrong: sensitivity apart from the leaning towards yes. */

import { normalQuantile } from '../statistics/index.js';

/** One yes-or-no question, answered. */
export interface YesNoAnswer {
  readonly truth: 'yes' | 'no';
  readonly predicted: 'yes' | 'no';
}

/** Rates from 0 to 1; undefined where their denominator is empty. "Yes" is the positive class. */
export interface ExistenceMetrics {
  readonly n: number;
  readonly accuracy: number;
  /** Share of *answers* that are yes: 0.5 on a balanced set unless the model leans. */
  readonly predictedYesRatio: number;
  readonly trueYesRatio: number;
  readonly precision: number | undefined;
  /** Hits ÷ things that are there. */
  readonly recall: number | undefined;
  readonly f1: number | undefined;
  /** Yes to things that are not there: the rate of object hallucination. */
  readonly falseAlarmRate: number | undefined;
  /** Mean of the accuracies on yes and on no. */
  readonly balancedAccuracy: number | undefined;
  /** Sensitivity: z(hits) − z(false alarms). */
  readonly dPrime: number | undefined;
  /** Leaning: below zero where the model says yes too readily. */
  readonly criterion: number | undefined;
}

/**
 * The metrics of existence (POPE: Li et al. 2023), with sensitivity and bias of signal detection theory (Macmillan and Creelman 2005), the rates
 * moved in from 0 and 1 by half an answer (the log-linear rule of Hautus 1995).
 *
 * @returns undefined for no answers
 * @example
 * existenceMetrics([{ truth: 'no', predicted: 'yes' }])?.falseAlarmRate; // 1
 */
export function existenceMetrics(answers: readonly YesNoAnswer[]): ExistenceMetrics | undefined {
  const n = answers.length;
  if (n === 0) return undefined;
  const count = (truth: string, predicted: string): number =>
    answers.filter((answer) => answer.truth === truth && answer.predicted === predicted).length;
  const hits = count('yes', 'yes');
  const misses = count('yes', 'no');
  const alarms = count('no', 'yes');
  const rejections = count('no', 'no');
  const over = (top: number, bottom: number): number | undefined => (bottom > 0 ? top / bottom : undefined);
  const recall = over(hits, hits + misses);
  const falseAlarmRate = over(alarms, alarms + rejections);
  const both = recall !== undefined && falseAlarmRate !== undefined;
  const zHit = normalQuantile((hits + 0.5) / (hits + misses + 1));
  const zAlarm = normalQuantile((alarms + 0.5) / (alarms + rejections + 1));
  return {
    n,
    accuracy: (hits + rejections) / n,
    predictedYesRatio: (hits + alarms) / n,
    trueYesRatio: (hits + misses) / n,
    precision: over(hits, hits + alarms),
    recall,
    f1: over(2 * hits, 2 * hits + alarms + misses),
    falseAlarmRate,
    balancedAccuracy: both ? (recall + 1 - falseAlarmRate) / 2 : undefined,
    dPrime: both ? zHit - zAlarm : undefined,
    criterion: both ? -(zHit + zAlarm) / 2 : undefined,
  };
}
