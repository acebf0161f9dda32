/** How steady a model is: what comes of a question that is asked again in the same words. */

import type { Interval } from '../statistics/index.js';
import { outcomePlaces } from './outcome.js';
import { byQuestion, meanOverQuestions } from './questions.js';
import type { ScoreRecord } from './records.js';

/** Of the questions that were asked more than once. */
export interface RepeatMetrics {
  readonly questions: number;
  /** How often each of them was asked, on average. */
  readonly timesAsked: number;
  /** Share whose repeats were all read as the same answer, right or wrong; no answer is the same as none of the same kind. */
  readonly consistency: Interval;
  /** Share that was right at one time and not at another. */
  readonly flipRate: Interval;
}

/**
 * Consistency and flip rate over the repeats of a run (`--repeats`) of one model. Failed calls and what the budget cut off are left out.
 *
 * @returns undefined where nothing was asked twice
 * @example
 * repeatMetrics(scores)?.flipRate; // estimate 0.12, lower 0.08, upper 0.17
 */
export function repeatMetrics(scores: readonly ScoreRecord[], confidence = 0.95): RepeatMetrics | undefined {
  const asked = byQuestion(scores.filter(({ outcome }) => outcomePlaces[outcome].asked));
  const again = asked.filter((question) => question.scores.length > 1);
  const share = (holds: (list: readonly ScoreRecord[]) => boolean): Interval | undefined =>
    meanOverQuestions(
      again.map((question) => (holds(question.scores) ? 1 : 0)),
      again,
      confidence,
    );
  const consistency = share((list) => new Set(list.map(answerOf)).size === 1);
  const flipRate = share((list) => new Set(list.map(({ outcome }) => outcome === 'correct')).size > 1);
  if (consistency === undefined || flipRate === undefined) return undefined;
  const times = again.reduce((sum, question) => sum + question.scores.length, 0);
  return { questions: again.length, timesAsked: times / again.length, consistency, flipRate };
}

function answerOf({ parsed, outcome }: ScoreRecord): string {
  return parsed === null ? outcome : JSON.stringify(parsed).toLowerCase();
}
