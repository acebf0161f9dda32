/** What was asked to be told apart, as tables for the page and for Markdown. */

import type { SuiteAnalysis } from './analysis.js';
import type { Breakdown, BreakdownCell, BreakdownRow } from './breakdown.js';
import { breakable, escapeMarkup, percent, percentWithInterval, whole } from './format.js';

/** Cells of a row of text: sub-task, stratum, and for each model its accuracy with n and, for yes or no, the balanced one. */
export function breakdownCells(row: BreakdownRow, models: readonly string[]): string[] {
  const ofModel = (model: string): string => {
    const cell = row.cells.find((candidate) => candidate.model === model);
    return cell === undefined ? '–' : cellText(cell);
  };
  return [row.subtask, row.stratum, ...models.map(ofModel), whole(Math.max(...row.cells.map(({ n }) => n)))];
}

function cellText({ accuracy, balancedAccuracy }: BreakdownCell): string {
  const balanced = balancedAccuracy === undefined ? '' : `, balanced ${percent(balancedAccuracy)}`;
  return `${percentWithInterval(accuracy)}${balanced}`;
}

/** What was left out, in a sentence; nothing where nothing was. */
export function leftOutText({ leftOut }: Breakdown): string {
  return leftOut === 0 ? '' : `${whole(leftOut)} questions do not have this, or lie in no band.`;
}

/** The tables of one suite. */
export function breakdownTables(suite: SuiteAnalysis, nameOf: (model: string) => string): string {
  const models = suite.models.map(({ model }) => model);
  return suite.breakdowns
    .map((breakdown) => {
      const head = models.map((model) => `<th>${breakable(nameOf(model))}</th>`).join('');
      const rows = breakdown.rows.map((row) => {
        const [subtask = '', ...cells] = breakdownCells(row, models).map(escapeMarkup);
        return `<tr><th scope="row">${subtask}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
      });
      const note = leftOutText(breakdown);
      return `<h4>By ${escapeMarkup(breakdown.by)}</h4>
<div class="scroll"><table><thead><tr><th>sub-task</th><th>stratum</th>${head}<th>n each</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>${note === '' ? '' : `<p class="note">${note}</p>`}`;
    })
    .join('\n');
}
