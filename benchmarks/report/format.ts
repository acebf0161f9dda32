/** How the report writes numbers, and how it makes text that it does not trust harmless. */

import type { Interval } from '../statistics/index.js';

/** `62.5%`; a dash for what is not known. */
export function percent(share: number | undefined, decimals = 1): string {
  return share === undefined || Number.isNaN(share) ? '–' : `${(share * 100).toFixed(decimals)}%`;
}

/** `62.5% (50.1–73.2)` */
export function percentWithInterval(interval: Interval | undefined): string {
  if (interval === undefined) return '–';
  return `${percent(interval.estimate)} (${(interval.lower * 100).toFixed(1)}–${(interval.upper * 100).toFixed(1)})`;
}

/** A difference in points with its sign: `+4.2`, `−0.8`. */
export function points(difference: number, decimals = 1): string {
  const text = (Math.abs(difference) * 100).toFixed(decimals);
  if (Number(text) === 0) return text;
  return difference < 0 ? `−${text}` : `+${text}`;
}

/** Two shares as a span of points, smaller first: `4 to 9 points`; with a decimal where whole numbers would hide the span. */
export function pointSpan(one: number, other: number): string {
  const [low, high] = [Math.min(one, other) * 100, Math.max(one, other) * 100];
  const decimals = high - low < 2 || Math.min(Math.abs(low), Math.abs(high)) < 0.5 ? 1 : 0;
  const text = (value: number): string =>
    value
      .toFixed(decimals)
      .replace(/^-0(\.0)?$/, '0$1')
      .replace('-', '−');
  return `${text(low)} to ${text(high)} points`;
}

/** `p = 0.002`, `p < 0.001` */
export function pText(p: number): string {
  if (p < 0.001) return 'p < 0.001';
  return `p = ${p < 0.1 ? p.toFixed(3) : p.toFixed(2)}`;
}

/** The number alone, for a column headed p; very small ones as a power of ten. */
export function pValue(p: number): string {
  if (p >= 0.001) return p < 0.1 ? p.toFixed(3) : p.toFixed(2);
  // Smaller ones say no more and take more room.
  if (p < 1e-15) return '< 1e-15';
  return p.toExponential(1);
}

/** 12,345 */
export function whole(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A number of a metric: two decimals, a proper minus, a dash for what is not known. */
export function decimal(value: number | undefined, decimals = 2): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return value.toFixed(decimals).replace('-', '−');
}

// Characters that steer a terminal, turn the reading direction round or have no place in XML: shown, never obeyed.
// oxlint-disable-next-line no-control-regex
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;

/** Text with control characters made visible: an escape becomes `␛`, others their code. */
export function visible(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(steering, (character) => {
      const code = character.charCodeAt(0);
      return code < 0x20
        ? String.fromCharCode(0x2400 + code)
        : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
    })
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe between tags and within quoted attributes, of HTML and XML. */
export function escapeMarkup(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A name made safe, that may be broken after its provider, its slashes and its dashes. */
export function breakable(name: string): string {
  return escapeMarkup(name).replace(/[:/-]/g, '$&<wbr>');
}

/** Text made safe within a table of Markdown: no markup, no cell ends, one line. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]()#!|~<>&]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`));
}

/** The beginning of a long text, and how much was left out. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most)}… [${whole(text.length - most)} more characters in responses.jsonl]`;
}
