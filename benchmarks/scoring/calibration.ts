/** Whether stated confidence can be trusted, and what silence buys. */

import { mean } from './counting.js';

/** One answer with the confidence it was given, from 0 to 1. */
export interface ConfidentAnswer {
  readonly confidence: number;
  readonly correct: boolean;
}

/**
 * The Brier score (1950): mean squared distance of the confidence from what was right. 0 is perfect, 0.25 is "I don't know" every time.
 *
 * @returns undefined for no answers
 * @example
 * brierScore([{ confidence: 0.8, correct: true }]); // 0.04
 */
export function brierScore(answers: readonly ConfidentAnswer[]): number | undefined {
  return mean(answers.map(({ confidence, correct }) => (confidence - Number(correct)) ** 2));
}

/**
 * Expected calibration error over bins of equal mass (Nguyen and O'Connor 2015; Nixon et al. 2019): mean distance of confidence from
 * accuracy. Answers of the same confidence stay in one bin, so that their order does not matter.
 *
 * @param bins at most so many; default 10
 * @returns undefined for no answers
 * @example
 * expectedCalibrationError([{ confidence: 0.9, correct: true }, { confidence: 0.9, correct: false }]); // 0.4
 */
export function expectedCalibrationError(answers: readonly ConfidentAnswer[], bins = 10): number | undefined {
  if (answers.length === 0) return undefined;
  const sorted = [...answers].sort((one, other) => one.confidence - other.confidence);
  const size = Math.max(1, sorted.length / bins);
  let error = 0;
  let bin: ConfidentAnswer[] = [];
  let filled = 0;
  let edge = size;
  for (const [place, answer] of sorted.entries()) {
    bin.push(answer);
    const next = sorted[place + 1];
    if (next !== undefined && (next.confidence === answer.confidence || filled + bin.length < edge - 1e-9)) continue;
    const stated = mean(bin.map(({ confidence }) => confidence)) ?? 0;
    const right = mean(bin.map(({ correct }) => Number(correct))) ?? 0;
    error += (bin.length / sorted.length) * Math.abs(stated - right);
    filled += bin.length;
    bin = [];
    while (edge <= filled + 1e-9) edge += size;
  }
  return error;
}

/** Accuracy when only the most confident share of the questions is answered. */
export interface SelectivePoint {
  readonly coverage: number;
  readonly accuracy: number;
}

/**
 * The accuracy-coverage curve and the area under its risk, 1 − accuracy (AURC; Geifman and El-Yaniv 2017). Answers of the same
 * confidence enter together.
 *
 * @returns undefined for no answers
 * @example
 * selectiveAccuracy([{ confidence: 0.9, correct: true }, { confidence: 0.2, correct: false }])?.curve[0]; // coverage 0.5, accuracy 1
 */
export function selectiveAccuracy(
  answers: readonly ConfidentAnswer[],
): { readonly curve: readonly SelectivePoint[]; readonly aurc: number } | undefined {
  if (answers.length === 0) return undefined;
  const sorted = [...answers].sort((one, other) => other.confidence - one.confidence);
  const curve: SelectivePoint[] = [];
  let correct = 0;
  let entered = 0;
  let area = 0;
  for (const [place, answer] of sorted.entries()) {
    correct += Number(answer.correct);
    if (sorted[place + 1]?.confidence === answer.confidence) continue;
    const taken = place + 1;
    const accuracy = correct / taken;
    curve.push({ coverage: taken / sorted.length, accuracy });
    area += ((taken - entered) / sorted.length) * (1 - accuracy);
    entered = taken;
  }
  return { curve, aurc: area };
}
