import { describe, expect, it } from 'vitest';
import { decideRetry, defaultRetryPolicy } from '../../src/route/retry-timing.js';

const state = { failedTries: 1, retryAfterMs: undefined, elapsedMs: 0, otherCandidatesLeft: false, random: 0.5 };

describe('decideRetry', () => {
  it('backs off with full jitter: any time from zero to the doubled base', () => {
    const delays = [0, 0.5, 0.999].map((random) => decideRetry(defaultRetryPolicy, { ...state, random }).delayMs);
    expect(delays).toEqual([0, 250, 500]);
    expect(decideRetry(defaultRetryPolicy, { ...state, failedTries: 2, random: 0.5 })).toEqual({
      action: 'wait',
      delayMs: 500,
    });
  });

  it('never backs off longer than the longest delay', () => {
    const policy = { ...defaultRetryPolicy, retries: 20, maxDelayMs: 3_000 };
    expect(decideRetry(policy, { ...state, failedTries: 15, random: 0.9999 }).delayMs).toBe(3_000);
  });

  it('obeys a wait that the provider asked for exactly', () => {
    expect(decideRetry(defaultRetryPolicy, { ...state, retryAfterMs: 7_300, random: 0.1 })).toEqual({
      action: 'wait',
      delayMs: 7_300,
    });
  });

  it('gives up after the allowed retries', () => {
    expect(decideRetry(defaultRetryPolicy, { ...state, failedTries: 3 }).action).toBe('give-up');
    expect(decideRetry({ ...defaultRetryPolicy, retries: 0 }, state).action).toBe('give-up');
  });

  it('goes on to another candidate rather than wait more than ten seconds', () => {
    const long = { ...state, retryAfterMs: 10_001 };
    expect(decideRetry(defaultRetryPolicy, { ...long, otherCandidatesLeft: true }).action).toBe('give-up');
    expect(decideRetry(defaultRetryPolicy, { ...long, otherCandidatesLeft: false }).action).toBe('wait');
    expect(decideRetry(defaultRetryPolicy, { ...state, retryAfterMs: 10_000, otherCandidatesLeft: true }).action).toBe(
      'wait',
    );
  });

  it('does not begin a wait that would pass the time allowed for retrying in all', () => {
    expect(decideRetry(defaultRetryPolicy, { ...state, retryAfterMs: 30_000, elapsedMs: 30_001 }).action).toBe(
      'give-up',
    );
    expect(decideRetry(defaultRetryPolicy, { ...state, retryAfterMs: 30_000, elapsedMs: 30_000 }).action).toBe('wait');
  });
});
