/** The public surface of ocelli: re-exports only. */

export { createOcelli, defaultModel } from './ocelli.js';
export type {
  CandidateEstimate,
  EstimateOptions,
  GenerateRequest,
  ModelInfo,
  Ocelli,
  OcelliOptions,
  PreparedCall,
  ReadyCall,
  SendOptions,
} from './ocelli-types.js';
export type {
  ClassifyReply,
  ClassifyRequest,
  EmbedReply,
  EmbedRequest,
  ImageIndex,
  ImageIndexRequest,
  IndexPicture,
  IndexSearch,
} from './embedding/embedding-types.js';
export { errorKinds, OcelliError } from './errors/index.js';
export type { AttemptSummary, ErrorKind, OcelliErrorOptions } from './errors/index.js';
export { costOf, createFileLedger, createMemoryLedger, ledgerConformance } from './cost/index.js';
export type {
  Budget,
  CostOptions,
  FileLedgerOptions,
  LedgerConformanceCase,
  LedgerConformanceOptions,
  LedgerState,
  LedgerStore,
  OpenReservation,
  ReservationRequest,
  ReservationResult,
  Spent,
} from './cost/index.js';
export { loadTokenizers } from './estimate/load-tokenizers.js';
export { loadMedia, probePictureFile } from './media/index.js';
export type { LoadedMedia, LoadMediaOptions, PictureProbe, ProbeOptions } from './media/index.js';
export { catalogueProblems, createCatalogue, findModel, listModels } from './models/index.js';
export type { Capabilities, KnownModelId, Limits, ModelDescription, ModelRow, RowOverride } from './models/index.js';
export { EventStream } from './request/index.js';
export type {
  AssistantMessage,
  AssistantPart,
  Attempt,
  AttemptEvent,
  AudioPart,
  CachePreference,
  ContentEvent,
  Detail,
  DocumentPart,
  Encoder,
  ErrorEvent,
  FileReference,
  FinishEvent,
  FinishReason,
  GenerateOptions,
  ImageInput,
  ImagePart,
  InferOutput,
  JsonObject,
  JsonSchema,
  JsonValue,
  MediaBytes,
  MediaKind,
  MediaPart,
  MediaReport,
  MediaSource,
  Message,
  OutputSchema,
  Part,
  PartKind,
  ProviderData,
  ReasoningDeltaEvent,
  ReasoningLevel,
  ReasoningPart,
  Reply,
  ScoredLabel,
  StartEvent,
  StreamEvent,
  SystemMessage,
  TextDeltaEvent,
  TextPart,
  TimeoutOptions,
  Tool,
  ToolCallDeltaEvent,
  ToolCallEndEvent,
  ToolCallPart,
  ToolCallStartEvent,
  ToolChoice,
  ToolMessage,
  ToolResultPart,
  Usage,
  UserMessage,
  UserPart,
  VideoPart,
  Warning,
  WarningEvent,
} from './request/index.js';
export { toOriginal } from './media/index.js';
export type {
  Box,
  FitMode,
  FitPlan,
  FitReason,
  FitReport,
  FitTarget,
  FittedMedia,
  MediaStoreOptions,
  Point,
} from './media/index.js';
export { failureTable } from './route/index.js';
export type { FailureAction, ModelChoice, ModelInput, RouteOptions, RoutePolicy } from './route/index.js';
export type { Adapter, AdapterWithModels, ModelReference } from '../adapters/adapter.js';
