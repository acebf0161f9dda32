/** The tables of paired comparisons: every two models against each other, and the chosen pair by sub-task and prompt. */

import type { CorrectedResult, SuiteAnalysis } from './analysis.js';
import { breakable, escapeMarkup, percent, points, pText, pValue, whole } from './format.js';
import { promptLabel } from './labels.js';
import { relationOf } from './sentences.js';

/** Row less column, with the corrected p-value; both halves are filled so that a row can be read alone. */
export function matrixTable(
  suite: SuiteAnalysis,
  results: readonly CorrectedResult[],
  nameOf: (model: string) => string,
): string {
  const models = suite.models.map(({ model }) => model);
  const cell = (row: string, other: string): string => {
    if (row === other) return '<td class="self"></td>';
    const forward = results.find(({ candidate, baseline }) => candidate === row && baseline === other);
    const backward = results.find(({ candidate, baseline }) => candidate === other && baseline === row);
    const result = forward ?? backward;
    if (result === undefined) return '<td>–</td>';
    const sign = forward === undefined ? -1 : 1;
    const [lower, upper] = [sign * result.difference.lower, sign * result.difference.upper].sort((a, b) => a - b);
    const relation = relationOf(result);
    const turned = { better: 'worse', worse: 'better', undecided: 'undecided' } as const;
    const kind = sign === 1 ? relation : turned[relation];
    return `<td class="${kind}"><strong>${points(sign * result.difference.estimate)}</strong><small>${points(lower ?? 0)} to ${points(upper ?? 0)}</small><small>${pText(result.holm)}, n = ${whole(result.n)}</small></td>`;
  };
  const head = models.map((model) => `<th scope="col">${breakable(nameOf(model))}</th>`).join('');
  const rows = models.map(
    (row) =>
      `<tr><th scope="row">${breakable(nameOf(row))}</th>${models.map((other) => cell(row, other)).join('')}</tr>`,
  );
  return `<div class="scroll"><table class="matrix"><thead><tr><th>row less column</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** The chosen pair: counts, exact p-values, both corrections. */
export function sliceTable(
  slices: readonly CorrectedResult[],
  manyPrompts: boolean,
  nameOf: (model: string) => string,
): string {
  const [first] = slices;
  if (first === undefined) return '';
  const [baseline, candidate] = [nameOf(first.baseline), nameOf(first.candidate)];
  const rows = slices.map((slice) => {
    const relation = relationOf(slice);
    const kind = relation === 'undecided' ? '' : ` class="${relation}-text"`;
    return `<tr><th scope="row">${escapeMarkup(slice.subtask ?? 'all')}</th>${manyPrompts ? `<td>${(slice.prompt ?? 0) + 1}</td>` : ''}<td>${whole(slice.n)}</td><td>${percent(slice.baselineAccuracy)}</td><td>${percent(slice.candidateAccuracy)}</td><td>${whole(slice.counts.baselineOnly)} / ${whole(slice.counts.candidateOnly)}</td><td><strong${kind}>${points(slice.difference.estimate)}</strong> <span class="muted">${points(slice.difference.lower)} to ${points(slice.difference.upper)}</span></td><td>${testMark(slice)}${pValue(slice.p)}</td><td>${pValue(slice.holm)}</td><td>${pValue(slice.benjaminiHochberg)}</td></tr>`;
  });
  return `<div class="scroll"><table class="slices"><thead><tr><th>sub-task</th>${manyPrompts ? '<th>prompt</th>' : ''}<th>n</th><th>${breakable(baseline)}</th><th>${breakable(candidate)}</th><th title="right where the other is wrong">only right</th><th>points, 95% interval</th><th>p</th><th title="corrected for the table's comparisons, for what was asked beforehand">Holm</th><th title="corrected for the rate of false findings, for exploring">BH</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function testMark({ test }: CorrectedResult): string {
  return test === 'permutation' ? '<abbr title="sign-flip test by cluster, since items share clusters">s</abbr> ' : '';
}

/** How the comparisons were made, and what was left out. */
export function methodNote(results: readonly CorrectedResult[], family: number, hasMarked = false): string {
  const tests = new Set(results.map(({ test }) => test));
  const byTest = [
    tests.has('mcnemar') ? "McNemar's exact test with Tango's interval" : '',
    tests.has('permutation')
      ? 'a sign-flip test by cluster with a clustered interval, where items share clusters or prompts are pooled'
      : '',
  ].filter((text) => text !== '');
  const repeated = Math.max(0, ...results.map(({ repeatedKeys }) => repeatedKeys));
  const unmatched = Math.max(0, ...results.map(({ unmatchedKeys }) => unmatchedKeys));
  const left = [
    repeated > 0 ? `keys that occur more than once (at most ${whole(repeated)})` : '',
    unmatched > 0 ? `questions that only one of the two has an outcome for (at most ${whole(unmatched)})` : '',
  ].filter((text) => text !== '');
  return `Pairs on the same items: ${byTest.join('; ')}. p-values corrected by Holm over ${whole(family)} ${family === 1 ? 'comparison' : 'comparisons'}.${hasMarked ? ' Those with † are corrected apart.' : ''}${left.length > 0 ? ` Left out per comparison: ${left.join(', ')}.` : ''}`;
}

/** The heading over a matrix of one prompt. */
export function promptTitle(prompt: number): string {
  const label = promptLabel(prompt);
  return `${label.slice(0, 1).toUpperCase()}${label.slice(1)}`;
}
