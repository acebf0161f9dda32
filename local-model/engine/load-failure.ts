/** What is said of a graph that the runtime does not take. */

import { basename } from 'node:path';
import { OcelliError } from '../../src/errors/index.js';
import type { SessionFile } from './folder.js';
import { localModelError, reasonOf } from './local-model-error.js';
import { readExternalData } from './onnx-file.js';

/** The error to throw; errors of our own are said as they are. */
export function loadFailure(graph: string, file: SessionFile, error: unknown): OcelliError {
  if (OcelliError.isInstance(error)) return error;
  const reason = `The weights of ${graph} (${file.dtype}) could not be loaded: ${reasonOf(error)}`;
  if (file.isTrusted !== true) return localModelError(reason);
  const cure = 'Install ocelli again; `npx ocelli doctor` compares every file with its checksum.';
  try {
    // A trusted graph was not read over before. Doing so tells better what is wrong with it.
    readExternalData(file.path, basename(file.path));
  } catch (damage) {
    return localModelError(`A graph of the bundled model is damaged. ${reasonOf(damage)} ${cure}`);
  }
  return localModelError(`${reason} ${cure}`);
}
