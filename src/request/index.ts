/** The request room: the unified model of requests, messages, parts, options, events and replies. */

export type { Attempt } from './attempt.js';
export { ContentBuilder } from './content-builder.js';
export type {
  AdapterEvent,
  AdapterFinishEvent,
  AttemptEvent,
  ContentEvent,
  ErrorEvent,
  FinishEvent,
  ReasoningDeltaEvent,
  ResponseStartEvent,
  StartEvent,
  StreamEvent,
  TextDeltaEvent,
  ToolCallDeltaEvent,
  ToolCallEndEvent,
  ToolCallStartEvent,
  UsageEvent,
  WarningEvent,
} from './events.js';
export type { FinishReason } from './finish-reason.js';
export type { JsonObject, JsonSchema, JsonValue } from './json.js';
export { mediaKindOf, type MediaBytes, type MediaContent, type MediaFileId, type MediaUrl } from './media-content.js';
export type { CallEstimate, Money, TokenEstimate } from './money.js';
export type { AssistantMessage, Message, SystemMessage, ToolMessage, UserMessage } from './messages.js';
export type { Budget, CachePreference, GenerateOptions, ReasoningLevel, TimeoutOptions } from './options.js';
export type { EncodedVectors, Encoder, EncoderDescription, ScoredLabel } from './embedding.js';
export type { InferOutput, OutputSchema, PreparedOutput } from './output.js';
export type {
  AssistantPart,
  AudioPart,
  Detail,
  DocumentPart,
  FileReference,
  ImagePart,
  MediaKind,
  MediaPart,
  MediaSource,
  Part,
  PartKind,
  ProviderData,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
  VideoPart,
} from './parts.js';
export type {
  PreparedMediaPart,
  PreparedMessage,
  PreparedRequest,
  PreparedToolResult,
  PreparedUserPart,
} from './prepared.js';
export type { MediaFacts, MediaReport, Reply } from './reply.js';
export type { BaseRequest, ImageInput, RequestContent } from './request.js';
export { StopMatcher, type StopMatch } from './stop-matcher.js';
export type { PreparedTool, Tool, ToolChoice } from './tools.js';
export { didYouMean } from './nearest.js';
export { EventStream } from './event-stream.js';
export { isFileReference, toMessages } from './normalize.js';
export { checkAgainstSchema, toJsonSchema, type SchemaCheck } from './output-schema.js';
export { validateRequest } from './validate.js';
export { unknownUsage, type Usage } from './usage.js';
export type { Warning } from './warning.js';
