/** How counts go wrong: by how much, which way, and towards what. */

/** One answered count. */
export interface CountAnswer {
  readonly truth: number;
  readonly predicted: number;
  /** What a model would say that does not look, such as four legs. */
  readonly expectedBias?: number;
}

/** Rates from 0 to 1 over the answered counts; undefined where nothing of the kind was asked. */
export interface CountingMetrics {
  readonly n: number;
  readonly exact: number;
  readonly withinOne: number;
  readonly meanAbsoluteError: number;
  readonly rootMeanSquareError: number;
  /** Mean of |error| ÷ truth, over truths above zero. */
  readonly meanRelativeError: number | undefined;
  /** Mean of predicted − true: above zero where too many are seen. */
  readonly signedBias: number;
  /** Share counted too high: things that are not there. */
  readonly overcountRate: number;
  readonly undercountRate: number;
  /** Least-squares slope of predicted on true: below 1 where large counts are pulled down. */
  readonly slope: number | undefined;
  /** Share of answers that end in 0 or 5, less the share of truths that do. */
  readonly roundPreference: number;
  /** Share of answers equal to the expected wrong answer, where there is one. */
  readonly biasRatio: number | undefined;
  /** Share of questions about absent things answered with a number above zero. */
  readonly inventedRate: number | undefined;
  /** Exact answers by true count; bins without questions are left out. */
  readonly byTruth: readonly { readonly bin: string; readonly n: number; readonly exact: number }[];
}

/** True counts that are told apart: what is seen at a glance, what is counted, what is estimated. */
const bins: readonly (readonly [name: string, from: number, to: number])[] = [
  ['0', 0, 0],
  ['1-4', 1, 4],
  ['5-9', 5, 9],
  ['10-19', 10, 19],
  ['20+', 20, Infinity],
];

/**
 * The metrics of counting (reference: benchmarks 4.2). Unparsed replies have no error and are not among the answers.
 *
 * @returns undefined for no answers
 * @example
 * countingMetrics([{ truth: 3, predicted: 4 }])?.overcountRate; // 1
 */
export function countingMetrics(answers: readonly CountAnswer[]): CountingMetrics | undefined {
  const n = answers.length;
  if (n === 0) return undefined;
  const errors = answers.map(({ truth, predicted }) => predicted - truth);
  const present = answers.filter(({ truth }) => truth > 0);
  const absent = answers.filter(({ truth }) => truth === 0);
  const biased = answers.filter(({ expectedBias }) => expectedBias !== undefined);
  const round = (value: number): boolean => value !== 0 && value % 5 === 0;
  return {
    n,
    exact: share(errors, (error) => error === 0) ?? 0,
    withinOne: share(errors, (error) => Math.abs(error) <= 1) ?? 0,
    meanAbsoluteError: mean(errors.map(Math.abs)) ?? 0,
    rootMeanSquareError: Math.sqrt(mean(errors.map((error) => error * error)) ?? 0),
    meanRelativeError: mean(present.map(({ truth, predicted }) => Math.abs(predicted - truth) / truth)),
    signedBias: mean(errors) ?? 0,
    overcountRate: share(errors, (error) => error > 0) ?? 0,
    undercountRate: share(errors, (error) => error < 0) ?? 0,
    slope: slope(answers),
    roundPreference:
      (share(answers, ({ predicted }) => round(predicted)) ?? 0) - (share(answers, ({ truth }) => round(truth)) ?? 0),
    biasRatio: share(biased, ({ predicted, expectedBias }) => predicted === expectedBias),
    inventedRate: share(absent, ({ predicted }) => predicted > 0),
    byTruth: bins.flatMap(([bin, from, to]) => {
      const inside = answers.filter(({ truth }) => truth >= from && truth <= to);
      const exact = share(inside, ({ truth, predicted }) => truth === predicted);
      return exact === undefined ? [] : [{ bin, n: inside.length, exact }];
    }),
  };
}

/** The mean; undefined for no values. */
export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The share for which something holds; undefined for no values. */
export function share<T>(values: readonly T[], holds: (value: T) => boolean): number | undefined {
  return values.length === 0 ? undefined : values.filter(holds).length / values.length;
}

function slope(answers: readonly CountAnswer[]): number | undefined {
  const centre = mean(answers.map(({ truth }) => truth)) ?? 0;
  const spread = answers.reduce((sum, { truth }) => sum + (truth - centre) ** 2, 0);
  if (spread === 0) return undefined;
  return answers.reduce((sum, { truth, predicted }) => sum + (truth - centre) * predicted, 0) / spread;
}
