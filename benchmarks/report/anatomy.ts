/** How models go wrong, as charts and tables: counts too high or low, places mirrored, things and text invented. */

import type { SuiteAnalysis } from './analysis.js';
import { anatomyKinds, type AnatomyKind } from './anatomy-kinds.js';
import { escapeMarkup } from './format.js';
import type { Pen } from './pen.js';
import { shareChart, type ShareRow } from './share-charts.js';

/** The anatomy of one suite's errors; a sentence where the answers are not known. */
export function anatomySection(suite: SuiteAnalysis, pen: Pen, nameOf: (model: string) => string): string {
  const parts = anatomyKinds.map((kind) => onePart(suite, kind, pen, nameOf)).join('');
  if (parts !== '') return parts;
  return '<p class="note">The answers themselves are not recorded here, only whether they were right: nothing can be said of how they went wrong.</p>';
}

function onePart(suite: SuiteAnalysis, kind: AnatomyKind, pen: Pen, nameOf: (model: string) => string): string {
  const results = suite.models.flatMap(({ model, metrics }) => {
    const shares = kind.shares(metrics);
    return shares === undefined ? [] : [{ name: nameOf(model), metrics, shares }];
  });
  if (results.length === 0) return '';
  const rows: ShareRow[] = results.flatMap(({ name, shares }) =>
    kind.parts.map((part, place) => ({
      label: name,
      part: part.name,
      // What is left of rounding must not become a bar of its own.
      share: (shares[place] ?? 0) < 1e-9 ? 0 : (shares[place] ?? 0),
    })),
  );
  const columns = kind.columns.filter(({ text }) => results.some(({ metrics }) => text(metrics) !== '–'));
  const head = columns
    .map(({ title, hint }) => `<th title="${escapeMarkup(hint)}">${escapeMarkup(title)}</th>`)
    .join('');
  const body = results
    .map(
      ({ name, metrics }) =>
        `<tr><th scope="row">${escapeMarkup(name)}</th>${columns.map(({ text }) => `<td>${escapeMarkup(text(metrics))}</td>`).join('')}</tr>`,
    )
    .join('');
  const chart =
    kind.parts.length === 0
      ? ''
      : `<figure>${shareChart(pen, `${kind.title} on ${suite.suite}`, rows, kind.parts)}</figure>`;
  return `<h4>${kind.title}</h4>
<p class="note">${kind.note}</p>
${chart}
<div class="scroll"><table><thead><tr><th>model</th>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
