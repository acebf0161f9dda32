/** Reads a text that was to be copied from a picture. */

import { committedText, hasAbstention, isRefusal } from './abstention.js';
import { jsonIn } from './answer-marks.js';
import type { ParsedReply } from './reading.js';
import { cleanReply } from './reply-text.js';

/** Longer replies are transcripts, and words in them that look like an abstention or a refusal were in the picture. */
const maxRemark = 400;

const lead =
  /^(?:sure[,!.]?\s+)?(?:(?:the|this|it|here)\s)?(?:(?:text|sign|word|letter|number|code|value|total|price|label|characters?|string|screen|image|picture|photo|answer|receipt|title|line|first word|amount)\b(?:\s\w+){0,5}?)?\s?(?:(?:says?|reads?|is|are|shows?|displays?)\b\s?:?|:)\s*/i;

/**
 * The text that a reply gives: without a code fence, quotation marks and a lead such as "The sign reads:". Everything else stays:
 * words around the right one are insertions, and count as such.
 *
 * @example
 * parseText('The sign says "HOSPITAL".'); // { kind: 'answer', value: 'HOSPITAL' }
 */
export function parseText(raw: string): ParsedReply {
  const text = unfenced(cleanReply(raw).trim());
  if (text === '') return { kind: 'unparseable' };
  const structured = text.length <= 65_536 ? jsonText(text) : undefined;
  if (structured !== undefined) return { kind: 'answer', value: structured };
  if (text.length <= maxRemark) {
    if (isRefusal(text)) return { kind: 'refused' };
    if (hasAbstention(text) && committedText(text).replace(/[^\p{L}\p{N}]/gu, '') === '') return { kind: 'abstained' };
  }
  return { kind: 'answer', value: unquoted(text) };
}

function unfenced(text: string): string {
  const fence = /^```[a-z]{0,20}\n/i.exec(text);
  const inner = fence !== null && text.endsWith('```') ? text.slice(fence[0].length, -3) : text;
  const bold = /^(\*\*|__|`)([^*`\n]+)\1$/.exec(inner.trim());
  return (bold?.[2] ?? inner).trim();
}

/** A JSON object with one text, or one under `text` or `answer`. */
function jsonText(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  const found = jsonIn(text);
  if (typeof found !== 'object' || Array.isArray(found)) return undefined;
  const entries = Object.entries(found).filter(([key]) => key !== 'confidence');
  const entry =
    entries.find(([key]) => /^(?:text|answer|value|result)$/i.test(key)) ??
    (entries.length === 1 ? entries[0] : undefined);
  const value = entry?.[1];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** "This is a …", as a thing is named; not said of a text, which is quoted or follows a colon. */
const naming = /^(?:this|that|it|the (?:picture|image|photo))(?:'s| is| shows) (?=\S)/i;

/** Takes off a lead and the quotation marks, where the rest is one quoted piece or the lead ends in a colon. */
function unquoted(text: string): string {
  const [found = ''] = lead.exec(text.slice(0, 120)) ?? [];
  const rest = text.slice(found.length);
  const quoted = /^(["'`])([^"`]*)\1[.!]?$/.exec(rest) ?? /^(["'`])([^"`]*)\1[.!]?$/.exec(text);
  if (quoted?.[2] !== undefined) return quoted[2].trim();
  // One quoted piece with a remark behind it: The text reads "OPEN" in red letters.
  const remarked = found === '' ? null : /^"([^"\n]+)"[^"\n]{0,60}$/.exec(rest);
  if (remarked?.[1] !== undefined) return remarked[1].trim();
  if (/\b(?:says|reads)\s$/i.test(found)) return rest;
  if (found.trimEnd().endsWith(':') && rest !== '') return rest;
  return text.length <= 80 ? text.replace(naming, '') : text;
}
