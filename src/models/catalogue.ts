/** The catalogue: finds a model's row by its exact id or a listed alias, and lets users add or change rows. */

import { OcelliError } from '../errors/index.js';
import { nearestNames } from '../request/nearest.js';
import { anthropicRows } from './anthropic-rows.js';
import { googleRows } from './google-rows.js';
import { localRows } from './local-rows.js';
import type { ModelDescription, ModelRow } from './model-row.js';
import { openaiRows } from './openai-rows.js';
import { checkRow } from './check-row.js';

/**
 * A row of the user's own, in code or from a JSON file. With the id of a row that exists it changes that row; with `like` it is a new
 * model that behaves like another; otherwise `capabilities`, `limits`, `imageRule` and `textRule` must be given.
 * `capabilities` and `limits` are merged field by field, everything else replaces what was there.
 */
export interface RowOverride extends Partial<Omit<ModelRow, 'id' | 'capabilities' | 'limits'>> {
  /** `provider:model-id` */
  readonly id: string;
  /** The id of a known model to start from. */
  readonly like?: string;
  readonly capabilities?: Partial<ModelRow['capabilities']>;
  readonly limits?: Partial<ModelRow['limits']>;
}

export interface CatalogueOptions {
  /** Rows to add or change, applied in order. */
  readonly rows?: readonly RowOverride[];
}

/** A set of rows to look models up in. */
export interface Catalogue {
  /** The row of an exact id or of a listed alias; never by prefix, since `gpt-5` and `gpt-5-mini` count pictures differently. */
  findModel(idOrAlias: string): ModelRow | undefined;
  /** What adapters and the router need of a model. */
  describeModel(idOrAlias: string): ModelDescription | undefined;
  /** All rows, by vendor, newest first. */
  listModels(): readonly ModelRow[];
  /** The known ids that are nearest to a misspelt one, nearest first. */
  nearestModelIds(id: string, count?: number): string[];
}

/**
 * The built-in rows together with rows of the user's own.
 *
 * @throws OcelliError `invalid-request` when a row is incomplete, misshapen, or `like` names no known model
 * @example
 * const catalogue = createCatalogue({ rows: [{ id: 'openai:ft:gpt-4o:me', like: 'openai:gpt-4o', prices: [] }] });
 */
export function createCatalogue(options: CatalogueOptions = {}): Catalogue {
  const rows = new Map<string, ModelRow>();
  for (const row of [...openaiRows, ...anthropicRows, ...googleRows, ...localRows]) rows.set(row.id, row);
  const aliases = new Map<string, string>();
  for (const row of rows.values()) for (const alias of row.aliases) aliases.set(alias, row.id);
  const findModel = (id: string): ModelRow | undefined => rows.get(id) ?? rows.get(aliases.get(id) ?? '');

  const nearestModelIds = (id: string, count = 3): string[] => nearest(id, [...rows.keys(), ...aliases.keys()], count);

  for (const override of options.rows ?? []) {
    const row = overriddenRow(override, findModel, nearestModelIds);
    // A row of one's own under an alias becomes a model apart.
    aliases.delete(row.id);
    rows.set(row.id, row);
    for (const alias of row.aliases) aliases.set(alias, row.id);
  }
  const list = [...rows.values()];
  return { findModel, describeModel: findModel, listModels: () => list, nearestModelIds };
}

function overriddenRow(
  override: RowOverride,
  findModel: (id: string) => ModelRow | undefined,
  nearestModelIds: (id: string) => string[],
): ModelRow {
  const { id, like, capabilities, limits, ...rest } = override;
  const base = findModel(like ?? id);
  if (like !== undefined && base === undefined)
    throw new OcelliError(
      'invalid-request',
      `The catalogue row "${id}" is to be like "${like}", which is not known. Nearest ids: ${nearestModelIds(like).join(', ')}.`,
    );
  const isSameRow = base !== undefined && base.id === id;
  const row = {
    aliases: [],
    prices: [],
    sources: [],
    ...base,
    ...(isSameRow ? {} : { aliases: [] }),
    ...rest,
    capabilities: { ...base?.capabilities, ...capabilities },
    limits: { ...base?.limits, ...limits },
    id,
  };
  return checkRow(row);
}

/** An id without a provider is compared with the ids without theirs. */
function nearest(id: string, known: readonly string[], count: number): string[] {
  const wanted = id.trim();
  if (wanted.includes(':')) return nearestNames(wanted, known, count, Infinity);
  const byModelId = new Map(known.map((name) => [name.slice(name.indexOf(':') + 1), name]));
  return nearestNames(wanted, [...byModelId.keys()], count, Infinity).map((name) => byModelId.get(name) ?? name);
}

const builtIn = createCatalogue();

/**
 * What is known of a built-in model.
 *
 * @example describeModel('openai:gpt-4o')?.limits.contextTokens; // 128000
 */
export const describeModel = (id: string): ModelDescription | undefined => builtIn.describeModel(id);
/** The built-in row of an exact id or a listed alias, never by prefix. */
export const findModel = (idOrAlias: string): ModelRow | undefined => builtIn.findModel(idOrAlias);
/** All built-in rows, by vendor, newest first. */
export const listModels = (): readonly ModelRow[] => builtIn.listModels();
/** The known ids nearest to a misspelt one, nearest first. */
export const nearestModelIds = (id: string, count = 3): string[] => builtIn.nearestModelIds(id, count);
