/** A request as plain data: what an estimate needs to know of each part, without any bytes. */

import type { Detail, JsonObject } from '../request/index.js';

export interface PlainText {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

export interface PlainImage {
  readonly type: 'image';
  /** Pixels, upright: after EXIF orientation. Absent: not known, which makes the range wide. */
  readonly width?: number;
  readonly height?: number;
  /** Default: the request's. */
  readonly detail?: Detail;
  /** Bytes of the file. */
  readonly bytes?: number;
}

export interface PlainAudio {
  readonly type: 'audio';
  /** Absent: guessed from `bytes`, with a wide range. */
  readonly seconds?: number;
  readonly bytes?: number;
}

export interface PlainVideo {
  readonly type: 'video';
  /** Absent: guessed from `bytes`, with a wide range. */
  readonly seconds?: number;
  readonly framesPerSecond?: number;
  readonly silent?: boolean;
  readonly detail?: Detail;
  readonly width?: number;
  readonly height?: number;
  readonly bytes?: number;
}

export interface PlainDocument {
  readonly type: 'document';
  /** Absent: guessed from `bytes`, with a wide range. */
  readonly pages?: number;
  readonly detail?: Detail;
  readonly bytes?: number;
}

export interface PlainToolCall {
  readonly type: 'tool-call';
  readonly name: string;
  readonly arguments: JsonObject;
}

export interface PlainToolResult {
  readonly type: 'tool-result';
  readonly content: string | readonly PlainPart[];
}

export type PlainPart =
  PlainText | PlainImage | PlainAudio | PlainVideo | PlainDocument | PlainToolCall | PlainToolResult;

export interface PlainMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly PlainPart[];
}

export interface PlainTool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
}

/** What is asked, in the same words as a real request. `prompt` and `images` make one more user message. */
export interface PlainRequest {
  readonly system?: string;
  readonly messages?: readonly PlainMessage[];
  readonly prompt?: string;
  readonly images?: readonly Omit<PlainImage, 'type'>[];
  readonly tools?: readonly PlainTool[];
  /** JSON Schema of the answer. */
  readonly output?: JsonObject;
  /** Default `high`. */
  readonly detail?: Detail;
  /** Default `vendor`: pictures are scaled to their detail where the vendor does not do so itself. */
  readonly fit?: 'vendor' | 'limits' | 'off';
  /** Unset: 4,096, or the model's limit if that is smaller. */
  readonly maxOutputTokens?: number;
}

/** The messages with the sugar resolved. */
export function messagesOf(request: PlainRequest): readonly PlainMessage[] {
  const { system, messages = [], prompt, images = [] } = request;
  const content: PlainPart[] = images.map((image) => ({ ...image, type: 'image' }));
  if (prompt !== undefined) content.push({ type: 'text', text: prompt });
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
    ...messages,
    ...(content.length === 0 ? [] : [{ role: 'user', content } as const]),
  ];
}

/** The pictures of a request, those inside tool results included: vendors count them too. */
export function countImages(messages: readonly PlainMessage[]): number {
  const ofParts = (content: string | readonly PlainPart[]): number =>
    typeof content === 'string'
      ? 0
      : content.reduce(
          (sum, part) =>
            sum + (part.type === 'image' ? 1 : 0) + (part.type === 'tool-result' ? ofParts(part.content) : 0),
          0,
        );
  return messages.reduce((sum, message) => sum + ofParts(message.content), 0);
}
