/** The report of `ocelli doctor` as text: a mark, what was looked at, what was found. */

import type { DoctorReport, ModelCheck } from './doctor-report.js';
import { printable, type Io } from './io.js';
import { bytesText } from './table.js';

/** `ok`: fine. `--`: not there, or worth knowing, but nothing is broken. `XX`: must be put right. */
type Mark = 'ok' | '--' | 'XX';
type Line = readonly [mark: Mark, subject: string, found: string];

export function writeReport(report: DoctorReport, io: Io): void {
  const lines = [...machineLines(report), ...modelLines(report), ...keyLines(report), catalogueLine(report)];
  const width = Math.max(...lines.map(([, subject]) => subject.length));
  for (const [mark, subject, found] of lines)
    io.stdout.write(`${mark}  ${printable(subject.padEnd(width))}  ${printable(found)}\n`);
  const { problems } = report;
  io.stdout.write(`\n${verdict(problems.length)}\n`);
  for (const problem of problems) io.stdout.write(`${printable(problem)}\n`);
}

function verdict(problems: number): string {
  if (problems === 0) return 'Nothing is broken.';
  return problems === 1 ? 'One thing must be put right:' : `${problems} things must be put right:`;
}

function machineLines({ ocelli, node, machine }: DoctorReport): Line[] {
  const { processorFlags, runtime, sharp } = machine;
  return [
    ['ok', 'ocelli', ocelli],
    [node.problem === null ? 'ok' : 'XX', 'Node', node.version],
    ['ok', 'machine', `${machine.platform}, ${machine.processor}, ${cores(machine.physicalCores)}`],
    [
      machine.eightBitMayOverflow ? '--' : 'ok',
      'processor flags',
      `${processorFlags === undefined ? 'not told by this system' : processorFlags.join(' ') || 'none that matters'}${
        machine.eightBitMayOverflow
          ? ': without VNNI, 8-bit weights are multiplied in a slower, exact way where needed'
          : ''
      }`,
    ],
    ['ok', 'memory free', bytesText(machine.freeMemory)],
    'problem' in runtime
      ? ['XX', 'onnxruntime-node', 'cannot be loaded']
      : ['ok', 'onnxruntime-node', `${runtime.version} (${runtime.providers.join(', ')})`],
    'problem' in sharp
      ? ['XX', 'sharp', 'cannot be loaded']
      : ['ok', 'sharp', `${sharp.version} (libvips ${sharp.libvips})`],
  ];
}

function cores(count: number): string {
  return count === 1 ? '1 core' : `${count} cores`;
}

function modelLines({ models, unfinished }: DoctorReport): Line[] {
  return [
    ...models.map((model): Line => [markOf(model), model.model, foundOf(model)]),
    ...unfinished.map(({ model }): Line => [
      '--',
      `local:${model}`,
      `download not finished: \`npx ocelli pull ${model}\` goes on with it, \`npx ocelli models remove ${model}\` drops it`,
    ]),
  ];
}

function markOf({ problem, tooLarge }: ModelCheck): Mark {
  if (problem !== null) return 'XX';
  return tooLarge ? '--' : 'ok';
}

function foundOf({ report, files, purpose, tooLarge, problem, folder, bundled }: ModelCheck): string {
  if (report === null) return problem === null ? folder : `not usable: ${folder}`;
  const facts = [
    `${report.family}, ${purpose === 'embed' ? 'embeds' : 'answers'}`,
    `${bytesText(report.weightBytes)} of weights (${[...new Set(Object.values(report.dtypes))].join(', ')})`,
    ...('exactProducts' in report && report.exactProducts.length > 0
      ? [`slower 8-bit products in ${report.exactProducts.join(', ')}`]
      : []),
    checksums(files, problem),
    ...(tooLarge ? [`needs ${bytesText(report.memoryNeeded)} of memory, more than is free`] : []),
    ...(bundled ? ['bundled'] : [folder]),
  ];
  return facts.filter((fact) => fact !== '').join('; ');
}

function checksums(files: ModelCheck['files'], problem: string | null): string {
  if (files === null) return 'checksums not looked at';
  if (files.wrong.length > 0) return 'files are not as they were made';
  if (problem !== null) return '';
  return files.unchecked === 0
    ? `${files.files} checksums right`
    : `${files.files - files.unchecked} checksums right, ${files.unchecked} not stated by the hub`;
}

function keyLines({ keys }: DoctorReport): Line[] {
  return keys.map(({ provider, present, missing }) => [
    present ? 'ok' : '--',
    `key for ${provider}`,
    present ? 'yes' : `no: ${missing ?? ''}`,
  ]);
}

function catalogueLine({ catalogue: { models, checkedOn, stale } }: DoctorReport): Line {
  const found = `${models} models, sources checked since ${checkedOn ?? 'never'}`;
  if (stale === 0) return ['ok', 'catalogue', found];
  const many = stale === 1 ? '1 of them is' : `${stale} of them are`;
  return ['--', 'catalogue', `${found}; ${many} due for another look: prices may have changed, update ocelli`];
}
