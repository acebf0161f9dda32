/** How a ledger stands in its file: one JSON object a line, each with a checksum over itself. */

import { createHash } from 'node:crypto';
import { OcelliError } from '../errors/index.js';
import type { LedgerRecord } from './ledger-books.js';
import type { ProcessIdentity } from './process-identity.js';

/** A reservation in a file also says who made it. */
export type LedgerLine = LedgerRecord | (Extract<LedgerRecord, { type: 'reserve' }> & { readonly by: ProcessIdentity });

const version = 1;

/** The first line of every ledger. */
export const headerLine = lineOf({ type: 'ledger', version });

export function encodeLine(line: LedgerLine): string {
  return lineOf(line);
}

/** `{…,"checksum":"…"}` and a line end; the checksum covers everything before it. */
function lineOf(value: object): string {
  const body = JSON.stringify(value).slice(0, -1);
  return `${body},"checksum":"${checksumOf(body)}"}\n`;
}

function checksumOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16);
}

const checksumPart = /,"checksum":"([0-9a-f]{16})"\}$/;

/**
 * @param line without its line end
 * @throws OcelliError `invalid-request` saying what is wrong with the line
 */
export function decodeLine(line: string): LedgerLine {
  const match = checksumPart.exec(line);
  if (match === null) throw new OcelliError('invalid-request', 'it has no checksum');
  const body = line.slice(0, match.index);
  if (match[1] !== checksumOf(body)) throw new OcelliError('invalid-request', 'its checksum does not fit');
  // Whatever has the right checksum was written by some version of this file.
  return JSON.parse(`${body}}`) as LedgerLine;
}

/** Whether a line is the header of a ledger, and if not, what to say. */
export function problemOfHeader(line: string): string | undefined {
  if (`${line}\n` === headerLine) return undefined;
  const found = /^\{"type":"ledger","version":(\d+)/.exec(line)?.[1];
  return found === undefined
    ? 'it does not begin as one'
    : `it has version ${found}, and this program knows version ${version}; use a newer ocelli`;
}
