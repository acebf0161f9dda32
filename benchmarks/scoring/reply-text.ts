/** Takes a reply's dress off (terminal codes, HTML, Markdown, odd digits) in time that grows with its length and no faster. */

/** Zeros of the decimal digits that NFKC leaves as they are; each is followed by its one to nine. */
const digitZeros = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50, 0x0ed0,
  0x0f20, 0x1040, 0x17e0, 0x1810,
];

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&apos;': "'",
  '&nbsp;': ' ',
};

/** Operating-system commands, control sequences and single escapes of a terminal. */
// oxlint-disable-next-line no-control-regex
const terminalEscape = /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b\[[0-?]*[ -/]*[@-~]?|\u001b./g;

/** Printable ASCII without `&` and `<`: most replies, and nothing to take off. */
const undressed = /^[ -%'-;=-~\n]*$/;

/** Tags that a reply may be dressed in. Others, such as `<I>` on a receipt, are text. */
const tag =
  /<\/?(?:html|body|div|span|br|hr|em|strong|code|pre|h[1-6]|ul|ol|li|table|thead|tbody|tr|td|th|sup|sub|font|script|style|img|details|summary|[pbaiu])(?:\s[^<>]{0,300})?\/?>/g;

/**
 * A reply without what is not said: terminal escapes, HTML tags, hidden characters, the reasoning between `<think>` tags. Letters and
 * digits come out in their plain form (Unicode NFKC, digits of any script as ASCII).
 *
 * @example
 * cleanReply('\u001b[1m<b>３</b>\u001b[0m'); // '3'
 */
export function cleanReply(raw: string): string {
  if (undressed.test(raw)) return raw;
  const text = withoutReasoning(raw)
    .replace(terminalEscape, '')
    .replace(tag, (found) => (/^<\/?(?:br|hr|div|p|h[1-6]|li|tr)/.test(found) ? '\n' : ''))
    .replace(/&(?:amp|lt|gt|quot|#39|apos|nbsp);/g, (found) => entities[found] ?? found)
    // Narrow spaces between groups of three digits are thousands separators; NFKC would make them spaces like any other.
    .replace(/(\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))/g, '$1,')
    .normalize('NFKC')
    .replace(/\r/g, '\n')
    .replace(/[^\P{Cc}\n\t]|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/gu, '')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2013\u2212]/g, '-')
    .replace(/[\u2014\u2015]/g, ' - ');
  return /[^\u0020-\u024f\n\t]/.test(text) ? text.replace(/\p{Nd}/gu, plainDigit) : text;
}

function plainDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  const zero = digitZeros.find((start) => code >= start && code <= start + 9);
  return zero === undefined ? digit : String(code - zero);
}

/** Searches by index: a lazy pattern would run to the end once for every opening tag that is never closed. */
function withoutReasoning(text: string): string {
  let rest = text;
  for (const name of ['think', 'thinking', 'reasoning']) {
    const [open, close] = [`<${name}>`, `</${name}>`];
    const last = rest.lastIndexOf(close);
    // What comes after the last closing tag is the answer; with no closing tag the reply ended in thought.
    if (last >= 0) {
      const first = rest.indexOf(open);
      rest = (first >= 0 && first < last ? rest.slice(0, first) : '') + rest.slice(last + close.length);
    } else if (rest.includes(open)) rest = rest.slice(0, rest.indexOf(open));
  }
  return rest;
}

/** Longer replies are read at both ends: an answer that is looked for in 32,768 characters of each is not a short answer. */
const maxRead = 65_536;

/**
 * A clean reply as the parsers of short answers read it: bounded, without the marks of Markdown and of mathematics.
 *
 * @example
 * plainReply('## Answer\n**3**'); // ' Answer\n3'
 */
export function plainReply(raw: string): string {
  const bounded = raw.length > maxRead ? `${raw.slice(0, maxRead / 2)}\n${raw.slice(-maxRead / 2)}` : raw;
  return (
    cleanReply(bounded)
      .replace(/[*`#~]+|\$(?=\d)|(?<=\d)\$|\\[()[\]]/g, '')
      .replace(/(?<![A-Za-z0-9])_{1,3}|_{1,3}(?![A-Za-z0-9])/g, '')
      .replace(/\\(?:text|mathrm|mathbf|textbf)\s?\{([^{}]{0,200})\}/g, '$1')
      // Short runs of white space keep every later pattern linear.
      .replace(/[^\S\n]+/g, ' ')
      .replace(/(?: ?\n)+ ?/g, '\n')
  );
}
