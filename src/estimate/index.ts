/** The estimate room and the entry `ocelli/estimate`: pure, synchronous, without I/O, for Node and browsers alike. */

export { estimateImage, type FitMode, type ImageQuery } from './estimate-image.js';
export {
  estimateAudio,
  estimateDocument,
  estimateVideo,
  type AudioQuery,
  type DocumentQuery,
  type VideoQuery,
} from './estimate-media.js';
export type { PartEstimate } from './estimate-part.js';
export type { Estimate, ImageEstimate, Rejection, Size } from './estimate-record.js';
export { estimateRequest, type RequestEstimate, type RequestQuery } from './estimate-request.js';
export { estimateText, type CountTokens, type TextQuery, type Tokenizers } from './estimate-text.js';
export { fitTargetOf, type FittedModel, type ModelFitTarget } from './fit-target.js';
export { portableDetailOf, type PortableDetail } from './portable-detail.js';
export { rowOf, type ModelChoice } from './find-row.js';
export { plainRequestOf } from './plain-request.js';
export { ladder } from './ladder.js';
export { plan, type PictureToPlan, type Plan, type PlanBudget, type PlannedPicture, type PlanQuery } from './plan.js';
export type { Range } from './range.js';
export type {
  PlainAudio,
  PlainDocument,
  PlainImage,
  PlainMessage,
  PlainPart,
  PlainRequest,
  PlainText,
  PlainTool,
  PlainToolCall,
  PlainToolResult,
  PlainVideo,
} from './request-parts.js';
// What a page with nothing but this entry needs of the catalogue.
export { createCatalogue, findModel, listModels, nearestModelIds, type ModelRow, type Money } from '../models/index.js';
