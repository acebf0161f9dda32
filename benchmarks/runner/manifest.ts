/** The manifest of a run: what was asked of whom, with which versions and options, when, and how far it came. */

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { OcelliError } from '../../src/index.js';
import { writeWhole } from './write-whole.js';

/** Raised with every change that an older reader would misread. */
export const manifestVersion = 1;

/** What makes a run the run it is: a resumed run must have the same. Limits such as the budget are no part of it. */
const optionsSchema = z.object({
  suites: z.array(z.object({ name: z.string(), version: z.number(), path: z.string().exactOptional() })),
  levels: z.array(z.number()),
  /** Items of each suite and level; null: as many as the suite or file gives unasked. */
  n: z.number().nullable(),
  seed: z.number(),
  twins: z.boolean(),
  /** Art, fonts and words of training. */
  look: z.literal('seen').exactOptional(),
  models: z.array(z.string()),
  prompts: z.number(),
  repeats: z.number(),
  maxOutputTokens: z.number(),
  detail: z.string().exactOptional(),
  temperature: z.number().exactOptional(),
  system: z.string().exactOptional(),
  fit: z.enum(['vendor', 'limits', 'off']),
  unsupported: z.enum(['error', 'warn']),
});

const manifestSchema = z.object({
  record: z.literal('manifest'),
  version: z.literal(manifestVersion),
  name: z.string(),
  status: z.enum(['running', 'partial', 'complete']),
  /** Some of what was planned has no answer, for want of time, money or an answering server. */
  partial: z.boolean(),
  /** Why it is partial, in a sentence. */
  reason: z.string().exactOptional(),
  /** ISO 8601; of the first start and of the last change. */
  startedAt: z.string(),
  updatedAt: z.string(),
  finishedAt: z.string().exactOptional(),
  versions: z.object({
    ocelli: z.string(),
    node: z.string(),
    platform: z.string(),
    records: z.number(),
    parser: z.number(),
  }),
  options: optionsSchema,
  /** Generators by name, that suites draw with and models were trained on. */
  generators: z.array(z.string()),
  trainedOn: z.record(z.string(), z.array(z.string())),
  /** Ids that the servers returned, by the model asked for. */
  servedModels: z.record(z.string(), z.array(z.string())),
  counts: z.object({
    items: z.number(),
    calls: z.number(),
    answered: z.number(),
    failed: z.number(),
    skipped: z.number(),
  }),
  budget: z.object({ usd: z.number().exactOptional(), usdPerModel: z.number().exactOptional() }).exactOptional(),
  /** Lines of item files that were left out. */
  problems: z.array(z.object({ where: z.string(), reason: z.string() })),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestOptions = Manifest['options'];

/**
 * The manifest at a path; undefined where there is none.
 *
 * @throws OcelliError `invalid-request` for one that is damaged, or of a later version
 */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new OcelliError('invalid-request', `"${path}" cannot be read (${code ?? 'unknown error'}).`);
  }
  const value = parsed(text);
  const version = (value as { version?: unknown } | undefined)?.version;
  if (typeof version === 'number' && version > manifestVersion)
    throw new OcelliError(
      'invalid-request',
      `"${path}" is of version ${version}; this release reads up to version ${manifestVersion}. Update ocelli to read it.`,
    );
  const read = manifestSchema.safeParse(value);
  if (read.success) return read.data;
  throw new OcelliError(
    'invalid-request',
    `"${path}" is no manifest of a run, or is damaged. Put a copy back, or name another folder with --out.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  await writeWhole(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The options in which two runs differ, said in words; empty where it is the same run. */
export function differences(stored: ManifestOptions, wanted: ManifestOptions): readonly string[] {
  const names = new Set([...Object.keys(stored), ...Object.keys(wanted)]) as Set<keyof ManifestOptions>;
  return [...names]
    .filter((name) => JSON.stringify(stored[name]) !== JSON.stringify(wanted[name]))
    .map((name) => `${name} was ${shown(stored[name])} and is ${shown(wanted[name])}`);
}

function shown(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value).slice(0, 120);
}
