/** Charts of numbers with their intervals: the ranking, every sub-task, and the paired differences around zero. */

import type { SuiteAnalysis } from './analysis.js';
import { percent } from './format.js';
import { promptLabel } from './labels.js';
import { asPoints, cut, dimmed, gridLine, isNarrow, labelSpace, shareAxis, ticksFor, type Pen } from './pen.js';
import { level } from './sentences.js';

/** Accuracy with its interval, best first; hollow where a model is in no verdict. */
export function rankingChart({ Plot, draw, colourOf, nameOf }: Pen, suite: SuiteAnalysis): string {
  const rows = suite.models.flatMap(({ model, isBaseline, trainedOnSuite, summary: { overAsked } }) =>
    overAsked === undefined
      ? []
      : [{ ...overAsked, label: nameOf(model), colour: colourOf(model), hollow: isBaseline || trainedOnSuite }],
  );
  const labels = rows.map(({ label }) => label);
  return draw(`Accuracy of each model on ${suite.suite}`, (width) => ({
    height: 56 + rows.length * 34,
    marginBottom: 44,
    marginLeft: labelSpace(labels, width),
    marginRight: 52,
    marginTop: 6,
    x: shareAxis(width, 'accuracy over asked, 95% interval'),
    y: { domain: labels, label: null, tickSize: 0, tickFormat: (label: string) => cut(label, width) },
    marks: [
      Plot.gridX({ ...gridLine, ticks: ticksFor(width) }),
      Plot.ruleY(rows, {
        y: 'label',
        x1: 'lower',
        x2: 'upper',
        stroke: 'colour',
        strokeWidth: 3,
        strokeLinecap: 'round',
      }),
      Plot.dot(rows, {
        y: 'label',
        x: 'estimate',
        r: 6,
        fill: (row) => (row.hollow ? 'var(--surface)' : row.colour),
        stroke: 'colour',
        strokeWidth: 2,
      }),
      Plot.text(rows, {
        y: 'label',
        x: 'upper',
        text: (row) => percent(row.estimate),
        textAnchor: 'start',
        dx: 9,
        fill: 'currentColor',
        fontWeight: 600,
      }),
    ],
  }));
}

/** Accuracy of every model on every sub-task. */
export function subtaskChart({ Plot, draw, colourOf }: Pen, suite: SuiteAnalysis): string {
  const rows = suite.models.flatMap(({ model, subtasks }) =>
    subtasks.flatMap(({ subtask, summary: { overAsked } }) =>
      overAsked === undefined ? [] : [{ ...overAsked, model, subtask, colour: colourOf(model) }],
    ),
  );
  const order = suite.models.map(({ model }) => model);
  return draw(`Accuracy by sub-task on ${suite.suite}`, (width) => ({
    height: 56 + suite.subtasks.length * (14 + order.length * 11),
    marginBottom: 44,
    marginLeft: labelSpace(suite.subtasks, width),
    marginRight: 16,
    marginTop: 6,
    x: shareAxis(width, 'accuracy over asked, 95% interval'),
    y: { domain: order, axis: null, padding: 0.6 },
    fy: { domain: suite.subtasks, label: null, padding: 0.16 },
    marks: [
      rowTitles(Plot, width),
      Plot.gridX({ ...gridLine, ticks: ticksFor(width) }),
      Plot.ruleY(rows, { fy: 'subtask', y: 'model', x1: 'lower', x2: 'upper', stroke: 'colour', strokeWidth: 2 }),
      Plot.dot(rows, { fy: 'subtask', y: 'model', x: 'estimate', r: 3.6, fill: 'colour' }),
    ],
  }));
}

/** Paired differences by sub-task and prompt; coloured where the corrected p-value shows something. */
export function forestChart(pen: Pen, suite: SuiteAnalysis, baseline: string, candidate: string): string {
  const { Plot, draw, nameOf } = pen;
  const rows = suite.slices
    .filter((slice) => slice.baseline === baseline && slice.candidate === candidate)
    .map(({ difference, subtask = '', prompt = 0, holm }) => ({
      ...difference,
      subtask,
      prompt: String(prompt),
      title: promptLabel(prompt),
      colour: holm < level ? 'var(--accent)' : dimmed,
    }));
  const subtasks = suite.subtasks.filter((name) => rows.some(({ subtask }) => subtask === name));
  const manyPrompts = suite.prompts.length > 1;
  const reach = Math.min(1, Math.max(0.1, ...rows.flatMap(({ lower, upper }) => [-lower, upper])) * 1.08);
  const place = { fy: 'subtask', y: 'prompt' } as const;
  return draw(`${nameOf(candidate)} less ${nameOf(baseline)} by sub-task`, (width) => ({
    height: 62 + subtasks.length * (16 + suite.prompts.length * 16),
    marginBottom: 48,
    marginLeft: labelSpace(subtasks, width),
    marginRight: manyPrompts ? 62 : 16,
    marginTop: 6,
    x: {
      ...shareAxis(
        width,
        isNarrow(width) ? 'points' : `points: ← ${nameOf(baseline)} better · ${nameOf(candidate)} better →`,
      ),
      domain: [-reach, reach],
      labelOffset: 38,
      tickFormat: asPoints,
    },
    y: { domain: suite.prompts.map(String), axis: null, padding: 0.6 },
    fy: { domain: subtasks, label: null, padding: 0.2 },
    marks: [
      rowTitles(Plot, width),
      Plot.gridX({ ...gridLine, ticks: ticksFor(width) }),
      Plot.ruleX([0], { stroke: 'currentColor', strokeWidth: 1.2 }),
      Plot.ruleY(rows, {
        ...place,
        x1: 'lower',
        x2: 'upper',
        stroke: 'colour',
        strokeWidth: 2.5,
        strokeLinecap: 'round',
      }),
      Plot.dot(rows, { ...place, x: 'estimate', r: 4.5, symbol: 'square2', fill: 'colour' }),
      manyPrompts
        ? Plot.text(rows, { ...place, x: reach, dx: 8, textAnchor: 'start', text: 'title', fill: dimmed, fontSize: 11 })
        : null,
    ],
  }));
}

/** The names of facets, to the left of their rows. */
function rowTitles(Plot: Pen['Plot'], width: number) {
  return Plot.axisFy({
    anchor: 'left',
    label: null,
    textAnchor: 'end',
    dx: -8,
    lineWidth: 30,
    text: (subtask: string) => cut(subtask, width),
  });
}
