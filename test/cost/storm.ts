/** Eight processes that spend from one budget file and are killed at random, again and again, until the budget is used up. */

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createFileLedger } from '../../src/cost/index.js';

export interface Storm {
  /** A program that spends: it prints `seen …` for each answer it got and `exhausted` at the end. */
  readonly program: string;
  readonly ledgerPath: string;
  readonly url: string;
  readonly budgetUsd: number;
  readonly kills: number;
  /** What the server has billed so far. */
  readonly bill: () => number;
}

export interface Aftermath {
  readonly killed: number;
  /** What was printed after `seen `, by the number of the process. */
  readonly seen: ReadonlyMap<number, readonly string[]>;
  /** Everything that was wrong at any moment. */
  readonly problems: readonly string[];
}

const processes = 8;
const noise = 1e-9;

/** Numbers that look random and are the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Runs until the budget is used up and every process has ended. */
export async function runStorm(storm: Storm): Promise<Aftermath> {
  const ledger = createFileLedger(storm.ledgerPath);
  const seen = new Map<number, string[]>();
  const problems: string[] = [];
  const running = new Set<ChildProcess>();
  const active = new Set<ChildProcess>();
  const random = randomNumbers(11);
  let killed = 0;
  let untilKill = 5;
  let isExhausted = false;

  const check = async (): Promise<void> => {
    // First the bill: what it holds was reserved before.
    const bill = storm.bill();
    const { settled, reserved } = await ledger.read();
    const booked = settled.usd + reserved.usd;
    if (booked > storm.budgetUsd + noise) problems.push(`${booked} is booked of ${storm.budgetUsd}`);
    if (booked < bill - noise) problems.push(`${booked} is booked, the bill is ${bill}`);
  };
  const killSomebody = (): void => {
    const victims = [...active];
    const victim = victims[Math.floor(random() * victims.length)];
    if (victim === undefined) return;
    active.delete(victim);
    victim.kill('SIGKILL');
    killed += 1;
    untilKill = 1 + Math.floor(random() * 3);
  };
  const hear = (child: ChildProcess, line: string): void => {
    active.add(child);
    if (line === 'exhausted') isExhausted = true;
    if (line.startsWith('seen ')) {
      const pid = child.pid ?? 0;
      seen.set(pid, [...(seen.get(pid) ?? []), line.slice(5)]);
    }
    untilKill -= 1;
    if (untilKill <= 0 && killed < storm.kills) killSomebody();
  };
  await new Promise<void>((resolve) => {
    const start = (): void => {
      const child = spawn(process.execPath, [storm.program, storm.ledgerPath, storm.url], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(child);
      child.stderr.on('data', (text: Buffer) => problems.push(text.toString()));
      createInterface(child.stdout).on('line', (line) => hear(child, line));
      child.once('close', (_code, signal) => {
        running.delete(child);
        active.delete(child);
        if (signal === 'SIGKILL') void check();
        if (!isExhausted) start();
        else if (running.size === 0) resolve();
      });
    };
    for (let index = 0; index < processes; index += 1) start();
  });
  await check();
  return { killed, seen, problems };
}
