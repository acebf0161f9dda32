/** `ocelli models`: the catalogue, and which providers have a key. */

import { createOcelli, type ModelInfo } from '../index.js';
import { exitCodes, type Io } from './io.js';

export interface ModelsOptions {
  readonly json?: boolean;
}

export function models(options: ModelsOptions, io: Io): number {
  const list = createOcelli({ environment: io.environment }).models();
  if (options.json === true) {
    io.stdout.write(
      `${JSON.stringify({ models: list.map(({ row, ...rest }) => ({ ...row, ...rest })) }, undefined, 2)}\n`,
    );
    return exitCodes.answered;
  }
  const rows = list.map((model) => [
    model.row.id,
    model.row.capabilities.input.join(' '),
    model.row.limits.contextTokens?.toLocaleString('en-US') ?? '?',
    state(model),
  ]);
  const header = ['model', 'takes', 'context', 'state'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [header, ...rows]) {
    io.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
  const missing = new Map(
    list.flatMap(({ row, missing: message }) =>
      message === undefined ? [] : [[row.id.slice(0, row.id.indexOf(':')), message] as const],
    ),
  );
  if (missing.size > 0) io.stdout.write('\n');
  for (const [provider, message] of missing) io.stdout.write(`${provider}: ${message}\n`);
  return exitCodes.answered;
}

function state({ row, ready }: ModelInfo): string {
  if (row.retired === true) return 'retired';
  return ready ? 'ready' : 'no key';
}
