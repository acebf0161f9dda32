/** Turns generateContent's stream of chunks into our events, one by one. */

import { OcelliError } from '../../src/errors/index.js';
import { unknownUsage, type AdapterEvent, type FinishReason, type JsonObject } from '../../src/request/index.js';
import { cutError, StatusInStream } from './errors.js';
import { toUsage } from './usage.js';
import type { GoogleBody, WireChunk, WirePart } from './wire.js';

const provider = 'google';

interface Answer {
  started: boolean;
  usage: ReturnType<typeof toUsage>;
  /** The kind of the last part, and whether it carried a signature: such a part is closed, since the signature is its own. */
  lastPart: { type: 'text' | 'reasoning' | 'tool-call'; signed: boolean } | undefined;
  visible: boolean;
  calls: number;
  /** Number of the next call that comes without an id. */
  nextCall: number;
  finishReason: string | undefined;
  finishMessage: string | undefined;
  unknownParts: Set<string>;
}

/**
 * @param chunks what the SDK read off the wire; only plain fields are used
 * @param body the request that is being answered: ids made here must not repeat those of its history
 * @throws OcelliError `network` when the stream ends without a finish reason, `content-filter` when a filter left nothing
 *   visible, `malformed-response` when the model wrote a call that cannot be read
 */
export async function* fromWire(
  chunks: AsyncIterable<WireChunk>,
  body: GoogleBody,
): AsyncGenerator<AdapterEvent, void> {
  const answer: Answer = {
    started: false,
    usage: unknownUsage,
    lastPart: undefined,
    visible: false,
    calls: 0,
    nextCall: callsIn(body),
    finishReason: undefined,
    finishMessage: undefined,
    unknownParts: new Set(),
  };
  for await (const chunk of chunks) yield* readChunk(chunk, answer);
  if (answer.finishReason === undefined) throw cutError();
  yield finish(answer);
}

function callsIn(body: GoogleBody): number {
  return body.contents.flatMap((content) => content.parts).filter((part) => part.functionCall !== undefined).length;
}

function* readChunk(chunk: WireChunk, answer: Answer): Generator<AdapterEvent, void> {
  if (typeof chunk !== 'object' || chunk === null)
    throw new OcelliError('malformed-response', 'Google sent a chunk that is not an object.', { provider });
  if (chunk.error !== undefined) throw new StatusInStream(chunk.error);
  if (!answer.started) {
    answer.started = true;
    yield {
      type: 'response-start',
      ...(chunk.responseId === undefined ? {} : { responseId: chunk.responseId }),
      ...(chunk.modelVersion === undefined ? {} : { responseModel: chunk.modelVersion }),
    };
  }
  const candidate = chunk.candidates?.[0];
  for (const part of candidate?.content?.parts ?? []) yield* readPart(part, answer);
  if (chunk.usageMetadata !== undefined) {
    answer.usage = toUsage(chunk.usageMetadata);
    yield { type: 'usage', usage: answer.usage };
  }
  const blocked = chunk.promptFeedback?.blockReason;
  if (blocked !== undefined) {
    // A prompt is blocked only by filters, also where the reason is "OTHER".
    answer.finishReason = filtered.has(blocked) ? blocked : 'SAFETY';
    answer.finishMessage = chunk.promptFeedback?.blockReasonMessage;
  }
  answer.finishReason = candidate?.finishReason ?? answer.finishReason;
  answer.finishMessage = candidate?.finishMessage ?? answer.finishMessage;
}

function* readPart(part: WirePart, answer: Answer): Generator<AdapterEvent, void> {
  if (part.functionCall !== undefined) yield* readCall(part, answer);
  else if (typeof part.text === 'string') yield* readText(part, part.text, answer);
  else {
    const kind = Object.keys(part).find((key) => key !== 'thoughtSignature' && key !== 'thought') ?? 'empty';
    if (kind === 'empty' || answer.unknownParts.has(kind)) return;
    answer.unknownParts.add(kind);
    yield {
      type: 'warning',
      warning: {
        type: 'other',
        subject: kind,
        message: `Google answered with a part "${kind}" that has no place in a reply: it was left out.`,
      },
    };
  }
}

function* readText(part: WirePart, text: string, answer: Answer): Generator<AdapterEvent, void> {
  const type = part.thought === true ? 'reasoning' : 'text';
  const signature = part.thoughtSignature;
  if (text === '' && signature === undefined) return;
  const last = answer.lastPart;
  // A signature belongs to exactly the part it came with: nothing may be merged into that one, on either side.
  const newPart = last?.type === type && (last.signed || signature !== undefined);
  const data: JsonObject = {
    ...(type === 'reasoning' && (last?.type !== type || newPart) ? { thought: true } : {}),
    ...(signature === undefined ? {} : { thoughtSignature: signature }),
  };
  answer.lastPart = { type, signed: signature !== undefined };
  if (type === 'text' && text !== '') answer.visible = true;
  yield {
    type: type === 'text' ? 'text-delta' : 'reasoning-delta',
    text,
    ...(newPart ? { newPart } : {}),
    ...(Object.keys(data).length === 0 ? {} : { providerData: { [provider]: data } }),
  };
}

/** Calls arrive whole. An id of Google's is kept so that it can go back; where there is none, one is made. */
function* readCall(part: WirePart, answer: Answer): Generator<AdapterEvent, void> {
  const { id: wireId, name, args } = part.functionCall ?? { name: '', args: {} };
  if (typeof name !== 'string' || name === '')
    throw new OcelliError('malformed-response', 'Google sent a function call without a name.', { provider });
  const id = wireId ?? `call_${answer.nextCall}`;
  const data: JsonObject = {
    ...(wireId === undefined ? {} : { functionCallId: wireId }),
    ...(part.thoughtSignature === undefined ? {} : { thoughtSignature: part.thoughtSignature }),
  };
  answer.nextCall += 1;
  answer.calls += 1;
  answer.visible = true;
  answer.lastPart = { type: 'tool-call', signed: false };
  yield { type: 'tool-call-start', id, name };
  yield { type: 'tool-call-delta', id, argumentsText: JSON.stringify(args ?? {}) };
  yield {
    type: 'tool-call-end',
    id,
    name,
    arguments: (args ?? {}) as JsonObject,
    ...(Object.keys(data).length === 0 ? {} : { providerData: { [provider]: data } }),
  };
}

/** Finish and block reasons that mean a filter struck; ai.google.dev/api/generate-content. */
const filtered: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  'MODEL_ARMOR',
  'JAILBREAK',
]);
const malformed: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'MALFORMED_RESPONSE',
]);

function finish(answer: Answer): AdapterEvent {
  const wireReason = answer.finishReason ?? '';
  const because = answer.finishMessage === undefined ? '.' : `: ${answer.finishMessage}`;
  if (malformed.has(wireReason))
    throw new OcelliError(
      'malformed-response',
      `Gemini wrote a function call that cannot be read (${wireReason})${because}`,
      {
        provider,
      },
    );
  const reason = finishReasonOf(wireReason, answer.calls > 0);
  if (reason === 'content-filter' && !answer.visible)
    throw new OcelliError('content-filter', `Google's filter left nothing of the answer (${wireReason})${because}`, {
      provider,
    });
  return { type: 'finish', reason, usage: answer.usage };
}

function finishReasonOf(wireReason: string, hasCalls: boolean): FinishReason {
  if (filtered.has(wireReason)) return 'content-filter';
  if (wireReason === 'MAX_TOKENS') return 'length';
  if (wireReason === 'STOP') return hasCalls ? 'tool-calls' : 'stop';
  return 'other';
}
