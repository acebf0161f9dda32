/** The catalogue with what is known beyond it: of a model whose own files say how it counts, and of what runs on this machine. */

import type { Catalogue } from './catalogue.js';
import { localRow } from './local-rows.js';
import type { ModelRow } from './model-row.js';

/** The same catalogue, with one row more or another one in its place. */
export function withRow(catalogue: Catalogue, row: ModelRow | undefined): Catalogue {
  if (row === undefined) return catalogue;
  const findModel = (id: string): ModelRow | undefined => (id === row.id ? row : catalogue.findModel(id));
  return { ...catalogue, findModel, describeModel: findModel };
}

/** For prices only: what runs on this machine costs nothing, also where the catalogue does not know it. */
export function withFreeLocalModels(catalogue: Catalogue): Catalogue {
  return {
    ...catalogue,
    findModel: (id) => catalogue.findModel(id) ?? (id.startsWith('local:') ? localRow(id) : undefined),
  };
}
