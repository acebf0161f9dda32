/** The sentences of a report: who may be in a verdict, which way it points, and what p-values and spans look like in words. */

import { describe, expect, it } from 'vitest';
import { analyse, findingsOf, type RunRecords } from '../../benchmarks/report/index.js';
import { points, pointSpan, pText, visible } from '../../benchmarks/report/format.js';
import { recordVersion, type ScoreRecord } from '../../benchmarks/scoring/index.js';

/** A run in which each model is right on so many of a hundred items, the same ones first. */
function runOf(
  rights: Readonly<Record<string, number>>,
  trainedOn: Readonly<Record<string, readonly string[]>> = {},
): RunRecords {
  const scores = Object.entries(rights).flatMap(([model, right]) =>
    Array.from({ length: 100 }, (_, place): ScoreRecord => ({
      record: 'score',
      version: recordVersion,
      itemId: `item-${place}`,
      suite: 'counting',
      task: 'counting',
      subtask: 'shapes',
      cluster: `scene-${place}`,
      model,
      prompt: 0,
      repeat: 0,
      parser: 1,
      outcome: place < right ? 'correct' : 'wrong',
      parsed: null,
      truth: 3,
      answerType: 'integer',
      measures: {},
    })),
  );
  return {
    name: 'run',
    items: new Map(),
    responses: [],
    scores,
    trainedOn,
    generators: ['counting'],
    partial: false,
    notes: [],
    readPicture: () => Promise.resolve(undefined),
  };
}

function sentences(...run: Parameters<typeof runOf>): string[] {
  const [suite] = analyse(runOf(...run)).suites;
  return suite === undefined ? [] : findingsOf(suite, suite.overall.length).map(({ text }) => text);
}

describe('the verdicts', () => {
  it('name the best, the second and those behind, each with its span', () => {
    expect(sentences({ 'a:one': 90, 'a:two': 60, 'a:three': 55 })).toEqual([
      'a:one is better at counting than a:two by 22 to 40 points (n = 100, p < 0.001 after Holm over 3 comparisons).',
      'a:one is also ahead of a:three (by 26 to 45 points).',
    ]);
  });

  it('do not decide between models that are close, and say what could have been found', () => {
    const [first] = sentences({ 'a:one': 62, 'a:two': 60 });
    expect(first).toMatch(
      /^a:one and a:two cannot be told apart at counting: the difference lies between −\d\.\d and \+\d\.\d points/,
    );
    expect(first).toMatch(/They disagree on too few items for any difference to show\.$/);
    const [wide] = sentences({ 'a:one': 65, 'a:two': 62, 'a:three': 20 });
    expect(wide).toMatch(/cannot be told apart/);
  });

  it('call a difference that does not survive correction not shown', () => {
    const [first] = sentences({ 'a:one': 66, 'a:two': 60, 'a:three': 60, 'a:four': 60 });
    expect(first).toMatch(
      /^a:one is ahead of a:two at counting by .*, which is not shown once corrected for 6 comparisons/,
    );
  });

  it.each([
    [80, 'a:one is shown to be better than baseline:majority, which never looks.'],
    [52, 'a:one is not shown to be better than baseline:majority, which never looks.'],
    [20, 'a:one is worse than baseline:majority, which never looks.'],
  ])('hold a model that is right %i times against one that never looks', (right, expected) => {
    expect(sentences({ 'a:one': right, 'baseline:majority': 50 })[1]).toBe(expected);
  });

  it('leave out a model that was trained on the generator, and the correction for it', () => {
    const said = sentences({ 'a:one': 90, 'local:tiny': 99, 'a:two': 60 }, { 'local:tiny': ['counting'] });
    expect(said[0]).toMatch(/^a:one is better at counting than a:two/);
    expect(said.at(-1)).toMatch(/^† local:tiny was trained on pictures of this generator; its 99\.0%/);
    const [suite] = analyse(
      runOf({ 'a:one': 90, 'local:tiny': 99, 'a:two': 60 }, { 'local:tiny': ['counting'] }),
    ).suites;
    const fair = suite?.overall.find(({ candidate, baseline }) => candidate === 'a:one' && baseline === 'a:two');
    expect(fair?.holm).toBe(fair?.p);
  });

  it('say that there is none where every model was trained on the generator', () => {
    expect(sentences({ 'local:tiny': 80 }, { 'local:tiny': ['counting'] })).toEqual([
      expect.stringMatching(/^† local:tiny was trained on pictures of this generator; .* it is in no verdict\.$/),
    ]);
    expect(sentences({ 'baseline:majority': 20 }, {})).toEqual([
      'No verdict on counting: no model here could be judged fairly.',
    ]);
  });

  it('do not dagger a model that was trained on another generator', () => {
    expect(sentences({ 'local:tiny': 80 }, { 'local:tiny': ['ocr'] })[0]).toMatch(/^local:tiny is right in 80\.0%/);
  });
});

describe('numbers in words', () => {
  it.each([
    [0.0412, 0.0938, '4 to 9 points'],
    [0.0938, 0.0412, '4 to 9 points'],
    [0.001, 0.0938, '0.1 to 9.4 points'],
    [0.021, 0.034, '2.1 to 3.4 points'],
  ])('spans %d and %d as %s', (one, other, expected) => {
    expect(pointSpan(one, other)).toBe(expected);
  });

  it('have a proper minus, and none at zero', () => {
    expect([points(-0.0412), points(0.0412), points(-0.0001)]).toEqual(['−4.1', '+4.1', '0.0']);
  });

  it('round p-values to what matters', () => {
    expect([0.0004, 0.00204, 0.0456, 0.2].map(pText)).toEqual(['p < 0.001', 'p = 0.002', 'p = 0.046', 'p = 0.20']);
  });

  it('make what steers a terminal visible', () => {
    expect(visible('a\u001b[2Jb\u202ec\u0007\nd\te')).toBe('a␛[2Jb<U+202E>c␇\nd\te');
  });
});
