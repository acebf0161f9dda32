/** Reads a run's folder: manifest, items, responses, scores and pictures, as far as they are there, and says what was damaged. */

import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { findModel, OcelliError } from '../../src/index.js';
import {
  itemSchema,
  readRecords,
  responseSchema,
  scoreResponse,
  scoreSchema,
  type ItemRecord,
  type ResponseRecord,
  type ScoreRecord,
} from '../scoring/index.js';
import { bestOfEach } from '../runner/index.js';

const manifestSchema = z.looseObject({
  name: z.string().optional(),
  startedAt: z.string().optional(),
  finishedAt: z.string().optional(),
  /** `complete`, or why it stopped. */
  status: z.string().optional(),
  partial: z.boolean().optional(),
  /** Generators that a model's training saw, by model id. */
  trainedOn: z.record(z.string(), z.array(z.string())).optional(),
  /** Generators that the suites draw with. */
  generators: z.array(z.string()).optional(),
  /** Why the run is partial. */
  reason: z.string().optional(),
});

/** What the report needs of a run, wherever it came from. */
export interface RunRecords {
  readonly name: string;
  readonly items: ReadonlyMap<string, ItemRecord>;
  readonly responses: readonly ResponseRecord[];
  readonly scores: readonly ScoreRecord[];
  /** Names of generators that each model was trained on. */
  readonly trainedOn: Readonly<Record<string, readonly string[]>>;
  /** Names of generators that suites draw with whose items do not say it. */
  readonly generators: readonly string[];
  /** ISO 8601, where the manifest says it. */
  readonly startedAt?: string;
  /** The run was stopped before its end. */
  readonly partial: boolean;
  /** What a reader must know: damaged lines, missing files. */
  readonly notes: readonly string[];
  /** The bytes of a picture; undefined where it is missing or is another than its name says. */
  readonly readPicture: (sha256: string) => Promise<Uint8Array | undefined>;
}

/**
 * Reads a run's folder. Damaged lines are counted in the notes; where there are no scores, the responses are scored.
 *
 * @throws OcelliError `invalid-request` where the folder holds no run, or one of a later version.
 * @example
 * const run = await readRun('runs/2026-11-24-counting');
 */
export async function readRun(folder: string): Promise<RunRecords> {
  const notes: string[] = [];
  const items = await readFileOf(folder, 'items.jsonl', itemSchema, notes);
  const written = await readFileOf(folder, 'responses.jsonl', responseSchema, notes);
  const responses = written === undefined ? undefined : bestOfEach(written);
  const stored = await readFileOf(folder, 'scores.jsonl', scoreSchema, notes);
  if (stored === undefined && (items === undefined || responses === undefined))
    throw new OcelliError(
      'invalid-request',
      `"${folder}" holds no run: expected scores.jsonl, or items.jsonl with responses.jsonl. Name the folder that "ocelli bench run" wrote.`,
    );
  const byId = new Map((items ?? []).map((item) => [item.id, item]));
  const scores = stored ?? scoreAll(byId, responses ?? [], notes);
  if (scores.length === 0)
    throw new OcelliError(
      'invalid-request',
      `The run in "${folder}" has no scores yet; let it answer some items first.`,
    );
  if (responses !== undefined && responses.length > scores.length)
    notes.push(
      `${responses.length - scores.length} responses have no score yet; score the run again with "ocelli bench score"`,
    );
  const manifest = await readManifest(folder, notes);
  const unfinished = manifest.status !== undefined && manifest.status !== 'complete';
  if (manifest.reason !== undefined) notes.push(manifest.reason);
  if ((items ?? []).some(({ look }) => look === 'seen'))
    notes.push('The pictures are new scenes in the art, fonts and words that training shows (--look seen).');
  return {
    name: manifest.name ?? basename(resolve(folder)),
    items: byId,
    responses: responses ?? [],
    scores,
    trainedOn: trainedOnOf(
      scores.map(({ model }) => model),
      manifest.trainedOn ?? {},
    ),
    generators: manifest.generators ?? [],
    ...(manifest.startedAt === undefined ? {} : { startedAt: manifest.startedAt }),
    partial: manifest.partial === true || unfinished || scores.some(({ outcome }) => outcome === 'budget-skipped'),
    notes,
    readPicture: (sha256) => readPicture(folder, sha256),
  };
}

/** The generators that models were trained on: what the manifest says, else what the catalogue's row says. */
export function trainedOnOf(
  models: readonly string[],
  stated: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = {};
  for (const model of new Set(models)) {
    const row = findModel(model) as { readonly trainedOn?: readonly string[] } | undefined;
    const generators = stated[model] ?? row?.trainedOn;
    if (generators !== undefined && generators.length > 0) found[model] = generators;
  }
  return found;
}

async function readFileOf<T extends z.ZodType>(
  folder: string,
  name: string,
  schema: T,
  notes: string[],
): Promise<readonly z.infer<T>[] | undefined> {
  const text = await readText(join(folder, name));
  if (text === undefined) return undefined;
  const { records, problems, halfWritten } = readRecords(text, schema);
  const [first] = problems;
  if (first !== undefined)
    notes.push(
      `${name}: ${problems.length} lines could not be read, the first is line ${first.line} (${first.reason})`,
    );
  if (halfWritten) notes.push(`${name}: the last line is half-written and was left out`);
  return records;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new OcelliError(
      'invalid-request',
      `"${path}" could not be read (${codeOf(error)}). Check the path and its permissions.`,
    );
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

async function readManifest(folder: string, notes: string[]): Promise<z.infer<typeof manifestSchema>> {
  const text = await readText(join(folder, 'manifest.json'));
  if (text === undefined) return {};
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    notes.push('manifest.json could not be read; dates, and what models were trained on, may be missing');
    return {};
  }
}

function scoreAll(
  items: ReadonlyMap<string, ItemRecord>,
  responses: readonly ResponseRecord[],
  notes: string[],
): ScoreRecord[] {
  const scores: ScoreRecord[] = [];
  let orphans = 0;
  for (const response of responses) {
    const item = items.get(response.itemId);
    if (item === undefined) orphans++;
    else scores.push(scoreResponse(item, response));
  }
  if (orphans > 0) notes.push(`responses.jsonl: ${orphans} responses are to items that items.jsonl does not hold`);
  return scores;
}

const pictureEndings = ['png', 'jpg', 'webp', 'gif', 'bin'];

async function readPicture(folder: string, sha256: string): Promise<Uint8Array | undefined> {
  for (const ending of pictureEndings) {
    const bytes = await readFile(join(folder, 'pictures', `${sha256}.${ending}`)).catch(() => undefined);
    if (bytes !== undefined) return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
  }
  return undefined;
}

/**
 * The run that was written to last, in a folder of runs.
 *
 * @returns undefined where there is none
 */
export async function latestRun(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  let latest: { readonly path: string; readonly time: number } | undefined;
  for (const name of names) {
    const path = join(folder, name);
    const times = await Promise.all(
      ['scores.jsonl', 'responses.jsonl'].map((file) =>
        stat(join(path, file)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      ),
    );
    const time = Math.max(...times);
    if (time > (latest?.time ?? 0)) latest = { path, time };
  }
  return latest?.path;
}
