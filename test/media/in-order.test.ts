import { describe, expect, it } from 'vitest';
import { inOrder } from '../../src/media/in-order.js';

const after = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

describe('jobs in order', () => {
  it('give results in order, a few at a time', async () => {
    let running = 0;
    let most = 0;
    const results = await inOrder([9, 1, 5, 3, 7, 2], 2, async (milliseconds) => {
      running += 1;
      most = Math.max(most, running);
      await after(milliseconds);
      running -= 1;
      return milliseconds;
    });
    expect(results).toEqual([9, 1, 5, 3, 7, 2]);
    expect(most).toBe(2);
    expect(await inOrder([], 3, () => Promise.resolve(1))).toEqual([]);
  });

  it('fail as the earliest failure, even when a later one came sooner', async () => {
    const work = async (name: string): Promise<string> => {
      await after(name === 'slow' ? 15 : 0);
      throw new Error(name);
    };
    await expect(inOrder(['slow', 'quick', 'never started'], 2, work)).rejects.toThrow('slow');
  });

  it('do not wait for later jobs once an earlier one failed, and start no more', async () => {
    const started: number[] = [];
    const work = (index: number): Promise<number> => {
      started.push(index);
      return index === 0 ? Promise.reject(new Error('first')) : new Promise(() => undefined);
    };
    await expect(inOrder([0, 1, 2, 3], 2, work)).rejects.toThrow('first');
    expect(started).toEqual([0, 1]);
  });
});
