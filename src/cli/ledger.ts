/** `ocelli ledger`: what stands in a ledger file, and giving back what dead processes had reserved. */

import { existsSync } from 'node:fs';
import { createFileLedger, OcelliError, type LedgerState, type LedgerStore, type OpenReservation } from '../index.js';
import { indented } from './estimate-output.js';
import { exitCodes, printable, UsageError, type Io } from './io.js';
import { renderTable, usdTexts, wholeNumberText, type Column } from './table.js';

export interface LedgerShowOptions {
  readonly json?: boolean;
}

export interface LedgerReleaseOptions {
  readonly all?: boolean;
  readonly spent?: boolean;
}

export async function showLedger(file: string, options: LedgerShowOptions, io: Io): Promise<number> {
  return withLedger(file, io, async (ledger) => {
    const state = await ledger.read();
    if (options.json === true) io.stdout.write(`${JSON.stringify(state, undefined, 2)}\n`);
    else writeState(state, io);
    return exitCodes.answered;
  });
}

/**
 * Gives reservations back: those that are named, all of them, or those of processes that no longer run.
 *
 * @returns 1 when a named one is not open
 */
export async function releaseLedger(
  file: string,
  ids: readonly string[],
  options: LedgerReleaseOptions,
  io: Io,
): Promise<number> {
  if (ids.length > 0 && options.all === true) throw new UsageError('Give ids or --all, not both.');
  return withLedger(file, io, async (ledger) => {
    const { open } = await ledger.read();
    const known = new Map(open.map((reservation) => [reservation.id, reservation]));
    const missing = ids.filter((id) => !known.has(id));
    const chosen = ids.length > 0 ? ids.flatMap((id) => known.get(id) ?? []) : open.filter(isReleasable(options));
    for (const reservation of chosen) await close(ledger, reservation, options.spent === true);
    const left = open.length - chosen.length;
    const what = options.spent === true ? 'booked as spent' : 'released';
    io.stdout.write(`${chosen.length} ${what}, ${left} left open.\n`);
    if (left > 0 && ids.length === 0)
      io.stderr.write(
        'Those left belong to processes that run, or that cannot be seen from here; --all takes them too.\n',
      );
    for (const id of missing) io.stderr.write(`error: no open reservation has the id ${printable(id)}.\n`);
    return missing.length > 0 ? exitCodes.failed : exitCodes.answered;
  });
}

function isReleasable({ all = false }: LedgerReleaseOptions): (reservation: OpenReservation) => boolean {
  return ({ owner }) => all || owner?.alive === false;
}

/** What may have been billed can be booked in full instead of being given back. */
function close(ledger: LedgerStore, { id, usd, tokens }: OpenReservation, asSpent: boolean): Promise<void> {
  if (!asSpent) return ledger.release(id);
  return ledger.settle(id, {
    ...(usd === undefined ? {} : { usd }),
    ...(tokens === undefined ? {} : { tokens }),
    estimated: true,
  });
}

/** A ledger that cannot be used is a failure, not a mistake on the command line. */
async function withLedger(file: string, io: Io, work: (ledger: LedgerStore) => Promise<number>): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`There is no ledger ${file}.`);
  try {
    return await work(createFileLedger(file));
  } catch (error) {
    if (!OcelliError.isInstance(error)) throw error;
    io.stderr.write(`error: ${printable(error.message)}\n`);
    return exitCodes.failed;
  }
}

const columns: readonly Column[] = [
  { title: 'id', align: 'left' },
  { title: 'model', align: 'left' },
  { title: 'USD', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'since', align: 'left' },
  { title: 'process', align: 'left' },
];

function writeState({ settled, reserved, open }: LedgerState, io: Io): void {
  const [spent, booked] = [settled.usd, reserved.usd].map(accountText);
  const notes = [
    ...(settled.estimatedCalls > 0 ? [`${wholeNumberText(settled.estimatedCalls)} of them an upper bound`] : []),
    ...(settled.unpricedCalls > 0 ? [`${wholeNumberText(settled.unpricedCalls)} without a known price`] : []),
  ];
  const calls = `${wholeNumberText(settled.calls)} ${settled.calls === 1 ? 'call' : 'calls'}`;
  io.stdout.write(
    `settled   ${spent} USD, ${wholeNumberText(settled.tokens)} tokens in ${[calls, ...notes].join(', ')}\n` +
      `reserved  ${booked} USD, ${wholeNumberText(reserved.tokens)} tokens in ${open.length} open\n`,
  );
  if (open.length === 0) return;
  const prices = usdTexts(open.map(({ usd }) => usd ?? null));
  const rows = open.map((reservation, index) => [
    printable(reservation.id),
    printable(reservation.model ?? ''),
    prices[index] ?? '',
    reservation.tokens === undefined ? '' : wholeNumberText(reservation.tokens),
    reservation.at.replace('T', ' ').replace(/\.\d+Z$/, ''),
    ownerText(reservation),
  ]);
  io.stdout.write(`\n${indented(renderTable(columns, rows))}`);
}

/** A sum that was spent is shown as it is, not rounded to what is easily compared. */
function accountText(usd: number): string {
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 9 });
}

function ownerText({ owner }: OpenReservation): string {
  if (owner === undefined) return '';
  const state = owner.alive === undefined ? `on ${printable(owner.host)}` : owner.alive ? 'running' : 'gone';
  return `${owner.pid} ${state}`;
}
