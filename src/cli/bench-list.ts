/** `ocelli bench list`: the suites with their levels and sub-tasks, and the baselines. */

import { baselineIds, dataSuites, suites } from '../../benchmarks/index.js';
import type { Io } from './io.js';
import { renderTable } from './table.js';

export function list(options: { readonly json?: boolean }, io: Io): number {
  if (options.json === true) {
    const described = suites.map(({ name, version, description, generators, levels, subtasks }) => ({
      name,
      version,
      description,
      generators,
      levels,
      subtasks,
    }));
    io.stdout.write(`${JSON.stringify({ suites: described, dataSuites, baselines: baselineIds }, undefined, 2)}\n`);
    return 0;
  }
  const table = renderTable(
    [
      { title: 'suite', align: 'left' },
      { title: 'version', align: 'right' },
      { title: 'levels', align: 'left' },
      { title: 'sub-tasks', align: 'left' },
    ],
    suites.map(({ name, version, levels, subtasks }) => [name, String(version), levels.join(' '), subtasks.join(', ')]),
  );
  const data = dataSuites.map(({ name, description }) => `${name}  ${description}`).join('\n');
  io.stdout.write(`${table}\nwith data of your own copy (--data):\n${data}\n\nbaselines: ${baselineIds.join(', ')}\n`);
  return 0;
}
