/** Loads the harness when a command of `ocelli bench` is first used, and the exit codes that such commands share. */

import { OcelliError } from '../index.js';

/** A failure must not look like a verdict, whose codes are 1 and 2. */
export const benchExitCodes = { pass: 0, regression: 1, inconclusive: 2, failed: 3 } as const;

/**
 * The harness.
 *
 * @throws OcelliError `unsupported-input` where its optional packages are not installed.
 */
export async function loadBench() {
  try {
    return await import('../../benchmarks/index.js');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new OcelliError(
      'unsupported-input',
      'The benchmark needs packages that are not installed. Run: npm install zod @napi-rs/canvas',
    );
  }
}
