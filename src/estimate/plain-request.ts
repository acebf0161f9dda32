/** From a prepared request, with its media read, to the plain data that an estimate needs. */

import type {
  MediaContent,
  PreparedMediaPart,
  PreparedRequest,
  PreparedToolResult,
  PreparedUserPart,
} from '../request/index.js';
import type { AssistantPart } from '../request/index.js';
import type { PlainMessage, PlainPart, PlainRequest } from './request-parts.js';

/**
 * What a prepared request costs can be asked of `estimateRequest({ model, ...plainRequestOf(prepared) })`. Sizes are turned upright by
 * the EXIF orientation; media by URL or file id have no known size.
 */
export function plainRequestOf(prepared: PreparedRequest): PlainRequest {
  return {
    messages: prepared.messages.map((message): PlainMessage => ({
      role: message.role,
      content: message.content.map(plainPart),
    })),
    tools: prepared.tools,
    ...(prepared.output === undefined ? {} : { output: prepared.output.schema }),
    maxOutputTokens: prepared.maxOutputTokens,
    // What a prepared request holds was fitted already, or goes out as it is.
    fit: 'off',
  };
}

function plainPart(part: PreparedUserPart | AssistantPart | PreparedToolResult): PlainPart {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { type: part.type, text: part.text };
    case 'tool-call':
      return { type: 'tool-call', name: part.name, arguments: part.arguments };
    case 'tool-result':
      return { type: 'tool-result', content: part.content.map(plainPart) };
    case 'image':
      return {
        type: 'image',
        ...uprightSize(part.media),
        ...(part.detail === undefined ? {} : { detail: part.detail }),
        ...bytesOf(part),
      };
    case 'audio':
    case 'video':
    case 'document':
      return { type: part.type, ...bytesOf(part) };
    default: {
      const unknown: never = part;
      throw new TypeError(`Unknown part ${JSON.stringify(unknown)}`);
    }
  }
}

function bytesOf({ media }: PreparedMediaPart): { bytes?: number } {
  return media.type === 'bytes' ? { bytes: media.bytes.byteLength } : {};
}

/** Orientations 5 to 8 lie on their side. */
function uprightSize(media: MediaContent): { width?: number; height?: number } {
  if (media.type !== 'bytes' || media.width === undefined || media.height === undefined) return {};
  const { width, height, orientation = 1 } = media;
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}
