/** `ocelli bench generate`: draws items into a folder, with their questions and truth beside them. */

import { mkdir } from 'node:fs/promises';
import { drawItems, gatherItems, type DrawnItems } from '../../benchmarks/index.js';
import { chosenItems, newFolder, type ItemOptions } from './bench-options.js';
import { progressLine } from './bench-progress.js';
import { printable, UsageError, type Io } from './io.js';

export interface BenchGenerateOptions extends ItemOptions {
  readonly out?: string;
  readonly json?: boolean;
}

export async function generate(options: BenchGenerateOptions, io: Io): Promise<number> {
  const choice = await chosenItems(options);
  const { items, problems } = await gatherItems(choice);
  const folder = options.out ?? newFolder(choice.suites, '-items');
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`The folder "${folder}" cannot be made (${(error as NodeJS.ErrnoException).code ?? ''}).`);
  }
  const line = progressLine(io);
  const startedAt = Date.now();
  const show = (done: number): void =>
    line.show({
      step: 'drawing',
      planned: items.length,
      done,
      failed: 0,
      skipped: 0,
      inputTokens: 0,
      outputTokens: 0,
      usd: 0,
      elapsedMs: Date.now() - startedAt,
      doneNow: done,
    });
  let drawn: DrawnItems;
  try {
    drawn = await drawItems(items, { folder, signal: io.signal, onDrawn: show });
  } finally {
    line.end();
  }
  const left = [...problems, ...drawn.problems];
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ folder, items: drawn.records.length, problems: left }, undefined, 2)}\n`);
    return 0;
  }
  io.stdout.write(`${drawn.records.length} items\n${folder}/items.jsonl\n`);
  for (const { where, reason } of left) io.stderr.write(printable(`left out: ${where}: ${reason}`) + '\n');
  return 0;
}
