/** One process at a time: a lock that outlives nobody, since a holder that died is succeeded by exactly one of those who wait. */

import { randomUUID } from 'node:crypto';
import { readFile, readlink, symlink, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { OcelliError } from '../errors/index.js';
import { stateOf, thisProcess, type ProcessIdentity } from './process-identity.js';

export interface FileLockOptions {
  /** Milliseconds to wait for the lock. */
  readonly timeoutMs: number;
}

interface Holder extends ProcessIdentity {
  /** Of this one time that the lock is held; it never comes back. */
  readonly token: string;
}

/** What is known of a lock that is there. */
type Found = Holder | 'unreadable';

const longestPauseMs = 8;

/**
 * Runs `work` while no other process runs any under the same lock.
 *
 * @throws OcelliError `invalid-request` when the lock is held for too long
 */
export async function withFileLock<T>(path: string, options: FileLockOptions, work: () => Promise<T>): Promise<T> {
  const files = await acquire(path, options);
  try {
    return await work();
  } finally {
    // The first file first: whoever sees it gone knows that the rest means nothing any more.
    for (const file of files) await unlink(file).catch(() => undefined);
  }
}

/** The files that make up the lock, first first. */
async function acquire(path: string, { timeoutMs }: FileLockOptions): Promise<readonly string[]> {
  const mine: Holder = { token: randomUUID(), ...thisProcess() };
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const outcome = await tryOnce(path, mine);
    if ('files' in outcome) return outcome.files;
    if (performance.now() > deadline) throw lockedError(path, outcome.holder, timeoutMs);
    // Not in step with the others who wait.
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

type Outcome = { readonly files: readonly string[] } | { readonly holder: Found | undefined };

/**
 * A lock whose holder died is not removed, which two could do at once, but succeeded: by the file named after the dead one's token, which
 * only one can create. Its creator then looks whether the lock is still the one it read, since tokens never come back; whoever ends a lock
 * removes the first file before the others.
 */
async function tryOnce(path: string, mine: Holder): Promise<Outcome> {
  if (await create(path, mine)) return { files: [path] };
  const files = [path];
  const first = await read(path);
  for (let holder = first; ;) {
    if (holder === undefined || holder === 'unreadable' || stateOf(holder) !== 'dead') return { holder };
    const next = `${path}.${holder.token}`;
    files.push(next);
    if (await create(next, mine)) {
      const now = await read(path);
      if (isSame(first, now)) return { files };
      await unlink(next).catch(() => undefined);
      return { holder: now };
    }
    holder = await read(next);
  }
}

function isSame(first: Found | undefined, now: Found | undefined): boolean {
  return typeof first === 'object' && typeof now === 'object' && first.token === now.token;
}

/**
 * The holder is written into the target of a symbolic link: it is there in one step or not at all, so that no lock is ever half-written.
 * Where links are not allowed (Windows without the right to make them) a file has to do.
 *
 * @returns false when there is one already
 */
async function create(path: string, holder: Holder): Promise<boolean> {
  const text = JSON.stringify(holder);
  try {
    await symlink(text, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'ENOTSUP' && code !== 'UNKNOWN') throw error;
  }
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** `undefined` when there is no lock any more. */
async function read(path: string): Promise<Found | undefined> {
  try {
    const text = await readlink(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw error;
      return readFile(path, 'utf8');
    });
    const holder = JSON.parse(text) as Partial<Holder>;
    return typeof holder.token === 'string' && typeof holder.pid === 'number' ? (holder as Holder) : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}

function lockedError(path: string, holder: Found | undefined, timeoutMs: number): OcelliError {
  const by =
    holder === undefined || holder === 'unreadable'
      ? 'by an unknown process'
      : `by process ${holder.pid} on ${holder.host}`;
  return new OcelliError(
    'invalid-request',
    `The ledger is locked ${by} and was not free within ${timeoutMs / 1_000} s. If that process no longer runs, remove ${path}.`,
  );
}
