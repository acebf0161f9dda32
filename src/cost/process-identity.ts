/** Tells whether the process that left a lock or a reservation still runs, without being fooled by a number that was given out again. */

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** On Linux the boot and the process namespace: containers may share a host name but not their numbers. Elsewhere empty. */
  readonly machine: string;
  /** On Linux the clock tick at which the process began. Elsewhere empty. */
  readonly startedAt: string;
}

let own: ProcessIdentity | undefined;

export function thisProcess(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    host: hostname(),
    machine: machineOf(),
    startedAt: statusOf(process.pid)?.startedAt ?? '',
  };
  return own;
}

/** `unknown` for processes of other machines. */
export function stateOf(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const here = thisProcess();
  if (identity.host !== here.host || identity.machine !== here.machine) return 'unknown';
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  if (identity.startedAt === '') return 'alive';
  const status = statusOf(identity.pid);
  if (status === undefined) return 'alive';
  // Z and X: killed, and only waiting for its parent to notice.
  return status.startedAt === identity.startedAt && !/[ZX]/.test(status.state) ? 'alive' : 'dead';
}

/** Fields 3 and 22 of /proc/PID/stat (man proc_pid_stat); the second may hold blanks and brackets. */
function statusOf(pid: number): { state: string; startedAt: string } | undefined {
  const text = contentOf(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
}

function machineOf(): string {
  const boot = contentOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = contentOf(() => readlinkSync('/proc/self/ns/pid'));
  return [boot, namespace].filter((part) => part !== undefined).join(' ');
}

function contentOf(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
