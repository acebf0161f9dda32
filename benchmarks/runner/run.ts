/** Runs a benchmark: items, then answers to them, then scores, in one folder that can be gone on with after any end. */

import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { findModel, OcelliError } from '../../src/index.js';
import type { ItemRecord, ResponseRecord } from '../scoring/index.js';
import { callKey, type BenchCall } from './executor.js';
import { checkModels, openExecutors } from './executors.js';
import { LineFile } from './json-lines.js';
import { writeManifest, type Manifest, type ManifestOptions } from './manifest.js';
import { runQueue } from './model-queue.js';
import { openRunFolder, type OpenedFolder } from './run-folder.js';
import { drawItems, gatherItems, readItems } from './run-items.js';
import type { RunOptions, RunResult } from './run-options.js';
import { RunState } from './run-state.js';
import { bestOfEach, isFinal, readResponses, scoreRun } from './score-run.js';

export const defaultMaxOutputTokens = 1_024;

/**
 * Asks every model about every item and scores the answers. What is on the disk when it ends, however it ends, is kept: with `resume` the
 * same options go on from there.
 *
 * @throws OcelliError `invalid-request` for options that make no run, a folder of another run, files that cannot be written; what a model
 * fails with is a counted outcome
 * @example
 * const { manifest } = await runBenchmark({ folder: 'runs/mine', suites: [{ suite: findSuite('counting') }], models: ['local:tiny'] });
 */
export async function runBenchmark(options: RunOptions): Promise<RunResult> {
  checkOptions(options);
  await checkModels(options, askOptions(options));
  const now = options.now ?? Date.now;
  const opened = await openRunFolder({
    folder: options.folder,
    resume: options.resume ?? false,
    options: manifestOptions(options),
    version: options.version ?? 'unknown',
    now: now(),
  });
  try {
    return await runIn(opened, options, now);
  } finally {
    await opened.release();
  }
}

async function runIn(opened: OpenedFolder, options: RunOptions, now: () => number): Promise<RunResult> {
  const notes: string[] = [];
  let manifest: Manifest = withBudget({ ...opened.manifest, status: 'running', updatedAt: iso(now()) }, options);
  const items = await itemsOf(opened, options, now, (problems) => {
    manifest = { ...manifest, problems: [...problems] };
  });
  notes.push(...items.notes);
  const stored = await readResponses(options.folder);
  notes.push(...stored.notes);
  const calls = planCalls(items.records, options);
  manifest = {
    ...manifest,
    generators: generatorsOf(items.records, options),
    trainedOn: trainedOnOf(options.models),
    counts: { ...manifest.counts, items: items.records.length, calls: calls.length },
  };
  await writeManifest(opened.manifestPath, manifest);

  const done = stored.responses.filter((response) => isFinal(response));
  const {
    reasons,
    notes: told,
    responses,
  } = await askAll(calls, items.records, options, { now, done, all: stored.all });
  notes.push(...told);
  const best = bestOfEach([...stored.all, ...responses]);
  await scoreRun(options.folder);
  manifest = ended(manifest, best, reasons, now());
  await writeManifest(opened.manifestPath, manifest);
  return { folder: options.folder, manifest, responses: best, notes };
}

interface RunItems {
  readonly records: readonly ItemRecord[];
  readonly notes: readonly string[];
}

/** Those that the folder holds; drawn where an earlier start did not come to the end of drawing. */
async function itemsOf(
  opened: OpenedFolder,
  options: RunOptions,
  now: () => number,
  onProblems: (problems: Manifest['problems']) => void,
): Promise<RunItems> {
  const { folder, onProgress, signal } = options;
  const stored = opened.isNew ? undefined : await readItems(folder);
  if (stored !== undefined) return { records: stored.items, notes: stored.notes };
  const { items, problems } = await gatherItems(options);
  await writeManifest(opened.manifestPath, opened.manifest);
  const startedAt = now();
  const drawn = await drawItems(items, {
    folder,
    ...(signal === undefined ? {} : { signal }),
    onDrawn: (done) =>
      onProgress?.({
        step: 'drawing',
        planned: items.length,
        done,
        failed: 0,
        skipped: 0,
        inputTokens: 0,
        outputTokens: 0,
        usd: 0,
        elapsedMs: now() - startedAt,
        doneNow: done,
      }),
  });
  const left = [...problems, ...drawn.problems];
  onProblems(left);
  return { records: drawn.records, notes: left.map(({ where, reason }) => `left out: ${where}: ${reason}`) };
}

/** Every call of the run, model by model: all items once before any is repeated. */
export function planCalls(items: readonly ItemRecord[], options: RunOptions): readonly BenchCall[] {
  const { prompts = 1, repeats = 1 } = options;
  const calls: BenchCall[] = [];
  for (const model of options.models)
    for (let repeat = 0; repeat < repeats; repeat++)
      for (let prompt = 0; prompt < prompts; prompt++)
        for (const item of items) if (prompt < item.questions.length) calls.push({ item, model, prompt, repeat });
  return calls;
}

interface Asking {
  readonly now: () => number;
  /** Answers that need not be asked for again. */
  readonly done: readonly ResponseRecord[];
  /** Every line so far. */
  readonly all: readonly ResponseRecord[];
}

interface Asked {
  /** Why models were not asked everything. */
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  readonly responses: readonly ResponseRecord[];
}

async function askAll(
  calls: readonly BenchCall[],
  items: readonly ItemRecord[],
  options: RunOptions,
  { now, done, all }: Asking,
): Promise<Asked> {
  const executors = await openExecutors(options, askOptions(options), all);
  const answered = new Set(done.map((response) => callKey(response)));
  const byModel = options.models.map((model) => ({
    model,
    executor: executors.of(model),
    calls: calls.filter((call) => call.model === model && !answered.has(callKey({ ...call, itemId: call.item.id }))),
  }));
  for (const { executor, calls: left } of byModel) {
    if (left.length > 0) await executor.begin?.(items);
  }
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  // Every call under way listens.
  setMaxListeners(0, signal);
  const file = await LineFile.open(join(options.folder, 'responses.jsonl'));
  try {
    const state = new RunState({ file, planned: calls.length, before: done, now, onProgress: options.onProgress });
    const ends = await Promise.all(
      byModel.map(({ model, executor, calls: left }) =>
        runQueue({ model, executor, calls: left, state, signal }).catch((error: unknown) => {
          // What one cannot write, none can.
          stop.abort(error);
          throw error;
        }),
      ),
    );
    const reasons = ends.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
    if (options.signal?.aborted === true) reasons.push('it was stopped');
    return { reasons, notes: executors.notes, responses: state.responses.slice(done.length) };
  } finally {
    await file.close();
  }
}

function askOptions(options: RunOptions): Parameters<typeof openExecutors>[1] {
  return {
    maxOutputTokens: options.maxOutputTokens ?? defaultMaxOutputTokens,
    // A detail that was asked for is real on every model only where pictures may be scaled to it.
    fit: options.fit ?? (options.detail === undefined ? 'off' : 'vendor'),
    unsupported: options.unsupported ?? 'error',
    ...(options.detail === undefined ? {} : { detail: options.detail }),
    ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
    ...(options.system === undefined ? {} : { system: options.system }),
  };
}

/** The options as the manifest keeps them, defaults filled in. */
export function manifestOptions(options: RunOptions): ManifestOptions {
  return {
    suites: options.suites.map(({ suite: { name, version }, path }) => ({
      name,
      version,
      ...(path === undefined ? {} : { path }),
    })),
    levels: [...(options.levels ?? [1])],
    n: options.n ?? null,
    seed: options.seed ?? 0,
    twins: options.twins ?? false,
    ...(options.look === 'seen' ? { look: options.look } : {}),
    models: [...options.models],
    prompts: options.prompts ?? 1,
    repeats: options.repeats ?? 1,
    ...askOptions(options),
  };
}

function checkOptions(options: RunOptions): void {
  const refuse = (message: string): never => {
    throw new OcelliError('invalid-request', message);
  };
  if (options.suites.length === 0) refuse('No suite was named.');
  if (options.models.length === 0) refuse('No model was named.');
  if (new Set(options.models).size < options.models.length) refuse('A model was named twice.');
  for (const name of ['prompts', 'repeats', 'n', 'concurrency', 'maxOutputTokens'] as const) {
    const value = options[name] ?? 1;
    if (!Number.isInteger(value) || value < 1) refuse(`\`${name}\` was ${value}; expected a whole number from 1.`);
  }
  for (const name of ['budgetUsd', 'budgetUsdPerModel'] as const) {
    const value = options[name] ?? 0;
    if (!Number.isFinite(value) || value < 0) refuse(`\`${name}\` was ${value}; expected US dollars, 0 or more.`);
  }
}

function generatorsOf(items: readonly ItemRecord[], { suites }: RunOptions): string[] {
  const ofItems = items.flatMap(({ generator }) => (generator === undefined ? [] : [generator.name]));
  return [...new Set([...suites.flatMap(({ suite }) => suite.generators), ...ofItems])].sort();
}

function trainedOnOf(models: readonly string[]): Record<string, string[]> {
  const known = models.map((model): [string, string[]] => [model, [...(findModel(model)?.trainedOn ?? [])]]);
  return Object.fromEntries(known.filter(([, generators]) => generators.length > 0));
}

function withBudget(manifest: Manifest, { budgetUsd, budgetUsdPerModel }: RunOptions): Manifest {
  if (budgetUsd === undefined && budgetUsdPerModel === undefined) return manifest;
  const budget = {
    ...(budgetUsd === undefined ? {} : { usd: budgetUsd }),
    ...(budgetUsdPerModel === undefined ? {} : { usdPerModel: budgetUsdPerModel }),
  };
  return { ...manifest, budget };
}

function ended(
  { reason: _reason, finishedAt: _finishedAt, ...manifest }: Manifest,
  responses: readonly ResponseRecord[],
  reasons: readonly string[],
  now: number,
): Manifest {
  const skipped = responses.filter((response) => response.skipped !== undefined).length;
  const failed = responses.filter(({ error }) => error !== undefined).length;
  const answered = responses.length - skipped - failed;
  const open = responses.filter((response) => !isFinal(response)).length;
  const missing = manifest.counts.calls - responses.length;
  const partial = open + missing > 0;
  const why = [
    ...reasons,
    ...(open > skipped ? [open - skipped === 1 ? 'one call failed' : `${open - skipped} calls failed`] : []),
  ];
  return {
    ...manifest,
    status: partial ? 'partial' : 'complete',
    partial,
    ...(partial && why.length > 0 ? { reason: why.join('; ') } : {}),
    updatedAt: iso(now),
    ...(partial ? {} : { finishedAt: iso(now) }),
    servedModels: servedModelsOf(responses),
    counts: { ...manifest.counts, answered, failed, skipped },
  };
}

function servedModelsOf(responses: readonly ResponseRecord[]): Record<string, string[]> {
  const served = new Map<string, Set<string>>();
  for (const { model, servedModel } of responses) {
    if (servedModel === undefined) continue;
    served.set(model, (served.get(model) ?? new Set()).add(servedModel));
  }
  return Object.fromEntries([...served].map(([model, ids]) => [model, [...ids].sort()]));
}

function iso(now: number): string {
  return new Date(now).toISOString();
}
