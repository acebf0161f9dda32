/** A request as adapters see it: sugar resolved, media read, schemas turned into JSON Schema, defaults filled in. */

import type { JsonObject } from './json.js';
import type { MediaContent } from './media-content.js';
import type { CachePreference, ReasoningLevel } from './options.js';
import type { PreparedOutput } from './output.js';
import type { AssistantPart, Detail, MediaKind, TextPart } from './parts.js';
import type { PreparedTool, ToolChoice } from './tools.js';

/** A medium ready for one target. */
export interface PreparedMediaPart {
  readonly type: MediaKind;
  readonly media: MediaContent;
  /** Pictures only; never undefined there. */
  readonly detail?: Detail;
  /** The picture is no larger than its detail means for this target: a wire without the word loses nothing. */
  readonly scaledToDetail?: true;
  /** Documents only. */
  readonly filename?: string;
}

export type PreparedUserPart = TextPart | PreparedMediaPart;

export interface PreparedToolResult {
  readonly type: 'tool-result';
  readonly id: string;
  readonly name: string;
  readonly content: readonly PreparedUserPart[];
  readonly isError: boolean;
}

/** `system` texts stand where the caller put them; a wire without that hoists them to the front. */
export type PreparedMessage =
  | { readonly role: 'system'; readonly content: readonly TextPart[] }
  | { readonly role: 'user'; readonly content: readonly PreparedUserPart[] }
  | { readonly role: 'assistant'; readonly content: readonly AssistantPart[] }
  | { readonly role: 'tool'; readonly content: readonly PreparedToolResult[] };

export interface PreparedRequest {
  /** The provider's own id, without the `provider:` prefix. */
  readonly modelId: string;
  readonly messages: readonly PreparedMessage[];
  readonly maxOutputTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  /** Empty when there are none. */
  readonly stop: readonly string[];
  readonly output?: PreparedOutput;
  /** Empty when there are none. */
  readonly tools: readonly PreparedTool[];
  readonly toolChoice: ToolChoice;
  readonly reasoning?: ReasoningLevel;
  readonly cache?: CachePreference;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The raw extra parameters of this provider only. */
  readonly providerOptions: JsonObject;
}
