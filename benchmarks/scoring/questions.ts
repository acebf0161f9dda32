/** Puts the scores of one question together: its repeats are no new items. */

import { clusteredProportionInterval, wilson, type Interval } from '../statistics/index.js';
import type { ScoreRecord } from './records.js';

/** One item in one wording, with what came of it each time it was asked. */
export interface Question {
  readonly cluster: string;
  readonly scores: readonly ScoreRecord[];
}

/**
 * Scores of one model by question. What stands twice under one repeat is no repeat but another question about the same picture, as in
 * BlindTest's subway map.
 */
export function byQuestion(scores: readonly ScoreRecord[]): readonly Question[] {
  const questions = new Map<string, { readonly cluster: string; readonly scores: ScoreRecord[] }>();
  const seen = new Map<string, number>();
  for (const score of scores) {
    const { itemId, prompt, repeat, cluster } = score;
    const place = seen.get(`${prompt} ${repeat} ${itemId}`) ?? 0;
    seen.set(`${prompt} ${repeat} ${itemId}`, place + 1);
    const key = `${prompt} ${place} ${itemId}`;
    const question = questions.get(key) ?? { cluster, scores: [] };
    question.scores.push(score);
    questions.set(key, question);
  }
  return [...questions.values()];
}

/**
 * The mean over questions with its interval: Wilson's, or one that knows of clusters where there are several questions to some.
 *
 * @param values 0 to 1 each, in the order of `questions`
 */
export function meanOverQuestions(
  values: readonly number[],
  questions: readonly Question[],
  confidence: number,
): Interval | undefined {
  if (values.length === 0) return undefined;
  const clusters = questions.map(({ cluster }) => cluster);
  const different = new Set(clusters).size;
  const total = values.reduce((sum, value) => sum + value, 0);
  if (different < 2 || different === values.length) return wilson(total, values.length, confidence);
  return clusteredProportionInterval(values, clusters, confidence);
}
