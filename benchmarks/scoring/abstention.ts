/** Tells replies that say "I cannot tell" and replies that will not answer from replies that answer. */

const unable = "(?:cannot|can't|can not|could not|couldn't|unable to|not able to|won't|will not)";
const fillers = '(?:\\w+\\s+){0,3}?';

const refusals = [
  new RegExp(`\\b${unable}\\s+${fillers}(?:assist|help|comply)\\b`),
  new RegExp(
    `\\b${unable}\\s+${fillers}(?:view|see|access|process|analy[sz]e|interpret|open)\\s+${fillers}(?:images?|pictures?|photos?|attachments?)\\b(?!\\s+(?:clearly|well|in enough))`,
  ),
  /\bas an? (?:ai\b|(?:large )?language model\b)/,
  /\b(?:against|violates?|goes against) (?:my|our|the) (?:polic|guidelines|rules)/,
  /\bi (?:must|have to) (?:decline|refuse)\b|\bi (?:decline|refuse) to\b/,
];
/** An apology with "cannot" that gives no reason of sight: read after the abstentions, which have one. */
const apology = new RegExp(`\\bsorry\\b[,.]?\\s+(?:but\\s+)?i(?:\\s+am|'m)?\\s+${unable}\\b`);

const abstentions = [
  new RegExp(
    `\\b(?:${unable}|not possible to|impossible to|difficult to|hard to)\\s+${fillers}(?:tell|say|determine|read|make out|discern|know|identify|count|distinguish|answer|decipher|recogni[sz]e|see (?:clearly|it clearly|the \\w+ clearly|the \\w+ well))\\b`,
  ),
  /\b(?:cannot|can't|can not|could not|couldn't) be (?:read|determined|told|made out|identified|counted|answered|deciphered|known|recogni[sz]ed|seen clearly)\b/,
  /\b(?:unreadable|illegible|indecipherable|undeterminable|undetermined|indeterminate|unanswerable|unknown|unclear|uncertain|inconclusive)\b/,
  /\b(?:do not|don't|dont) know\b|\bnot (?:sure|certain|legible|readable|clear enough|discernible)\b|\bno (?:idea|way to (?:tell|know))\b/,
  /\b(?:insufficient|not enough) (?:information|detail|resolution|context)\b|^\W*n\/a\W*$/,
  /\btoo (?:blurry|blurred|small|dark|faint|low|unclear|pixelated) (?:to|for)\b/,
];

/** Where one thing ends and another is said: sentences, lines, and the words that turn against what came before. */
const clauseEnd = /[.!?](?=\s|$)|[;\n]|,?\s+(?=(?:but|however|although|though|yet|nevertheless)\b)/;

/**
 * Whether a reply, or its one sentence, will not answer: policy, "as an AI", pictures that it says it is not able to open.
 *
 * @example
 * isRefusal("I'm sorry, but I can't assist with that."); // true
 */
export function isRefusal(text: string): boolean {
  const lower = text.toLowerCase();
  if (refusals.some((pattern) => pattern.test(lower))) return true;
  return apology.test(lower) && !hasAbstention(lower);
}

/**
 * Whether a reply says somewhere that it cannot tell.
 *
 * @example
 * hasAbstention('The text is illegible.'); // true
 */
export function hasAbstention(text: string): boolean {
  const lower = text.toLowerCase();
  return abstentions.some((pattern) => pattern.test(lower));
}

/**
 * What a reply commits itself to: its text without the clauses that say "I cannot tell".
 *
 * @example
 * committedText("I'm not sure, but I see 3 circles."); // 'but I see 3 circles'
 */
export function committedText(text: string): string {
  return text
    .split(clauseEnd)
    .filter((clause) => clause.trim() !== '' && !hasAbstention(clause))
    .join('\n');
}
