/** The generateContent wire as it is today; the SDK's own types (0.24) stop at early 2025, but let everything through. */

import type { Detail } from '../../src/request/index.js';
import type { GenerateContentRequest, GoogleGenerativeAI } from '@google/generative-ai';

/** What the SDK takes; only `client.ts` hands anything to it. */
export type SdkRequest = GenerateContentRequest;
export type SdkClient = Pick<GoogleGenerativeAI, 'getGenerativeModel'>;

export type MediaResolution =
  | 'MEDIA_RESOLUTION_LOW'
  | 'MEDIA_RESOLUTION_MEDIUM'
  | 'MEDIA_RESOLUTION_HIGH'
  /** For single parts only. */
  | 'MEDIA_RESOLUTION_ULTRA_HIGH';

export interface WireBlob {
  mimeType: string;
  /** Base64. */
  data: string;
}

export interface WireFunctionCall {
  id?: string;
  name: string;
  args: object;
}

export interface WireFunctionResponse {
  id?: string;
  name: string;
  /** `output` or `error`. */
  response: object;
  /** Media of the result; Gemini 3 and later, bytes only. */
  parts?: { inlineData: WireBlob }[];
}

/** Exactly one of the contents is set; a signature may stand beside any of them. */
export interface WirePart {
  text?: string;
  inlineData?: WireBlob;
  fileData?: { fileUri: string; mimeType?: string };
  functionCall?: WireFunctionCall;
  functionResponse?: WireFunctionResponse;
  /** The text is reasoning. */
  thought?: boolean;
  /** Opaque; goes back on the very part it came with. */
  thoughtSignature?: string;
  /** Gemini 3 and later. */
  mediaResolution?: { level: MediaResolution };
}

export interface WireContent {
  role: 'user' | 'model';
  parts: WirePart[];
}

export interface WireThinkingConfig {
  includeThoughts?: boolean;
  /** Gemini 2.5: tokens, 0 to switch it off. */
  thinkingBudget?: number;
  /** Gemini 3 and later. */
  thinkingLevel?: 'minimal' | 'low' | 'medium' | 'high';
}

export interface WireGenerationConfig {
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  seed?: number;
  stopSequences?: string[];
  responseMimeType?: string;
  responseJsonSchema?: object;
  thinkingConfig?: WireThinkingConfig;
  mediaResolution?: MediaResolution;
}

export interface WireTool {
  functionDeclarations: { name: string; description?: string; parametersJsonSchema: object }[];
}

/** The body, and the model that the wire has in its address. */
export interface GoogleBody {
  model: string;
  contents: WireContent[];
  systemInstruction?: { parts: WirePart[] };
  tools?: WireTool[];
  toolConfig?: { functionCallingConfig: { mode: 'AUTO' | 'ANY' | 'NONE'; allowedFunctionNames?: string[] } };
  generationConfig: WireGenerationConfig;
}

export interface WireUsage {
  promptTokenCount?: number;
  cachedContentTokenCount?: number;
  candidatesTokenCount?: number;
  thoughtsTokenCount?: number;
  toolUsePromptTokenCount?: number;
  promptTokensDetails?: { modality?: string; tokenCount?: number }[];
}

/** The status object of Google's APIs, in the body of a failed answer or in a chunk of a stream. */
export interface WireStatus {
  code?: number;
  message?: string;
  status?: string;
  details?: Record<string, unknown>[];
}

export interface WireCandidate {
  content?: { parts?: WirePart[] };
  finishReason?: string;
  finishMessage?: string;
}

/** One chunk of a stream. Everything may be missing. */
export interface WireChunk {
  candidates?: WireCandidate[];
  promptFeedback?: { blockReason?: string; blockReasonMessage?: string };
  usageMetadata?: WireUsage;
  modelVersion?: string;
  responseId?: string;
  error?: WireStatus;
}

/** What a model of some generation takes; `undefined` for ids that do not tell (Gemma, tuned models). */
export function generationOf(modelId: string): number | undefined {
  const version = /(?:^|\/)gemini-(?:(\d+)|.*-latest$)/.exec(modelId);
  // `gemini-flash-latest` and the like point at the newest.
  return version === null ? undefined : Number(version[1] ?? 4);
}

/** The wire's word for our detail; nothing for `auto`, which leaves it to Google. */
export function resolutionOf(detail: Detail | undefined): MediaResolution | undefined {
  switch (detail) {
    case 'low':
      return 'MEDIA_RESOLUTION_LOW';
    case 'medium':
      return 'MEDIA_RESOLUTION_MEDIUM';
    case 'high':
      return 'MEDIA_RESOLUTION_HIGH';
    case 'original':
      return 'MEDIA_RESOLUTION_ULTRA_HIGH';
    case 'auto':
    case undefined:
      return undefined;
    default: {
      const unknown: never = detail;
      throw new TypeError(`Unknown detail ${String(unknown)}`);
    }
  }
}
