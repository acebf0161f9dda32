/** The models of an estimate: those that were named, all that take pictures, or the newest few of each vendor. */

import { createOcelli, OcelliError, listModels, type ModelRow } from '../index.js';
import { rowOf } from '../estimate/index.js';
import type { Problem } from './find-files.js';
import { UsageError, type Io } from './io.js';

export interface ChosenModels {
  readonly rows: readonly ModelRow[];
  readonly problems: readonly Problem[];
}

/** Without `--model` and `--all`: so many of each vendor. */
const newestOfEach = 3;

/**
 * @param date ISO date: models that are gone by then are not among all
 * @throws UsageError when both are given, or the list is empty
 */
export async function chooseModels(
  model: string | undefined,
  all: boolean,
  date: string,
  io: Io,
): Promise<ChosenModels> {
  if (model !== undefined && all) throw new UsageError('Give --model or --all, not both.');
  if (model === undefined) return { rows: all ? lookingModels(date) : newestModels(date), problems: [] };
  const ids = model
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (ids.length === 0) throw new UsageError('--model is empty; give provider:model-id, several separated by commas.');
  const rows = new Set<ModelRow>();
  const problems: Problem[] = [];
  for (const id of ids) {
    try {
      rows.add((await localRowOf(id, io)) ?? rowOf({ model: id }));
    } catch (error) {
      if (!OcelliError.isInstance(error)) throw error;
      problems.push({ subject: `--model ${id}`, message: error.message });
    }
  }
  return { rows: [...rows], problems };
}

/** Models of this machine count with their own files, and only those that were named are looked at. */
async function localRowOf(id: string, io: Io): Promise<ModelRow | undefined> {
  if (!id.startsWith('local:')) return undefined;
  return createOcelli({ environment: io.environment }).findModel(id);
}

function lookingModels(date: string): ModelRow[] {
  return listModels().filter(
    (row) =>
      row.capabilities.input.includes('image') &&
      row.retired !== true &&
      (row.retiresOn === undefined || row.retiresOn >= date),
  );
}

function newestModels(date: string): ModelRow[] {
  const taken = new Map<string, number>();
  return lookingModels(date).filter((row) => {
    if (row.prices.length === 0) return false;
    const vendor = row.id.slice(0, row.id.indexOf(':'));
    const count = (taken.get(vendor) ?? 0) + 1;
    taken.set(vendor, count);
    return count <= newestOfEach;
  });
}
