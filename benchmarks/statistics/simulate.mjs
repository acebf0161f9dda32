/**
 * Prints how the intervals, tests and the gate behave on simulated benchmarks whose truth is known, over a grid of designs, and ends
 * with exit code 1 where one leaves its bounds.
 *
 *   nice node benchmarks/statistics/simulate.mjs --replicates 5000 [--seed 1] [--resamples 999] [--out file.md]
 *
 * The bounds: Wilson, clustered and bootstrap intervals cover 93 to 97 %, Clopper-Pearson's at least 95 %; McNemar's exact test rejects
 * a true null at most in 5 %, the permutation test in 4 to 6 %; the gate passes a candidate that is worse by the margin in at most 3 %.
 * The simulation's own error is added to each bound: two standard errors, 0.6 points at 5,000 replicates.
 */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values } = parseArgs({
  options: {
    replicates: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    resamples: { type: 'string', default: '999' },
    out: { type: 'string' },
  },
});
const replicates = Number(values.replicates);
const options = { replicates, seed: Number(values.seed), resamples: Number(values.resamples) };

const root = new URL('../..', import.meta.url).pathname;
const bundle = `${root}.build/simulate-${process.pid}.mjs`;
await mkdir(`${root}.build`, { recursive: true });
await build({
  entryPoints: [`${root}benchmarks/statistics/simulation.ts`],
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  outfile: bundle,
});
const simulation = await import(bundle);
await rm(bundle);

const accuracies = [0.1, 0.3, 0.5, 0.7, 0.9];
const designs = [
  // 30 clusters of 1 to 7 items: about the smallest that the bounds are stated for.
  { clusters: 30, itemsPerCluster: 4, correlation: 0.2, alike: 0.3 },
  { clusters: 50, itemsPerCluster: 2, correlation: 0.5, alike: 0.3 },
  { clusters: 100, itemsPerCluster: 4, correlation: 0.2, alike: 0.5 },
  { clusters: 300, itemsPerCluster: 1, correlation: 0, alike: 0.3 },
];
const interval = [0.93, 0.97];
const lines = [];
let outside = 0;

function row(what, where, rate, [low, high]) {
  const slack = (bound) => (bound > 0 && bound < 1 ? 2 * Math.sqrt((bound * (1 - bound)) / replicates) : 0);
  const held = rate >= low - slack(low) && rate <= high + slack(high);
  // Strictly inside, or inside by the simulation's own error only.
  const mark = rate >= low && rate <= high ? '' : held ? ' ~' : ' **outside**';
  if (!held) outside++;
  lines.push(`| ${what} | ${where} | ${(100 * rate).toFixed(1)}${mark} | ${100 * low} to ${100 * high} |`);
  process.stdout.write(`${lines.at(-1)}\n`);
}

for (const n of [100, 300, 1000])
  for (const p of accuracies) {
    const rates = simulation.simulateIndependentCoverage(p, n, options);
    row('Wilson covers', `p ${p}, n ${n}`, rates.wilson, interval);
    row('Clopper-Pearson covers', `p ${p}, n ${n}`, rates.clopperPearson, [0.95, 1]);
  }
for (const design of designs)
  for (const p of accuracies) {
    const { clusters, itemsPerCluster, correlation, alike } = design;
    const where = `p ${p}, ${clusters} clusters of ${itemsPerCluster}, correlation ${correlation}`;
    const coverage = simulation.simulateClusteredCoverage({ ...design, p }, options);
    row('Clustered interval covers', where, coverage.clustered, interval);
    row('Cluster bootstrap (BCa) covers', where, coverage.bca, interval);
    lines.push(`| (percentile bootstrap covers) | ${where} | ${(100 * coverage.percentile).toFixed(1)} | – |`);
    lines.push(`| (Wilson without clusters covers) | ${where} | ${(100 * coverage.naive).toFixed(1)} | – |`);
    lines.push(`| (mean ± t covers) | ${where} | ${(100 * coverage.clusteredMean).toFixed(1)} | – |`);
    const alarms = simulation.simulateFalseAlarms({ ...design, p }, options);
    row('Permutation rejects', `${where}, alike ${alike}`, alarms.permutation, [0.04, 0.06]);
    if (itemsPerCluster === 1) row('McNemar rejects', `${where}, alike ${alike}`, alarms.mcnemar, [0, 0.05]);
    const passed = simulation.simulateGate({ ...design, p }, 0.05, options);
    row('Gate passes the worse', `${where}, margin 0.05`, passed.passes, [0, 0.03]);
    lines.push(`| (difference's interval covers) | ${where} | ${(100 * passed.covers).toFixed(1)} | – |`);
  }
const head = `${replicates} replicates, seed ${options.seed}, ${options.resamples} resamples each.\n\n| what | where | % | bounds |\n| --- | --- | --- | --- |\n`;
if (values.out !== undefined) await writeFile(values.out, `${head}${lines.join('\n')}\n`);
process.stdout.write(`${outside} of ${lines.length} outside.\n`);
process.exitCode = outside > 0 ? 1 : 0;
