/** `ocelli bench score`: scores stored responses again, as after a change of the parser. */

import { readResponses, scoreRun } from '../../benchmarks/index.js';
import { latestFolder } from './bench-options.js';
import { resultRows, resultTable } from './bench-results.js';
import { printable, UsageError, type Io } from './io.js';

export async function score(named: string | undefined, options: { readonly json?: boolean }, io: Io): Promise<number> {
  const folder = named ?? (await latestFolder());
  if (folder === undefined) throw new UsageError('There is no run under runs/; name its folder.');
  const { scores, notes } = await scoreRun(folder);
  const rows = resultRows(scores, (await readResponses(folder)).responses);
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ folder, notes, results: rows }, undefined, 2)}\n`);
    return 0;
  }
  io.stdout.write(`${resultTable(rows)}\n${folder}/scores.jsonl\n`);
  for (const note of notes) io.stderr.write(`note: ${printable(note)}\n`);
  return 0;
}
