/** Reads a confidence that a reply states, and takes it out of the way of the numbers that are answers. */

import { jsonIn } from './answer-marks.js';
import { plainReply } from './reply-text.js';

const number = '(\\d{1,3}(?:\\.\\d{1,4})?)';
const forms = [
  new RegExp(
    `[([]?\\b(?:with\\s)?(?:a\\s)?confidence(?:\\s(?:level|score|rating))?(?:\\s(?:is|of)|\\s?[:=])?\\s?${number}\\s?(%|percent|/\\s?100?\\b|out of 100?\\b)?[)\\]]?`,
    'gi',
  ),
  new RegExp(`[([]?\\b${number}\\s?(%|percent)\\s(?:confident|confidence|sure|certain)\\b[)\\]]?`, 'gi'),
];

function shareOf(value: string, unit: string | undefined): number | undefined {
  const stated = Number(value);
  const of = unit === undefined ? (stated <= 1 ? 1 : 100) : unit.endsWith('10') ? 10 : 100;
  return stated <= of ? stated / of : undefined;
}

/**
 * The confidence that a reply states, from 0 to 1; undefined where it states none or several that differ.
 *
 * @example
 * statedConfidence('{3} (confidence: 80%)'); // 0.8
 */
export function statedConfidence(raw: string): number | undefined {
  const text = plainReply(raw);
  const structured = jsonIn(text);
  if (typeof structured === 'object' && !Array.isArray(structured)) {
    const value = (structured as Readonly<Record<string, unknown>>)['confidence'];
    if (typeof value === 'number' || typeof value === 'string')
      return /^\d/.test(String(value))
        ? shareOf(String(Number.parseFloat(String(value))), /%/.exec(String(value))?.[0])
        : undefined;
  }
  const found = forms.flatMap((form) => Array.from(text.matchAll(form), (match) => shareOf(match[1] ?? '', match[2])));
  return new Set(found).size === 1 ? found[0] : undefined;
}

/** A plain reply without the confidence it states. */
export function withoutConfidence(text: string): string {
  if (!/confiden|\bsure\b|certain/i.test(text)) return text;
  // In JSON the key tells; cutting would break it.
  if (typeof jsonIn(text) === 'object') return text;
  return forms.reduce((rest, form) => rest.replace(form, ' '), text);
}
