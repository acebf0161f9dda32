/** Charts of shares: stacks that add up to one per model, and accuracy along a difficulty. */

import { outcomes } from '../scoring/index.js';
import type { SuiteAnalysis } from './analysis.js';
import type { DifficultyCurve } from './difficulty.js';
import { escapeMarkup, percent } from './format.js';
import { asPercent, cut, dimmed, gridLine, labelSpace, shareAxis, spoken, type Pen } from './pen.js';

export interface ShareRow {
  readonly label: string;
  readonly part: string;
  readonly share: number;
}

export interface SharePart {
  readonly name: string;
  /** A CSS colour. */
  readonly colour: string;
}

/** Shares of the outcomes per model, failed and skipped questions included. */
export function outcomeChart(pen: Pen, suite: SuiteAnalysis): string {
  const rows = suite.models.flatMap(({ model, summary }) =>
    outcomes.map((outcome) => ({
      label: pen.nameOf(model),
      part: outcome,
      share: summary.outcomes[outcome] / Math.max(1, summary.total),
    })),
  );
  const parts = outcomes.map((outcome) => ({ name: outcome, colour: `var(--outcome-${outcome})` }));
  return shareChart(pen, `Outcomes per model on ${suite.suite}`, rows, parts);
}

/** One bar per label; its parts add up to one. */
export function shareChart(
  { Plot, draw }: Pen,
  title: string,
  rows: readonly ShareRow[],
  parts: readonly SharePart[],
): string {
  const labels = [...new Set(rows.map(({ label }) => label))];
  const colours = new Map(parts.map(({ name, colour }) => [name, colour]));
  const shown = rows.filter(({ share }) => share > 0);
  const used = parts.filter(({ name }) => shown.some(({ part }) => part === name));
  const chart = draw(title, (width) => ({
    height: 34 + labels.length * 32,
    marginLeft: labelSpace(labels, width),
    marginRight: 16,
    marginTop: 4,
    x: shareAxis(width, null),
    y: {
      domain: labels,
      label: null,
      tickSize: 0,
      padding: 0.25,
      tickFormat: (label: string) => cut(label, width),
    },
    marks: [
      Plot.barX(shown, {
        y: 'label',
        x: 'share',
        z: 'part',
        order: parts.map(({ name }) => name),
        fill: (row) => colours.get(row.part) ?? dimmed,
        insetLeft: 0.5,
        insetRight: 0.5,
        title: (row) => `${row.label}: ${spoken(row.part)} ${percent(row.share)}`,
      }),
    ],
  }));
  return `${legend(used)}${chart}`;
}

function legend(parts: readonly SharePart[]): string {
  const entries = parts.map(
    ({ name, colour }) =>
      `<li><span class="swatch" style="background:${colour}"></span>${escapeMarkup(spoken(name))}</li>`,
  );
  return `<ul class="legend">${entries.join('')}</ul>`;
}

/** Accuracy of every model along one difficulty, with bands for the intervals. */
export function curveChart({ Plot, draw, colourOf }: Pen, { dimension, bins }: DifficultyCurve): string {
  const rows = bins.flatMap(({ label, accuracies }) =>
    accuracies.map(({ model, accuracy }) => ({ ...accuracy, label, model, colour: colourOf(model) })),
  );
  return draw(`Accuracy along ${spoken(dimension)}`, (width) => ({
    width: Math.min(width, 360),
    height: 210,
    marginLeft: 40,
    marginRight: 14,
    marginTop: 12,
    marginBottom: 40,
    x: {
      type: 'point',
      domain: bins.map(({ label }) => label),
      label: spoken(dimension),
      labelAnchor: 'center',
      labelArrow: 'none',
      tickSize: 0,
      padding: 0.3,
    },
    y: { domain: [0, 1], label: null, tickFormat: asPercent, ticks: 5, tickSize: 0 },
    marks: [
      Plot.gridY({ ...gridLine, ticks: 5 }),
      Plot.areaY(rows, { x: 'label', y1: 'lower', y2: 'upper', z: 'model', fill: 'colour', fillOpacity: 0.1 }),
      Plot.lineY(rows, { x: 'label', y: 'estimate', z: 'model', stroke: 'colour', strokeWidth: 2 }),
      Plot.dot(rows, { x: 'label', y: 'estimate', r: 3.5, fill: 'colour' }),
    ],
  }));
}
