/**
 * Prints what the engine's shortcuts cost on real weights, against PyTorch at fp32: `npm run check:real-weights`.
 * Before: make.py and reference.py in this folder. Without them it says so and ends well.
 */

import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { importSource } from '../../benchmarks/performance/import-source.mjs';
import { table } from '../../benchmarks/performance/measure.mjs';

const folder = fileURLToPath(new URL('../../.cache/real-weights', import.meta.url));
const real = await importSource(`export * from './test/local-model/real-weights.js';`);
const reference = real.openReference(folder);
if (reference === undefined) {
  console.log(
    'Skipped: .cache/real-weights is not there. Make it with make.py and reference.py of scripts/real-weights.',
  );
  process.exit(0);
}
let isGood = true;
const rows = [];
for (const way of real.ways) {
  const runner = await real.openWay(folder, way);
  const perplexity = await real.perplexityOf(runner, reference.windows);
  const greedy = await real.greedyResults(runner, reference);
  await runner.close();
  const [equal, compared] = ['equal', 'compared'].map((name) => greedy.reduce((sum, result) => sum + result[name], 0));
  const whole = greedy.filter((result) => result.equal === result.compared).length;
  if (way.dtype === 'fp32') isGood &&= whole === greedy.length;
  const loss = perplexity / reference.perplexity - 1;
  rows.push([way.name, perplexity.toFixed(3), percent(loss), `${whole}/${greedy.length}`, `${equal}/${compared}`]);
  console.error(rows.at(-1).join(' | '));
}
const prompts = reference.cases.map(({ prompt }) => prompt);
const q4 = join(folder, 'q4');
const same = {};
for (const fastFourBit of [false, true]) {
  const [guessed, plain] = [
    await real.answersOf(q4, prompts, { fastFourBit, promptLookup: true }),
    await real.answersOf(q4, prompts, { fastFourBit, promptLookup: false }),
  ];
  same[fastFourBit] = guessed.filter((text, place) => text === plain[place]).length;
}
const { valid, of } = await real.constrainedResults(folder, prompts);
isGood &&= valid === of && same.false === prompts.length;
const count = reference.windows.flat().length;
console.log(`PyTorch fp32: perplexity ${reference.perplexity.toFixed(3)} on ${count} tokens of README and licence.\n`);
console.log(table(['way', 'perplexity', 'lost', 'prompts as PyTorch', 'tokens as PyTorch, up to a near-tie'], rows));
console.log(
  `\nGuessing leaves ${same.false} of ${prompts.length} answers of 48 tokens as they were, with products rounded to 8 bits ${same.true}.`,
);
console.log(`Held to a JSON schema, ${valid} of ${of} answers are valid.`);
if (!isGood) process.exitCode = 1;

function percent(share) {
  return `${share < 0 ? '−' : '+'}${(Math.abs(share) * 100).toFixed(2)} %`;
}
