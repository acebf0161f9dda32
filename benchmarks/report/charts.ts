/** The report's charts: Observable Plot drawn without a browser, as SVG whose colours follow the page's light or dark. */

import type { PlotOptions } from '@observablehq/plot';
import { OcelliError } from '../../src/index.js';
import { outcomes, type Outcome } from '../scoring/index.js';
import { isBaselineModel, type SuiteAnalysis } from './analysis.js';
import type { DifficultyCurve } from './difficulty.js';
import { escapeMarkup, percent } from './format.js';
import { promptLabel } from './labels.js';

/** Draws the charts of one report; the colour of a model is the same in all of them. */
export interface Charts {
  /** Accuracy with its interval, best first. */
  ranking(suite: SuiteAnalysis): string;
  /** Accuracy of every model on every sub-task. */
  subtasks(suite: SuiteAnalysis): string;
  /** Shares of the outcomes per model. */
  outcomes(suite: SuiteAnalysis): string;
  /** Shares that add up to one per row, such as over, exact and under. */
  shares(rows: readonly ShareRow[], parts: readonly SharePart[]): string;
  curve(curve: DifficultyCurve): string;
  /** Paired differences by sub-task and prompt around zero. */
  forest(suite: SuiteAnalysis, baseline: string, candidate: string): string;
}

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

/** Two drawings of each chart, since text in an SVG that is scaled down cannot be read. */
const widths = { wide: 760, narrow: 372 } as const;

/** The colour of each outcome, defined in the style sheet for light and dark. */
export const outcomeColour = (outcome: Outcome): string => `var(--outcome-${outcome})`;

/** The colour of a model, by its place among those that look; after the last colour they begin again. */
export function modelColour(models: readonly string[], model: string): string {
  const place = models.filter((name) => !isBaselineModel(name)).indexOf(model);
  return place < 0 ? dimmed : `var(--model-${place % 8})`;
}

const dimmed = 'var(--muted)';
const line = 'var(--line)';

/**
 * Loads Plot and linkedom.
 *
 * @throws OcelliError `unsupported-input` where they are not installed: both are optional.
 * @example
 * const charts = await createCharts(analysis.models, (model) => model);
 */
export async function createCharts(models: readonly string[], nameOf: (model: string) => string): Promise<Charts> {
  const { Plot, document } = await load();

  /** Draws for both widths; `label` is what a screen reader says. */
  const draw = (label: string, options: (width: number) => PlotOptions): string =>
    Object.entries(widths)
      .map(([name, width]) => {
        const svg = Plot.plot({
          document,
          width,
          style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
          ...options(width),
        });
        svg.setAttribute('role', 'img');
        svg.setAttribute('aria-label', label);
        svg.removeAttribute('xmlns:xlink');
        return `<div class="chart ${name}" data-chart>${svg.outerHTML}</div>`;
      })
      .join('');

  const colourOf = (model: string): string => modelColour(models, model);

  return {
    ranking(suite) {
      const rows = suite.models.flatMap((result) =>
        result.summary.overAsked === undefined ? [] : [{ ...result, accuracy: result.summary.overAsked }],
      );
      const labels = rows.map(({ model }) => nameOf(model));
      return draw(`Accuracy of each model on ${suite.suite}`, (width) => ({
        height: 56 + rows.length * 34,
        marginBottom: 44,
        marginLeft: labelSpace(labels, width),
        marginRight: 52,
        marginTop: 6,
        x: {
          domain: [0, 1],
          label: 'accuracy over asked, 95% interval',
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 36,
          tickFormat: asPercent,
          ticks: ticksFor(width),
        },
        y: { domain: labels.map((label) => cut(label, width)), label: null, tickSize: 0 },
        marks: [
          Plot.gridX({ stroke: line, strokeOpacity: 1, ticks: ticksFor(width) }),
          Plot.ruleY(rows, {
            y: (row) => cut(nameOf(row.model), width),
            x1: (row) => row.accuracy.lower,
            x2: (row) => row.accuracy.upper,
            stroke: (row) => colourOf(row.model),
            strokeWidth: 3,
            strokeLinecap: 'round',
          }),
          Plot.dot(rows, {
            y: (row) => cut(nameOf(row.model), width),
            x: (row) => row.accuracy.estimate,
            r: 6,
            fill: (row) => (row.isBaseline || row.trainedOnSuite ? 'var(--surface)' : colourOf(row.model)),
            stroke: (row) => colourOf(row.model),
            strokeWidth: 2,
          }),
          Plot.text(rows, {
            y: (row) => cut(nameOf(row.model), width),
            x: (row) => row.accuracy.upper,
            text: (row) => percent(row.accuracy.estimate),
            textAnchor: 'start',
            dx: 9,
            fill: 'currentColor',
            fontWeight: 600,
          }),
        ],
        color: { type: 'identity' },
      }));
    },

    subtasks(suite) {
      const rows = suite.models.flatMap(({ model, subtasks }) =>
        subtasks.flatMap(({ subtask, summary }) =>
          summary.overAsked === undefined ? [] : [{ model, subtask, accuracy: summary.overAsked }],
        ),
      );
      const order = suite.models.map(({ model }) => model);
      return draw(`Accuracy by sub-task on ${suite.suite}`, (width) => ({
        height: 56 + suite.subtasks.length * (14 + order.length * 11),
        marginBottom: 44,
        marginLeft: labelSpace(suite.subtasks, width),
        marginRight: 16,
        marginTop: 6,
        x: {
          domain: [0, 1],
          label: 'accuracy over asked, 95% interval',
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 36,
          tickFormat: asPercent,
          ticks: ticksFor(width),
        },
        y: { domain: order, axis: null, padding: 0.6 },
        fy: { domain: suite.subtasks, label: null, padding: 0.16 },
        marks: [
          Plot.axisFy({
            anchor: 'left',
            label: null,
            textAnchor: 'end',
            dx: -8,
            lineWidth: 30,
            text: (subtask: string) => cut(subtask, width),
          }),
          Plot.gridX({ stroke: line, strokeOpacity: 1, ticks: ticksFor(width) }),
          Plot.ruleY(rows, {
            fy: 'subtask',
            y: 'model',
            x1: (row) => row.accuracy.lower,
            x2: (row) => row.accuracy.upper,
            stroke: (row) => colourOf(row.model),
            strokeWidth: 2,
          }),
          Plot.dot(rows, {
            fy: 'subtask',
            y: 'model',
            x: (row) => row.accuracy.estimate,
            r: 3.6,
            fill: (row) => colourOf(row.model),
          }),
        ],
        color: { type: 'identity' },
      }));
    },

    outcomes(suite) {
      const rows = suite.models.flatMap(({ model, summary }) =>
        outcomes.map((outcome) => ({
          label: nameOf(model),
          part: outcome,
          share: summary.outcomes[outcome] / Math.max(1, summary.total),
        })),
      );
      return stack(
        `Outcomes per model on ${suite.suite}`,
        rows,
        outcomes.map((outcome) => ({ name: outcome, colour: outcomeColour(outcome) })),
      );
    },

    shares: (rows, parts) => stack('Shares per model', rows, parts),

    curve({ dimension, bins }) {
      const rows = bins.flatMap(({ label, accuracies }) =>
        accuracies.map(({ model, accuracy }) => ({ label, model, ...accuracy })),
      );
      return draw(`Accuracy along ${dimension}`, (width) => ({
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
          Plot.gridY({ stroke: line, strokeOpacity: 1, ticks: 5 }),
          Plot.areaY(rows, {
            x: 'label',
            y1: 'lower',
            y2: 'upper',
            z: 'model',
            fill: (row) => colourOf(row.model),
            fillOpacity: 0.1,
          }),
          Plot.lineY(rows, {
            x: 'label',
            y: 'estimate',
            z: 'model',
            stroke: (row) => colourOf(row.model),
            strokeWidth: 2,
          }),
          Plot.dot(rows, { x: 'label', y: 'estimate', r: 3.5, fill: (row) => colourOf(row.model) }),
        ],
        color: { type: 'identity' },
      }));
    },

    forest(suite, baseline, candidate) {
      const rows = suite.slices
        .filter((slice) => slice.baseline === baseline && slice.candidate === candidate)
        .map((slice) => ({
          ...slice.difference,
          subtask: slice.subtask ?? '',
          prompt: slice.prompt ?? 0,
          holm: slice.holm,
        }));
      const subtasks = suite.subtasks.filter((name) => rows.some(({ subtask }) => subtask === name));
      const reach = Math.min(1, Math.max(0.1, ...rows.flatMap(({ lower, upper }) => [-lower, upper])) * 1.08);
      return draw(`${candidate} less ${baseline} by sub-task`, (width) => ({
        height: 62 + subtasks.length * (16 + suite.prompts.length * 16),
        marginBottom: 48,
        marginLeft: labelSpace(subtasks, width),
        marginRight: suite.prompts.length > 1 ? 62 : 16,
        marginTop: 6,
        x: {
          domain: [-reach, reach],
          label: width < 500 ? 'points' : `points: ← ${nameOf(baseline)} better · ${nameOf(candidate)} better →`,
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 38,
          tickFormat: asPoints,
          ticks: ticksFor(width),
        },
        y: { domain: suite.prompts.map(String), axis: null, padding: 0.6 },
        fy: { domain: subtasks, label: null, padding: 0.2 },
        marks: [
          Plot.axisFy({
            anchor: 'left',
            label: null,
            textAnchor: 'end',
            dx: -8,
            lineWidth: 30,
            text: (subtask: string) => cut(subtask, width),
          }),
          Plot.gridX({ stroke: line, strokeOpacity: 1, ticks: ticksFor(width) }),
          Plot.ruleX([0], { stroke: 'currentColor', strokeWidth: 1.2 }),
          Plot.ruleY(rows, {
            fy: 'subtask',
            y: (row) => String(row.prompt),
            x1: 'lower',
            x2: 'upper',
            stroke: (row) => (row.holm < 0.05 ? 'var(--accent)' : dimmed),
            strokeWidth: 2.5,
            strokeLinecap: 'round',
          }),
          Plot.dot(rows, {
            fy: 'subtask',
            y: (row) => String(row.prompt),
            x: 'estimate',
            r: 4.5,
            symbol: 'square2',
            fill: (row) => (row.holm < 0.05 ? 'var(--accent)' : dimmed),
          }),
          ...(suite.prompts.length > 1
            ? [
                Plot.text(rows, {
                  fy: 'subtask',
                  y: (row) => String(row.prompt),
                  x: reach,
                  dx: 8,
                  textAnchor: 'start',
                  text: (row) => promptLabel(row.prompt),
                  fill: dimmed,
                  fontSize: 11,
                }),
              ]
            : []),
        ],
        color: { type: 'identity' },
      }));
    },
  };

  function stack(label: string, rows: readonly ShareRow[], parts: readonly SharePart[]): string {
    const labels = [...new Set(rows.map((row) => row.label))];
    const colours = new Map(parts.map(({ name, colour }) => [name, colour]));
    const order = parts.map(({ name }) => name);
    const used = parts.filter(({ name }) => rows.some(({ part, share }) => part === name && share > 0));
    const chart = draw(label, (width) => ({
      height: 34 + labels.length * 32,
      marginLeft: labelSpace(labels, width),
      marginRight: 16,
      marginTop: 4,
      x: { domain: [0, 1], label: null, tickFormat: asPercent, ticks: ticksFor(width) },
      y: { domain: labels.map((name) => cut(name, width)), label: null, tickSize: 0, padding: 0.25 },
      marks: [
        Plot.barX(
          rows.filter(({ share }) => share > 0),
          {
            y: (row) => cut(row.label, width),
            x: 'share',
            z: 'part',
            order,
            fill: (row) => colours.get(row.part) ?? dimmed,
            insetLeft: 0.5,
            insetRight: 0.5,
            title: (row) => `${row.label}: ${row.part} ${percent(row.share)}`,
          },
        ),
      ],
      color: { type: 'identity' },
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
}

async function load() {
  try {
    const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
    return { Plot, document: parseHTML('<!doctype html><html><body></body></html>').document };
  } catch {
    throw new OcelliError(
      'unsupported-input',
      'The charts need two packages that are not installed. Run: npm install @observablehq/plot linkedom',
    );
  }
}

/** A tick. Plot passes more than the value, so it takes no second parameter. */
function asPercent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function asPoints(difference: number): string {
  const value = Math.round(difference * 100);
  return value > 0 ? `+${value}` : String(value).replace('-', '−');
}

function ticksFor(width: number): number {
  return width < 500 ? 4 : 10;
}

/** About the width of the longest label, and never more than half the drawing. */
function labelSpace(labels: readonly string[], width: number): number {
  const longest = Math.max(0, ...labels.map((label) => cut(label, width).length));
  return Math.min(width * 0.5, 18 + longest * 6.9);
}

/** A label that fits half of the drawing; its end tells models apart better than its beginning. */
function cut(label: string, width: number): string {
  const most = width < 500 ? 20 : 46;
  return label.length <= most ? label : `…${label.slice(1 - most)}`;
}

/** `smallestGap` and `smallest-gap` as words. */
export function spoken(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, (_, one: string, other: string) => `${one} ${other.toLowerCase()}`)
    .replaceAll('-', ' ');
}
