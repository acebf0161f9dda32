/** Consistency and flip rate over the repeats of a question. */

import { describe, expect, it } from 'vitest';
import { repeatMetrics, scoreResponse, taskMetrics, type ScoreRecord } from '../../benchmarks/scoring/index.js';
import { item, reply } from './records-in-tests.js';

/** What came of one question at each time; `undefined` where the call failed. */
function asked(id: string, replies: readonly (string | undefined)[], prompt = 0): ScoreRecord[] {
  const of = item({
    answerSpec: { type: 'integer' },
    answer: 3,
    id,
    cluster: id,
    questions: ['How many?', 'Count them.'],
  });
  const failed = { error: { kind: 'timeout', message: 'too late' } } as const;
  return replies.map((text, repeat) =>
    scoreResponse(of, reply(text, { itemId: id, prompt, repeat, ...(text === undefined ? failed : {}) })),
  );
}

describe('repeats', () => {
  it('are nothing where nothing was asked twice', () => {
    expect(repeatMetrics([])).toBeUndefined();
    expect(repeatMetrics([...asked('a', ['3']), ...asked('b', ['4'])])).toBeUndefined();
    // Another wording is another question, and a call that failed says nothing.
    expect(repeatMetrics([...asked('a', ['3']), ...asked('a', ['4'], 1), ...asked('b', ['3', undefined])])).toBe(
      undefined,
    );
  });

  it('tell the same wrong answer from different ones, and both from an answer that flips', () => {
    const metrics = repeatMetrics([
      ...asked('always right', ['3', 'There are 3.', 'three']),
      ...asked('always the same wrong', ['4', '4', 'It is 4.']),
      ...asked('wrong in different ways', ['4', '5', '4']),
      ...asked('flips', ['3', '4', '3']),
      ...asked('asked once', ['3']),
    ]);
    expect(metrics).toMatchObject({ questions: 4, timesAsked: 3 });
    expect(metrics?.consistency.estimate).toBe(0.5);
    expect(metrics?.flipRate.estimate).toBe(0.25);
    expect(metrics?.flipRate.lower).toBeGreaterThan(0);
    expect(metrics?.flipRate.upper).toBeLessThan(1);
  });

  it('an answer that is given at one time only is neither the same nor without consequence', () => {
    const metrics = repeatMetrics(asked('a', ['3', 'I cannot tell how many there are.']));
    expect([metrics?.consistency.estimate, metrics?.flipRate.estimate]).toEqual([0, 1]);
    const silent = repeatMetrics(asked('b', ['I cannot tell how many there are.', 'I cannot tell.']));
    expect([silent?.consistency.estimate, silent?.flipRate.estimate]).toEqual([1, 0]);
  });

  it('widen the interval where several questions are about one picture', () => {
    const list = Array.from({ length: 20 }, (_, place) =>
      asked(`i${place}`, place < 10 ? ['3', '4'] : ['3', '3']),
    ).flat();
    const alone = repeatMetrics(list)?.flipRate;
    const together = repeatMetrics(list.map((score) => ({ ...score, cluster: score.itemId.slice(0, 2) })))?.flipRate;
    expect(together?.estimate).toBe(alone?.estimate);
    expect((together?.upper ?? 0) - (together?.lower ?? 0)).not.toBe((alone?.upper ?? 0) - (alone?.lower ?? 0));
  });

  it('stand among the metrics of a set of scores', () => {
    expect(taskMetrics(asked('a', ['3', '4'])).repeats).toMatchObject({ questions: 1, timesAsked: 2 });
    expect(taskMetrics(asked('a', ['3'])).repeats).toBeUndefined();
  });
});
