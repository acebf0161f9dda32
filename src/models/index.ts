/** The models room: the catalogue of dated rows per exact model id, and the types a row is made of. */

export {
  createCatalogue,
  describeModel,
  findModel,
  listModels,
  nearestModelIds,
  type Catalogue,
  type CatalogueOptions,
  type RowOverride,
} from './catalogue.js';
export { withFreeLocalModels, withRow } from './catalogue-views.js';
export { dayOf } from './day.js';
export { catalogueProblems, isRetired, type CatalogueProblem } from './freshness.js';
export { splitModelId, unknownProviderError } from './model-id.js';
export type { KnownModelId, UserPartKindsOf, UserPartOf } from './model-input.js';
export type { Capabilities, Limits, ModelDescription, ModelRow, Source } from './model-row.js';
export { localRow } from './local-rows.js';
export { checkedOn, priceOf, type BilledTokens, type Money, type PriceQuery } from './money.js';
export { currentPrice, type CurrentPrice, type PriceInterval, type PriceTier } from './price-interval.js';
export type {
  ClaudeRule,
  Confidence,
  CountedMessage,
  DocumentRule,
  FixedRule,
  GeminiBudgetRule,
  GeminiCropRule,
  ImageRule,
  NoImageRule,
  OpenaiPatchesRule,
  OpenaiTilesRule,
  OwnCounter,
  OwnRule,
  PageSize,
  PageTokensRule,
  PatchLimits,
  TextAndPictureRule,
  TextRule,
  TokenRange,
  VideoRule,
} from './token-rules.js';
