/** Writes a file in one step: whoever reads it sees the old one or the new one, never half of either. */

import { randomUUID } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { fileProblem } from './file-problem.js';

/** @throws OcelliError `invalid-request` when it cannot be written; what was there before stays */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const aside = `${path}.${randomUUID()}.new`;
  try {
    const handle = await open(aside, 'w', 0o644);
    try {
      await handle.writeFile(content);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
  } catch (error) {
    await unlink(aside).catch(() => undefined);
    throw fileProblem(path, error);
  }
}
