/** `ocelli doctor`: what runs on this machine, which models and keys are there, and what is wrong. */

import type { BundledModel, EncoderReport, FolderReport, MachineReport } from '../../local-model/engine/index.js';
import { catalogueProblems, createOcelli, listModels, OcelliError } from '../index.js';
import { writeReport } from './doctor-output.js';
import type { DoctorReport, ModelCheck } from './doctor-report.js';
import { exitCodes, type Io } from './io.js';

export interface DoctorOptions {
  readonly json?: boolean;
  /** Compare sizes only: checksums of large models take a while. */
  readonly quick?: boolean;
}

/** What the command looks at, so that tests can show it other machines. */
export interface DoctorWorld {
  readonly nodeVersion: string;
  readonly inspectMachine: () => Promise<MachineReport>;
  /** ISO date. */
  readonly today: string;
}

/** package.json, "engines". */
const leastNode = [20, 9] as const;

export async function doctor(
  options: DoctorOptions,
  version: string,
  io: Io,
  world: Partial<DoctorWorld> = {},
): Promise<number> {
  const report = await examine(options, version, io, world);
  if (options.json === true) io.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  else writeReport(report, io);
  return report.problems.length === 0 ? exitCodes.answered : exitCodes.failed;
}

async function examine(
  { quick = false }: DoctorOptions,
  version: string,
  io: Io,
  world: Partial<DoctorWorld>,
): Promise<DoctorReport> {
  const engine = await import('../../local-model/engine/index.js');
  const cacheFolder = engine.modelCacheFolder(io.environment);
  const node = nodeReport(world.nodeVersion ?? process.versions.node);
  const machine = await (world.inspectMachine ?? engine.inspectMachine)();
  const models: ModelCheck[] = [];
  for (const { id, folder, purpose } of engine.bundledModels())
    models.push(await checkModel(`local:${id}`, folder, purpose, true, machine, quick, io));
  for (const { model, folder } of engine.listPulledModels(cacheFolder))
    models.push(await checkModel(`local:${model}`, folder, null, false, machine, quick, io));
  return {
    ocelli: version,
    node,
    machine,
    models,
    unfinished: engine.listUnfinishedPulls(cacheFolder),
    keys: keyReport(io),
    catalogue: catalogueReport(world.today ?? new Date().toISOString().slice(0, 10)),
    problems: [
      ...[node.problem, problemOf(machine.runtime), problemOf(machine.sharp)].filter((text) => text !== null),
      ...models.flatMap((model) => (model.problem === null ? [] : [`${model.model}: ${model.problem}`])),
    ],
  };
}

function nodeReport(version: string): DoctorReport['node'] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = leastNode;
  const isOld = major < leastMajor || (major === leastMajor && minor < leastMinor);
  return {
    version,
    problem: isOld ? `Node ${version} is too old: ocelli needs ${leastNode.join('.')} or newer.` : null,
  };
}

function problemOf(part: object): string | null {
  return 'problem' in part ? String(part.problem) : null;
}

async function checkModel(
  model: string,
  folder: string,
  purpose: BundledModel['purpose'] | null,
  bundled: boolean,
  machine: MachineReport,
  quick: boolean,
  io: Io,
): Promise<ModelCheck> {
  const { checkModelFolder } = await import('../../local-model/engine/index.js');
  const files = quick ? null : ((await checkModelFolder(folder, io.signal)) ?? null);
  const found = await lookInto(folder, purpose);
  const broken = files?.wrong.map(({ path, problem }) => `${path} (${problem})`) ?? [];
  const cure = bundled ? 'Install ocelli again.' : `Run \`npx ocelli pull ${model.slice('local:'.length)}\` again.`;
  const problem =
    broken.length > 0
      ? `${broken.join(', ')} is not as it was made. ${cure}`
      : 'problem' in found
        ? found.problem
        : null;
  const report = 'problem' in found ? null : found.report;
  return {
    model,
    folder,
    bundled,
    purpose: 'problem' in found ? purpose : found.purpose,
    report,
    files,
    tooLarge: report !== null && report.memoryNeeded > machine.freeMemory,
    problem,
  };
}

type Found =
  | { readonly purpose: 'answer' | 'embed'; readonly report: FolderReport | EncoderReport }
  | { readonly problem: string };

/** A folder with a text tower is a dual encoder; anything else should answer. */
async function lookInto(folder: string, purpose: BundledModel['purpose'] | null): Promise<Found> {
  const { inspectEncoderFolder, inspectModelFolder } = await import('../../local-model/engine/index.js');
  try {
    if (purpose !== 'embed') return { purpose: 'answer', report: inspectModelFolder(folder) };
  } catch (error) {
    const encoder = attempt(() => inspectEncoderFolder(folder));
    return encoder === undefined ? { problem: messageOf(error) } : { purpose: 'embed', report: encoder };
  }
  try {
    return { purpose: 'embed', report: inspectEncoderFolder(folder) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  if (OcelliError.isInstance(error)) return error.message;
  throw error;
}

function keyReport(io: Io): DoctorReport['keys'] {
  const found = new Map<string, DoctorReport['keys'][number]>();
  for (const { row, ready, missing } of createOcelli({ environment: io.environment }).models()) {
    const provider = row.id.slice(0, row.id.indexOf(':'));
    if (provider !== 'local') found.set(provider, { provider, present: ready, missing: missing ?? null });
  }
  return [...found.values()];
}

function catalogueReport(today: string): DoctorReport['catalogue'] {
  const rows = listModels().filter((row) => row.retired !== true);
  const days = rows.flatMap(({ sources }) => sources.map(({ checkedOn }) => checkedOn)).toSorted();
  return {
    models: listModels().length,
    checkedOn: days[0] ?? null,
    stale: new Set(catalogueProblems(rows, today).map(({ id }) => id)).size,
  };
}
