/** Prepares a request for one candidate: pictures read and checked, schemas as JSON Schema, defaults, then the adapter's wire body. */

import { OcelliError } from '../errors/index.js';
import { fitTargetOf } from '../estimate/index.js';
import { checkMediaLimits, prepareMessages, type FitCache, type MediaStore } from '../media/index.js';
import {
  toJsonSchema,
  type BaseRequest,
  type Message,
  type PreparedRequest,
  type PreparedTool,
  type Tool,
} from '../request/index.js';
import { localProvider, type Candidate } from './candidate.js';
import type { Prepared } from './prepared-call.js';

/** Everything that a call sends or says of itself, and the request as the adapter got it. */
export interface PreparedCandidate extends Prepared {
  readonly request: PreparedRequest;
}

/** What reading and fitting pictures needs beyond one candidate. */
export interface RequestMedia {
  /** Lives as long as the request: every source is read once. */
  readonly store: MediaStore;
  /** Lives as long as the instance: a fallback to a target of the same shape does no work twice. */
  readonly fitCache: FitCache;
}

/** Output tokens when the caller sets none: enough for most answers, small enough that a worst case stays affordable. */
const defaultMaxOutputTokens = 4_096;

/**
 * @throws OcelliError of a kind that the failure table knows when this candidate cannot take the request
 */
export async function prepareCandidate(
  candidate: Candidate,
  request: BaseRequest,
  messages: readonly Message[],
  media: RequestMedia,
  signal: AbortSignal,
): Promise<PreparedCandidate> {
  const { adapter, description } = candidate;
  const read = await prepareMessages(messages, {
    provider: adapter.provider,
    urls: description.capabilities.urls,
    detail: request.detail ?? description.defaultDetail ?? 'high',
    store: media.store,
    signal,
    fit: {
      mode: request.fit ?? 'vendor',
      keepMetadata: request.keepMetadata ?? false,
      note: request.noteOriginalSize ?? false,
      cache: media.fitCache,
      // What stays on this machine keeps its metadata and orientation: the engine turns pictures itself.
      target: (detail, pictureCount) =>
        fitTargetOf(description, detail, pictureCount, adapter.provider === localProvider),
    },
  });
  checkMediaLimits(read.messages, {
    model: candidate.id,
    mediaTypes: description.capabilities.mediaTypes,
    limits: description.limits,
  });
  const stops = typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []);
  const wireHasStop = description.capabilities.stop;
  const prepared = toPreparedRequest(candidate, request, read.messages, wireHasStop ? stops : []);
  const wire = adapter.toWire(prepared, description);
  refuseUnsupported(candidate, request, wire.warnings);
  return {
    request: prepared,
    body: wire.body,
    warnings: [...read.warnings, ...wire.warnings],
    images: read.images,
    emulatedStop: wireHasStop ? [] : stops,
    maxOutputTokens: prepared.maxOutputTokens,
    withMaxOutputTokens: (maxOutputTokens) => adapter.toWire({ ...prepared, maxOutputTokens }, description).body,
  };
}

function toPreparedRequest(
  candidate: Candidate,
  request: BaseRequest,
  messages: PreparedRequest['messages'],
  stop: readonly string[],
): PreparedRequest {
  const limit = candidate.description.limits.maxOutputTokens;
  return {
    modelId: candidate.modelId,
    messages,
    maxOutputTokens: request.maxOutputTokens ?? Math.min(defaultMaxOutputTokens, limit ?? defaultMaxOutputTokens),
    ...defined({
      temperature: request.temperature,
      topP: request.topP,
      topK: request.topK,
      seed: request.seed,
      reasoning: request.reasoning,
      cache: request.cache,
      metadata: request.metadata,
    }),
    stop,
    ...(request.output === undefined
      ? {}
      : { output: { name: 'output', schema: toJsonSchema(request.output, 'output') } }),
    tools: (request.tools ?? []).map(toPreparedTool),
    toolChoice: request.toolChoice ?? 'auto',
    providerOptions: request.providerOptions?.[candidate.adapter.provider] ?? {},
  };
}

function toPreparedTool(tool: Tool, index: number): PreparedTool {
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: toJsonSchema(tool.parameters, `tools[${index}].parameters`),
  };
}

/** What an adapter left out is only allowed when the caller said so. */
function refuseUnsupported(candidate: Candidate, request: BaseRequest, warnings: Prepared['warnings']): void {
  const mode = request.unsupported ?? 'warn';
  if (mode === 'warn') return;
  const left = warnings.filter((warning) => warning.type === 'unsupported-option');
  if (left.length === 0) return;
  const names = left.map((warning) => warning.subject ?? warning.message).join(', ');
  // 'error' ends the call, 'next' leaves the decision to the failure table.
  throw new OcelliError(
    mode === 'error' ? 'invalid-request' : 'unsupported-input',
    `${candidate.id} does not take ${names}. Leave it out, or set \`unsupported: 'warn'\` to send the rest.`,
    { provider: candidate.adapter.provider, model: candidate.id },
  );
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined, for types that tell an absent field from an undefined one. */
function defined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
