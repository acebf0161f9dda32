/** Reads one of a closed list of answers, by its name or by its letter. */

import { readingOf, type Reading } from './reading.js';

/** Other words for the directions; each is used only where no choice is spelt that way. */
const synonyms: readonly (readonly [RegExp, string])[] = [
  [/\b(?:on top of|over)\b/g, 'above'],
  [/\b(?:under|beneath|underneath)\b/g, 'below'],
  [/\bupper (?=left|right)/g, 'top '],
  [/\blower (?=left|right)/g, 'bottom '],
  [/\bgrey\b/g, 'gray'],
];

/** Lower case, one space between words, a bar where a clause ends: a denial reaches no further. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}']+/gu, (found) => (/[,;:.!?\n]/.test(found) ? ' | ' : ' '))
    .replace(/ (?=but |yet |rather )/g, ' | ')
    .replace(/^[ |]+|[ |]+$/g, '');
}

const denial = /\b(?:not|isn't|isnt|aren't|neither|nor|never|than|instead of|except|without)(?: [\p{L}']+){0,3} $/u;

/**
 * The one choice that a text names. One that is only denied ("not left"), several, or a letter that contradicts the name are ambiguous.
 * A letter counts where it is given as one: alone, in brackets, or after "option"; the article "a" and the first letter of a
 * sentence never do.
 *
 * @example
 * readChoice('The answer is (B)', ['left', 'right']); // value 'right'
 */
export function readChoice(text: string, choices: readonly string[]): Reading<string> {
  const byLetter = letters(text, choices);
  const named = names(text, choices);
  const said = new Set([...byLetter, ...named.affirmed]);
  const reading = readingOf(choices.filter((choice) => said.has(choice)));
  const denied = choices.filter((choice) => named.denied.includes(choice));
  return reading.kind === 'none' && denied.length > 0 ? { kind: 'ambiguous', candidates: denied } : reading;
}

function names(text: string, choices: readonly string[]): { affirmed: string[]; denied: string[] } {
  const spelt = choices.map(plain);
  let rest = ` ${plain(text)} `;
  for (const [pattern, word] of synonyms)
    rest = rest.replace(pattern, (found) =>
      spelt.some((choice) => ` ${choice} `.includes(` ${found.trim()} `)) ? found : word,
    );
  const affirmed: string[] = [];
  const denied: string[] = [];
  // The longest first: "left" in "top left" is no answer of its own.
  const order = choices.map((_, place) => place).sort((a, b) => (spelt[b] ?? '').length - (spelt[a] ?? '').length);
  for (const place of order) {
    const needle = ` ${spelt[place] ?? ''} `;
    if (needle.trim() === '') continue;
    const parts = rest.split(needle);
    for (const before of parts.slice(0, -1))
      (denial.test(`${before.slice(-60)} `) ? denied : affirmed).push(choices[place] ?? '');
    // A mark that no choice can match keeps the words around it apart.
    rest = parts.join(' | ');
  }
  return { affirmed, denied };
}

function letters(text: string, choices: readonly string[]): string[] {
  // Choices that are letters themselves are read by name.
  if (choices.some((choice) => plain(choice).length <= 1)) return [];
  const last = String.fromCharCode(64 + Math.min(26, choices.length));
  const found = [
    ...text.matchAll(new RegExp(`^\\W*([A-${last}])(?:\\s*[).:]|\\W*$)`, 'gm')),
    ...text.matchAll(new RegExp(`\\(([A-${last}a-${last.toLowerCase()}])\\)`, 'g')),
    ...text.matchAll(new RegExp(`\\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer(?: is)?)\\s*:?\\s*([A-${last}])\\b(?!')`, 'g')),
  ];
  return found.map((match) => choices[(match[1] ?? 'A').toUpperCase().charCodeAt(0) - 65] ?? '');
}
