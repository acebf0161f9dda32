/**
 * Runs the bundled model and both baselines on all suites and keeps the report under docs/, with the commands that made it.
 *
 *   npm run build && node scripts/benchmark-report.mjs [--n 40] [--out docs/benchmark-report] [--work DIR] [--from DIR]
 *
 * To be run again whenever the weights change: about ten minutes on two cores. `--n` items of each suite and level; `--work` keeps the runs'
 * folders (default: a temporary one); `--from` writes the report again from runs that `--work` kept, without asking anything.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '40' },
    out: { type: 'string', default: 'docs/benchmark-report' },
    work: { type: 'string' },
    from: { type: 'string' },
  },
});

const model = 'local:tiny';
const work = values.from ?? values.work ?? (await mkdtemp(join(tmpdir(), 'ocelli-report-')));
await mkdir(work, { recursive: true });

/** What a reader types; the folders are as a reader would call them. */
const commands = [
  `bench run --level 1-5 --n ${values.n} --model ${model},baseline:majority,baseline:bag-of-words --out all`,
  `bench run --suite naming --look seen --level 1-5 --n ${values.n} --model ${model} --out naming-seen`,
  'bench report all --failures 14 --by count:0-9/10-15 --by xHeight@448:10-14/17-23 --by word',
  'bench report naming-seen --failures 0',
];
const started = Date.now();
for (const command of commands) {
  const words = command.split(' ');
  if (values.from !== undefined && words[1] === 'run') continue;
  console.log(`ocelli ${command}`);
  const { status } = spawnSync(process.execPath, [join(process.cwd(), 'dist/src/cli/main.js'), ...words], {
    cwd: work,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    console.error(`It ended with ${status}; nothing under ${values.out} was changed.`);
    process.exit(1);
  }
}
const minutes = ((Date.now() - started) / 60_000).toFixed(1);

const read = async (path) => JSON.parse(await readFile(path, 'utf8'));
const manifest = await read(join(work, 'all', 'manifest.json'));
const report = await read(join(work, 'all', 'report.json'));
const seen = await read(join(work, 'naming-seen', 'report.json'));
const weights = 'local-model/weights';
const checksums = await readFile(join(weights, 'checksums.json'), 'utf8');
const git = (...words) => spawnSync('git', words, { encoding: 'utf8' }).stdout.trim();

const interval = ({ estimate, lower, upper }) => ({
  estimate: Number(estimate.toFixed(4)),
  lower: Number(lower.toFixed(4)),
  upper: Number(upper.toFixed(4)),
});
/** Of every suite and model: how often it was right, with the interval and n. */
const accuracies = ({ suites }) =>
  suites.flatMap(({ suite, models }) =>
    models.flatMap(({ model: name, trainedOnSuite, summary, subtasks }) =>
      [{ subtask: null, summary }, ...subtasks].flatMap(({ subtask, summary: { overAsked, asked } }) =>
        overAsked === undefined
          ? []
          : [{ suite, subtask, model: name, trainedOnSuite, n: asked, ...interval(overAsked) }],
      ),
    ),
  );
const results = {
  date: manifest.startedAt.slice(0, 10),
  commands: commands.map((command) => `npx ocelli ${command}`),
  weights: {
    commit: git('log', '-1', '--format=%H', '--', join(weights, 'checksums.json')),
    checksums: createHash('sha256').update(checksums).digest('hex'),
    files: Object.fromEntries(Object.entries(JSON.parse(checksums).files).filter(([name]) => name.startsWith('onnx/'))),
  },
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
  suites: manifest.options.suites,
  accuracies: accuracies(report),
  namingSeenLook: accuracies(seen),
};

const percent = (share) => `${(100 * share).toFixed(1)}%`;
const row = ({ subtask, n, estimate, lower, upper }) =>
  `| ${subtask ?? 'all'} | ${percent(estimate)} (${percent(lower)} to ${percent(upper)}) | ${n} |`;
const overall = results.accuracies.filter(({ subtask }) => subtask === null);
const models = [...new Set(overall.map(({ model: name }) => name))].sort(
  (one, other) => (other === model) - (one === model),
);
const cell = (suite, name) => {
  const found = overall.find((entry) => entry.suite === suite && entry.model === name);
  if (found === undefined) return '–';
  return `${percent(found.estimate)} (${percent(found.lower)} to ${percent(found.upper)})${found.trainedOnSuite ? '†' : ''}`;
};
const overview = [
  `| suite | ${models.join(' | ')} | n each |`,
  `| --- |${models.map(() => ' --- |').join('')} --- |`,
  ...results.suites.map(
    ({ name }) =>
      `| ${name} | ${models.map((each) => cell(name, each)).join(' | ')} | ${overall.find(({ suite }) => suite === name)?.n ?? 0} |`,
  ),
].join('\n');
const markdown = await readFile(join(work, 'all', 'report.md'), 'utf8');
const page = `# The bundled model on all suites

Run on ${results.date} by \`node scripts/benchmark-report.mjs --n ${values.n}\` (${results.machine.cores} cores, ${results.machine.cpu}, Node ${results.machine.node}), which is to be run again whenever the
weights change. The same with pictures: [report.html](report.html). The numbers for programs: [results.json](results.json).

\`\`\`sh
${results.commands.join('\n')}
\`\`\`

Weights: commit \`${results.weights.commit.slice(0, 12)}\`, SHA-256 of [checksums.json](../../local-model/weights/checksums.json) \`${results.weights.checksums}\`.
Suites: ${results.suites.map(({ name, version }) => `${name} version ${version}`).join(', ')}; all five levels, ${values.n} items each, held-out seeds, art, fonts and (half of the) words.

Right of the questions asked, with 95 % intervals; † trained on pictures of the suite's generator.

${overview}

${markdown.replace(/^# .*\n+/, '')}
## naming, in the look of training

New scenes in the art styles of training: what the model loses to an art style that it has never seen is the difference to \`naming\` above.

| sub-task | right of asked | n |
| --- | --- | --- |
${results.namingSeenLook.map(row).join('\n')}
`;

await mkdir(values.out, { recursive: true });
await cp(join(work, 'all', 'report.html'), join(values.out, 'report.html'));
await writeFile(join(values.out, 'results.json'), `${JSON.stringify(results, undefined, 1)}\n`);
await writeFile(join(values.out, 'README.md'), page);
spawnSync('npx', ['prettier', '--write', join(values.out, 'README.md'), join(values.out, 'results.json')]);
if (values.work === undefined && values.from === undefined) await rm(work, { recursive: true });
console.log(`${values.out} written in ${minutes} minutes`);
