/** The models that ship in this package: where they lie, and under which id they are asked for. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import { realPath } from './real-path.js';
import type { Dtype } from './request.js';

/** How every bundled graph is stored. Another file in a bundled folder came from elsewhere. */
export const bundledDtype: Dtype = 'q8';

export interface BundledModel {
  /** What stands behind `local:`. */
  readonly id: string;
  readonly folder: string;
  /** `answer`: a vision-language model; `embed`: a dual encoder. */
  readonly purpose: 'answer' | 'embed';
}

const all: readonly BundledModel[] = [
  { id: 'tiny', folder: 'local-model/weights', purpose: 'answer' },
  { id: 'tiny-clip', folder: 'local-model/dual-encoder', purpose: 'embed' },
];

/** The folder of a bundled model, whether it is there or not; `undefined` for any other id. */
export function bundledFolder(id: string): string | undefined {
  const model = all.find((candidate) => candidate.id === id);
  return model === undefined ? undefined : join(packageRoot() ?? '.', model.folder);
}

/** @param folder a real path: one that leads over no links */
export function isBundled(folder: string): boolean {
  const root = packageRoot();
  if (root === undefined) return false;
  return modelsIn(root).some((model) => realPath(model.folder) === folder);
}

/**
 * Those that this copy of the package has.
 *
 * @example
 * for (const { id, folder } of bundledModels()) show(`local:${id}`, folder);
 */
export function bundledModels(): readonly BundledModel[] {
  return modelsIn(packageRoot() ?? '.');
}

function modelsIn(root: string): readonly BundledModel[] {
  return all
    .map((model) => ({ ...model, folder: join(root, model.folder) }))
    .filter(({ folder }) => existsSync(join(folder, 'config.json')));
}
