/** The only file that touches the engine: finds the model's folder, loads it on first use, shares it in the process. */

import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundledFolder, bundledModels } from '../../local-model/engine/bundled.js';
import { findPulledModel, parseModelName } from '../../local-model/engine/hub/cache.js';
import type {
  DualEncoder,
  Engine,
  EngineEvent,
  EngineOptions,
  LoadOptions,
  PictureOptions,
  PictureSize,
  PictureTokens,
  PromptCounter,
  PromptTokens,
} from '../../local-model/engine/index.js';
import { OcelliError } from '../../src/errors/index.js';
import type { Limits } from '../../src/models/index.js';
import { abortedError } from './errors.js';
import type { LocalBody } from './to-wire.js';

export type LocalEvent = EngineEvent;

/** What the adapter needs of an engine; `ocelli/local` makes them, tests script them. */
export type LocalEngine = Pick<Engine, 'generate' | 'countTokens' | 'close'> & { readonly closed?: boolean };

/** Tokens of a picture by its size. */
type PictureCounter = (size: PictureSize, options?: PictureOptions) => PictureTokens;

/** Opens the engine of a folder; called for every request, so it should keep what it opened. */
export type OpenEngine = (options: EngineOptions) => Promise<LocalEngine>;

export interface LocalTarget {
  readonly openEngine: OpenEngine | undefined;
  readonly load: LoadOptions & Pick<EngineOptions, 'idleUnloadMs'>;
  /** Where downloaded models are looked for. */
  readonly cacheFolder: string;
}

/** What is kept open and can be let go. */
interface Open {
  readonly closed?: boolean;
  close(): Promise<void>;
}

/** One model per folder and way of loading, for the whole process: weights are too big to have twice. */
class SharedModels<T extends Open> {
  readonly #open = new Map<string, Promise<T>>();

  async get(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.#open.get(key);
    if (known !== undefined) {
      const model = await known;
      if (model.closed !== true) return model;
      if (this.#open.get(key) === known) this.#open.delete(key);
      return this.get(key, load);
    }
    const opening = load();
    this.#open.set(key, opening);
    // A failed load is tried again at the next call: the folder may have been put right.
    opening.catch(() => {
      if (this.#open.get(key) === opening) this.#open.delete(key);
    });
    return opening;
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((model) => model.then((loaded) => loaded.close()).catch(() => undefined)));
  }
}

const engines = new SharedModels<LocalEngine>();
const encoders = new SharedModels<DualEncoder>();

/** The engine's events for a request; loading is waited for only as long as the caller waits. */
export async function* openStream(
  target: LocalTarget,
  body: LocalBody,
  signal: AbortSignal,
): AsyncGenerator<LocalEvent, void> {
  const engine = await openEngine(target, body.model, signal);
  yield* engine.generate(body, { signal });
}

export async function countTokens(target: LocalTarget, body: LocalBody, signal: AbortSignal): Promise<PromptTokens> {
  const engine = await openEngine(target, body.model, signal);
  return engine.countTokens(body, { signal });
}

/**
 * Releases the weights of every local model that this process has loaded. The next call loads again.
 *
 * @example
 * await closeLocalEngines(); // before a long stretch without local calls
 */
export async function closeLocalEngines(): Promise<void> {
  await Promise.all([engines.close(), encoders.close()]);
}

/** A bundled id; what is no folder but reads like a hub model is one; every other id is a path. */
function folderOf(modelId: string, cacheFolder: string): string {
  const own = bundledFolder(modelId);
  if (own !== undefined) return own;
  if (parseModelName(modelId) === undefined || isFolder(modelId)) return resolve(modelId);
  const pulled = findPulledModel(cacheFolder, modelId);
  if (pulled !== undefined) return pulled.folder;
  throw new OcelliError(
    'local-model',
    `The model ${modelId} has not been downloaded, and there is no such folder. Run \`npx ocelli pull ${modelId}\` first.`,
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The id of the bundled dual encoder, where this copy of the package has one. */
export function bundledEncoder(): string | undefined {
  return bundledModels().find(({ purpose }) => purpose === 'embed')?.id;
}

/** Larger files are no model configuration. */
const maxConfigBytes = 1024 ** 2;

/**
 * The limits that a folder's config.json states; empty when it is unreadable or not downloaded yet, which the call then explains;
 * `undefined` for what cannot be a model.
 */
export function folderLimits(modelId: string, cacheFolder: string): Limits | undefined {
  let folder: string;
  try {
    folder = folderOf(modelId, cacheFolder);
  } catch {
    return {};
  }
  if (!isFolder(folder)) return undefined;
  const context = statedContext(join(folder, 'config.json'));
  return context === undefined ? {} : { contextTokens: context, maxOutputTokens: context };
}

function statedContext(file: string): number | undefined {
  try {
    if (statSync(file).size > maxConfigBytes) return undefined;
    const config = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly text_config?: { readonly max_position_embeddings?: unknown };
      readonly max_position_embeddings?: unknown;
    };
    const context = config.text_config?.max_position_embeddings ?? config.max_position_embeddings;
    return typeof context === 'number' && context >= 1 ? Math.floor(context) : undefined;
  } catch {
    return undefined;
  }
}

async function openEngine(target: LocalTarget, modelId: string, signal: AbortSignal): Promise<LocalEngine> {
  if (signal.aborted) throw abortedError();
  const options: EngineOptions = { folder: folderOf(modelId, target.cacheFolder), ...target.load };
  const opening = target.openEngine === undefined ? sharedEngine(options) : target.openEngine(options);
  return unlessAborted(opening, signal);
}

async function sharedEngine(options: EngineOptions): Promise<LocalEngine> {
  return engines.get(JSON.stringify(options), async () => {
    const { loadEngine } = await import('../../local-model/engine/index.js');
    return loadEngine(options);
  });
}

/** Counters that were asked for last; each holds a tokenizer of some ten megabytes. */
const counters = new Map<string, Promise<PromptCounter>>();
const mostCounters = 4;

/**
 * Counts a model's tokens without loading its weights.
 *
 * @throws OcelliError `local-model`
 */
export async function openCounter(target: LocalTarget, modelId: string): Promise<PromptCounter> {
  const folder = folderOf(modelId, target.cacheFolder);
  const files = ['config.json', 'tokenizer.json'].map((name) =>
    statSync(join(folder, name), { throwIfNoEntry: false }),
  );
  const key = JSON.stringify([folder, files.map((file) => [file?.mtimeMs, file?.size])]);
  const known = counters.get(key);
  if (known !== undefined) return known;
  const opening = loadCounter(folder);
  counters.set(key, opening);
  opening.catch(() => counters.delete(key));
  const [oldest] = counters.keys();
  if (counters.size > mostCounters && oldest !== undefined) counters.delete(oldest);
  return opening;
}

async function loadCounter(folder: string): Promise<PromptCounter> {
  const { loadPromptCounter } = await import('../../local-model/engine/index.js');
  return loadPromptCounter(folder);
}

/** Counts pictures alone, by the folder's JSON; `undefined` where the folder is not usable, which a call then explains. */
export async function pictureCounter(target: LocalTarget, modelId: string): Promise<PictureCounter | undefined> {
  try {
    const folder = folderOf(modelId, target.cacheFolder);
    const { loadImageCounter } = await import('../../local-model/engine/index.js');
    return loadImageCounter(folder);
  } catch {
    return undefined;
  }
}

/** The dual encoder of a model, loaded on first use; loading is waited for only as long as the caller waits. */
export async function openEncoder(target: LocalTarget, modelId: string, signal: AbortSignal): Promise<DualEncoder> {
  if (signal.aborted) throw abortedError();
  const options = { folder: folderOf(modelId, target.cacheFolder), ...target.load };
  const opening = encoders.get(JSON.stringify(options), async () => {
    const { loadDualEncoder } = await import('../../local-model/engine/index.js');
    return loadDualEncoder(options);
  });
  return unlessAborted(opening, signal);
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      onAbort = () => reject(abortedError());
      signal.addEventListener('abort', onAbort, { once: true });
      promise.then(resolve, reject);
    });
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
