/** `ocelli bench compare`, `gate` and `power`: runs against each other, in sentences, tables and exit codes. */

import { benchExitCodes, loadBench } from './bench-load.js';
import { printable, UsageError, type Io } from './io.js';
import { renderTable, wholeNumberText } from './table.js';

type Bench = Awaited<ReturnType<typeof loadBench>>;
type RunComparison = ReturnType<Bench['compareSides']>;
type Result = RunComparison['suites'][number];
type Run = Awaited<ReturnType<Bench['readRun']>>;

export interface CompareOptions {
  readonly run?: string;
  readonly verdicts?: string;
  readonly model?: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/** Compares two runs, or two models of one. */
export async function compare(a: string, b: string, options: CompareOptions, io: Io): Promise<number> {
  const bench = await loadBench();
  const comparison = await comparisonOf(a, b, options, bench);
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify(comparison, undefined, 2)}\n`);
    return benchExitCodes.pass;
  }
  const sentences = comparison.suites.map((result) => bench.differenceSentence(result, comparison.suites.length));
  if (options.markdown === true) {
    const table = (results: readonly Result[]): string => bench.comparisonTable(results, (model) => model);
    io.stdout.write(
      `${sentences.join('\n\n')}\n\n${[comparison.suites, comparison.prompts, comparison.slices].map(table).join('\n')}`,
    );
    return benchExitCodes.pass;
  }
  io.stdout.write(`${sentences.map(printable).join('\n')}\n\n`);
  const parts = [
    ['over everything, corrected by Holm', comparison.suites],
    ['within each prompt, corrected by Holm', comparison.prompts],
    ['by sub-task, for exploring', comparison.slices],
  ] as const;
  for (const [title, results] of parts) if (results.length > 0) io.stdout.write(`${title}\n${resultTable(results)}\n`);
  for (const note of leftOut(comparison)) io.stderr.write(`note: ${note}\n`);
  return benchExitCodes.pass;
}

async function comparisonOf(a: string, b: string, options: CompareOptions, bench: Bench): Promise<RunComparison> {
  const { run: folder, verdicts, model } = options;
  if (folder !== undefined && verdicts !== undefined) throw new UsageError('Name --run or --verdicts, not both.');
  if (folder === undefined && verdicts === undefined) {
    const [before, after] = [await bench.readRun(a), await bench.readRun(b)];
    return bench.compareSides(...namedSides(before, bench.modelOf(before, model), after, bench.modelOf(after, model)));
  }
  const run = verdicts === undefined ? await bench.readRun(folder ?? '') : await bench.readPublishedRun(verdicts);
  const [before, after] = [bench.modelOf(run, a), bench.modelOf(run, b)];
  return bench.compareSides({ run, model: before, name: before }, { run, model: after, name: after });
}

/** Two models go by their names; two runs of one model by the runs'. */
function namedSides(before: Run, one: string, after: Run, other: string): Parameters<Bench['compareSides']> {
  if (one !== other)
    return [
      { run: before, model: one, name: one },
      { run: after, model: other, name: other },
    ];
  const [first, second] = before.name === after.name ? ['the first run', 'the second run'] : [before.name, after.name];
  return [
    { run: before, model: one, name: first },
    { run: after, model: other, name: second },
  ];
}

function resultTable(results: readonly Result[]): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  return renderTable(
    [
      { title: 'suite', align: 'left' },
      { title: 'sub-task', align: 'left' },
      right('prompt'),
      right('n'),
      right('baseline'),
      right('candidate'),
      right('points'),
      right('95% interval'),
      right('only right'),
      right('p'),
      right('Holm'),
      right('BH'),
    ],
    results.map((result) => [
      printable(result.suite),
      printable(result.subtask ?? ''),
      result.prompt === undefined ? '' : String(result.prompt + 1),
      wholeNumberText(result.n),
      percent(result.baselineAccuracy),
      percent(result.candidateAccuracy),
      points(result.difference.estimate),
      `${points(result.difference.lower)} to ${points(result.difference.upper)}`,
      `${result.counts.baselineOnly}/${result.counts.candidateOnly}`,
      chance(result.p),
      chance(result.holm),
      chance(result.benjaminiHochberg),
    ]),
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function points(difference: number): string {
  const text = (difference * 100).toFixed(1);
  return difference > 0 ? `+${text}` : text;
}

function chance(p: number): string {
  if (p >= 0.001) return p.toFixed(3);
  return p === 0 ? '<1e-300' : p.toExponential(1);
}

function leftOut({ suites, partial }: RunComparison): string[] {
  const notes = suites.flatMap(({ suite, repeatedKeys, unmatchedKeys }) => [
    ...(repeatedKeys > 0 ? [`${suite}: ${repeatedKeys} keys occur more than once and were left out`] : []),
    ...(unmatchedKeys > 0 ? [`${suite}: ${unmatchedKeys} questions were answered on one side only and left out`] : []),
  ]);
  return partial ? [...notes, 'a run is partial; only what both were asked is compared'] : notes;
}

export interface GateOptions {
  readonly baseline?: string;
  readonly margin?: number;
  readonly model?: string;
  readonly baselineModel?: string;
  readonly json?: boolean;
}

/** The loss that a gate puts up with where none is said. */
const defaultMargin = 0.02;

/** Decides whether the candidate passes; the verdict is the exit code. */
export async function decide(folder: string | undefined, options: GateOptions, io: Io): Promise<number> {
  const { baseline, margin = defaultMargin, model, baselineModel = model, json } = options;
  if (baseline === undefined) throw new UsageError('Name the run to hold against with --baseline.');
  const bench = await loadBench();
  const candidate = folder ?? (await bench.latestRun('runs'));
  if (candidate === undefined) throw new UsageError('There is no run under runs/. Name the folder of the candidate.');
  const [before, after] = [await bench.readRun(baseline), await bench.readRun(candidate)];
  const sides = namedSides(before, bench.modelOf(before, baselineModel), after, bench.modelOf(after, model));
  const comparison = bench.compareSides(...sides);
  const decision = bench.decideGate(comparison, margin);
  if (json === true) io.stdout.write(`${JSON.stringify(decision, undefined, 2)}\n`);
  else {
    const lines = decision.suites.map(
      ({ result, verdict }) =>
        `${verdict.padEnd(12)} ${printable(result.suite)}: ${points(result.difference.estimate)} points, 95% interval ${points(result.difference.lower)} to ${points(result.difference.upper)}, margin ${points(-margin)} (n = ${wholeNumberText(result.n)})`,
    );
    io.stdout.write(`${lines.join('\n')}\n${decision.verdict}\n`);
  }
  for (const note of leftOut(comparison)) io.stderr.write(`note: ${note}\n`);
  return benchExitCodes[decision.verdict];
}

export interface PowerCommandOptions {
  readonly discordance?: number;
  readonly difference?: number;
  readonly n?: number;
  readonly power?: number;
  readonly level?: number;
  readonly designEffect?: number;
  readonly json?: boolean;
}

/** Items for a difference, the difference for items, or the power of both. */
export async function power(options: PowerCommandOptions, io: Io): Promise<number> {
  const bench = await loadBench();
  const { difference, n, json, discordance = 0.2, power: wanted = 0.8, level = 0.05, designEffect = 1 } = options;
  if (difference === undefined && n === undefined)
    throw new UsageError('Name a --difference to find, a number of items with --n, or both.');
  const assumed = { discordance, power: wanted, level, designEffect };
  const answer = {
    ...assumed,
    ...(difference === undefined ? {} : { difference, itemsNeeded: bench.pairedSampleSize(difference, assumed) }),
    ...(n === undefined ? {} : { n, smallestDetectable: bench.smallestDetectableDifference(n, assumed) ?? null }),
    ...(n === undefined || difference === undefined ? {} : { powerReached: bench.pairedPower(n, difference, assumed) }),
  };
  if (json === true) {
    io.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
    return benchExitCodes.pass;
  }
  const lines: string[] = [];
  if (answer.itemsNeeded !== undefined)
    lines.push(
      `A difference of ${((difference ?? 0) * 100).toFixed(1)} points takes ${wholeNumberText(answer.itemsNeeded)} items.`,
    );
  if (answer.smallestDetectable !== undefined)
    lines.push(
      answer.smallestDetectable === null
        ? `${wholeNumberText(n ?? 0)} items find no difference that often.`
        : `${wholeNumberText(n ?? 0)} items find a difference of ${(answer.smallestDetectable * 100).toFixed(1)} points or more.`,
    );
  if (answer.powerReached !== undefined)
    lines.push(`Together they are found with a chance of ${percent(answer.powerReached)}.`);
  lines.push(
    `(discordance ${discordance}, power ${wanted}, level ${level}, design effect ${designEffect}; McNemar's test, pairs on the same items)`,
  );
  io.stdout.write(`${lines.join('\n')}\n`);
  return benchExitCodes.pass;
}
