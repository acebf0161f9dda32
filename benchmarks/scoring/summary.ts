/** From scores to the numbers of a report: accuracies with intervals that know of clusters and repeats, and the metrics of each task. */

import { clusteredStandardError, type Interval } from '../statistics/index.js';
import { brierScore, expectedCalibrationError, selectiveAccuracy, type ConfidentAnswer } from './calibration.js';
import { countingMetrics, mean, share, type CountingMetrics } from './counting.js';
import { existenceMetrics, type ExistenceMetrics } from './existence.js';
import { nameMetrics, type NameMetrics } from './names.js';
import { countOutcomes, outcomePlaces, outcomeRates, type OutcomeCounts, type OutcomeRates } from './outcome.js';
import { byQuestion, meanOverQuestions, type Question } from './questions.js';
import type { ScoreRecord } from './records.js';
import { repeatMetrics, type RepeatMetrics } from './repeats.js';
import { groupAccuracy, spatialMetrics, type SpatialMetrics } from './spatial.js';
import { valueMetrics, type ValueMetrics } from './values.js';

/** How often an answer was right, with its interval; undefined where nothing was asked. */
export interface Summary extends OutcomeRates {
  readonly outcomes: OutcomeCounts;
  /** Over asked and over answered, repeats of a question averaged first, clusters taken into account. */
  readonly overAsked: Interval | undefined;
  readonly overAnswered: Interval | undefined;
  /** How many times more items the clusters cost; 1 without. */
  readonly designEffect: number;
  readonly clusters: number;
}

/**
 * Summarises scores of one model on one set of items. With fewer than two clusters the interval is Wilson's.
 *
 * @example
 * summariseScores(scores.filter(({ subtask }) => subtask === 'shapes')).overAsked; // estimate 0.7, lower 0.64, upper 0.75
 */
export function summariseScores(scores: readonly ScoreRecord[], confidence = 0.95): Summary {
  const counts = countOutcomes(scores.map(({ outcome }) => outcome));
  const asked = byQuestion(scores.filter(({ outcome }) => outcomePlaces[outcome].asked));
  const answered = byQuestion(scores.filter(({ outcome }) => outcomePlaces[outcome].answered));
  const clusters = asked.map(({ cluster }) => cluster);
  const rights = rightness(asked);
  return {
    ...outcomeRates(counts),
    outcomes: counts,
    overAsked: meanOverQuestions(rights, asked, confidence),
    overAnswered: meanOverQuestions(rightness(answered), answered, confidence),
    designEffect: asked.length > 0 ? clusteredStandardError(rights, clusters).designEffect : 1,
    clusters: new Set(clusters).size,
  };
}

/** Repeats are no new items: the mean over them is the value of the question. */
function rightness(questions: readonly Question[]): readonly number[] {
  return questions.map(({ scores }) => mean(scores.map(({ outcome }) => (outcome === 'correct' ? 1 : 0))) ?? 0);
}

/** Pooled reading errors: all edits over all characters, so that long texts count for more. */
export interface OcrMetrics {
  readonly n: number;
  readonly cer: number | undefined;
  readonly wer: number | undefined;
  readonly substitutionRate: number | undefined;
  readonly deletionRate: number | undefined;
  /** Invented characters ÷ characters of the truth. */
  readonly insertionRate: number | undefined;
  readonly longestInventedSpan: number;
  readonly numericFieldAccuracy: number | undefined;
  readonly anls: number | undefined;
  readonly tokenF1: number | undefined;
  /** Where nothing can be read: the share of replies that read something all the same. */
  readonly inventedWhereIllegible: number | undefined;
  /** Where everything can be read: the share of abstentions. */
  readonly falseAbstentionRate: number | undefined;
}

/**
 * The metrics of reading, pooled over scores.
 *
 * @returns undefined where no text was asked for
 * @example
 * ocrMetrics(scores)?.insertionRate;
 */
export function ocrMetrics(scores: readonly ScoreRecord[]): OcrMetrics | undefined {
  const texts = scores.filter(({ answerType, outcome }) => answerType === 'text' && outcomePlaces[outcome].asked);
  if (texts.length === 0) return undefined;
  const read = texts.filter(({ measures }) => measures['characters'] !== undefined);
  const sum = (...names: string[]): number =>
    read.reduce((total, { measures }) => total + names.reduce((part, name) => part + (measures[name] ?? 0), 0), 0);
  const over = (top: number, bottom: number): number | undefined => (bottom > 0 ? top / bottom : undefined);
  const average = (name: string): number | undefined =>
    mean(read.map(({ measures }) => measures[name]).filter((value) => value !== undefined));
  return {
    n: texts.length,
    cer: over(sum('substitutions', 'deletions', 'insertions'), sum('characters')),
    wer: over(sum('wordSubstitutions', 'wordDeletions', 'wordInsertions'), sum('words')),
    substitutionRate: over(sum('substitutions'), sum('characters')),
    deletionRate: over(sum('deletions'), sum('characters')),
    insertionRate: over(sum('insertions'), sum('characters')),
    longestInventedSpan: Math.max(0, ...read.map(({ measures }) => measures['longestInventedSpan'] ?? 0)),
    numericFieldAccuracy: average('numericExact'),
    anls: average('anls'),
    tokenF1: average('tokenF1'),
    inventedWhereIllegible: share(
      texts.filter(({ truth }) => truth === null),
      ({ outcome }) => outcome === 'wrong',
    ),
    falseAbstentionRate: share(
      texts.filter(({ truth }) => truth !== null),
      ({ outcome }) => outcome === 'abstained',
    ),
  };
}

/** Saying that it cannot be told: right where it cannot, and only there. */
export interface AbstentionMetrics {
  /** Questions that can be answered, and the share of them in which the model abstained. */
  readonly answerable: number;
  readonly falseAbstentionRate: number | undefined;
  /** Questions to which abstaining is right, and the share of them that got an answer all the same. */
  readonly unanswerable: number;
  readonly inventedRate: number | undefined;
}

/** The metrics that apply to a set of scores; each is there where questions of its kind were answered. */
export interface TaskMetrics {
  readonly counting: CountingMetrics | undefined;
  readonly spatial: SpatialMetrics | undefined;
  readonly existence: ExistenceMetrics | undefined;
  readonly ocr: OcrMetrics | undefined;
  /** Numbers that are read, off charts and on receipts. */
  readonly values: ValueMetrics | undefined;
  /** Names of things, asked openly or out of several. */
  readonly names: NameMetrics | undefined;
  readonly abstention: AbstentionMetrics;
  /** Items with all their twins, and the share of these groups that is right throughout. */
  readonly consistency: ReturnType<typeof groupAccuracy>;
  /** Where questions were asked more than once: how steady the answers are. */
  readonly repeats: RepeatMetrics | undefined;
  readonly calibration:
    | { readonly n: number; readonly brier: number; readonly expectedCalibrationError: number; readonly aurc: number }
    | undefined;
}

/**
 * All metrics of section 4.2 of the reference that a set of scores of one model allows.
 *
 * @example
 * taskMetrics(scores).counting?.signedBias;
 */
export function taskMetrics(scores: readonly ScoreRecord[]): TaskMetrics {
  const answered = scores.filter(({ outcome, parsed }) => outcomePlaces[outcome].answered && parsed !== null);
  const ofType = (type: ScoreRecord['answerType']): ScoreRecord[] =>
    answered.filter(({ answerType, truth }) => answerType === type && truth !== null);
  const confident = answered.flatMap(({ confidence, outcome }): ConfidentAnswer[] =>
    confidence === undefined ? [] : [{ confidence, correct: outcome === 'correct' }],
  );
  const asYesNo = (value: unknown): 'yes' | 'no' => (value === 'yes' ? 'yes' : 'no');
  return {
    counting: countingMetrics(
      ofType('integer')
        .filter(({ task }) => task === 'counting')
        .map(({ truth, parsed, expectedBias }) => ({
          truth: Number(truth),
          predicted: Number(parsed),
          ...(typeof expectedBias === 'number' ? { expectedBias } : {}),
        })),
    ),
    spatial: spatialMetrics(
      ofType('choice')
        .filter(({ task }) => task === 'spatial')
        .map(({ truth, parsed }) => ({ truth: String(truth), predicted: String(parsed) })),
    ),
    existence: existenceMetrics(
      ofType('yesno').map(({ truth, parsed }) => ({ truth: asYesNo(truth), predicted: asYesNo(parsed) })),
    ),
    ocr: ocrMetrics(scores.filter(({ task }) => task === 'ocr')),
    values: valueMetrics(
      answered
        .filter(
          ({ task, answerType, truth, measures }) =>
            task === 'ocr' && truth !== null && (answerType === 'integer' || measures['numericExact'] !== undefined),
        )
        .map(({ truth, parsed, outcome }) => ({
          truth: String(truth),
          said: String(parsed),
          correct: outcome === 'correct',
        })),
    ),
    names: nameMetrics(
      answered
        .filter(
          ({ task, answerType, truth }) =>
            task === 'existence' && truth !== null && (answerType === 'choice' || answerType === 'text'),
        )
        .map(({ truth, parsed, outcome }) => ({
          truth: String(truth),
          said: String(parsed),
          correct: outcome === 'correct',
        })),
    ),
    abstention: abstentionMetrics(scores),
    consistency: groupAccuracy(twinGroups(scores)),
    repeats: repeatMetrics(scores),
    calibration:
      confident.length === 0
        ? undefined
        : {
            n: confident.length,
            brier: brierScore(confident) ?? 0,
            expectedCalibrationError: expectedCalibrationError(confident) ?? 0,
            aurc: selectiveAccuracy(confident)?.aurc ?? 0,
          },
  };
}

/** Verdicts without their replies say nothing of abstaining. */
function abstentionMetrics(scores: readonly ScoreRecord[]): AbstentionMetrics {
  const asked = scores.filter(({ outcome, parser }) => outcomePlaces[outcome].asked && parser !== 'published');
  const answerable = asked.filter(({ truth }) => truth !== null);
  const unanswerable = asked.filter(({ truth }) => truth === null);
  return {
    answerable: answerable.length,
    falseAbstentionRate: share(answerable, ({ outcome }) => outcome === 'abstained'),
    unanswerable: unanswerable.length,
    inventedRate: share(unanswerable, ({ outcome }) => outcome === 'wrong'),
  };
}

/** An item and its twins under one wording and repeat. */
function twinGroups(scores: readonly ScoreRecord[]): { group: string; correct: boolean }[] {
  return scores
    .filter(({ outcome }) => outcomePlaces[outcome].asked)
    .map(({ itemId, twin, prompt, repeat, outcome }) => ({
      group: `${prompt} ${repeat} ${twin?.of ?? itemId}`,
      correct: outcome === 'correct',
    }));
}
