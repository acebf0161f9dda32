/** The page's samples: each item with its picture, what is true, and what every model said; browsable by keyboard. */

import type { ItemRecord } from '../scoring/index.js';
import { spoken } from './pen.js';
import { breakable, clipped, escapeMarkup, whole } from './format.js';
import { promptLabel } from './labels.js';
import type { Sample, SampleAnswer, SampleChoice } from './samples.js';
import type { Thumbnail } from './thumbnails.js';

/** Characters of a reply that the page shows. */
const mostReplyCharacters = 1_500;

/** The section, or nothing where the run holds no items to show. */
export function sampleSection(
  { samples, failures, failuresShown }: SampleChoice,
  thumbnails: ReadonlyMap<string, Thumbnail>,
  nameOf: (model: string) => string,
): string {
  if (samples.length === 0) return '';
  const subtasks = [...new Set(samples.map(({ item }) => `${item.suite} / ${item.subtask}`))].sort();
  const outcomes = [...new Set(samples.flatMap(({ answers }) => answers.map(({ outcome }) => outcome)))];
  const rest = failuresShown < failures ? `, of ${whole(failures)} in all; the others are in scores.jsonl` : '';
  return `<section id="samples" aria-labelledby="samples-title">
<h2 id="samples-title">Samples</h2>
<p class="note">${whole(failuresShown)} items that a model failed${rest}; ${whole(samples.length - failuresShown)} that all got right.${samples.some(({ item }) => (item.boxes ?? []).length > 0) ? ' Boxes: solid around what the answer rests on, dashed around the rest.' : ''} <span class="keys"><kbd>←</kbd> <kbd>→</kbd> next and previous, <kbd>Enter</kbd> larger, <kbd>b</kbd> boxes, <kbd>f</kbd> failures only.</span></p>
<form class="filters" id="filters">
<label>Sub-task <select name="subtask"><option value="">all</option>${subtasks.map(optionOf).join('')}</select></label>
<label>Outcome <select name="outcome"><option value="">all</option>${outcomes.map(optionOf).join('')}</select></label>
<label class="check"><input type="checkbox" name="failures"> failures only</label>
<label class="check"><input type="checkbox" name="boxes" checked> boxes</label>
<output id="shown" aria-live="polite"></output>
</form>
<div class="samples" id="sample-list">
${samples.map((sample) => card(sample, thumbnails, nameOf)).join('\n')}
</div>
<dialog id="viewer" aria-label="Sample"><div id="viewer-body"></div><p class="note"><kbd>←</kbd> <kbd>→</kbd> next and previous, <kbd>Esc</kbd> close</p></dialog>
</section>`;
}

function optionOf(value: string): string {
  return `<option>${escapeMarkup(value)}</option>`;
}

function card(
  { item, failed, answers }: Sample,
  thumbnails: ReadonlyMap<string, Thumbnail>,
  nameOf: (model: string) => string,
): string {
  const outcomes = [...new Set(answers.map(({ outcome }) => outcome))].join(' ');
  const manyPrompts = new Set(answers.map(({ prompt }) => prompt)).size > 1;
  const rows = answers.map((answer) => answerRow(answer, manyPrompts, nameOf));
  const shown = rows.slice(0, 8).join('');
  const hidden =
    rows.length > 8
      ? `<details><summary>${rows.length - 8} more answers</summary>${rows.slice(8).join('')}</details>`
      : '';
  return `<article class="sample" tabindex="0" data-subtask="${escapeMarkup(`${item.suite} / ${item.subtask}`)}" data-outcomes="${outcomes}" data-failed="${failed ? 'yes' : 'no'}">
${picture(item, thumbnails)}
<div class="said">
<p class="kind">${escapeMarkup(kindOf(item))}</p>
<p class="question">${escapeMarkup(item.questions[0] ?? '')}</p>
<p class="truth">${item.answer === null ? 'Right: to say that it cannot be told' : `Truth: <strong>${escapeMarkup(answerText(item.answer))}</strong>`}${item.expectedBias === undefined ? '' : ` <span class="muted">(tempting: ${escapeMarkup(answerText(item.expectedBias))})</span>`}</p>
${shown}${hidden}
</div>
</article>`;
}

function kindOf(item: ItemRecord): string {
  const twin = item.twin === undefined ? '' : ` · twin: ${spoken(item.twin.kind)}`;
  const level = item.generator === undefined ? '' : ` · level ${item.generator.level}`;
  return `${item.suite} / ${spoken(item.subtask)}${level}${twin}`;
}

function answerRow(answer: SampleAnswer, manyPrompts: boolean, nameOf: (model: string) => string): string {
  const which = [
    manyPrompts ? promptLabel(answer.prompt) : '',
    answer.repeat > 0 ? `repeat ${answer.repeat + 1}` : '',
  ].filter((text) => text !== '');
  const read = answer.parsed === null ? '' : `<span class="read">${escapeMarkup(answerText(answer.parsed))}</span>`;
  const muted = which.length === 0 ? '' : `<span class="muted">${which.join(', ')}</span>`;
  return `<div class="answer"><p><span class="badge ${answer.outcome}">${answer.outcome}</span>${read}<span class="who">${breakable(nameOf(answer.model))}</span>${muted}</p>${replyText(answer)}</div>`;
}

function replyText({ reply, error, parsed }: SampleAnswer): string {
  if (error !== undefined) return `<blockquote class="failed">${escapeMarkup(clipped(error, 300))}</blockquote>`;
  if (reply === undefined || reply.trim() === '') return '';
  // A reply that is only the answer has been shown already.
  if (parsed !== null && reply.trim() === answerText(parsed)) return '';
  return `<blockquote>${escapeMarkup(clipped(reply.trim(), mostReplyCharacters))}</blockquote>`;
}

/** An answer as text: a pair as `3, 4`. */
function answerText(answer: ItemRecord['answer']): string {
  return Array.isArray(answer) ? answer.join(', ') : String(answer);
}

function picture(item: ItemRecord, thumbnails: ReadonlyMap<string, Thumbnail>): string {
  if (item.picture === undefined) return '<div class="picture missing">no picture</div>';
  const thumbnail = thumbnails.get(item.picture.sha256);
  if (thumbnail === undefined)
    return '<div class="picture missing">the picture is missing, or another than its digest says</div>';
  const { dataUrl, width, height } = thumbnail;
  return `<div class="picture" style="aspect-ratio:${width}/${height};--ratio:${(width / height).toFixed(3)}"><img src="${dataUrl}" width="${width}" height="${height}" alt="Picture of the item" decoding="async">${boxes(item, width, height)}</div>`;
}

/** Frames around every word that is not asked about would make a page of print illegible. */
function boxes({ boxes: all = [] }: ItemRecord, width: number, height: number): string {
  const shown = all.filter(({ name, evidence }) => evidence !== false || name !== 'other text');
  if (shown.length === 0) return '';
  const stroke = Math.max(width, height) / 220;
  const drawn = shown.map(
    (box) =>
      `<rect class="${box.evidence === false ? 'other' : 'evidence'}" x="${number(box.x)}" y="${number(box.y)}" width="${number(box.width)}" height="${number(box.height)}" stroke-width="${number(stroke)}"><title>${escapeMarkup(box.name)}</title></rect>`,
  );
  return `<svg class="boxes" viewBox="0 0 ${width} ${height}" aria-hidden="true">${drawn.join('')}</svg>`;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
