/** The kinds of error that the report takes apart, as data: what is stacked in the chart, and the columns of the table below it. */

import type { TaskMetrics } from '../scoring/index.js';
import { decimal, percent, whole } from './format.js';
import type { SharePart } from './share-charts.js';

/** Name of a column, what it means, and its text for a model. */
export interface MetricColumn {
  readonly title: string;
  readonly hint: string;
  readonly text: (metrics: TaskMetrics) => string;
}

/** One kind of error. */
export interface AnatomyKind {
  readonly title: string;
  readonly note: string;
  /** In the order of `shares`. */
  readonly parts: readonly SharePart[];
  /** Undefined where the model has no such answers. */
  readonly shares: (metrics: TaskMetrics) => readonly number[] | undefined;
  readonly columns: readonly MetricColumn[];
}

type MetricGroup = Exclude<keyof TaskMetrics, 'abstention'>;
type Numeric<T> = { [K in keyof T]: T[K] extends number | undefined ? K : never }[keyof T] & string;
type Metric<G extends MetricGroup> = NonNullable<TaskMetrics[G]>;
/** Title, meaning, the metric, and how it is written. */
type ColumnRow<G extends MetricGroup> = readonly [
  title: string,
  hint: string,
  metric: Numeric<Metric<G>>,
  write: (value: number | undefined) => string,
];

function columnsOf<G extends MetricGroup>(group: G, rows: readonly ColumnRow<G>[]): MetricColumn[] {
  return rows.map(([title, hint, metric, write]) => ({
    title,
    hint,
    text: (metrics) => write((metrics[group] as Readonly<Record<string, number | undefined>> | undefined)?.[metric]),
  }));
}

const colours = ['low', 'exact', 'high', 'mirror', 'other', 'rest'] as const;

function partsOf(...named: readonly (readonly [(typeof colours)[number], string])[]): SharePart[] {
  return named.map(([colour, name]) => ({ name, colour: `var(--part-${colour})` }));
}

const count = (value: number | undefined): string => whole(value ?? 0);
const rate = (value: number | undefined): string => percent(value);
const plain = (value: number | undefined): string => decimal(value);

const twins = columnsOf('consistency', [['twins right', 'groups of twins with every answer right', 'allRight', rate]]);

const counts: AnatomyKind = {
  title: 'Counts',
  note: 'Share of the answered counts that are too low, exact and too high. Too high is the hallucination: things that are not there.',
  parts: partsOf(['low', 'too low'], ['exact', 'exact'], ['high', 'too high']),
  shares: ({ counting }) =>
    counting && [counting.undercountRate, 1 - counting.undercountRate - counting.overcountRate, counting.overcountRate],
  columns: [
    ...columnsOf('counting', [
      ['n', 'answered counts', 'n', count],
      ['within 1', 'off by at most one', 'withinOne', rate],
      ['mean error', 'mean absolute error', 'meanAbsoluteError', plain],
      ['RMSE', 'root mean square error', 'rootMeanSquareError', plain],
      ['bias', 'mean of answer less truth', 'signedBias', plain],
      ['slope', 'of answer on truth; below 1 where large counts are pulled down', 'slope', plain],
      ['to the prior', 'share of answers equal to the expected wrong one', 'biasRatio', rate],
      ['absent counted', 'a number above zero for what is not there', 'inventedRate', rate],
    ]),
    ...twins,
  ],
};

const places: AnatomyKind = {
  title: 'Places',
  note: 'Share of the answered questions that are right, the mirror image of right (left for right, above for below), and otherwise wrong.',
  parts: partsOf(['exact', 'right'], ['mirror', 'mirrored'], ['other', 'otherwise wrong']),
  shares({ spatial }) {
    if (spatial === undefined) return undefined;
    const wrong = 1 - spatial.accuracy;
    const mirrored = wrong * (spatial.mirrorShareOfErrors ?? 0);
    return [spatial.accuracy, mirrored, wrong - mirrored];
  },
  columns: [
    ...columnsOf('spatial', [
      ['n', 'answered questions of place', 'n', count],
      ['mirrored', 'of the questions that have a mirror image', 'mirrorErrorRate', rate],
      ['of the errors', 'share of the wrong answers that are mirrored', 'mirrorShareOfErrors', rate],
    ]),
    ...twins,
  ],
};

const yesOrNo: AnatomyKind = {
  title: 'Yes or no',
  note: 'Share of the answers that are yes, split by truth. A false yes is the hallucination: a thing that is not there.',
  parts: partsOf(['exact', 'true yes'], ['high', 'false yes'], ['low', 'false no'], ['rest', 'true no']),
  shares({ existence }) {
    if (existence === undefined) return undefined;
    const { trueYesRatio, recall = 0, falseAlarmRate = 0 } = existence;
    const hits = trueYesRatio * recall;
    const alarms = (1 - trueYesRatio) * falseAlarmRate;
    return [hits, alarms, trueYesRatio - hits, 1 - trueYesRatio - alarms];
  },
  columns: [
    ...columnsOf('existence', [
      ['n', 'answered yes-or-no questions', 'n', count],
      ['says yes', 'share of answers that are yes', 'predictedYesRatio', rate],
      ['is yes', 'share of truths that are yes', 'trueYesRatio', rate],
      ['false yes', 'yes to what is not there', 'falseAlarmRate', rate],
      ['balanced', 'mean of the accuracies on yes and on no', 'balancedAccuracy', rate],
      ['F1', 'yes being the positive class', 'f1', plain],
      ['d′', 'sensitivity, apart from the leaning', 'dPrime', plain],
      ['criterion', 'leaning: below zero says yes too readily', 'criterion', plain],
    ]),
    ...twins,
  ],
};

const texts: AnatomyKind = {
  title: 'Text',
  note: 'Edits per character of the truth, in percent of all edits and of what was read right. An insertion is the hallucination: text that is not there.',
  parts: partsOf(['exact', 'read right'], ['mirror', 'taken for another'], ['low', 'left out'], ['high', 'invented']),
  shares({ ocr }) {
    if (ocr?.cer === undefined) return undefined;
    const { substitutionRate = 0, deletionRate = 0, insertionRate = 0 } = ocr;
    const right = Math.max(0, 1 - substitutionRate - deletionRate);
    const all = right + substitutionRate + deletionRate + insertionRate;
    return [right, substitutionRate, deletionRate, insertionRate].map((part) => (all > 0 ? part / all : 0));
  },
  columns: columnsOf('ocr', [
    ['n', 'questions about text', 'n', count],
    ['CER', 'edits per character', 'cer', rate],
    ['WER', 'edits per word', 'wer', rate],
    ['invented', 'inserted characters per character of the truth', 'insertionRate', rate],
    ['longest', 'longest invented stretch, in characters', 'longestInventedSpan', count],
    ['numbers', 'numeric fields right to the digit', 'numericFieldAccuracy', rate],
    ['ANLS', 'average normalised Levenshtein similarity', 'anls', plain],
  ]),
};

const numbers: AnatomyKind = {
  title: 'Numbers that were read',
  note: 'Values off charts, and texts that hold numbers: exact, near (within five percent, the relaxed accuracy of ChartQA) and farther off.',
  parts: partsOf(['exact', 'exact'], ['mirror', 'within 5%'], ['high', 'farther off']),
  shares: ({ values }) => values && [values.exact, values.relaxedAccuracy - values.exact, 1 - values.relaxedAccuracy],
  columns: columnsOf('values', [
    ['n', 'numbers that were read', 'n', count],
    ['exact', 'the same number', 'exact', rate],
    ['relaxed', 'within five percent', 'relaxedAccuracy', rate],
    ['relative error', 'mean of error over truth', 'meanRelativeError', rate],
  ]),
};

const names: AnatomyKind = {
  title: 'Names',
  note: 'Share of the answered questions for a name that are right; below, what is taken for what most often.',
  parts: partsOf(['exact', 'right name'], ['other', 'wrong name']),
  shares: (metrics) => metrics.names && [metrics.names.accuracy, 1 - metrics.names.accuracy],
  columns: [
    ...columnsOf('names', [
      ['n', 'answered questions for a name', 'n', count],
      ['right', 'share that is right', 'accuracy', rate],
    ]),
    { title: 'most often wrongly said', hint: 'and its share of the wrong answers', text: favouriteOf },
    { title: 'mistakes', hint: 'what it was → what was said, how often', text: mistakesOf },
  ],
};

const confidence: AnatomyKind = {
  title: 'Stated confidence',
  note: 'Where replies state how sure they are: whether that is worth anything. Lower is better throughout.',
  parts: [],
  shares: ({ calibration }) => calibration && [],
  columns: columnsOf('calibration', [
    ['n', 'answers that state a confidence', 'n', count],
    ['Brier', 'mean square of confidence less rightness', 'brier', plain],
    ['ECE', 'expected calibration error, ten bins of equal mass', 'expectedCalibrationError', plain],
    ['AURC', 'area under the risk-coverage curve', 'aurc', plain],
  ]),
};

function favouriteOf({ names: metrics }: TaskMetrics): string {
  const { favourite } = metrics ?? {};
  return favourite === undefined ? '–' : `${favourite.said} (${percent(favourite.share, 0)})`;
}

function mistakesOf({ names: metrics }: TaskMetrics): string {
  const shown = metrics?.mistakes.slice(0, 3).map(({ truth, said, n }) => `${truth} → ${said}${n > 1 ? ` ×${n}` : ''}`);
  return shown === undefined || shown.length === 0 ? '–' : shown.join('; ');
}

/** All kinds in the order in which they are shown. */
export const anatomyKinds: readonly AnatomyKind[] = [counts, places, yesOrNo, texts, numbers, names, confidence];
