/** The report as Markdown, short enough for a comment on a pull request. */

import { breakdownCells, leftOutText } from './breakdown-section.js';
import { familySize, type Analysis, type CorrectedResult, type SuiteAnalysis } from './analysis.js';
import { escapeMarkdown, percent, percentWithInterval, points, pValue, whole } from './format.js';
import { labeller } from './labels.js';
import type { RunRecords } from './run-folder.js';
import { findingsOf } from './sentences.js';

/**
 * Writes the report's numbers as Markdown: verdicts, accuracies, comparisons.
 *
 * @example
 * await writeFile('report.md', markdownReport(run, analysis));
 */
export function markdownReport(run: RunRecords, analysis: Analysis): string {
  const nameOf = labeller(analysis.suites);
  const family = familySize(analysis, 'overall');
  const warnings = [...(run.partial ? ['This run is partial.'] : []), ...run.notes].map(
    (note) => `> ${escapeMarkdown(note)}\n`,
  );
  const suites = analysis.suites.map((suite) => suiteMarkdown(suite, family, nameOf));
  return [`# ${escapeMarkdown(run.name)}\n`, ...warnings, ...suites].join('\n');
}

function suiteMarkdown(suite: SuiteAnalysis, family: number, nameOf: (model: string) => string): string {
  const findings = findingsOf(suite, family).map(({ text }) => `- ${escapeMarkdown(text)}`);
  const accuracies = suite.models.map(({ model, summary }) => [
    nameOf(model),
    percentWithInterval(summary.overAsked),
    percentWithInterval(summary.overAnswered),
    percent(summary.coverage),
    whole(summary.asked),
  ]);
  const bySubtask = suite.subtasks.map((subtask) => [
    subtask,
    ...suite.models.map(({ subtasks }) =>
      percent(subtasks.find((row) => row.subtask === subtask)?.summary.accuracyOverAsked),
    ),
  ]);
  const parts = [
    `## ${escapeMarkdown(suite.suite)}\n`,
    `${findings.join('\n')}\n`,
    table(['model', 'right of asked', 'right of answered', 'answered', 'n'], accuracies),
    repeatTable(suite, nameOf),
    suite.subtasks.length > 1 ? table(['sub-task', ...suite.models.map(({ model }) => nameOf(model))], bySubtask) : '',
    ...suite.breakdowns.map((breakdown) => {
      const models = suite.models.map(({ model }) => model);
      const rows = breakdown.rows.map((row) => breakdownCells(row, models));
      const head = ['sub-task', `by ${breakdown.by}`, ...models.map(nameOf), 'n each'];
      const note = leftOutText(breakdown);
      return `${table(head, rows)}${note === '' ? '' : `\n${note}\n`}`;
    }),
    comparisonTable([...suite.overall, ...suite.withinPrompt], nameOf),
    comparisonTable(suite.slices, nameOf),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** How steady the models are; nothing where nothing was asked twice. */
function repeatTable(suite: SuiteAnalysis, nameOf: (model: string) => string): string {
  const rows = suite.models.flatMap(({ model, metrics: { repeats } }) =>
    repeats === undefined
      ? []
      : [
          [
            nameOf(model),
            percentWithInterval(repeats.consistency),
            percentWithInterval(repeats.flipRate),
            whole(repeats.questions),
          ],
        ],
  );
  return rows.length === 0
    ? ''
    : table(['model', 'same answer again', 'right at times only', 'questions asked again'], rows);
}

/** Comparisons as a table of Markdown; nothing for none. */
export function comparisonTable(results: readonly CorrectedResult[], nameOf: (model: string) => string): string {
  if (results.length === 0) return '';
  const rows = results.map((result) => [
    `${nameOf(result.candidate)} − ${nameOf(result.baseline)}`,
    result.subtask ?? 'all',
    result.prompt === undefined ? 'all' : String(result.prompt + 1),
    whole(result.n),
    `${points(result.difference.estimate)} (${points(result.difference.lower)} to ${points(result.difference.upper)})`,
    `${whole(result.counts.baselineOnly)} / ${whole(result.counts.candidateOnly)}`,
    pValue(result.p),
    pValue(result.holm),
    pValue(result.benjaminiHochberg),
  ]);
  return table(['models', 'sub-task', 'prompt', 'n', 'points', 'only right', 'p', 'Holm', 'BH'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return `${[line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n')}\n`;
}
