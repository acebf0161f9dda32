/** Loads a suite of one's own from a module: `--suite ./mine.mjs`. */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OcelliError } from '../../src/index.js';
import type { Suite } from './suite.js';

/**
 * The suite that a module exports as `default` or `suite`. The module's code is run.
 *
 * @throws OcelliError `invalid-request` for a file that cannot be loaded or exports none
 * @example
 * const suite = await loadSuite('./mine.mjs');
 */
export async function loadSuite(path: string): Promise<Suite> {
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new OcelliError(
      'invalid-request',
      `The suite "${path}" could not be loaded: ${error instanceof Error ? error.message : String(error)}. Name an ES module (.mjs) that exports a suite as default.`,
    );
  }
  const suite = (module['default'] ?? module['suite']) as Partial<Suite> | undefined;
  const problem = problemOf(suite);
  if (problem !== undefined)
    throw new OcelliError(
      'invalid-request',
      `The suite of "${path}" ${problem}. Export as default an object with name, version, description, generators, levels, subtasks and items().`,
    );
  return suite as Suite;
}

function problemOf(suite: Partial<Suite> | undefined): string | undefined {
  if (typeof suite !== 'object' || suite === null) return 'is not there: the module exports neither default nor suite';
  if (typeof suite.name !== 'string' || !/^[\w.-]{1,60}$/.test(suite.name))
    return 'has no usable name: expected up to 60 letters, digits, ".", "_" or "-"';
  if (!Number.isInteger(suite.version)) return 'has no version: expected a whole number';
  for (const field of ['generators', 'levels', 'subtasks'] as const)
    if (!Array.isArray(suite[field])) return `has no list "${field}"`;
  return typeof suite.items === 'function' ? undefined : 'has no function items()';
}
