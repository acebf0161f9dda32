/** `report --by`: accuracies told apart by an item's numbers, by words seen and unseen, by the size that a model sees. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { breakdown, breakdownRequest, type Breakdown } from '../../benchmarks/report/breakdown.js';
import { generateItems, wordSplit, type GenerateOptions } from '../../benchmarks/scenes/index.js';
import {
  itemOfScene,
  recordVersion,
  scoreResponse,
  type ItemRecord,
  type ScoreRecord,
} from '../../benchmarks/scoring/index.js';
import { wilson } from '../../benchmarks/statistics/index.js';
import { ocelli } from '../cli/terminal.js';
import { writeSmallRun } from './small-run.js';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

function itemsOf(options: GenerateOptions): ItemRecord[] {
  return generateItems(options).map((item) => ({
    ...itemOfScene(item),
    picture: { sha256: '0'.repeat(64), width: item.scene.width, height: item.scene.height },
  }));
}

/** A model that is right where `right` says so, told apart. */
function toldApart(items: readonly ItemRecord[], by: string, right: (item: ItemRecord) => boolean): Breakdown {
  const scores = scoresOf(items, right);
  // Another model that was asked the same.
  const asked = [...scores, ...scores.map((score) => ({ ...score, model: 'test:other' }))];
  return breakdown(asked, new Map(items.map((item) => [item.id, item])), breakdownRequest(by));
}

function scoresOf(items: readonly ItemRecord[], right: (item: ItemRecord) => boolean): ScoreRecord[] {
  return items.map((item) => {
    const text = right(item) ? String(item.answer) : 'none of it';
    return scoreResponse(item, {
      record: 'response',
      version: recordVersion,
      itemId: item.id,
      model: 'a:model',
      prompt: 0,
      repeat: 0,
      executor: 'test',
      text,
    });
  });
}

describe('accuracies told apart', () => {
  it('by bands of a count are those of the items in them, sub-task by sub-task', () => {
    const items = itemsOf({ suite: 'counting', level: 5, n: 400 });
    const { rows, leftOut } = toldApart(items, 'count:0-9/10-15', ({ answer }) => Number(answer) < 10);
    const shapes = rows.filter(({ subtask }) => subtask === 'shapes');
    expect(shapes.map(({ stratum }) => stratum)).toEqual(['count 0–9', 'count 10–15']);
    expect(shapes.map(({ cells }) => cells[0]?.accuracy.estimate)).toEqual([1, 0]);
    const few = items.filter(({ subtask, answer }) => subtask === 'shapes' && Number(answer) < 10);
    expect(shapes[0]?.cells[0]).toMatchObject({ n: few.length, accuracy: wilson(few.length, few.length) });
    expect(leftOut).toBe(
      items.filter(({ difficulty }) => difficulty?.['count'] === undefined || difficulty['count'] > 15).length,
    );
  });

  it('by words tells those of training from the others, and leaves out what is no word', () => {
    const items = itemsOf({ suite: 'ocr', level: 1, n: 330 });
    const { rows } = toldApart(items, 'word', ({ answer }) => wordSplit(String(answer)) === 'train');
    const words = rows.filter(({ subtask }) => subtask === 'word');
    expect(words.map(({ stratum, cells }) => [stratum, cells[0]?.accuracy.estimate])).toEqual([
      ['seen word', 1],
      ['unseen word', 0],
    ]);
    expect(rows.some(({ subtask }) => subtask === 'string' || subtask === 'number')).toBe(false);
  });

  it('by x-height are scaled to what a model sees', () => {
    const items = itemsOf({ suite: 'ocr', level: 2, n: 220, subtask: 'word' });
    const seen = (item: ItemRecord, side: number): number =>
      ((item.difficulty?.['xHeight'] ?? 0) / 10) *
      Math.min(1, side / Math.max(item.picture?.width ?? 0, item.picture?.height ?? 0));
    const { rows } = toldApart(items, 'xHeight@256:10-14/15-18', (item) => seen(item, 256) <= 14);
    expect(rows.map(({ stratum }) => stratum)).toEqual(['xHeight 10–14 at 256 px', 'xHeight 15–18 at 256 px']);
    expect(rows.map(({ cells }) => cells[0]?.accuracy.estimate)).toEqual([1, 0]);
    expect(rows[0]?.cells[0]?.n).toBe(items.filter((item) => seen(item, 256) >= 10 && seen(item, 256) <= 14).length);
  });

  it('by several keys at once are those of each combination, and yes-or-no questions have their balanced accuracy', () => {
    const items = itemsOf({ suite: 'existence', level: 1, n: 90 });
    const { rows } = toldApart(items, 'level+look', ({ answer }) => answer === 'yes');
    expect(rows.map(({ subtask, stratum }) => [subtask, stratum])).toEqual(
      ['adversarial', 'binding', 'random'].map((subtask) => [subtask, 'level 1, unseen look']),
    );
    const said = toldApart(items, 'level', () => true).rows[0]?.cells[0];
    expect(said).toMatchObject({ accuracy: { estimate: 1 }, balancedAccuracy: 1 });
  });

  it.each(['', 'count:', 'count:9-0', 'count:a-b', '+', 'xHeight@'])(
    'by %j are refused with what is expected',
    (by) => {
      expect(() => breakdownRequest(by)).toThrow(/expected keys joined by \+/);
    },
  );

  it('are on the page, in Markdown and in JSON', async () => {
    const folder = await writeSmallRun({ items: 24 });
    folders.push(folder);
    const { code } = await ocelli(['bench', 'report', folder, '--by', 'level']);
    expect(code).toBe(0);
    const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    expect(await read('report.html')).toContain('<h4>By level</h4>');
    expect(await read('report.md')).toContain('| sub-task | by level |');
    const { suites } = JSON.parse(await read('report.json')) as { suites: { breakdowns: Breakdown[] }[] };
    expect(suites[0]?.breakdowns[0]?.rows.length).toBeGreaterThan(2);
    const bad = await ocelli(['bench', 'report', folder, '--by', 'level:x']);
    expect([bad.code, bad.err]).toEqual([3, expect.stringMatching(/expected keys/)]);
  });
});
