import { describe, expect, it } from 'vitest';
import { CooldownTable } from '../../src/route/cooldown.js';

const policy = { failures: 3, baseMs: 15_000, maxMs: 60_000 };

function failedTimes(table: CooldownTable, times: number, now = 0): void {
  for (let index = 0; index < times; index += 1) table.failed('a', 'server', now);
}

describe('a cooldown', () => {
  it('begins after three failed calls in a row and ends by itself', () => {
    const table = new CooldownTable(policy);
    failedTimes(table, 2);
    expect(table.admit('a', 0)).toEqual({ admitted: true, probe: false });
    failedTimes(table, 1);
    expect(table.admit('a', 14_999)).toEqual({ admitted: false, waitMs: 1 });
    expect(table.admit('a', 15_000)).toEqual({ admitted: true, probe: true });
  });

  it('lets one call through as a probe while the others wait for it', () => {
    const table = new CooldownTable(policy);
    failedTimes(table, 3);
    table.admit('a', 15_000);
    expect(table.admit('a', 15_001)).toEqual({ admitted: false, waitMs: 0 });
    table.succeeded('a');
    expect(table.admit('a', 15_002)).toEqual({ admitted: true, probe: false });
  });

  it('doubles when the probe fails, up to a limit', () => {
    const table = new CooldownTable(policy);
    failedTimes(table, 3);
    const waits: number[] = [];
    let now = 15_000;
    for (let round = 0; round < 4; round += 1) {
      expect(table.admit('a', now).admitted).toBe(true);
      table.failed('a', 'server', now);
      const admission = table.admit('a', now);
      const waitMs = admission.admitted ? 0 : admission.waitMs;
      waits.push(waitMs);
      now += waitMs;
    }
    expect(waits).toEqual([30_000, 60_000, 60_000, 60_000]);
  });

  it('keeps to a wait that the provider asked for, after one failure', () => {
    const table = new CooldownTable(policy);
    table.failed('a', 'rate-limit', 0, 120_000);
    expect(table.admit('a', 119_999)).toEqual({ admitted: false, waitMs: 1 });
  });

  it('is not caused by faults of the request', () => {
    const table = new CooldownTable(policy);
    for (let index = 0; index < 9; index += 1) table.failed('a', 'context-length', 0);
    expect(table.admit('a', 0)).toEqual({ admitted: true, probe: false });
  });

  it('frees the probe when the caller aborted it', () => {
    const table = new CooldownTable(policy);
    failedTimes(table, 3);
    table.admit('a', 15_000);
    table.release('a');
    expect(table.admit('a', 15_001)).toEqual({ admitted: true, probe: true });
  });

  it('of one key does not touch another', () => {
    const table = new CooldownTable(policy);
    failedTimes(table, 3);
    expect(table.admit('b', 0).admitted).toBe(true);
  });
});
