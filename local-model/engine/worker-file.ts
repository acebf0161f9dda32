/** Where the built entry of a thread lies. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/package-root.js';
import { localModelError } from './local-model-error.js';

/**
 * Always the built one, also when run from TypeScript source (tests): Node 20 cannot start TypeScript.
 *
 * @param name below the package's root
 * @throws OcelliError `local-model` when it is not there
 */
export function workerFile(name: string): URL {
  const root = packageRoot();
  const file = root === undefined ? undefined : join(root, name);
  if (file !== undefined && existsSync(file)) return pathToFileURL(file);
  throw localModelError(
    root === undefined
      ? 'The worker of the local engine is not found. Keep ocelli external when you bundle your program.'
      : 'The worker of the local engine is not built. Run `npm run build` first.',
  );
}
