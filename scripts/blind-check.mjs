/**
 * Holds a bag of words against the commonest answer on every sub-task: a suite that can be answered without looking is broken.
 *
 *   node scripts/blind-check.mjs --suite all --closed 10000 --open 2000 --seed 77
 *
 * Nothing is drawn: both see the question only. The bag of words is fitted on other items of the sub-task (ten folds). A lead is
 * the difference of their accuracies; its upper 95 % bound must not be over --most points. Options: --suite NAMES|all, --level
 * LEVELS|all (together), --closed and --open items of each sub-task with listed and with free answers, --seed, --twins, --out FILE for
 * JSON. Exit code 1 where a bound is over it. Needs `npm run build`.
 */

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createBaseline, findSuite, scoreResponse, suites } from '../dist/benchmarks/index.js';

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'all' },
    level: { type: 'string', default: 'all' },
    closed: { type: 'string', default: '10000' },
    open: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '77' },
    most: { type: 'string', default: '3' },
    twins: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

const chosen = values.suite === 'all' ? suites : values.suite.split(',').map(findSuite);
const levels = values.level === 'all' ? [1, 2, 3, 4, 5] : values.level.split(',').map(Number);

/** Items by sub-task, all levels in equal shares; nothing is drawn. */
async function itemsOf(suite, each) {
  const groups = new Map(suite.subtasks.map((subtask) => [subtask, []]));
  const wanted = Math.ceil(each / levels.length);
  for (const level of levels) {
    const full = new Map(suite.subtasks.map((subtask) => [subtask, 0]));
    const n = wanted * suite.subtasks.length * (values.twins ? 3 : 1);
    const { items } = await suite.items({ level, n, seed: Number(values.seed), twins: values.twins });
    for (const { record } of items) {
      const held = full.get(record.subtask);
      if (held >= wanted) continue;
      full.set(record.subtask, held + 1);
      groups.get(record.subtask).push(record);
    }
  }
  return groups;
}

const isOpen = ({ answerSpec }) => answerSpec.type === 'text';

async function verdictsOf(id, items) {
  const baseline = createBaseline(id);
  await baseline.begin(items);
  return Promise.all(
    items.map(async (item) => {
      const { answer } = await baseline.run({ item, model: id, prompt: 0, repeat: 0 });
      const response = {
        record: 'response',
        version: 1,
        itemId: item.id,
        model: id,
        prompt: 0,
        repeat: 0,
        executor: 'baseline',
        ...answer,
      };
      return scoreResponse(item, response).outcome === 'correct';
    }),
  );
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const rows = [];
let over = 0;
console.log(
  '| suite | sub-task | n | majority | bag of words | lead | upper 95 % bound |\n|---|---|--:|--:|--:|--:|--:|',
);
for (const suite of chosen) {
  const probe = [...(await itemsOf(suite, levels.length)).values()].flat();
  const groups = await itemsOf(suite, Number(probe.every(isOpen) ? values.open : values.closed));
  for (const [subtask, all] of groups) {
    const items = isOpen(all[0])
      ? all.filter((_, place) => place % Math.ceil(all.length / Number(values.open)) === 0)
      : all;
    const [majority, words] = [
      await verdictsOf('baseline:majority', items),
      await verdictsOf('baseline:bag-of-words', items),
    ];
    const gained = words.filter((right, place) => right && !majority[place]).length;
    const lost = words.filter((right, place) => !right && majority[place]).length;
    const n = items.length;
    const lead = (gained - lost) / n;
    // Items of different scenes are independent; the normal bound is good at these sizes.
    const deviation = Math.sqrt(Math.max(0, (gained + lost) / n - lead * lead) / n);
    const upper = lead + 1.96 * deviation;
    if (100 * upper > Number(values.most)) over++;
    const share = (list) => list.filter(Boolean).length / n;
    rows.push({
      suite: suite.name,
      version: suite.version,
      subtask,
      n,
      majority: share(majority),
      bagOfWords: share(words),
      lead,
      upper,
    });
    console.log(
      `| ${suite.name} | ${subtask} | ${n} | ${percent(share(majority))} | ${percent(share(words))} | ${(100 * lead).toFixed(1)} | ${(100 * upper).toFixed(1)} |`,
    );
  }
}
if (values.out !== undefined)
  await writeFile(values.out, `${JSON.stringify({ options: values, rows }, undefined, 2)}\n`);
console.log(
  over === 0
    ? `No bound is over ${values.most} points.`
    : `${over} of ${rows.length} sub-tasks are over ${values.most} points.`,
);
process.exitCode = over === 0 ? 0 : 1;
