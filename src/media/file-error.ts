/** What went wrong with a local file, in words. */

import type { Stats } from 'node:fs';
import { OcelliError } from '../errors/index.js';
import { capitalise } from './byte-limits.js';
import { describeSource } from './describe-source.js';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist. Check the path; relative paths start at the current folder, and ~ is not expanded',
  ENOTDIR: 'does not exist: a part of its path is not a folder',
  EACCES: 'may not be read. Check its permissions',
  EPERM: 'may not be read. Check its permissions',
  EISDIR: 'is a folder. Give the path of a file',
  ELOOP: 'is a circle of symbolic links',
  ENAMETOOLONG: 'has a name that is too long for a file. If it is base64 text, put "data:image/png;base64," before it',
  EMFILE: 'could not be opened: too many files are open. Close some, or raise the limit',
  ENFILE: 'could not be opened: too many files are open. Close some, or raise the limit',
  ENXIO: 'is not a regular file',
  ESPIPE: 'is a pipe or device. Give the path of a file',
};

/** Makes an `image-unreadable` of a file system failure; an `OcelliError` passes through. */
export function fileError(path: string, error: unknown): OcelliError {
  if (OcelliError.isInstance(error)) return error;
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = typeof code === 'string' ? (reasons[code] ?? `could not be read (${code})`) : 'could not be read';
  return new OcelliError('image-unreadable', `${capitalise(describeSource(path))} ${reason}.`);
}

export function notAFile(path: string, status: Stats): OcelliError {
  const what = status.isDirectory()
    ? 'a folder'
    : status.isFIFO()
      ? 'a named pipe'
      : status.isSocket()
        ? 'a socket'
        : 'a device';
  return new OcelliError(
    'image-unreadable',
    `${capitalise(describeSource(path))} is ${what}. Give the path of a file.`,
  );
}
