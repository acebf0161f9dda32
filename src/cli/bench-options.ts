/** From words of the command line to the options of a run: suites loaded, lists split, a resumed run's own options filled in. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  dataSuites,
  findSuite,
  itemsOfFile,
  loadDataSuite,
  loadSuite,
  readManifest,
  suites as allSuites,
  type ChosenSuite,
  type Manifest,
  type RunOptions,
} from '../../benchmarks/index.js';
import type { Detail } from '../index.js';
import { UsageError } from './io.js';

export interface ItemOptions {
  readonly suite?: string;
  readonly items?: string;
  readonly level?: string;
  readonly n?: number;
  readonly seed?: number;
  readonly twins?: boolean;
  readonly look?: string;
  /** Folder of data sets. */
  readonly data?: string;
}

export interface BenchRunOptions extends ItemOptions {
  readonly model?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly prompts?: number;
  readonly repeats?: number;
  readonly detail?: string;
  readonly temperature?: number;
  readonly system?: string;
  readonly maxOutputTokens?: number;
  readonly fit?: string;
  readonly lenient?: boolean;
  readonly budgetUsd?: number;
  readonly budgetUsdPerModel?: number;
  readonly allowUnpriced?: boolean;
  readonly concurrency?: number;
  readonly retries?: number;
  readonly replay?: string;
  readonly cache?: string;
  readonly json?: boolean;
}

/** What the words say of items. */
export async function chosenItems(
  options: ItemOptions,
): Promise<Pick<RunOptions, 'suites' | 'levels' | 'n' | 'seed' | 'twins' | 'look'>> {
  return {
    suites: await chosenSuites(options),
    levels: options.level === undefined ? [1] : levelsOf(options.level),
    ...(options.n === undefined ? {} : { n: options.n }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.twins === undefined ? {} : { twins: options.twins }),
    ...(options.look === undefined ? {} : { look: lookOf(options.look) }),
  };
}

async function chosenSuites({ suite, items, data = 'data' }: ItemOptions): Promise<readonly ChosenSuite[]> {
  const own = items === undefined ? [] : [{ suite: await itemsOfFile(items), path: items }];
  if (suite === undefined) return own.length > 0 ? own : allSuites.map((known) => ({ suite: known }));
  const named = await Promise.all(listOf(suite, '--suite').map((name) => namedSuite(name, data)));
  return [...named, ...own];
}

async function namedSuite(name: string, data: string): Promise<ChosenSuite> {
  if (isModule(name)) return { suite: await loadSuite(name), path: name };
  return isDataSuite(name) ? storedSuite({ name, path: join(data, name) }) : { suite: findSuite(name) };
}

/** From where it was when the run was begun. */
async function storedSuite({ name, path }: { readonly name: string; readonly path?: string }): Promise<ChosenSuite> {
  if (path === undefined) return { suite: findSuite(name) };
  if (isModule(path)) return { suite: await loadSuite(path), path };
  return { suite: await (isDataSuite(name) ? loadDataSuite(name, path) : itemsOfFile(path)), path };
}

function isModule(name: string): boolean {
  return /\.[cm]?js$/.test(name);
}

function isDataSuite(name: string): boolean {
  return dataSuites.some((known) => known.name === name);
}

/** `1,2` or `1-3`. */
function levelsOf(text: string): readonly number[] {
  const levels = listOf(text, '--level').flatMap((word) => {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
    if (first === undefined) throw new UsageError(`--level: "${word}" is no level; expected 1 to 5, or such as 1-3.`);
    const from = Number(first);
    const to = last === undefined ? from : Number(last);
    if (to < from || to - from > 100) throw new UsageError(`--level: "${word}" is no range of levels.`);
    return Array.from({ length: to - from + 1 }, (_, place) => from + place);
  });
  return [...new Set(levels)];
}

export function listOf(text: string, option: string): readonly string[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) throw new UsageError(`${option} is empty.`);
  return [...new Set(words)];
}

/** The options of a run; `undefined` where the words name none and there is none to go on with. */
export async function runOptions(options: BenchRunOptions): Promise<RunOptions> {
  const resumed = options.resume === true ? await resumedRun(options.out) : undefined;
  const items = resumed === undefined ? await chosenItems(options) : await resumedItems(options, resumed.manifest);
  const before = resumed?.manifest.options;
  const models = options.model === undefined ? (before?.models ?? ['local:tiny']) : listOf(options.model, '--model');
  const detail = (options.detail ?? before?.detail) as Detail | undefined;
  const asked = {
    prompts: options.prompts ?? before?.prompts,
    repeats: options.repeats ?? before?.repeats,
    detail,
    temperature: options.temperature ?? before?.temperature,
    system: options.system ?? before?.system,
    maxOutputTokens: options.maxOutputTokens ?? before?.maxOutputTokens,
    fit: options.fit === undefined ? before?.fit : fitOf(options.fit),
    unsupported: options.lenient === true ? ('warn' as const) : before?.unsupported,
    retries: options.retries,
    concurrency: options.concurrency,
    budgetUsd: options.budgetUsd ?? resumed?.manifest.budget?.usd,
    budgetUsdPerModel: options.budgetUsdPerModel ?? resumed?.manifest.budget?.usdPerModel,
    allowUnpriced: options.allowUnpriced,
    replay: options.replay,
    cache: options.cache,
  };
  return {
    ...items,
    models,
    folder: resumed?.folder ?? options.out ?? newFolder(items.suites),
    resume: resumed !== undefined,
    ...defined(asked),
  };
}

function lookOf(text: string): 'unseen' | 'seen' {
  if (text === 'unseen' || text === 'seen') return text;
  throw new UsageError(`--look: "${text}" is neither unseen nor seen.`);
}

function fitOf(text: string): 'vendor' | 'limits' | 'off' {
  if (text === 'vendor' || text === 'limits' || text === 'off') return text;
  throw new UsageError(`--fit: "${text}" is none of vendor, limits and off.`);
}

interface ResumedRun {
  readonly folder: string;
  readonly manifest: Manifest;
}

async function resumedRun(out: string | undefined): Promise<ResumedRun> {
  const folder = out ?? (await latestFolder());
  if (folder === undefined)
    throw new UsageError('There is no run under runs/ to go on with; name its folder with --out.');
  const manifest = await readManifest(join(folder, 'manifest.json'));
  if (manifest === undefined)
    throw new UsageError(`"${folder}" holds no run to go on with. Leave --resume out to begin one.`);
  return { folder, manifest };
}

async function resumedItems(
  options: BenchRunOptions,
  { options: before }: Manifest,
): Promise<Pick<RunOptions, 'suites' | 'levels' | 'n' | 'seed' | 'twins' | 'look'>> {
  const named = options.suite !== undefined || options.items !== undefined;
  const n = options.n ?? before.n ?? undefined;
  return {
    suites: named ? await chosenSuites(options) : await Promise.all(before.suites.map(storedSuite)),
    levels: options.level === undefined ? before.levels : levelsOf(options.level),
    ...(n === undefined ? {} : { n }),
    seed: options.seed ?? before.seed,
    twins: options.twins ?? before.twins,
    look: options.look === undefined ? (before.look ?? 'unseen') : lookOf(options.look),
  };
}

const runsFolder = 'runs';

/** The run that was changed last, by its manifest. */
export async function latestFolder(): Promise<string | undefined> {
  let latest: { readonly folder: string; readonly at: string } | undefined;
  const names = existsSync(runsFolder) ? readdirSync(runsFolder) : [];
  for (const name of names) {
    const folder = join(runsFolder, name);
    const manifest = await readManifest(join(folder, 'manifest.json')).catch(() => undefined);
    if (manifest !== undefined && (latest === undefined || manifest.updatedAt > latest.at))
      latest = { folder, at: manifest.updatedAt };
  }
  return latest?.folder;
}

/** `runs/2026-11-24-counting`, with a number after it where that is there already. */
export function newFolder(suites: readonly ChosenSuite[], ending = ''): string {
  const day = new Date().toISOString().slice(0, 10);
  const name = suites
    .map(({ suite }) => suite.name)
    .join('+')
    .slice(0, 80);
  const folder = join(runsFolder, `${day}-${name}${ending}`);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? folder : `${folder}-${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
