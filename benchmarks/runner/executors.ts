/** Finds for each model of a run what carries out its calls. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createFileLedger, createOcelli, OcelliError, type LedgerStore } from '../../src/index.js';
import type { ResponseRecord } from '../scoring/index.js';
import { createBaseline } from './baselines.js';
import { AdaptiveConcurrency } from './concurrency.js';
import type { Executor } from './executor.js';
import { LiveExecutor, type AskOptions } from './live-executor.js';
import { ModelLedger, settleRecorded, type Account } from './model-ledger.js';
import { PictureStore } from './picture-store.js';
import { ReplayExecutor } from './replay-executor.js';
import { folderCache } from './response-cache.js';
import type { RunOptions } from './run-options.js';
import { readResponses } from './score-run.js';

const defaultConcurrency = 16;
const defaultRetries = 4;
/** A benchmark has time: a provider that asks to wait is waited for. */
const retryPolicy = { maxDelayMs: 30_000, totalMs: 600_000 };

export interface Executors {
  readonly of: (model: string) => Executor;
  /** Reservations of processes that are gone. */
  readonly notes: readonly string[];
}

/** @param recorded every line of the responses so far, whose calls are booked where a killed process could not */
export async function openExecutors(
  options: RunOptions,
  ask: Omit<AskOptions, 'retries'>,
  recorded: readonly ResponseRecord[],
): Promise<Executors> {
  if (options.replay !== undefined) {
    const { responses } = await readResponses(options.replay);
    if (responses.length === 0)
      throw new OcelliError('invalid-request', `"${options.replay}" holds no responses to replay.`);
    const replay = new ReplayExecutor(responses);
    return { of: () => replay, notes: [] };
  }
  const books = await openBooks(options, recorded);
  const { models, prompts = 1, repeats = 1 } = options;
  const pictures = new PictureStore(join(options.folder, 'pictures'), models.length * prompts * repeats > 1);
  const cache = options.cache === undefined ? undefined : folderCache(options.cache);
  const now = options.now ?? Date.now;
  const live = (model: string): Executor => {
    const accounts = books.accountsOf(model);
    const [first] = accounts;
    const ledger = first === undefined ? undefined : new ModelLedger(accounts);
    const isLocal = model.startsWith('local:');
    return new LiveExecutor({
      name: isLocal ? 'local' : 'live',
      ocelli: createOcelli({
        ...options.ocelli,
        retry: { ...retryPolicy, ...options.ocelli?.retry },
        ...(first === undefined || ledger === undefined ? {} : { budget: first.budget, ledger: ledger.store() }),
      }),
      pictures,
      ask: { ...ask, retries: options.retries ?? defaultRetries },
      limit: new AdaptiveConcurrency({ most: isLocal ? 1 : (options.concurrency ?? defaultConcurrency) }),
      now,
      ...(ledger === undefined ? {} : { ledger }),
      ...(cache === undefined ? {} : { cache }),
    });
  };
  return {
    of: (model) => (model.startsWith('baseline:') ? createBaseline(model) : live(model)),
    notes: books.notes,
  };
}

interface Books {
  readonly accountsOf: (model: string) => readonly Account[];
  readonly notes: readonly string[];
}

async function openBooks(options: RunOptions, recorded: readonly ResponseRecord[]): Promise<Books> {
  const { budgetUsd, budgetUsdPerModel, folder } = options;
  const notes: string[] = [];
  const open = async (name: string, model?: string): Promise<LedgerStore> => {
    const path = join(folder, name);
    const store = createFileLedger(path);
    const left = await settleRecorded(
      store,
      model === undefined ? recorded : recorded.filter((response) => response.model === model),
    );
    if (left > 0)
      notes.push(
        `${left} calls were under way when an earlier process ended, and stay booked at their worst case: the provider may have billed them. "ocelli ledger release ${path}" gives them back.`,
      );
    return store;
  };
  const extra = options.allowUnpriced === true ? { allowUnpriced: true } : {};
  const whole =
    budgetUsd === undefined ? [] : [{ store: await open('ledger.jsonl'), budget: { usd: budgetUsd, ...extra } }];
  const own = new Map<string, Account>();
  if (budgetUsdPerModel !== undefined)
    for (const model of options.models)
      own.set(model, { store: await open(ledgerName(model), model), budget: { usd: budgetUsdPerModel, ...extra } });
  return {
    accountsOf: (model) => {
      const account = own.get(model);
      return account === undefined ? whole : [...whole, account];
    },
    notes,
  };
}

/** Ids may hold what file names may not, and two of them may differ in nothing else. */
function ledgerName(model: string): string {
  const digest = createHash('sha256').update(model).digest('hex').slice(0, 6);
  return `ledger-${model.replace(/[^\w.-]+/g, '-').slice(0, 60)}-${digest}.jsonl`;
}

/**
 * Prepares a call to each model without sending it, so that a missing key, a misspelt id or an option that the model does not take is
 * told before anything is drawn or paid for.
 *
 * @throws OcelliError with the model's name
 */
export async function checkModels(options: RunOptions, ask: Omit<AskOptions, 'retries'>): Promise<void> {
  if (options.replay !== undefined) return;
  const ocelli = createOcelli(options.ocelli);
  const budgeted = options.budgetUsd !== undefined || options.budgetUsdPerModel !== undefined;
  for (const model of options.models) {
    if (model.startsWith('baseline:')) {
      createBaseline(model);
      continue;
    }
    const [prepared] = await ocelli.prepare({ model, prompt: 'How many?', images: [greyPicture], ...ask });
    if (prepared?.status !== 'ready')
      throw prepared?.error ?? new OcelliError('model-not-found', `There is no model "${model}".`);
    if (budgeted && options.allowUnpriced !== true && prepared.estimate?.money === undefined)
      throw new OcelliError(
        'budget-exceeded',
        `No price of ${model} is known, so that a budget cannot be kept. Leave the model or the budget out, or allow it with --allow-unpriced.`,
        { model },
      );
  }
}

/** A picture of 32 × 32 pixels, for a call that is not sent. */
const greyPicture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAMAAABEpIrGAAAAA1BMVEWIiIhYZW6zAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEklEQVQ4y2NgGAWjYBSMAuwAAAQgAAFWu83mAAAAAElFTkSuQmCC',
  'base64',
);
