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

/** Items of one sub-task, all levels in equal shares; nothing is drawn. */
async function itemsOf(suite, subtask, each) {
  const wanted = Math.ceil(each / levels.length);
  const lists = await Promise.all(
    levels.map(async (level) => {
      const n = wanted * suite.subtasks.length * (values.twins ? 4 : 1);
      const { items } = await suite.items({ level, n, seed: Number(values.seed), twins: values.twins });
      return items.flatMap(({ record }) => (record.subtask === subtask ? [record] : [])).slice(0, wanted);
    }),
  );
  return lists.flat();
}

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
  for (const subtask of suite.subtasks) {
    const [probe] = await itemsOf(suite, subtask, levels.length);
    const items = await itemsOf(suite, subtask, Number(probe.answerSpec.type === 'text' ? values.open : values.closed));
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
