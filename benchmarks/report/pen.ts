/** What the charts are drawn with: Plot without a browser, both widths, colours from the style sheet, labels that fit. */

import type { PlotOptions } from '@observablehq/plot';
import { OcelliError } from '../../src/index.js';
import { isBaselineModel } from './analysis.js';

/** Draws charts; the colour and the name of a model are the same in all of them. */
export interface Pen {
  readonly Plot: Awaited<ReturnType<typeof load>>['Plot'];
  /** The chart as SVG for wide and for narrow screens; `label` is what a screen reader says. */
  readonly draw: (label: string, options: (width: number) => PlotOptions) => string;
  readonly colourOf: (model: string) => string;
  readonly nameOf: (model: string) => string;
}

/** Two drawings of each chart, in pixels, since text in an SVG that is scaled down cannot be read. */
const widths = { wide: 760, narrow: 372 } as const;

export const dimmed = 'var(--muted)';
export const gridLine = { stroke: 'var(--line)', strokeOpacity: 1 } as const;

/** The colour of a model, by its place among those that look, after the last colour again from the first; those that do not are grey. */
export function modelColour(models: readonly string[], model: string): string {
  const blind = isBaselineModel(model);
  const place = models.filter((name) => isBaselineModel(name) === blind).indexOf(model);
  return blind ? `var(--blind-${place % 2})` : `var(--model-${place % 8})`;
}

/**
 * Loads Plot and linkedom.
 *
 * @throws OcelliError `unsupported-input` where they are not installed: both are optional.
 */
export async function createPen(models: readonly string[], nameOf: (model: string) => string): Promise<Pen> {
  const { Plot, document } = await load();
  return {
    Plot,
    nameOf,
    colourOf: (model) => modelColour(models, model),
    draw: (label, options) =>
      Object.entries(widths)
        .map(([name, width]) => {
          const svg = Plot.plot({
            document,
            width,
            style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
            color: { type: 'identity' },
            ...options(width),
          });
          svg.setAttribute('role', 'img');
          svg.setAttribute('aria-label', label);
          svg.removeAttribute('xmlns:xlink');
          // The page's style sheet says it once for all.
          svg.querySelector('style')?.remove();
          return `<div class="chart ${name}">${shortened(svg.outerHTML)}</div>`;
        })
        .join(''),
  };
}

/** Places in hundredths of a pixel: more are a fifth of the page. Text between the tags stays. */
function shortened(svg: string): string {
  return svg.replace(/<[^>]*>/g, (tag) => tag.replace(/(\d\.\d{2})\d+(?=[,) "])/g, '$1'));
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

export function isNarrow(width: number): boolean {
  return width < 500;
}

/** A tick. Plot passes more than the value, so it takes no second parameter. */
export function asPercent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** A tick of a difference, with its sign. */
export function asPoints(difference: number): string {
  const value = Math.round(difference * 100);
  return value > 0 ? `+${value}` : String(value).replace('-', '−');
}

/** The axis of shares from 0 to 1. */
export function shareAxis(width: number, label: string | null): NonNullable<PlotOptions['x']> {
  return {
    domain: [0, 1],
    label,
    labelAnchor: 'center',
    labelArrow: 'none',
    labelOffset: 36,
    tickFormat: asPercent,
    ticks: ticksFor(width),
  };
}

export function ticksFor(width: number): number {
  return isNarrow(width) ? 4 : 10;
}

/** About the width of the longest label in pixels, and never more than half the drawing. */
export function labelSpace(labels: readonly string[], width: number): number {
  const longest = Math.max(0, ...labels.map((label) => cut(label, width).length));
  return Math.min(width * 0.5, 18 + longest * 6.9);
}

/** A label that fits half of the drawing; its end tells models apart better than its beginning. */
export function cut(label: string, width: number): string {
  const most = isNarrow(width) ? 20 : 46;
  return label.length <= most ? label : `…${label.slice(1 - most)}`;
}

/** `smallestGap` and `smallest-gap` as words. */
export function spoken(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, (_, one: string, other: string) => `${one} ${other.toLowerCase()}`)
    .replace(/([a-z])(\d)/g, '$1 $2')
    .replaceAll('-', ' ');
}
