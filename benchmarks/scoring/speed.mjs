/**
 * Prints how many short answers a second are scored and how long a bootstrap takes, and ends with exit code 1 below the targets: 10,000
 * answers a second, and 10,000 resamples over 5,000 items within a second.
 *
 *   node benchmarks/scoring/speed.mjs
 */

import { mkdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const root = new URL('../..', import.meta.url).pathname;
const bundle = `${root}.build/speed-${process.pid}.mjs`;
await mkdir(`${root}.build`, { recursive: true });
await build({
  stdin: {
    contents: `export { scoreResponse } from './scoring/index.js'; export { bootstrapMean } from './statistics/index.js';`,
    resolveDir: `${root}benchmarks`,
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  outfile: bundle,
});
const { scoreResponse, bootstrapMean } = await import(bundle);
await rm(bundle);

const text = { type: 'text', accept: [], caseSensitive: false, abstain: 'wrong' };
const kinds = [
  {
    kind: 'integer',
    answerSpec: { type: 'integer' },
    answer: 3,
    replies: ['3', '{3}', 'There are three circles.', 'between 3 and 4', 'I cannot tell.'],
  },
  {
    kind: 'yesno',
    answerSpec: { type: 'yesno' },
    answer: 'yes',
    replies: ['Yes', 'No, the circles do not touch.', '{"answer": "yes"}', "I can't help."],
  },
  {
    kind: 'choice',
    answerSpec: { type: 'choice', choices: ['left', 'right', 'above', 'below'] },
    answer: 'left',
    replies: ['left', 'It is to the right.', '(B)'],
  },
  { kind: 'pair', answerSpec: { type: 'pair' }, answer: [5, 6], replies: ['(5,6)', 'rows={5} columns={6}', '5 by 6'] },
  {
    kind: 'text',
    answerSpec: text,
    answer: 'HOSPITAL',
    replies: ['HOSPITAL', 'The sign says "HOSPITAL".', 'unreadable', 'HOSTEL 24'],
  },
  {
    kind: 'text of a receipt line',
    answerSpec: text,
    answer: 'TOTAL AMT RM 60.30',
    replies: ['TOTAL AMT RM 60.30', 'total amt: RM 60.80'],
  },
];
const shared = { version: 1, itemId: 'i', model: 'm', prompt: 0, repeat: 0, executor: 'replay' };
const answers = kinds.flatMap(({ kind, answerSpec, answer, replies }) => {
  const about = { id: 'i', suite: 's', task: 'ocr', subtask: 's', questions: ['?'], cluster: 'c' };
  const item = { record: 'item', version: 1, ...about, answerSpec, answer };
  return replies.map((reply) => ({ kind, item, response: { record: 'response', ...shared, text: reply } }));
});

/** Best of several runs: the machine does other things as well. */
function rateOf(list, count) {
  let best = 0;
  for (let run = 0; run < 5; run++) {
    const start = performance.now();
    for (let done = 0; done < count; done++) {
      const { item, response } = list[done % list.length];
      scoreResponse(item, response);
    }
    best = Math.max(best, count / ((performance.now() - start) / 1000));
  }
  return Math.round(best);
}

const all = rateOf(answers, 20_000);
process.stdout.write(`scoring, all kinds mixed: ${all} answers a second\n`);
for (const { kind } of kinds) {
  const rate = rateOf(
    answers.filter((answer) => answer.kind === kind),
    20_000,
  );
  process.stdout.write(`scoring, ${kind}: ${rate} answers a second
`);
}

const values = Array.from({ length: 5_000 }, (_, place) => (place % 10 < 7 ? 1 : 0));
let seconds = Infinity;
for (let run = 0; run < 3; run++) {
  const start = performance.now();
  bootstrapMean(values, { resamples: 10_000 });
  seconds = Math.min(seconds, (performance.now() - start) / 1000);
}
process.stdout.write(`bootstrap, 10,000 resamples over 5,000 items (BCa): ${seconds.toFixed(2)} s\n`);
process.exitCode = all >= 10_000 && seconds < 1 ? 0 : 1;
