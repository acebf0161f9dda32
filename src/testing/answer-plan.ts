/** Works out, before anything is written, which bytes an answer is and how it ends; pure, so that every fault can be read off here. */

import type { JsonObject, JsonValue } from '../request/index.js';
import type { EventPosition, ServerStep } from './server-step.js';
import type { Frame, RenderContext, Route, Wire } from './wires/wire.js';

/** `end`: properly; `cut`: the connection is destroyed; `hang`: nothing more comes and nothing ends. */
export type Ending = 'end' | 'cut' | 'hang';

/** An answer ready to be written. */
export interface AnswerPlan {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** One entry per event; one in all for a document. */
  readonly chunks: readonly Uint8Array[];
  readonly ending: Ending;
  /** Whether keep-alive bytes may stand between the chunks. */
  readonly isStream: boolean;
}

/** Fits every wire: JSON that stops in the middle. */
const brokenJson = '{"broken": ';

/** The answer that a step asks for. */
export function planAnswer(step: ServerStep, wire: Wire, route: Route, context: RenderContext): AnswerPlan {
  if ('reply' in step) {
    const headers = step.headers ?? {};
    return route.stream
      ? planStream(wire.frames(step.reply, context), 200, headers, step, wire, context)
      : planDocument(toBytes(wire.document(step.reply, context)), 200, headers, step, wire, context);
  }
  if ('error' in step) {
    const details = { message: step.message, retryAfterMs: step.retryAfterMs, number: context.number };
    const error = wire.error(step.error, details);
    const status = step.status ?? error.status;
    const headers = { ...error.headers, ...step.headers };
    return status === 200 && route.stream
      ? planStream([{ data: error.body }], status, headers, step, wire, context)
      : planDocument(toBytes(error.body), status, headers, step, wire, context);
  }
  if ('body' in step) {
    const contentType = typeof step.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
    const bytes = toBytes(step.body);
    const headers = { 'content-type': contentType, ...step.headers };
    return planDocument(bytes, step.status ?? 200, headers, step, wire, context);
  }
  return { status: 200, headers: {}, chunks: [], ending: 'cut', isStream: false };
}

function planStream(
  frames: readonly Frame[],
  status: number,
  headers: Readonly<Record<string, string>>,
  step: ServerStep,
  wire: Wire,
  context: RenderContext,
): AnswerPlan {
  const { frames: list, ending } = applyStreamFaults(frames, step, wire, context);
  return {
    status,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...headers,
      ...contentTypeOf(step),
    },
    chunks: list.map((frame) => encodeFrame(frame, wire)),
    ending,
    isStream: true,
  };
}

function applyStreamFaults(
  frames: readonly Frame[],
  step: ServerStep,
  wire: Wire,
  context: RenderContext,
): { readonly frames: readonly Frame[]; readonly ending: Ending } {
  let list = frames;
  if (step.repeatLastEvent === true) list = withLastTwice(list);
  if (step.malformedChunkAt !== undefined) {
    const place = placeOf(step.malformedChunkAt, list);
    list = list.map((frame, index) => (index === place ? { ...frame, data: brokenJson } : frame));
  }
  if (step.errorInStreamAfterEvents !== undefined) {
    const place = placeOf(step.errorInStreamAfterEvents, list);
    const error = wire.errorFrames(step.errorInStream ?? 'overloaded', step.errorInStreamStyle, context, place);
    list = [...list.slice(0, place), ...error];
  }
  if (step.cutAfterEvents !== undefined) {
    return { frames: list.slice(0, placeOf(step.cutAfterEvents, list)), ending: 'cut' };
  }
  if (step.endAfterEvents !== undefined) {
    return { frames: list.slice(0, placeOf(step.endAfterEvents, list)), ending: 'end' };
  }
  if (step.neverEnd === 'before-last') return { frames: list.slice(0, lastPlace(list)), ending: 'hang' };
  return { frames: list, ending: step.neverEnd === undefined ? 'end' : 'hang' };
}

/** A document has no events: what is to be cut is cut in the middle, what is to be broken is broken JSON. */
function planDocument(
  bytes: Uint8Array,
  status: number,
  headers: Readonly<Record<string, string>>,
  step: ServerStep,
  wire: Wire,
  context: RenderContext,
): AnswerPlan {
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  const plan = (chunk: Uint8Array, ending: Ending): AnswerPlan => ({
    status,
    headers: { 'content-type': 'application/json', ...headers, ...contentTypeOf(step) },
    chunks: [chunk],
    ending,
    isStream: false,
  });
  if (step.malformedChunkAt !== undefined) return plan(toBytes(brokenJson), 'end');
  if (step.errorInStreamAfterEvents !== undefined) {
    const error = wire.error(step.errorInStream ?? 'overloaded', {
      message: undefined,
      retryAfterMs: undefined,
      number: context.number,
    });
    return plan(toBytes(error.body), 'end');
  }
  if (step.cutAfterEvents !== undefined) return plan(half, 'cut');
  if (step.endAfterEvents !== undefined) return plan(half, 'end');
  if (step.neverEnd === 'before-last') return plan(half, 'hang');
  return plan(bytes, step.neverEnd === undefined ? 'end' : 'hang');
}

function contentTypeOf(step: ServerStep): Record<string, string> {
  return step.contentType === undefined ? {} : { 'content-type': step.contentType };
}

function placeOf(position: EventPosition, frames: readonly Frame[]): number {
  if (position === 'first-text') return frames.findIndex((frame) => frame.text === true) + 1;
  return position < 0 ? Math.max(0, frames.length + position) : Math.min(position, frames.length);
}

/** The place of the last event that says something of the answer. */
function lastPlace(frames: readonly Frame[]): number {
  return frames.findLastIndex((frame) => frame.terminator !== true);
}

function withLastTwice(frames: readonly Frame[]): readonly Frame[] {
  const place = lastPlace(frames);
  return [...frames.slice(0, place + 1), ...frames.slice(place)];
}

function encodeFrame(frame: Frame, wire: Wire): Uint8Array {
  const data = typeof frame.data === 'string' ? frame.data : JSON.stringify(frame.data);
  const name = frame.event === undefined ? '' : `event: ${frame.event}${wire.lineEnd}`;
  return toBytes(`${name}data: ${data}${wire.lineEnd}${wire.lineEnd}`);
}

const encoder = new TextEncoder();

function toBytes(value: string | Uint8Array | JsonObject | JsonValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return encoder.encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The writes that a chunk is made in: whole, in pieces of given sizes, or cut inside every multi-byte character. */
export function writesOf(chunk: Uint8Array, step: ServerStep): readonly Uint8Array[] {
  if (step.splitUtf8 === true) return splitInsideCharacters(chunk);
  const sizes = step.chunkBytes ?? (step.dripMs === undefined ? undefined : 1);
  if (sizes === undefined) return [chunk];
  const list = typeof sizes === 'number' ? [sizes] : sizes;
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < chunk.length;) {
    const size = Math.max(1, list[pieces.length % list.length] ?? chunk.length);
    pieces.push(chunk.subarray(from, from + size));
    from += size;
  }
  return pieces;
}

function splitInsideCharacters(chunk: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const [place, byte] of chunk.entries()) {
    // Continuation bytes are 10xxxxxx: a cut before one is a cut inside a character.
    if ((byte & 0xc0) !== 0x80) continue;
    pieces.push(chunk.subarray(from, place));
    from = place;
  }
  return [...pieces, chunk.subarray(from)];
}
