/** What a run is told, and what it tells. */

import type { Detail, OcelliOptions } from '../../src/index.js';
import type { ResponseRecord } from '../scoring/index.js';
import type { ItemChoice } from './run-items.js';
import type { Manifest } from './manifest.js';

export interface RunOptions extends ItemChoice {
  /** Where everything of the run is written. */
  readonly folder: string;
  /** `provider:model-id`, or a baseline. */
  readonly models: readonly string[];
  /** Wordings of each question that are asked; an item with fewer is asked those it has. Default 1. */
  readonly prompts?: number;
  /** How often each wording is asked. Default 1. */
  readonly repeats?: number;
  readonly detail?: Detail;
  readonly temperature?: number;
  readonly system?: string;
  /** Most tokens of an answer. Default 1,024. */
  readonly maxOutputTokens?: number;
  /** What is done to pictures that a model would scale down. Default `off`, the very picture; with a `detail`: `vendor`. */
  readonly fit?: 'vendor' | 'limits' | 'off';
  /** What to do with an option that a model does not take. Default: an error. */
  readonly unsupported?: 'error' | 'warn';
  /** Retries of a call after its first attempt. Default 4. */
  readonly retries?: number;
  /** Most calls under way at one model. Default 16; a local model is asked one thing at a time. */
  readonly concurrency?: number;
  /** US dollars. */
  readonly budgetUsd?: number;
  readonly budgetUsdPerModel?: number;
  /** Ask models whose price is not known in spite of a budget. Default false. */
  readonly allowUnpriced?: boolean;
  /** Go on with the run in the folder. */
  readonly resume?: boolean;
  /** Answers come from the responses of the run in this folder; nothing is sent. */
  readonly replay?: string;
  /** A folder of answers by request, shared by runs. */
  readonly cache?: string;
  /** Version of ocelli, for the manifest. */
  readonly version?: string;
  /** Passed to `createOcelli`: environment, adapters, catalogue rows. */
  readonly ocelli?: Pick<
    OcelliOptions,
    'adapters' | 'models' | 'environment' | 'timeout' | 'retry' | 'media' | 'clock' | 'random'
  >;
  /** Stops the run; what was answered is kept. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface RunProgress {
  readonly step: 'drawing' | 'asking';
  /** Pictures, or calls. */
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  /** Milliseconds since this step began. */
  readonly elapsedMs: number;
  /** Done since this step began, earlier answers of a resumed run left out. */
  readonly doneNow: number;
}

export interface RunResult {
  readonly folder: string;
  readonly manifest: Manifest;
  /** One for each call that has any. */
  readonly responses: readonly ResponseRecord[];
  /** What a person should know: lines left out, reservations of dead processes, models that were given up. */
  readonly notes: readonly string[];
}
