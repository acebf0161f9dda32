/** Turns the sugar of a request (`system`, `prompt`, `images`) into messages, so that the rest of the package sees one shape. */

import type { Message } from './messages.js';
import type { FileReference, ImagePart, MediaSource, UserPart } from './parts.js';
import type { BaseRequest, ImageInput } from './request.js';

/** The conversation that a request stands for: system text first, then its messages, then pictures and prompt as one user message. */
export function toMessages(
  request: Pick<BaseRequest, 'system' | 'messages' | 'prompt' | 'images'>,
): readonly Message[] {
  const messages: Message[] = [];
  if (request.system !== undefined && request.system !== '') messages.push({ role: 'system', content: request.system });
  messages.push(...(request.messages ?? []));
  const parts: UserPart[] = (request.images ?? []).map(toImagePart);
  if (request.prompt !== undefined) parts.push({ type: 'text', text: request.prompt });
  if (parts.length > 0) messages.push({ role: 'user', content: parts });
  return messages;
}

function toImagePart(image: MediaSource | ImageInput): ImagePart {
  return isImageInput(image) ? { type: 'image', ...image } : { type: 'image', source: image };
}

/** Tells `{ source, detail }` from a bare source; `{ fileIds, source }` is a bare source. */
export function isImageInput(image: MediaSource | ImageInput): image is ImageInput {
  return typeof image === 'object' && image !== null && 'source' in image && !isFileReference(image);
}

/** Ids of an upload, whatever else is beside them. `{ fileIds: null }` is none: its ids could not be looked at. */
export function isFileReference(source: unknown): source is FileReference {
  if (typeof source !== 'object' || source === null || !('fileIds' in source)) return false;
  return typeof source.fileIds === 'object' && source.fileIds !== null;
}
