/** Where a path leads once all links are followed. */

import { realpathSync } from 'node:fs';

/**
 * By the system where it can: it asks once where Node's own way looks at every folder above. Some virtual drives (RAM disks on Windows) and
 * systems without /proc can not.
 *
 * @throws what Node says about a file that does not exist
 */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return realpathSync(path);
  }
}
