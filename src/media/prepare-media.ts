/** Makes a conversation ready for one target: every medium read, or left to the provider by URL or file id. */

import { OcelliError } from '../errors/index.js';
import {
  isFileReference,
  mediaKindOf,
  type Detail,
  type MediaContent,
  type MediaKind,
  type MediaPart,
  type MediaReport,
  type MediaSource,
  type Message,
  type PartKind,
  type PreparedMediaPart,
  type PreparedMessage,
  type PreparedUserPart,
  type TextPart,
  type ToolResultPart,
  type UserPart,
  type Warning,
} from '../request/index.js';
import { throwIfAborted } from './abort.js';
import { capitalise } from './byte-limits.js';
import { describeSource } from './describe-source.js';
import type * as FitParts from './fit/fit-parts.js';
import type { FittedPart, PrepareFit } from './fit/fit-parts.js';
import { toMediaReport } from './fit/fit-report.js';
import { inOrder } from './in-order.js';
import type { LoadedMedia } from './load-media.js';
import type { MediaStore } from './media-store.js';
import { contradicts, mediaTypeForKind, normalMediaType } from './media-types.js';
import type { ReadableSource } from './read-source.js';

/** What is to be known of a target, as plain data. */
export interface PrepareTarget {
  /** The word before the colon in `provider:model-id`; picks the file id. */
  readonly provider: string;
  /** Kinds whose http(s) URLs the provider fetches itself (`capabilities.urls`). */
  readonly urls: readonly PartKind[];
  /** Whether its wire has a place for file ids. Default true. */
  readonly fileIds?: boolean;
  /** For pictures that do not say it themselves. */
  readonly detail: Detail;
  readonly store: MediaStore;
  /** How pictures are fitted to the target. Not given: they are sent as they are. */
  readonly fit?: PrepareFit;
  readonly signal?: AbortSignal | undefined;
}

export interface PreparedMedia {
  readonly messages: readonly PreparedMessage[];
  /** The pictures in order of appearance, those in tool results included. */
  readonly images: readonly MediaReport[];
  readonly warnings: readonly Warning[];
}

/** So many sources are read at the same time. */
const concurrency = 8;

/**
 * Reads the media of a conversation for one target and puts them into the form that adapters take. What was read stays in `store`
 * for the next candidate. String contents become text parts (none for an empty string), and tool results get their tool's name.
 *
 * @throws OcelliError `invalid-request` (a tool result without its call), `unsupported-input` (no id and no source for this provider;
 *   a part whose bytes are of another kind), and what `loadMedia` throws. Of several failures the first in order is thrown.
 *
 * @example
 * const store = createMediaStore();
 * const { messages } = await prepareMessages(conversation, { provider: 'openai', urls: ['image'], detail: 'high', store });
 */
export async function prepareMessages(messages: readonly Message[], target: PrepareTarget): Promise<PreparedMedia> {
  const jobs = collectMedia(messages);
  const loaded = await inOrder(jobs, concurrency, async (job) => {
    throwIfAborted(target.signal);
    return { subject: job.subject, ...(await prepareMedium(job, target)) };
  });
  const ready = await fitted(loaded, target, messages);
  const parts = new Map(ready.map((medium) => [medium.subject, medium]));
  return {
    messages: assemble(messages, parts),
    images: ready.flatMap(({ part, original, report }) =>
      part.type === 'image' ? [toMediaReport(original ?? part, report)] : [],
    ),
    warnings: loaded.flatMap(({ warnings }) => warnings),
  };
}

/** Kept, since an import that was made before still takes longer than all else here. */
let fitting: Promise<typeof FitParts> | undefined;

/** Half of this room's code, which a request without pictures never needs: loaded on first use. */
async function fitted(
  loaded: readonly FittedPart[],
  { fit, signal }: PrepareTarget,
  messages: readonly Message[],
): Promise<readonly FittedPart[]> {
  if (fit === undefined || loaded.length === 0) return loaded;
  fitting ??= import('./fit/fit-parts.js');
  const { fitParts } = await fitting;
  return fitParts(loaded, fit, () => bytesOfTexts(messages), signal);
}

/** What the texts of a conversation take in a request body, at least. */
function bytesOfTexts(messages: readonly Message[]): number {
  let size = 0;
  for (const { role, content } of messages) {
    if (typeof content === 'string') size += Buffer.byteLength(JSON.stringify(content));
    else if (role === 'assistant') size += Buffer.byteLength(JSON.stringify(content));
    else {
      for (const part of content) {
        const texts = part.type === 'tool-result' && typeof part.content !== 'string' ? part.content : [part];
        for (const text of texts) if (text.type === 'text') size += Buffer.byteLength(JSON.stringify(text.text));
      }
    }
  }
  return size;
}

interface MediaJob {
  readonly part: MediaPart;
  /** For example `messages[2].content[0]`. */
  readonly subject: string;
}

function collectMedia(messages: readonly Message[]): MediaJob[] {
  const jobs: MediaJob[] = [];
  const collect = (parts: readonly UserPart[], place: string): void => {
    for (const [index, part] of parts.entries()) {
      if (part.type !== 'text') jobs.push({ part, subject: `${place}[${index}]` });
    }
  };
  for (const [index, message] of messages.entries()) {
    const place = `messages[${index}].content`;
    if (typeof message.content === 'string') continue;
    if (message.role === 'user') collect(message.content, place);
    else if (message.role === 'tool') {
      for (const [result, { content }] of message.content.entries()) {
        if (typeof content !== 'string') collect(content, `${place}[${result}].content`);
      }
    }
  }
  return jobs;
}

interface ReadyMedium {
  readonly part: PreparedMediaPart;
  readonly warnings: readonly Warning[];
}

async function prepareMedium({ part, subject }: MediaJob, target: PrepareTarget): Promise<ReadyMedium> {
  const declared = part.mediaType === undefined ? {} : { mediaType: normalMediaType(part.mediaType) };
  const source = resolveSource(part.source, target, subject);
  if ('fileId' in source)
    return { part: toPart(part, { type: 'file-id', ...source, ...declared }, target), warnings: [] };

  const url = webUrl(source.from);
  if (part.passUrl === true && url !== undefined && target.urls.includes(part.type)) {
    return { part: toPart(part, { type: 'url', url, ...declared }, target), warnings: [] };
  }
  const loaded = await loadNamed(source.from, part.type, subject, target);
  const mediaType = mediaTypeForKind(loaded.media.mediaType, part.type);
  const kind = mediaKindOf(mediaType);
  if (kind !== part.type) {
    throw new OcelliError(
      'unsupported-input',
      `${subject} is a part of type ${part.type}, but ${describeSource(source.from)} is ${mediaType}. Use a part of type ${kind ?? 'document'}.`,
    );
  }
  const media = mediaType === loaded.media.mediaType ? loaded.media : loaded.media.withMediaType(mediaType);
  const claim = part.mediaType ?? loaded.declaredType;
  return {
    part: toPart(part, media, target),
    warnings:
      claim !== undefined && contradicts(claim, mediaType) && contradicts(claim, loaded.media.mediaType)
        ? [mediaTypeWarning(subject, source.from, claim, mediaType)]
        : [],
  };
}

/** Bytes and streams have no name, so a failure of theirs says which part it was. */
async function loadNamed(
  from: ReadableSource,
  kind: MediaKind,
  subject: string,
  { store, signal }: PrepareTarget,
): Promise<LoadedMedia> {
  try {
    return await store.load(from, kind, signal);
  } catch (error) {
    const hasNoName = describeSource(from).startsWith('the ');
    if (!OcelliError.isInstance(error) || error.kind === 'aborted' || !hasNoName) throw error;
    throw new OcelliError(error.kind, `${error.message} (${subject})`, { retryable: error.retryable });
  }
}

function mediaTypeWarning(subject: string, source: ReadableSource, claim: string, found: string): Warning {
  return {
    type: 'media-type',
    subject,
    message: `${capitalise(describeSource(source))} was declared as ${claim.slice(0, 80)} but its bytes are ${found}; it is sent as ${found}.`,
  };
}

function toPart(part: MediaPart, media: MediaContent, target: PrepareTarget): PreparedMediaPart {
  const filename = part.type === 'document' ? (part.filename ?? fileNameOf(part.source)) : undefined;
  return {
    type: part.type,
    media,
    ...(part.type === 'image' ? { detail: part.detail ?? target.detail } : {}),
    ...(filename === undefined ? {} : { filename }),
  };
}

function fileNameOf(source: MediaSource): string | undefined {
  if (!(source instanceof Blob) || !('name' in source)) return undefined;
  return typeof source.name === 'string' && source.name !== '' ? source.name : undefined;
}

type ResolvedSource = { readonly fileId: string } | { readonly from: ReadableSource };

/** A file id counts only for its own provider; elsewhere the reference's own source takes its place, which may be one again. */
function resolveSource(source: MediaSource, target: PrepareTarget, subject: string): ResolvedSource {
  let current: MediaSource | undefined = source;
  const known: string[] = [];
  while (current !== undefined && isFileReference(current)) {
    const fileId = Object.hasOwn(current.fileIds, target.provider) ? current.fileIds[target.provider] : undefined;
    if (fileId !== undefined && target.fileIds !== false) return { fileId };
    known.push(...Object.keys(current.fileIds));
    current = current.source;
  }
  if (current !== undefined) return { from: current };
  const ids = known.length === 0 ? 'none' : known.join(', ').slice(0, 200);
  throw new OcelliError(
    'unsupported-input',
    `${subject} has no file id that ${target.provider} can use (ids for: ${ids}) and no source. Add "source" beside "fileIds", so that any provider gets the file.`,
  );
}

/** An http(s) URL that may be passed on; one with a user name or password may not, and is refused when it is loaded instead. */
function webUrl(source: ReadableSource): string | undefined {
  const text = source instanceof URL ? source.href : source;
  if (typeof text !== 'string' || !/^https?:/i.test(text) || !URL.canParse(text)) return undefined;
  const { username, password } = new URL(text);
  return username === '' && password === '' ? text : undefined;
}

/** The parts by subject, put back where they stood. */
function assemble(messages: readonly Message[], parts: ReadonlyMap<string, FittedPart>): PreparedMessage[] {
  const callNames = new Map<string, string>();
  const place = (content: string | readonly UserPart[], at: string): PreparedUserPart[] =>
    typeof content === 'string'
      ? toTexts(content)
      : content.flatMap((part, index) => (part.type === 'text' ? part : withNote(parts.get(`${at}[${index}]`))));

  return messages.map((message, index): PreparedMessage => {
    const at = `messages[${index}].content`;
    switch (message.role) {
      case 'system':
        return { role: 'system', content: toTexts(message.content) };
      case 'user':
        return { role: 'user', content: place(message.content, at) };
      case 'assistant': {
        const content = typeof message.content === 'string' ? toTexts(message.content) : message.content;
        for (const part of content) if (part.type === 'tool-call') callNames.set(part.id, part.name);
        return { role: 'assistant', content };
      }
      case 'tool':
        return {
          role: 'tool',
          content: message.content.map((result, number) => ({
            type: 'tool-result',
            id: result.id,
            name: toolName(result, callNames, `${at}[${number}]`),
            content: place(result.content, `${at}[${number}].content`),
            isError: result.isError ?? false,
          })),
        };
    }
  });
}

function withNote(medium: FittedPart | undefined): PreparedUserPart[] {
  if (medium === undefined) return [];
  const { part, note } = medium;
  return note === undefined ? [part] : [part, { type: 'text', text: note }];
}

/** Every wire but one refuses a result without its call, so it is refused here, before a fallback can meet that. */
function toolName(result: ToolResultPart, callNames: ReadonlyMap<string, string>, subject: string): string {
  const called = callNames.get(result.id);
  if (called !== undefined) return result.name ?? called;
  const ids = [...callNames.keys()].slice(0, 10).join(', ');
  throw new OcelliError(
    'invalid-request',
    `${subject}.id is "${result.id.slice(0, 100)}", but no tool call before it has that id (${ids === '' ? 'there is none' : `there are: ${ids.slice(0, 500)}`}). Append reply.messages before the tool results.`,
  );
}

function toTexts(content: string | readonly TextPart[]): TextPart[] {
  if (typeof content !== 'string') return [...content];
  return content === '' ? [] : [{ type: 'text', text: content }];
}
