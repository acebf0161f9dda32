/** Refuses media that a target would refuse, before anything is sent, naming the limit, the actual number and the way out. */

import { OcelliError } from '../errors/index.js';
import { mediaKindOf, type PreparedMediaPart, type PreparedMessage } from '../request/index.js';
import { formatBytes } from './byte-limits.js';
import { mediaTypeForKind, normalMediaType } from './media-types.js';

/** The limits of a target that concern media; the `limits` of a model description have this shape. */
export interface MediaLimits {
  readonly images?: {
    readonly perRequest?: number;
    /** Longest side in pixels. */
    readonly maxSide?: number;
    /** Above this many pictures, `manyImagesMaxSide` holds instead of `maxSide`. */
    readonly manyImages?: number;
    readonly manyImagesMaxSide?: number;
    /** Characters of base64 text of one picture. */
    readonly maxBase64Bytes?: number;
  };
  /** Bytes of the whole request body. */
  readonly requestBytes?: number;
}

export interface LimitedTarget {
  /** `provider:model-id`, for the message. */
  readonly model: string;
  /** Media types the target reads. Not given: nothing is known, nothing refused. */
  readonly mediaTypes?: readonly string[];
  readonly limits: MediaLimits;
}

/**
 * The first limit that the media of a request break, as the error to throw, or `undefined` when all is well.
 * Of pictures that go out as URL or file id nothing is known but their number.
 *
 * @returns `unsupported-input` for a media type that the target does not read, `image-too-large` for everything else
 *
 * @example
 * const problem = findMediaProblem(prepared.messages, { model: 'openai:gpt-4o', mediaTypes: ['image/png'], limits: {} });
 * if (problem !== undefined) throw problem;
 */
export function findMediaProblem(messages: readonly PreparedMessage[], target: LimitedTarget): OcelliError | undefined {
  const parts = collectParts(messages);
  const pictures = parts.filter(({ part }) => part.type === 'image');
  return (
    firstOf(parts, (place) => checkType(place, target)) ??
    checkNumber(pictures.length, target) ??
    firstOf(pictures, (place) => checkSide(place, pictures.length, target) ?? checkBase64(place, target)) ??
    checkRequest(messages, parts, target)
  );
}

/** Throws what {@link findMediaProblem} finds. */
export function checkMediaLimits(messages: readonly PreparedMessage[], target: LimitedTarget): void {
  const problem = findMediaProblem(messages, target);
  if (problem !== undefined) throw problem;
}

interface PartPlace {
  readonly part: PreparedMediaPart;
  readonly subject: string;
}

function collectParts(messages: readonly PreparedMessage[]): PartPlace[] {
  const places: PartPlace[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'user' && message.role !== 'tool') continue;
    for (const [number, part] of message.content.entries()) {
      const subject = `messages[${index}].content[${number}]`;
      if (part.type === 'tool-result') {
        for (const [inner, innerPart] of part.content.entries()) {
          if (innerPart.type !== 'text') places.push({ part: innerPart, subject: `${subject}.content[${inner}]` });
        }
      } else if (part.type !== 'text') places.push({ part, subject });
    }
  }
  return places;
}

function firstOf(
  places: readonly PartPlace[],
  check: (place: PartPlace) => OcelliError | undefined,
): OcelliError | undefined {
  for (const place of places) {
    const problem = check(place);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkType({ part, subject }: PartPlace, { model, mediaTypes }: LimitedTarget): OcelliError | undefined {
  const { mediaType } = part.media;
  if (mediaType === undefined || mediaTypes === undefined) return undefined;
  const isSame = (allowed: string): boolean => mediaTypeForKind(normalMediaType(allowed), part.type) === mediaType;
  if (mediaTypes.some(isSame)) return undefined;
  const allowed = mediaTypes.filter((type) => mediaKindOf(type) === part.type);
  return new OcelliError(
    'unsupported-input',
    `${subject} is ${mediaType}, which ${model} does not read; it reads ${listTypes(allowed, part.type)}. Convert the file, or choose another model.`,
    { model },
  );
}

function listTypes(types: readonly string[], kind: string): string {
  return types.length === 0 ? `no input of type ${kind}` : types.join(', ');
}

function checkNumber(count: number, { model, limits }: LimitedTarget): OcelliError | undefined {
  const most = limits.images?.perRequest;
  if (most === undefined || count <= most) return undefined;
  return tooLarge(
    model,
    `The request holds ${count} pictures; ${model} takes at most ${most} a request. Split the request.`,
  );
}

function checkSide({ part, subject }: PartPlace, count: number, target: LimitedTarget): OcelliError | undefined {
  if (part.media.type !== 'bytes') return undefined;
  const { width, height } = part.media;
  const { maxSide, manyImages, manyImagesMaxSide } = target.limits.images ?? {};
  if (width === undefined || height === undefined) return undefined;
  const isMany = manyImages !== undefined && manyImagesMaxSide !== undefined && count > manyImages;
  const most = isMany ? Math.min(manyImagesMaxSide, maxSide ?? Infinity) : maxSide;
  if (most === undefined || Math.max(width, height) <= most) return undefined;
  const when = isMany ? ` when a request holds more than ${manyImages} pictures (this one holds ${count})` : '';
  const cure = isMany ? 'Make it smaller, or send fewer pictures at once' : 'Make it smaller';
  return tooLarge(
    target.model,
    `${subject} is ${width} × ${height} pixels; ${target.model} takes at most ${most} pixels a side${when}. ${cure}.`,
  );
}

function checkBase64({ part, subject }: PartPlace, { model, limits }: LimitedTarget): OcelliError | undefined {
  const most = limits.images?.maxBase64Bytes;
  if (part.media.type !== 'bytes' || most === undefined) return undefined;
  const size = base64Length(part.media.bytes.length);
  if (size <= most) return undefined;
  return tooLarge(
    model,
    `${subject} is ${formatBytes(size)} as base64 text; ${model} takes at most ${formatBytes(most)}, which is a file of ${formatBytes(Math.floor(most / 4) * 3)}. Make it smaller or compress it more.`,
  );
}

/** A lower bound of the body: all base64 text and all texts, without the wire's own framing. */
function checkRequest(
  messages: readonly PreparedMessage[],
  parts: readonly PartPlace[],
  { model, limits }: LimitedTarget,
): OcelliError | undefined {
  const most = limits.requestBytes;
  if (most === undefined) return undefined;
  let size = 0;
  for (const { part } of parts) if (part.media.type === 'bytes') size += base64Length(part.media.bytes.length);
  for (const { content } of messages) {
    for (const part of content) {
      const texts = part.type === 'tool-result' ? part.content : [part];
      for (const text of texts) if (text.type === 'text') size += Buffer.byteLength(text.text);
    }
  }
  if (size <= most) return undefined;
  return tooLarge(
    model,
    `The request is at least ${formatBytes(size)} with ${parts.length} media as base64 text; ${model} takes at most ${formatBytes(most)} a request. Send fewer or smaller files, or upload them and pass file ids.`,
  );
}

/** Characters of base64 text, padding included. */
function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function tooLarge(model: string, message: string): OcelliError {
  return new OcelliError('image-too-large', message, { model });
}
