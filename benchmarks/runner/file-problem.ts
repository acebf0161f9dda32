/** Says in a sentence why a file of a run cannot be written or read. */

import { OcelliError } from '../../src/index.js';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space, then go on with --resume',
  EDQUOT: 'the disk quota is used up; free some space, then go on with --resume',
  EFBIG: 'it would be larger than this system allows; free some space or raise the limit, then go on with --resume',
  EACCES: 'this user may not; check the permissions of the folder',
  EPERM: 'this user may not; check the permissions of the folder',
  EROFS: 'the file system is read-only; name another folder with --out',
  ENOTDIR: 'a part of the path is a file; name another folder with --out',
  EEXIST: 'a file of that name is in the way; name another folder with --out',
};

/** An error of a file as an `OcelliError`; one that is an `OcelliError` already stays as it is. */
export function fileProblem(path: string, error: unknown, what = 'written'): OcelliError {
  if (OcelliError.isInstance(error)) return error;
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return new OcelliError('invalid-request', `"${path}" cannot be ${what}: ${reasons[code] ?? code}.`);
}
