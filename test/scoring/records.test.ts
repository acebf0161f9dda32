import { describe, expect, it } from 'vitest';
import {
  itemSchema,
  outcomes,
  parserVersion,
  readRecords,
  recordLine,
  recordVersion,
  responseSchema,
  scoreResponse,
  scoreSchema,
} from '../../benchmarks/scoring/index.js';
import { item, reply } from './records-in-tests.js';

const one = item({ answerSpec: { type: 'pair' }, answer: [5, 6] });

describe('records', () => {
  it('come back from a file as they were written', () => {
    const response = reply('(5, 6)', { finishReason: 'stop', costUsd: 0.001, latencyMs: 12 });
    const score = scoreResponse(one, response);
    expect(readRecords(recordLine(one), itemSchema)).toEqual({ records: [one], problems: [], halfWritten: false });
    expect(readRecords(recordLine(response), responseSchema).records).toEqual([response]);
    expect(readRecords(recordLine(score), scoreSchema).records).toEqual([score]);
    expect(score).toMatchObject({ outcome: 'correct', parser: parserVersion, parsed: [5, 6], truth: [5, 6] });
  });

  it('survive a writer that was killed within the last line', () => {
    const text = recordLine(one) + recordLine({ ...one, id: 'item-2' });
    for (const cut of [1, 5, 40]) {
      const read = readRecords(text.slice(0, -cut), itemSchema);
      expect(read.problems).toEqual([]);
      // Only the line's end is missing with a cut of 1: the record is whole.
      expect(read).toMatchObject(cut === 1 ? { halfWritten: false } : { halfWritten: true });
      expect(read.records).toHaveLength(cut === 1 ? 2 : 1);
    }
  });

  it('keep the rest where a line is damaged, and say which and why', () => {
    const damaged = `${recordLine(one)}{"record":\n\n${JSON.stringify({ ...one, answer: undefined })}\n${recordLine(one)}`;
    const read = readRecords(damaged, itemSchema);
    expect(read.records).toHaveLength(2);
    expect(read.problems.map(({ line }) => line)).toEqual([2, 4]);
    expect(read.problems[1]?.reason).toMatch(/^answer: /);
  });

  it('of a later version are refused with what to do', () => {
    const future = JSON.stringify({ ...one, version: recordVersion + 1 });
    expect(() => readRecords(`${recordLine(one)}${future}\n`, itemSchema)).toThrow(
      /Line 2 .* version 2.*Update ocelli/,
    );
  });

  it('are scored against their own item only', () => {
    expect(() => scoreResponse(one, reply('1', { itemId: 'other' }))).toThrow(/"other"/);
  });
});

describe('outcomes that need no reply', () => {
  it('follow the error, the skip and the filter', () => {
    const outcome = (fields: Parameters<typeof reply>[1]) => scoreResponse(one, reply(undefined, fields)).outcome;
    expect(outcome({ error: { kind: 'timeout', message: '' } })).toBe('provider-error');
    expect(outcome({ error: { kind: 'content-filter', message: '' } })).toBe('refused');
    expect(outcome({ error: { kind: 'budget-exceeded', message: '' } })).toBe('budget-skipped');
    expect(outcome({ skipped: 'budget' })).toBe('budget-skipped');
    expect(outcome({ finishReason: 'content-filter' })).toBe('refused');
    expect(outcome({})).toBe('unparseable');
  });

  it('are all of the closed list', () => {
    expect(outcomes).toHaveLength(8);
  });
});
