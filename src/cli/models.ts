/** `ocelli models`: the catalogue, which providers have a key, and what was downloaded. */

import type { PulledModel } from '../../local-model/engine/index.js';
import { createOcelli, type ModelInfo } from '../index.js';
import { exitCodes, printable, type Io } from './io.js';
import { bytesText, renderTable, type Column } from './table.js';

export interface ModelsOptions {
  readonly json?: boolean;
}

export async function models(options: ModelsOptions, io: Io): Promise<number> {
  const list = createOcelli({ environment: io.environment }).models();
  const pulled = await pulledModels(io);
  if (options.json === true) {
    const catalogue = list.map(({ row, ...rest }) => ({ ...row, ...rest }));
    io.stdout.write(`${JSON.stringify({ models: catalogue, pulled }, undefined, 2)}\n`);
    return exitCodes.answered;
  }
  io.stdout.write(renderTable(catalogueColumns, list.map(catalogueCells)));
  const missing = new Map(
    list.flatMap(({ row, missing: message }) =>
      message === undefined ? [] : [[row.id.slice(0, row.id.indexOf(':')), message] as const],
    ),
  );
  if (missing.size > 0) io.stdout.write('\n');
  for (const [provider, message] of missing) io.stdout.write(`${provider}: ${message}\n`);
  if (pulled.length > 0) io.stdout.write(`\n${renderTable(pulledColumns, pulled.map(pulledCells))}`);
  return exitCodes.answered;
}

/** What `ocelli pull` brought, as it is named in a request. */
interface Pulled extends Omit<PulledModel, 'model' | 'pulledAt'> {
  readonly id: string;
  /** ISO date. */
  readonly pulledOn: string;
}

async function pulledModels(io: Io): Promise<readonly Pulled[]> {
  const { listPulledModels, modelCacheFolder } = await import('../../local-model/engine/index.js');
  return listPulledModels(modelCacheFolder(io.environment)).map(({ model, pulledAt, ...rest }) => ({
    id: `local:${model}`,
    ...rest,
    pulledOn: new Date(pulledAt).toISOString().slice(0, 10),
  }));
}

const left = (title: string): Column => ({ title, align: 'left' });
const catalogueColumns = ['model', 'takes', 'context', 'state'].map(left);
const pulledColumns: readonly Column[] = [
  ...['downloaded', 'revision', 'commit'].map(left),
  { title: 'size', align: 'right' },
  left('on'),
];

function catalogueCells(model: ModelInfo): readonly string[] {
  const { id, capabilities, limits } = model.row;
  return [id, capabilities.input.join(' '), limits.contextTokens?.toLocaleString('en-US') ?? '?', state(model)];
}

function pulledCells({ id, revision, commit, bytes, pulledOn }: Pulled): readonly string[] {
  return [printable(id), printable(revision), printable(commit).slice(0, 8), bytesText(bytes), pulledOn];
}

function state({ row, ready }: ModelInfo): string {
  if (row.retired === true) return 'retired';
  return ready ? 'ready' : 'no key';
}
