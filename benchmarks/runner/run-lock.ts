/** Keeps two processes out of one run's folder; a process that was killed leaves nothing behind that stands in the way. */

import { readFileSync } from 'node:fs';
import { open, readFile, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { OcelliError } from '../../src/index.js';
import { fileProblem } from './file-problem.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in ticks since boot: ids come again, this with the same id does not. */
  readonly began?: string;
}

/**
 * Takes the lock; call what it returns to give it back.
 *
 * @throws OcelliError `invalid-request` while another process has it
 */
export async function lockRun(path: string): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, host: hostname(), ...beginOf(process.pid) };
  for (let tries = 0; ; tries++) {
    try {
      const handle = await open(path, 'wx', 0o644);
      try {
        await handle.writeFile(JSON.stringify(mine));
      } finally {
        await handle.close();
      }
      return async () => unlink(path).catch(() => undefined);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileProblem(path, error);
    }
    const holder = await holderOf(path);
    if (tries > 2 || (holder !== undefined && mayRun(holder))) throw busy(path, holder);
    await unlink(path).catch(() => undefined);
  }
}

function busy(path: string, holder: Holder | undefined): OcelliError {
  const who = holder === undefined ? 'Another process' : `Process ${holder.pid} on ${holder.host}`;
  return new OcelliError(
    'invalid-request',
    `${who} is at work in this run's folder. Wait until it is done, or delete "${path}" if you know that it is gone.`,
  );
}

async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    // Gone meanwhile, or its writer was killed before it wrote.
    return undefined;
  }
}

function mayRun({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return began === undefined || beginOf(pid).began === began;
}

/** Nothing where the system does not tell. */
function beginOf(pid: number): { began?: string } {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const began = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
    return began === undefined ? {} : { began };
  } catch {
    return {};
  }
}
