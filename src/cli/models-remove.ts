/** `ocelli models remove`: takes a downloaded model out of the cache. */

import { exitCodes, printable, type Io } from './io.js';

export async function removeModel(model: string, io: Io): Promise<number> {
  const { modelCacheFolder, removePulledModel } = await import('../../local-model/engine/index.js');
  const name = model.replace(/^local:/, '');
  const cacheFolder = modelCacheFolder(io.environment);
  const folders = removePulledModel(cacheFolder, name);
  for (const folder of folders) io.stdout.write(`removed ${printable(folder)}\n`);
  if (folders.length > 0) return exitCodes.answered;
  io.stderr.write(`error: ${printable(name)} is not in ${printable(cacheFolder)}.\n`);
  return exitCodes.failed;
}
