/** Turns the caller's way of naming a model into its catalogue row, or says which names are near. */

import { OcelliError } from '../errors/index.js';
import { findModel, nearestModelIds, type Catalogue, type ModelRow } from '../models/index.js';

/** How a model is named: an id or alias of the catalogue, or a row. */
export interface ModelChoice {
  /** `provider:model-id`, or a row of one's own. */
  readonly model: string | ModelRow;
  /** Where ids are looked up. Default: the built-in catalogue. */
  readonly catalogue?: Pick<Catalogue, 'findModel' | 'nearestModelIds'>;
}

/** @throws OcelliError `model-not-found` with the nearest ids */
export function rowOf(choice: ModelChoice): ModelRow {
  const { model, catalogue = { findModel, nearestModelIds } } = choice;
  if (typeof model !== 'string') return model;
  const row = catalogue.findModel(model);
  if (row !== undefined) return row;
  throw new OcelliError(
    'model-not-found',
    `The catalogue has no model "${model}". Nearest: ${catalogue.nearestModelIds(model).join(', ')}. Others can be added with createCatalogue.`,
    { model },
  );
}
