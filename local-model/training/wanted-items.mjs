/**
 * The items that the model card's rows are about, as a suite for `ocelli bench`: whole suites hold few of each.
 *
 *   npx ocelli bench run --suite local-model/training/wanted-items.mjs --level 1-5 --n 600 --model local:tiny --out wanted
 *
 * With 600 most rows have 500 and more; that of small print has so with OCELLI_ROWS=small-print --level 4-5 --n 2000, that of illegible print with
 * OCELLI_ROWS=illegible --level 1-5 --n 2280. They are the suites' own
 * items with the same ids, so that `wanted.py` counts those of several runs once. OCELLI_ROWS=counting,spatial takes some rows only, so
 * that two processes can share the work; `--look seen` is for naming. OCELLI_ASKED=FOLDER,FOLDER leaves out what stands in the items.jsonl of
 * other runs: the suites' own run holds a quarter of it.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSuite } from '../../dist/benchmarks/index.js';

/** Of each suite (the row's name where none is said): which sub-tasks, and how many of its items a level for each that is wished for in all. */
const rows = {
  counting: { share: 1, subtasks: ['shapes', 'objects'] },
  spatial: { share: 1.04, subtasks: ['relation-shapes', 'relation-objects'] },
  existence: { share: 0.52, subtasks: ['binding', 'adversarial'] },
  naming: { share: 0.34, subtasks: ['open'] },
  ocr: { share: 0.95, subtasks: ['word', 'string', 'number', 'table', 'receipt-total'] },
  charts: { share: 0.34, subtasks: ['bar-value', 'line-value', 'pie-percent'] },
  'counting-chosen': { suite: 'counting', share: 1, subtasks: ['attribute', 'distractors'] },
  illegible: { suite: 'ocr', share: 1, subtasks: ['legibility'], unanswerable: true },
  'small-print': { suite: 'ocr', share: 0.8, subtasks: ['word', 'string', 'number'] },
};
const apart = ['small-print', 'illegible'];
const chosen = process.env.OCELLI_ROWS?.split(',') ?? Object.keys(rows).filter((name) => !apart.includes(name));
const asked = new Set((process.env.OCELLI_ASKED?.split(',') ?? []).flatMap(idsIn));
const suiteOf = (name) => findSuite(rows[name].suite ?? name);

export default {
  name: 'wanted',
  version: 1,
  description: "The items that the bundled model's card has rows about.",
  generators: [...new Set(chosen.flatMap((name) => suiteOf(name).generators))],
  levels: [1, 2, 3, 4, 5],
  subtasks: [...new Set(chosen.flatMap((name) => rows[name].subtasks))],
  async items({ n, ...wish }) {
    const items = [];
    const problems = [];
    for (const name of chosen) {
      const { share, subtasks, unanswerable } = rows[name];
      const found = await suiteOf(name).items({ ...wish, n: Math.ceil(n * share) });
      const wanted = found.items.filter(({ record }) => subtasks.includes(record.subtask));
      const open = wanted.filter(({ record }) => !asked.has(record.id));
      items.push(...(unanswerable ? open.filter(({ record }) => record.answer === null) : open));
      problems.push(...found.problems);
    }
    return { items, problems };
  },
};

function idsIn(folder) {
  const file = join(folder, 'items.jsonl');
  if (!existsSync(file)) throw new Error(`${file} does not exist: OCELLI_ASKED names the folders of runs.`);
  return readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line).id);
}
