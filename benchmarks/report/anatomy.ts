/** How models go wrong, as charts and tables: counts too high or low, places mirrored, things and text invented. */

import type { Pen } from './pen.js';
import { shareChart, type SharePart, type ShareRow } from './share-charts.js';
import type { ModelResult, SuiteAnalysis } from './analysis.js';
import { decimal, escapeMarkup, percent, whole } from './format.js';

/** Name of a column and its text for a model. */
interface MetricColumn {
  readonly title: string;
  readonly hint: string;
  readonly text: (result: ModelResult) => string;
}

interface Anatomy {
  readonly title: string;
  readonly note: string;
  readonly parts: readonly SharePart[];
  /** Shares per part in the order of `parts`; undefined where the model has no such answers. */
  readonly shares: (result: ModelResult) => readonly number[] | undefined;
  readonly columns: readonly MetricColumn[];
}

const counting: Anatomy = {
  title: 'Counts',
  note: 'Share of the answered counts that are too low, exact and too high. Too high is the hallucination: things that are not there.',
  parts: [
    { name: 'too low', colour: 'var(--part-low)' },
    { name: 'exact', colour: 'var(--part-exact)' },
    { name: 'too high', colour: 'var(--part-high)' },
  ],
  shares: ({ metrics: { counting } }) =>
    counting === undefined
      ? undefined
      : [counting.undercountRate, 1 - counting.undercountRate - counting.overcountRate, counting.overcountRate],
  columns: [
    column('n', 'answered counts', ({ counting }) => whole(counting?.n ?? 0)),
    column('within 1', 'off by at most one', ({ counting }) => percent(counting?.withinOne)),
    column('mean error', 'mean absolute error', ({ counting }) => decimal(counting?.meanAbsoluteError)),
    column('bias', 'mean of answer less truth', ({ counting }) => decimal(counting?.signedBias)),
    column('slope', 'of answer on truth; below 1 where large counts are pulled down', ({ counting }) =>
      decimal(counting?.slope),
    ),
    column('to the prior', 'share of answers equal to the expected wrong one', ({ counting }) =>
      percent(counting?.biasRatio),
    ),
    column('absent counted', 'a number above zero for what is not there', ({ counting }) =>
      percent(counting?.inventedRate),
    ),
  ],
};

const spatial: Anatomy = {
  title: 'Places',
  note: 'Share of the answered questions that are right, the mirror image of right (left for right, above for below), and otherwise wrong.',
  parts: [
    { name: 'right', colour: 'var(--part-exact)' },
    { name: 'mirrored', colour: 'var(--part-mirror)' },
    { name: 'otherwise wrong', colour: 'var(--part-other)' },
  ],
  shares({ metrics: { spatial } }) {
    if (spatial === undefined) return undefined;
    const wrong = 1 - spatial.accuracy;
    const mirrored = wrong * (spatial.mirrorShareOfErrors ?? 0);
    return [spatial.accuracy, mirrored, wrong - mirrored];
  },
  columns: [
    column('n', 'answered questions of place', ({ spatial }) => whole(spatial?.n ?? 0)),
    column('mirrored', 'of the questions that have a mirror image', ({ spatial }) => percent(spatial?.mirrorErrorRate)),
    column('of the errors', 'share of the wrong answers that are mirrored', ({ spatial }) =>
      percent(spatial?.mirrorShareOfErrors),
    ),
    column('twins right', 'groups of twins with every answer right', ({ consistency }) =>
      percent(consistency?.allRight),
    ),
  ],
};

const existence: Anatomy = {
  title: 'Yes or no',
  note: 'Share of the answers that are yes, split by truth. A false yes is the hallucination: a thing that is not there.',
  parts: [
    { name: 'true yes', colour: 'var(--part-exact)' },
    { name: 'false yes', colour: 'var(--part-high)' },
    { name: 'false no', colour: 'var(--part-low)' },
    { name: 'true no', colour: 'var(--part-rest)' },
  ],
  shares({ metrics: { existence } }) {
    if (existence === undefined) return undefined;
    const { trueYesRatio, recall = 0, falseAlarmRate = 0 } = existence;
    const hits = trueYesRatio * recall;
    const alarms = (1 - trueYesRatio) * falseAlarmRate;
    return [hits, alarms, trueYesRatio - hits, 1 - trueYesRatio - alarms];
  },
  columns: [
    column('n', 'answered yes-or-no questions', ({ existence }) => whole(existence?.n ?? 0)),
    column('says yes', 'share of answers that are yes', ({ existence }) => percent(existence?.predictedYesRatio)),
    column('is yes', 'share of truths that are yes', ({ existence }) => percent(existence?.trueYesRatio)),
    column('false yes', 'yes to what is not there', ({ existence }) => percent(existence?.falseAlarmRate)),
    column('balanced', 'mean of the accuracies on yes and on no', ({ existence }) =>
      percent(existence?.balancedAccuracy),
    ),
    column('F1', 'yes being the positive class', ({ existence }) => decimal(existence?.f1)),
    column('d′', 'sensitivity, apart from the leaning', ({ existence }) => decimal(existence?.dPrime)),
    column('criterion', 'leaning: below zero says yes too readily', ({ existence }) => decimal(existence?.criterion)),
  ],
};

const reading: Anatomy = {
  title: 'Text',
  note: 'Edits per character of the truth, in percent of all edits and of what was read right. An insertion is the hallucination: text that is not there.',
  parts: [
    { name: 'read right', colour: 'var(--part-exact)' },
    { name: 'taken for another', colour: 'var(--part-mirror)' },
    { name: 'left out', colour: 'var(--part-low)' },
    { name: 'invented', colour: 'var(--part-high)' },
  ],
  shares({ metrics: { ocr } }) {
    if (ocr?.cer === undefined) return undefined;
    const { substitutionRate = 0, deletionRate = 0, insertionRate = 0 } = ocr;
    const right = Math.max(0, 1 - substitutionRate - deletionRate);
    const all = right + substitutionRate + deletionRate + insertionRate;
    return [right, substitutionRate, deletionRate, insertionRate].map((part) => (all > 0 ? part / all : 0));
  },
  columns: [
    column('n', 'questions about text', ({ ocr }) => whole(ocr?.n ?? 0)),
    column('CER', 'edits per character', ({ ocr }) => percent(ocr?.cer)),
    column('WER', 'edits per word', ({ ocr }) => percent(ocr?.wer)),
    column('invented', 'inserted characters per character of the truth', ({ ocr }) => percent(ocr?.insertionRate)),
    column('longest', 'longest invented stretch, in characters', ({ ocr }) => whole(ocr?.longestInventedSpan ?? 0)),
    column('numbers', 'numeric fields right to the digit', ({ ocr }) => percent(ocr?.numericFieldAccuracy)),
    column('ANLS', 'average normalised Levenshtein similarity', ({ ocr }) => decimal(ocr?.anls)),
    column('illegible read', 'read something where nothing can be read', ({ ocr }) =>
      percent(ocr?.inventedWhereIllegible),
    ),
    column('legible not', 'abstained where all can be read', ({ ocr }) => percent(ocr?.falseAbstentionRate)),
  ],
};

function column(title: string, hint: string, text: (metrics: ModelResult['metrics']) => string): MetricColumn {
  return { title, hint, text: ({ metrics }) => text(metrics) };
}

/** The anatomy of one suite's errors; a sentence where the answers are not known. */
export function anatomySection(suite: SuiteAnalysis, pen: Pen, nameOf: (model: string) => string): string {
  const parts = [counting, spatial, existence, reading].map((anatomy) => onePart(suite, anatomy, pen, nameOf)).join('');
  if (parts !== '') return parts;
  return '<p class="note">The answers themselves are not recorded here, only whether they were right: nothing can be said of how they went wrong.</p>';
}

function onePart(suite: SuiteAnalysis, anatomy: Anatomy, pen: Pen, nameOf: (model: string) => string): string {
  const results = suite.models.flatMap((result) => {
    const shares = anatomy.shares(result);
    return shares === undefined ? [] : [{ result, shares }];
  });
  if (results.length === 0) return '';
  const rows: ShareRow[] = results.flatMap(({ result, shares }) =>
    anatomy.parts.map(({ name }, place) => ({
      label: nameOf(result.model),
      part: name,
      // What is left of rounding must not become a bar of its own.
      share: (shares[place] ?? 0) < 1e-9 ? 0 : (shares[place] ?? 0),
    })),
  );
  const columns = anatomy.columns.filter(({ text }) => results.some(({ result }) => text(result) !== '–'));
  const head = columns
    .map(({ title, hint }) => `<th title="${escapeMarkup(hint)}">${escapeMarkup(title)}</th>`)
    .join('');
  const body = results
    .map(
      ({ result }) =>
        `<tr><th scope="row">${escapeMarkup(nameOf(result.model))}</th>${columns.map(({ text }) => `<td>${escapeMarkup(text(result))}</td>`).join('')}</tr>`,
    )
    .join('');
  return `<h4>${anatomy.title}</h4>
<p class="note">${anatomy.note}</p>
<figure>${shareChart(pen, `${anatomy.title} on ${suite.suite}`, rows, anatomy.parts)}</figure>
<div class="scroll"><table><thead><tr><th>model</th>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
