/** The report's findings as sentences that can be acted on: who is better at what, by how much, and how sure that is. */

import { contenders, type CorrectedResult, type ModelResult, type SuiteAnalysis } from './analysis.js';
import { percent, percentWithInterval, points, pointSpan, pText, whole } from './format.js';
import { shortName } from './labels.js';

/** Below this, a corrected p-value counts as shown. */
export const level = 0.05;

const topics: Readonly<Record<string, string>> = {
  counting: 'counting',
  spatial: 'saying where things lie',
  existence: 'saying what is there',
  ocr: 'reading',
  naming: 'naming things',
  charts: 'reading charts',
  geometry: 'drawings of few lines',
  blindtest: 'BlindTest',
};

/** What a suite is about, after "better at". */
export function topicOf(suite: string, subtask?: string): string {
  const topic = topics[suite] ?? suite;
  return subtask === undefined ? topic : `${topic} (${subtask})`;
}

export type Relation = 'better' | 'worse' | 'undecided';

/** What a comparison shows of the candidate: both the interval and the corrected p-value have to say so. */
export function relationOf({ difference, holm }: CorrectedResult): Relation {
  if (holm >= level) return 'undecided';
  if (difference.lower > 0) return 'better';
  return difference.upper < 0 ? 'worse' : 'undecided';
}

/**
 * One comparison as a sentence.
 *
 * @example
 * differenceSentence(result); // "b is worse at counting than a by 4 to 9 points (n = 1,200, p = 0.002)."
 */
export function differenceSentence(result: CorrectedResult, family: number): string {
  const { difference, suite, subtask, n, p } = result;
  const [candidate, baseline] = [shortName(result.candidate), shortName(result.baseline)];
  const topic = topicOf(suite, subtask);
  const tail = `n = ${whole(n)}, ${chanceText(result, family)}`;
  const relation = relationOf(result);
  if (relation !== 'undecided')
    return `${candidate} is ${relation} at ${topic} than ${baseline} by ${sizeOf(result)} (${tail}).`;
  const span = `${points(difference.lower)} and ${points(difference.upper)} points`;
  const found = result.detectable;
  const power =
    found === undefined
      ? ' They disagree on too few items for any difference to show.'
      : ` This many items find a difference of ${(found * 100).toFixed(1)} points or more.`;
  if (p < level && result.holm >= level && (difference.lower > 0 || difference.upper < 0)) {
    const place = difference.lower > 0 ? 'ahead of' : 'behind';
    return `${candidate} is ${place} ${baseline} at ${topic} by ${sizeOf(result)}, which is not shown once corrected for ${family} comparisons (n = ${whole(n)}, ${pText(p)}, corrected ${pText(result.holm)}).`;
  }
  return `${candidate} and ${baseline} cannot be told apart at ${topic}: the difference lies between ${span} (${tail}).${power}`;
}

/** An interval that lies on one side of zero, as its size: both ends without their sign. */
function sizeOf({ difference }: CorrectedResult): string {
  return pointSpan(Math.abs(difference.lower), Math.abs(difference.upper));
}

function chanceText({ p, holm }: CorrectedResult, family: number): string {
  return family > 1 ? `${pText(holm)} after Holm over ${family} comparisons` : pText(p);
}

/** A sentence, and whether it is a verdict or only says why there is none. */
export interface Finding {
  readonly text: string;
  readonly kind: 'verdict' | 'remark';
}

/**
 * What a suite shows. Models trained on its generator are in no verdict.
 *
 * @param family number of comparisons that the correction is over
 * @example
 * findingsOf(suite, 6).map(({ text }) => text);
 */
export function findingsOf(suite: SuiteAnalysis, family: number): Finding[] {
  const fair = contenders(suite.models);
  const [best, second] = fair;
  const remarks = suite.models.filter(({ trainedOnSuite }) => trainedOnSuite).map(daggerRemark);
  if (best === undefined && remarks.length > 0) return remarks;
  if (best === undefined)
    return [{ kind: 'remark', text: `No verdict on ${topicOf(suite.suite)}: no model here could be judged fairly.` }];
  const findings: Finding[] = [];
  if (second === undefined) findings.push(aloneFinding(best, suite));
  else {
    const between = resultOf(suite, best.model, second.model);
    findings.push(
      between === undefined
        ? unpairedFinding(best, second)
        : { kind: 'verdict', text: differenceSentence(between, family) },
    );
    findings.push(...groupFinding(suite, fair));
  }
  findings.push(...blindFindings(suite, fair));
  return [...findings, ...remarks];
}

function daggerRemark({ model, summary }: ModelResult): Finding {
  return {
    kind: 'remark',
    text: `† ${shortName(model)} was trained on pictures of this generator; its ${percentWithInterval(summary.overAsked)} says how well it learnt them, and it is in no verdict.`,
  };
}

function aloneFinding({ model, summary }: ModelResult, { suite }: SuiteAnalysis): Finding {
  return {
    kind: 'verdict',
    text: `${shortName(model)} is right in ${percent(summary.overAsked?.estimate)} of the questions on ${topicOf(suite)} (95% interval ${percent(summary.overAsked?.lower)} to ${percent(summary.overAsked?.upper)}, n = ${whole(summary.asked)}).`,
  };
}

function unpairedFinding(best: ModelResult, second: ModelResult): Finding {
  return {
    kind: 'remark',
    text: `${shortName(best.model)} and ${shortName(second.model)} share no questions that could be paired: no key occurs once for both.`,
  };
}

function resultOf(suite: SuiteAnalysis, candidate: string, baseline: string): CorrectedResult | undefined {
  return suite.overall.find((result) => result.candidate === candidate && result.baseline === baseline);
}

/** Whom the best model is shown to be ahead of, and whom it is not. */
function groupFinding(suite: SuiteAnalysis, fair: readonly ModelResult[]): Finding[] {
  const [best, , ...others] = fair;
  if (best === undefined || others.length === 0) return [];
  const ahead: string[] = [];
  const close: string[] = [];
  for (const { model } of others) {
    const result = resultOf(suite, best.model, model);
    if (result === undefined) continue;
    if (relationOf(result) === 'better') ahead.push(`${shortName(model)} (by ${sizeOf(result)})`);
    else close.push(shortName(model));
  }
  const findings: Finding[] = [];
  if (ahead.length > 0)
    findings.push({ kind: 'verdict', text: `${shortName(best.model)} is also ahead of ${listed(ahead)}.` });
  if (close.length > 0)
    findings.push({ kind: 'verdict', text: `${shortName(best.model)} cannot be told apart from ${listed(close)}.` });
  return findings;
}

/** A model that does no better than one that never looks has not been shown to see. */
function blindFindings(suite: SuiteAnalysis, fair: readonly ModelResult[]): Finding[] {
  const [blind] = suite.models.filter(({ isBaseline }) => isBaseline);
  if (blind === undefined || fair.length === 0) return [];
  const name = shortName(blind.model);
  const shown = (better: string, worse: string): boolean => {
    const result = resultOf(suite, better, worse);
    return result !== undefined && relationOf(result) === 'better';
  };
  const worse = fair.filter(({ model }) => shown(blind.model, model));
  const undecided = fair.filter((result) => !worse.includes(result) && !shown(result.model, blind.model));
  const sentence = (results: readonly ModelResult[], what: string): Finding[] =>
    results.length === 0
      ? []
      : [
          {
            kind: 'verdict',
            text: `${listed(results.map(({ model }) => shortName(model)))} ${results.length === 1 ? 'is' : 'are'} ${what} ${name}, which never looks.`,
          },
        ];
  if (worse.length + undecided.length > 0)
    return [...sentence(undecided, 'not shown to be better than'), ...sentence(worse, 'worse than')];
  return fair.length === 1
    ? sentence(fair, 'shown to be better than')
    : [{ kind: 'verdict', text: `Every model is shown to be better than ${name}, which never looks.` }];
}

/** `a, b and c` */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
