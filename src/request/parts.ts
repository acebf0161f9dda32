/** The parts a message is made of, as a caller writes them. */

import type { JsonObject } from './json.js';
import type { MediaBytes, MediaKind } from './media-content.js';

export type { MediaKind };

/** Every kind of part that a caller may put into a message. */
export type PartKind = 'text' | 'image' | 'audio' | 'video' | 'document' | 'reasoning' | 'tool-call' | 'tool-result';

/**
 * How finely a picture is looked at, the same word for every provider.
 * `high` is the default everywhere, since a vendor's own `auto` can cost five times as much.
 */
export type Detail = 'low' | 'medium' | 'high' | 'original' | 'auto';

/** Ids that providers gave for an uploaded file, and optionally where the same bytes are for any other provider. */
export interface FileReference {
  /** For example `{ openai: 'file-abc', google: 'files/xyz' }`. */
  readonly fileIds: Readonly<Record<string, string>>;
  /** Used for a provider that has no id, so that a fallback still has the picture. */
  readonly source?: MediaSource;
}

/**
 * Where bytes come from: a file path; a `file:`, `http(s):` or `data:` URL; bytes; a `Blob` or `File`;
 * a web or Node stream (read once, then kept); what `loadMedia` gave, so that a picture of many calls is read, checked
 * and hashed once; or ids of uploaded files.
 */
export type MediaSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | MediaBytes
  | FileReference;

/**
 * Opaque data of the provider that made a part (signatures, response ids), keyed by provider name.
 * It goes back only to that provider and is dropped elsewhere with a warning.
 */
export type ProviderData = Readonly<Record<string, JsonObject>>;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly providerData?: ProviderData;
}

interface MediaPartBase {
  readonly source: MediaSource;
  /** Declared media type, for example `image/png`. The type found in the bytes wins over it. */
  readonly mediaType?: string;
  /** Let the provider fetch an http(s) source itself, where it can. Default: we download it. */
  readonly passUrl?: boolean;
}

export interface ImagePart extends MediaPartBase {
  readonly type: 'image';
  /** Default: the request's `detail`, which defaults to `high`. */
  readonly detail?: Detail;
}

export interface AudioPart extends MediaPartBase {
  readonly type: 'audio';
}

export interface VideoPart extends MediaPartBase {
  readonly type: 'video';
}

export interface DocumentPart extends MediaPartBase {
  readonly type: 'document';
  /** Shown to the model where the wire has a place for it. */
  readonly filename?: string;
}

/** A part that carries a medium. */
export type MediaPart = ImagePart | AudioPart | VideoPart | DocumentPart;

/** What the model thought, as far as the provider shows it. Comes back in `reply.messages`. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly providerData?: ProviderData;
}

/** The model asks for a tool to be run. Comes back in `reply.messages`. */
export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
  readonly providerData?: ProviderData;
}

/** What a tool answered. Pictures in it work on every wire. */
export interface ToolResultPart {
  readonly type: 'tool-result';
  /** The `id` of the tool call that this answers. */
  readonly id: string;
  /** The tool's name; found from the call when left out. */
  readonly name?: string;
  readonly content: string | readonly (TextPart | ImagePart | DocumentPart)[];
  /** The tool failed and `content` says how. */
  readonly isError?: boolean;
}

export type UserPart = TextPart | MediaPart;
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart;
export type Part = UserPart | AssistantPart | ToolResultPart;
