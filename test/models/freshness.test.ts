/** The maintainers' check lists what has become old, and only that. */

import { describe, expect, it } from 'vitest';
import { catalogueProblems, createCatalogue, findModel, isRetired, listModels } from '../../src/models/index.js';

const row = (id: string) => {
  const found = findModel(id);
  if (found === undefined) throw new Error(`No row ${id}`);
  return found;
};

describe('the freshness check', () => {
  it('names a price that has ended without a successor', () => {
    expect(catalogueProblems([row('openai:gpt-5.6-sol')], '2026-11-21')).toEqual([]);
    expect(catalogueProblems([row('openai:gpt-5.6-sol')], '2026-11-22')).toEqual([
      { id: 'openai:gpt-5.6-sol', problem: 'price-expired', message: expect.stringContaining('2026-11-21') },
    ]);
  });

  it('names rows that were last checked more than 60 days ago', () => {
    expect(catalogueProblems([row('openai:gpt-4o')], '2027-01-14')).toEqual([]);
    const { rows } = { rows: [{ id: 'openai:gpt-4o', retiresOn: '2099-01-01' }] };
    const fresh = createCatalogue({ rows }).findModel('openai:gpt-4o');
    expect(fresh && catalogueProblems([fresh], '2027-01-22')).toEqual([]);
    expect(fresh && catalogueProblems([fresh], '2027-01-23').map(({ problem }) => problem)).toEqual(['check-expired']);
  });

  it('leaves out models that are gone', () => {
    expect(catalogueProblems([row('openai:o1'), row('google:gemini-2.0-flash')], '2030-01-01')).toEqual([]);
  });

  it('finds on the day of writing only the promotion whose end was never announced', () => {
    expect(catalogueProblems(listModels(), '2026-11-24').map(({ id }) => id)).toEqual(['openai:gpt-5.6-sol']);
  });
});

describe('retirement', () => {
  it('begins the day after the last day', () => {
    expect(isRetired(row('anthropic:claude-sonnet-4-5'), '2026-11-30')).toBe(false);
    expect(isRetired(row('anthropic:claude-sonnet-4-5'), '2026-12-01')).toBe(true);
    expect(isRetired(row('google:gemini-2.0-flash'), '2020-01-01')).toBe(true);
    expect(isRetired(row('local:tiny'), '2099-01-01')).toBe(false);
  });
});
