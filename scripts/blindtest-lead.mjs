/**
 * The lead of a model over the recorded models on BlindTest, sub-task by sub-task on the same pictures and prompts, and over the best
 * constant answer; intervals are clustered by picture. Prints Markdown.
 *
 *   npx ocelli bench run --suite blindtest --data DIR --prompts 2 --model local:tiny --out RUN
 *   node scripts/blindtest-lead.mjs RUN DIR/blindtest [model]
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { comparePairs, pairVerdicts } from '../dist/benchmarks/index.js';

const [run, data, model = 'local:tiny'] = process.argv.slice(2);
if (run === undefined || data === undefined) {
  process.stderr.write('Usage: node scripts/blindtest-lead.mjs RUN DATA [MODEL]\n');
  process.exit(2);
}
const linesOf = (bytes) =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const scores = linesOf(await readFile(join(run, 'scores.jsonl')));
const verdicts = linesOf(gunzipSync(await readFile(join(data, 'verdicts.jsonl.gz'))));
const mine = scores.filter((score) => score.model === model && score.repeat === 0);
const pictures = new Set(mine.map(({ cluster }) => cluster));
const byName = (one, other) => one.localeCompare(other);
const recorded = [...new Set(verdicts.map((verdict) => verdict.model))].sort(byName);
const subtasks = [...new Set(mine.map(({ subtask }) => subtask))].sort(byName);

const verdict = (picture, prompt, correct, time = 0) => ({
  item: `${picture} ${time}`,
  prompt,
  cluster: picture,
  correct,
});
/** Counted from 0. Where the two prompts of a picture ask for different things, each is an item of its own, and its id says which. */
const promptOf = ({ itemId, prompt }) => (/-p(\d)$/u.test(itemId) ? Number(itemId.at(-1)) - 1 : prompt);
const points = (share) => (100 * share).toFixed(1);
const lead = (baseline, candidate) => {
  const { pairs, repeatedKeys } = pairVerdicts(baseline, candidate);
  if (repeatedKeys > 0) throw new Error(`${repeatedKeys} questions stand twice.`);
  if (pairs.length === 0) return '–';
  const { difference, n } = comparePairs(pairs);
  return `${points(difference.estimate)} (${points(difference.lower)} to ${points(difference.upper)}), n ${n}`;
};

const columns = ['best constant answer', ...recorded];
process.stdout.write(`| sub-task | right | ${columns.map((name) => `lead over ${name}`).join(' | ')} |\n`);
process.stdout.write(`|${' --- |'.repeat(columns.length + 2)}\n`);
for (const subtask of subtasks) {
  const own = mine.filter((score) => score.subtask === subtask);
  const candidate = own.map((score) => verdict(score.cluster, promptOf(score), score.outcome === 'correct'));
  const counts = new Map();
  for (const { truth } of own) counts.set(JSON.stringify(truth), (counts.get(JSON.stringify(truth)) ?? 0) + 1);
  const [commonest] = [...counts].sort(([, one], [, other]) => other - one)[0];
  const constant = own.map((score) =>
    verdict(score.cluster, promptOf(score), JSON.stringify(score.truth) === commonest),
  );
  const cells = recorded.map((name) => {
    const theirs = verdicts.filter(
      (entry) => entry.model === name && entry.subtask === subtask && pictures.has(entry.imageGitBlob),
    );
    // The published data have some pictures twice, each with a verdict of its own; ours stands beside both.
    const times = new Map();
    const pairs = theirs.flatMap((entry) => {
      const key = `${entry.imageGitBlob} ${entry.prompt - 1}`;
      const time = times.get(key) ?? 0;
      times.set(key, time + 1);
      const answer = own.find((score) => `${score.cluster} ${promptOf(score)}` === key);
      if (answer === undefined) return [];
      const about = [entry.imageGitBlob, entry.prompt - 1];
      return [
        { theirs: verdict(...about, entry.correct, time), ours: verdict(...about, answer.outcome === 'correct', time) },
      ];
    });
    return lead(
      pairs.map((pair) => pair.theirs),
      pairs.map((pair) => pair.ours),
    );
  });
  const right = candidate.filter(({ correct }) => correct).length / candidate.length;
  process.stdout.write(
    `| ${subtask} | ${points(right)} %, n ${candidate.length} | ${lead(constant, candidate)} | ${cells.join(' | ')} |\n`,
  );
}
