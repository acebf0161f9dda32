/** A run as JUnit XML, which build servers show: one suite per model and suite, one case per question. */

import { groupBy } from './grouping.js';
import { clipped, escapeMarkup } from './format.js';
import type { RunRecords } from './run-folder.js';
import type { ScoreRecord } from '../scoring/index.js';

/** Characters of a reply in a failure. */
const mostReplyCharacters = 400;

/**
 * Writes JUnit XML. What was not answered right is a failure by its outcome, a failed call is an error, and what the budget cut off is skipped.
 *
 * @example
 * await writeFile('junit.xml', junitXml(run));
 */
export function junitXml(run: RunRecords): string {
  const replies = new Map(
    run.responses.map(({ itemId, model, prompt, repeat, text, error }) => [
      `${itemId}\n${model}\n${prompt}\n${repeat}`,
      text ?? error?.message ?? '',
    ]),
  );
  const suites = [...groupBy(run.scores, ({ suite, model }) => `${suite} ${model}`)].map(([name, scores]) => {
    const cases = scores.map((score) => testCase(score, replies));
    const { failures, errors, skipped } = tally(scores);
    return `  <testsuite name="${escapeMarkup(name)}" tests="${scores.length}" failures="${failures}" errors="${errors}" skipped="${skipped}">\n${cases.join('\n')}\n  </testsuite>`;
  });
  const { failures, errors, skipped } = tally(run.scores);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${escapeMarkup(run.name)}" tests="${run.scores.length}" failures="${failures}" errors="${errors}" skipped="${skipped}">
${suites.join('\n')}
</testsuites>
`;
}

function tally(scores: readonly ScoreRecord[]): { failures: number; errors: number; skipped: number } {
  const errors = scores.filter(({ outcome }) => outcome === 'provider-error').length;
  const skipped = scores.filter(({ outcome }) => outcome === 'budget-skipped').length;
  const right = scores.filter(({ outcome }) => outcome === 'correct').length;
  return { failures: scores.length - right - errors - skipped, errors, skipped };
}

function testCase(score: ScoreRecord, replies: ReadonlyMap<string, string>): string {
  const { itemId, model, prompt, repeat, suite, subtask, outcome } = score;
  const repeated = repeat > 0 ? ` repeat ${repeat + 1}` : '';
  const open = `    <testcase classname="${escapeMarkup(`${suite}.${subtask}`)}" name="${escapeMarkup(`${itemId} prompt ${prompt + 1}${repeated}`)}"`;
  if (outcome === 'correct') return `${open}/>`;
  if (outcome === 'budget-skipped')
    return `${open}><skipped message="the budget ended before this question"/></testcase>`;
  const tag = outcome === 'provider-error' ? 'error' : 'failure';
  const reply = replies.get(`${itemId}\n${model}\n${prompt}\n${repeat}`) ?? '';
  const truth = score.truth === null ? '' : `, truth ${String(score.truth)}`;
  const read = score.parsed === null ? '' : `: read ${String(score.parsed)}`;
  return `${open}><${tag} type="${outcome}" message="${escapeMarkup(`${outcome}${read}${truth}`)}">${escapeMarkup(clipped(reply, mostReplyCharacters))}</${tag}></testcase>`;
}
