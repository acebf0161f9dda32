/** How many calls are under way: more while it goes well, fewer when the provider says so. */

import { describe, expect, it } from 'vitest';
import { AdaptiveConcurrency } from '../../benchmarks/index.js';

const rounds = (limit: AdaptiveConcurrency, count: number, latencyMs = 100): void => {
  for (let round = 0; round < count; round++)
    for (let call = limit.current(0); call > 0; call--) limit.answered(latencyMs);
};

describe('the number of calls under way', () => {
  it('doubles each round up to the most that is allowed', () => {
    const limit = new AdaptiveConcurrency({ most: 50, start: 4 });
    rounds(limit, 1);
    expect(limit.current(0)).toBe(8);
    rounds(limit, 5);
    expect(limit.current(0)).toBe(50);
  });

  it('is halved once for refusals of calls that were sent together, and then grows by one a round', () => {
    const limit = new AdaptiveConcurrency({ most: 64, start: 32 });
    for (let call = 0; call < 32; call++) limit.refused(1_000, 1_100);
    expect(limit.current(1_100)).toBe(16);
    limit.refused(1_200, 1_300);
    expect(limit.current(1_300)).toBe(8);
    rounds(limit, 1);
    expect(limit.current(1_300)).toBe(8);
    rounds(limit, 2);
    expect(limit.current(1_300)).toBeGreaterThan(8);
    expect(limit.current(1_300)).toBeLessThan(12);
  });

  it('is none for as long as the provider asked, and never under one after that', () => {
    const limit = new AdaptiveConcurrency({ most: 4, start: 1 });
    limit.refused(1_000, 1_000, 5_000);
    expect([limit.current(5_999), limit.pauseMs(5_999)]).toEqual([0, 1]);
    expect([limit.current(6_000), limit.pauseMs(6_000)]).toEqual([1, 0]);
    limit.refused(7_000, 7_000);
    limit.refused(8_000, 8_000);
    expect(limit.current(8_000)).toBe(1);
  });

  it('shrinks while answers take many times as long as the quickest', () => {
    const limit = new AdaptiveConcurrency({ most: 32, start: 32 });
    rounds(limit, 1, 100);
    const before = limit.current(0);
    rounds(limit, 3, 2_000);
    expect(limit.current(0)).toBeLessThan(before - 1);
  });
});
