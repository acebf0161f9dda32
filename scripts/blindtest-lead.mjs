/**
 * The lead of a model over the recorded models on BlindTest, sub-task by sub-task on the same pictures and prompts, and over the best
 * constant answer; intervals are clustered by picture, and published pictures that stand twice are left out, as in `ocelli bench compare`.
 * Prints Markdown.
 *
 *   npx ocelli bench run --suite blindtest --data DIR --prompts 2 --model local:tiny --out RUN
 *   node scripts/blindtest-lead.mjs RUN DIR/blindtest [model]
 */

import { join } from 'node:path';
import { comparePaired, readPublishedRun, readRun } from '../dist/benchmarks/index.js';

const [run, data, model = 'local:tiny'] = process.argv.slice(2);
if (run === undefined || data === undefined) {
  process.stderr.write('Usage: node scripts/blindtest-lead.mjs RUN DATA [MODEL]\n');
  process.exit(2);
}
const byName = (one, other) => one.localeCompare(other);
const namesOf = (scores, key) => [...new Set(scores.map((score) => score[key]))].sort(byName);
/** Where the two prompts of a picture ask for different things each is an item of its own in a run; the published verdicts tell them apart by prompt. */
const asPublished = (score) => {
  const [, id, prompt] = /^(.+)-p(\d)$/u.exec(score.itemId) ?? [];
  return id === undefined ? score : { ...score, itemId: id, prompt: Number(prompt) - 1 };
};
const mine = (await readRun(run)).scores
  .filter((score) => score.model === model && score.repeat === 0)
  .map(asPublished);
const published = (await readPublishedRun(join(data, 'verdicts.jsonl.gz'))).scores;
const recorded = namesOf(published, 'model');

const points = (share) => (100 * share).toFixed(1);
const lead = (baseline, subtask) => {
  const result = comparePaired(baseline, mine, { suite: 'blindtest', subtask, baseline: 'baseline', candidate: model });
  if (result === undefined) return '–';
  const { difference, n } = result;
  return `${points(difference.estimate)} (${points(difference.lower)} to ${points(difference.upper)}), n ${n}`;
};

/** The scores of whoever always gives the commonest answer. */
function constant(own) {
  const counts = new Map();
  for (const { truth } of own) counts.set(JSON.stringify(truth), (counts.get(JSON.stringify(truth)) ?? 0) + 1);
  const [commonest] = [...counts].sort(([, one], [, other]) => other - one)[0];
  return own.map((score) => ({ ...score, outcome: JSON.stringify(score.truth) === commonest ? 'correct' : 'wrong' }));
}

const columns = ['best constant answer', ...recorded.map((name) => name.replace('published:', ''))];
process.stdout.write(`| sub-task | right | ${columns.map((name) => `lead over ${name}`).join(' | ')} |\n`);
process.stdout.write(`|${' --- |'.repeat(columns.length + 2)}\n`);
for (const subtask of namesOf(mine, 'subtask')) {
  const own = mine.filter((score) => score.subtask === subtask);
  const right = own.filter(({ outcome }) => outcome === 'correct').length / own.length;
  const over = recorded.map((name) =>
    lead(
      published.filter((score) => score.model === name),
      subtask,
    ),
  );
  const cells = [`${points(right)} %, n ${own.length}`, lead(constant(own), subtask), ...over];
  process.stdout.write(`| ${subtask} | ${cells.join(' | ')} |\n`);
}
