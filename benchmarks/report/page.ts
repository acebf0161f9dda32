/** The report as one HTML page that needs nothing from outside: verdicts, ranking, outcomes, anatomy, curves, comparisons, samples. */

import { createHash } from 'node:crypto';
import { familySize, untellable, type Analysis, type ModelResult, type SuiteAnalysis } from './analysis.js';
import { anatomySection } from './anatomy.js';
import { breakdownTables } from './breakdown-section.js';
import { forestChart, rankingChart, subtaskChart } from './interval-charts.js';
import { createPen, modelColour, type Pen } from './pen.js';
import { curveChart, outcomeChart } from './share-charts.js';
import { breakable, escapeMarkup, percent, percentWithInterval, whole } from './format.js';
import { labeller } from './labels.js';
import { matrixTable, methodNote, promptTitle, sliceTable } from './matrix.js';
import type { RunRecords } from './run-folder.js';
import { sampleSection } from './sample-section.js';
import type { SampleChoice } from './samples.js';
import { pageScript } from './script.js';
import { findingsOf, listed, topicOf } from './sentences.js';
import { pageStyle } from './style.js';
import type { Thumbnail } from './thumbnails.js';

export interface PageInput {
  readonly run: RunRecords;
  readonly analysis: Analysis;
  readonly samples: SampleChoice;
  readonly thumbnails: ReadonlyMap<string, Thumbnail>;
  /** Of ocelli, for the foot of the page. */
  readonly version: string;
}

/** Most curves a suite shows; all are in report.json. */
const mostCurves = 6;

/**
 * Writes the page.
 *
 * @throws OcelliError `unsupported-input` where the charts' packages are not installed.
 * @example
 * const html = await renderPage({ run, analysis, samples, thumbnails, version });
 */
export async function renderPage(input: PageInput): Promise<string> {
  const { run, analysis, samples, thumbnails } = input;
  const nameOf = labeller(analysis.suites);
  const pen = await createPen(analysis.models, nameOf);
  const title = titleOf(analysis);
  const each = (render: (suite: SuiteAnalysis) => string): string =>
    analysis.suites
      .map((suite) => {
        const content = render(suite);
        return content === '' || analysis.suites.length === 1
          ? content
          : `<h3>${escapeMarkup(suite.suite)}</h3>${content}`;
      })
      .join('\n');
  const parts = [
    section('ranking', 'Accuracy', overview(analysis, nameOf) + each((suite) => ranking(suite, analysis, pen, nameOf))),
    section(
      'outcomes',
      'What became of the questions',
      `${each((suite) => outcomeStack(suite, pen, nameOf))}
<p class="note">Failed calls and questions that the budget cut off say nothing about a model and are in neither accuracy.</p>`,
    ),
    section(
      'anatomy',
      'How answers go wrong',
      each((suite) => anatomySection(suite, pen, nameOf)),
    ),
    section(
      'difficulty',
      'What makes it hard',
      each((suite) => curves(suite, pen, analysis, nameOf) + breakdownTables(suite, nameOf)),
    ),
    section(
      'pairs',
      'Every two models on the same items',
      each((suite) => pairs(suite, analysis, pen, nameOf)),
    ),
    sampleSection(samples, thumbnails, nameOf),
  ].filter((part) => part !== '');
  const body = [
    `<header><p class="name">ocelli bench · ${escapeMarkup(run.name)}</p><h1>${escapeMarkup(title)}</h1>${facts(input)}</header>`,
    warnings(run),
    verdicts(analysis),
    contents(parts),
    ...parts,
    `<footer>${footer(input)}</footer>`,
  ];
  return documentOf(title, body.join('\n'));
}

/** The policy lets nothing in: no address at all, one script by its digest, pictures as data. */
function documentOf(title: string, body: string): string {
  const digest = createHash('sha256').update(pageScript).digest('base64');
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeMarkup(title)}</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<main>
${body}
</main>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** Links to the parts, by their headings. */
function contents(parts: readonly string[]): string {
  const links = parts.flatMap((part) => {
    const [, id, title] = /^<section id="([a-z]+)"[^>]*>\s*<h2[^>]*>([^<]*)<\/h2>/.exec(part) ?? [];
    return id === undefined ? [] : [`<a href="#${id}">${title ?? id}</a>`];
  });
  return `<nav aria-label="Parts of this page">${links.join('')}</nav>`;
}

/** Every model on every suite, where there are several. */
function overview({ suites, models }: Analysis, nameOf: (model: string) => string): string {
  if (suites.length < 2) return '';
  const head = models.map((model) => `<th>${breakable(nameOf(model))}</th>`).join('');
  const rows = suites.map((suite) => {
    const cells = models.map((model) => {
      const result = suite.models.find((candidate) => candidate.model === model);
      return `<td>${percentWithInterval(result?.summary.overAsked)}</td>`;
    });
    const n = Math.max(0, ...suite.models.map(({ summary }) => summary.asked));
    return `<tr><th scope="row">${escapeMarkup(suite.suite)}</th>${cells.join('')}<td>${whole(n)}</td></tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th>suite</th>${head}<th>n each</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function section(id: string, title: string, content: string): string {
  return content === '' ? '' : `<section id="${id}"><h2>${title}</h2>\n${content}</section>`;
}

function titleOf({ suites }: Analysis): string {
  const whose = suites.some(({ models }) => models.length > 1) ? 'models are' : 'the model is';
  const [only, another] = suites;
  if (only === undefined || another !== undefined)
    return `How often ${whose} right: ${listed(suites.map(({ suite }) => suite))}`;
  const topic = topicOf(only.suite);
  return `${topic.slice(0, 1).toUpperCase()}${topic.slice(1)}: how often ${whose} right`;
}

function facts({ run, analysis }: PageInput): string {
  const asked = run.scores.length;
  const items = new Set(run.scores.map(({ itemId }) => itemId)).size;
  const costs = analysis.suites.flatMap(({ models }) => models.map(({ costUsd }) => costUsd));
  const known = costs.filter((cost) => cost !== undefined);
  const parts = [
    run.startedAt === undefined ? '' : run.startedAt.slice(0, 10),
    `${whole(items)} items`,
    `${whole(analysis.models.length)} ${analysis.models.length === 1 ? 'model' : 'models'}`,
    `${whole(asked)} questions`,
    known.length === 0 ? '' : `${known.reduce((sum, cost) => sum + cost, 0).toFixed(2)} USD`,
  ];
  return `<p class="facts">${parts
    .filter((part) => part !== '')
    .map(escapeMarkup)
    .join(' · ')}</p>`;
}

function warnings(run: RunRecords): string {
  const texts = [
    ...(run.partial
      ? [
          'This run is partial: it was stopped before its end. What follows counts only what was asked; resume it for the rest.',
        ]
      : []),
    ...run.notes,
  ];
  return texts.map((text) => `<p class="warning">${escapeMarkup(text)}</p>`).join('\n');
}

/** Keeps `n = 40` and `p < 0.001` on one line. */
function unbroken(text: string): string {
  return text.replace(/\b([np]) ([=<]) /g, '$1\u00a0$2\u00a0');
}

function verdicts(analysis: Analysis): string {
  const family = familySize(analysis, 'overall');
  const parts = analysis.suites.map((suite) => {
    const sentences = findingsOf(suite, family).map(
      ({ text, kind }) => `<p class="${kind}">${escapeMarkup(unbroken(text))}</p>`,
    );
    const heading = analysis.suites.length > 1 ? `<h3>${escapeMarkup(suite.suite)}</h3>` : '';
    return `${heading}${sentences.join('')}`;
  });
  return `<div class="verdicts${analysis.suites.length > 1 ? ' several' : ''}" id="verdict">${parts.join('\n')}</div>`;
}

function ranking(suite: SuiteAnalysis, analysis: Analysis, pen: Pen, nameOf: (model: string) => string): string {
  const overall = `<figure>${rankingChart(pen, suite)}</figure>`;
  if (suite.subtasks.length < 2) return overall;
  const head = suite.models.map(({ model }) => `<th>${breakable(nameOf(model))}</th>`).join('');
  const rows = suite.subtasks.map((subtask) => {
    const summaries = suite.models.map((result) => result.subtasks.find((row) => row.subtask === subtask)?.summary);
    const n = Math.max(0, ...summaries.map((summary) => summary?.asked ?? 0));
    const cells = summaries.map((summary) => `<td>${percent(summary?.accuracyOverAsked)}</td>`);
    return `<tr><th scope="row">${escapeMarkup(subtask)}</th>${cells.join('')}<td>${whole(n)}</td></tr>`;
  });
  const illegible = suite.subtasks.some((subtask) => subtask.endsWith(untellable))
    ? '<p class="note">In the rows marked illegible it is right to say that it cannot be told, elsewhere wrong: who always says so gets them all.</p>'
    : '';
  return `${overall}
<h4>By sub-task</h4>
<figure>${modelLegend(suite, analysis, nameOf)}${subtaskChart(pen, suite)}</figure>
<div class="scroll"><table><thead><tr><th>sub-task</th>${head}<th>n each</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>${illegible}`;
}

function modelLegend(suite: SuiteAnalysis, analysis: Analysis, nameOf: (model: string) => string): string {
  if (suite.models.length < 2) return '';
  const entries = suite.models.map(
    ({ model }) =>
      `<li><span class="swatch" style="background:${modelColour(analysis.models, model)}"></span>${escapeMarkup(nameOf(model))}</li>`,
  );
  return `<ul class="legend">${entries.join('')}</ul>`;
}

/** Heading, what it means, and the text for a model; a column of dashes is left out. */
const outcomeColumns: readonly (readonly [title: string, hint: string, text: (result: ModelResult) => string])[] = [
  ['questions', 'all of them', ({ summary }) => whole(summary.total)],
  ['asked', 'without failed calls and what the budget cut off', ({ summary }) => whole(summary.asked)],
  ['answered', 'share of the asked in which one answer could be read', ({ summary }) => percent(summary.coverage)],
  ['right of asked', 'with its 95% interval', ({ summary }) => percentWithInterval(summary.overAsked)],
  ['right of answered', 'with its 95% interval', ({ summary }) => percentWithInterval(summary.overAnswered)],
  [
    'false abstention',
    'said that it cannot be told, of what can be told',
    ({ metrics }) => percent(metrics.abstention.falseAbstentionRate),
  ],
  [
    'invented',
    'answered all the same, of what cannot be told',
    ({ metrics }) => percent(metrics.abstention.inventedRate),
  ],
  [
    'same answer again',
    'of the questions asked more than once: all repeats were read as the same answer, right or wrong',
    ({ metrics }) => percentWithInterval(metrics.repeats?.consistency),
  ],
  [
    'right at times only',
    'of the questions asked more than once: right at one time and not at another',
    ({ metrics }) => percentWithInterval(metrics.repeats?.flipRate),
  ],
];

function outcomeStack(suite: SuiteAnalysis, pen: Pen, nameOf: (model: string) => string): string {
  const allAsked = suite.models.every(({ summary }) => summary.total === summary.asked);
  const columns = outcomeColumns.filter(
    ([title, , text]) => !(allAsked && title === 'questions') && suite.models.some((result) => text(result) !== '–'),
  );
  const head = columns.map(([title, hint]) => `<th title="${escapeMarkup(hint)}">${title}</th>`).join('');
  const rows = suite.models.map(
    (result) =>
      `<tr><th scope="row">${escapeMarkup(nameOf(result.model))}</th>${columns.map(([, , text]) => `<td>${text(result)}</td>`).join('')}</tr>`,
  );
  return `<figure>${outcomeChart(pen, suite)}</figure>
<div class="scroll"><table><thead><tr><th>model</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function curves(suite: SuiteAnalysis, pen: Pen, analysis: Analysis, nameOf: (model: string) => string): string {
  const shown = suite.curves.slice(0, mostCurves);
  if (shown.length === 0) return '';
  const rest = suite.curves.length - shown.length;
  return `${modelLegend(suite, analysis, nameOf)}<div class="curves">${shown.map((curve) => `<figure>${curveChart(pen, curve)}</figure>`).join('')}</div>
${rest > 0 ? `<p class="note">The ${shown.length} along which accuracy changes most; ${rest} more in report.json.</p>` : ''}`;
}

function pairs(suite: SuiteAnalysis, analysis: Analysis, pen: Pen, nameOf: (model: string) => string): string {
  if (suite.overall.length === 0) return '';
  const pooled = suite.prompts.length > 1 ? '<h4>All prompts together</h4>' : '';
  const within = suite.withinPrompt.length === 0 ? '' : withinPrompts(suite, analysis, nameOf);
  return `${pooled}${matrixTable(suite, suite.overall, nameOf)}
<p class="note">${escapeMarkup(methodNote(suite.overall, familySize(analysis, 'overall'), hasMarked(suite)))}</p>
${within}${chosenPairs(suite, pen, nameOf)}`;
}

function hasMarked({ models }: SuiteAnalysis): boolean {
  return models.some(({ trainedOnSuite }) => trainedOnSuite);
}

function withinPrompts(suite: SuiteAnalysis, analysis: Analysis, nameOf: (model: string) => string): string {
  const tables = suite.prompts.map((prompt) => {
    const results = suite.withinPrompt.filter((result) => result.prompt === prompt);
    return `<h4>${promptTitle(prompt)}</h4>${matrixTable(suite, results, nameOf)}`;
  });
  return `${tables.join('')}<p class="note">${escapeMarkup(methodNote(suite.withinPrompt, familySize(analysis, 'withinPrompt'), hasMarked(suite)))}</p>`;
}

function chosenPairs(suite: SuiteAnalysis, pen: Pen, nameOf: (model: string) => string): string {
  // One sub-task under one prompt is what the table above says already.
  if (suite.subtasks.length === 1 && suite.prompts.length === 1) return '';
  const keys = [...new Set(suite.slices.map(({ baseline, candidate }) => `${baseline}\n${candidate}`))];
  return keys
    .map((key) => {
      const [baseline = '', candidate = ''] = key.split('\n');
      const slices = suite.slices.filter((slice) => slice.baseline === baseline && slice.candidate === candidate);
      const absent = suite.subtasks.filter((name) => slices.every(({ subtask }) => subtask !== name));
      const without =
        absent.length === 0
          ? ''
          : ` No pairs are left for ${escapeMarkup(absent.join(', '))}: no key there occurs once for both.`;
      return `<h3>${escapeMarkup(nameOf(candidate))} against ${escapeMarkup(nameOf(baseline))}, by sub-task</h3>
<figure>${forestChart(pen, suite, baseline, candidate)}<figcaption>Points of accuracy with 95% intervals; right of zero ${escapeMarkup(nameOf(candidate))} is better; coloured where p after Holm is below 0.05.</figcaption></figure>
${sliceTable(slices, suite.prompts.length > 1, nameOf)}
<p class="note">${escapeMarkup(methodNote(slices, suite.slices.length))} BH: Benjamini and Hochberg, for exploring.${without}</p>`;
    })
    .join('\n');
}

function footer({ run, version }: PageInput): string {
  const started = run.startedAt === undefined ? '' : ` Run of ${escapeMarkup(run.startedAt)}.`;
  return `Written by ocelli ${escapeMarkup(version)}.${started} Intervals are 95%: Wilson's, widened for clusters. Every number is in report.json. † trained on pictures of the suite's generator: in no verdict.`;
}
