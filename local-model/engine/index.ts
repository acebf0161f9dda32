/** `ocelli/local`: the engine that runs a vision transformer, a projector and a language model on this machine's CPU. */

export { loadEngine, type Engine, type EngineCall, type EngineOptions } from './engine.js';
export { bundledModels, type BundledModel } from './bundled.js';
export type { IdleClock, IdleOptions } from './idle.js';
export { checkModelFolder, type FolderCheck, type WrongFile } from './check-folder.js';
export {
  inspectEncoderFolder,
  inspectMachine,
  inspectModelFolder,
  type EncoderReport,
  type FolderReport,
  type MachineReport,
} from './inspect.js';
export {
  loadDualEncoder,
  type Classification,
  type ClassifyRequest,
  type DualEncoder,
  type DualEncoderOptions,
  type Embeddings,
  type EmbedRequest,
} from './embedding/dual-encoder.js';
export {
  createImageIndex,
  type AddOptions,
  type FoundPicture,
  type ImageIndex,
  type ImageIndexOptions,
  type IndexSource,
  type SearchRequest,
} from './embedding/image-index.js';
export type { DualEncoderSummary, ScoreKind } from './embedding/protocol.js';
export {
  knownFamilies,
  loadImageCounter,
  type PictureOptions,
  type PictureSize,
  type PictureTokens,
} from './families.js';
export { loadPromptCounter, type PromptCounter, type SizedMessage, type SizedPicture } from './prompt-counter.js';
export { findPulledModel, listPulledModels, modelCacheFolder, type PulledModel } from './hub/cache.js';
export { listUnfinishedPulls, removePulledModel, type UnfinishedPull } from './hub/tidy.js';
export { pullModel, type PullEvent, type PullOptions } from './hub/pull.js';
export type {
  Dtype,
  EngineConstraint,
  EngineEvent,
  EngineMessage,
  EnginePart,
  EngineRequest,
  LoadOptions,
  ModelSummary,
  PromptTokens,
  TokenProbability,
} from './request.js';
export { loadTextCounter } from './tokenizer.js';
