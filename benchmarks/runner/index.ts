/** The runner room: from a choice of suites and models to a folder of items, responses and scores. */

export { baselineIds, createBaseline, type BaselineId } from './baselines.js';
export { AdaptiveConcurrency, type ConcurrencyOptions } from './concurrency.js';
export { dryRun, refuseUnpriced, type DryRunOptions, type ModelForecast } from './dry-run.js';
export { callKey, type Answer, type BenchCall, type Executed, type Executor } from './executor.js';
export { differences, manifestVersion, readManifest, type Manifest, type ManifestOptions } from './manifest.js';
export { ReplayExecutor } from './replay-executor.js';
export { folderCache, type ResponseCache } from './response-cache.js';
export { defaultMaxOutputTokens, runBenchmark } from './run.js';
export {
  defaultItems,
  drawItems,
  gatherItems,
  type ChosenSuite,
  type DrawnItems,
  type GatheredItems,
  type ItemChoice,
} from './run-items.js';
export type { RunOptions, RunProgress, RunResult } from './run-options.js';
export { bestOfEach, readResponses, scoreRun, type ScoredRun, type StoredResponses } from './score-run.js';
