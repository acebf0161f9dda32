/** What a script says: a reply in the project's own words, which the scripted adapter yields and every fake server renders in its wire's words. */

import type { AdapterEvent, FinishReason, JsonObject, Usage } from '../request/index.js';

/** A tool call of a scripted reply. */
export interface ScriptedToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
  /** Pieces of the arguments' JSON text as they are streamed; default: the text cut in the middle. */
  readonly argumentChunks?: readonly string[];
}

/** Usage of a scripted reply; input includes cached and output includes reasoning, as everywhere in this package. */
export type ScriptedUsage = Partial<Omit<Usage, 'estimated'>>;

/**
 * One answer. It is streamed in the order reasoning, text, tool calls.
 *
 * @example
 * const reply: ScriptedReply = { text: ['There are ', 'three coins.'], usage: { inputTokens: 812, outputTokens: 6 } };
 */
export interface ScriptedReply {
  /** One text, or the deltas it comes in. */
  readonly text?: string | readonly string[];
  /** `signature` is what the provider wants back: a signature, a thought signature or encrypted content. */
  readonly reasoning?: { readonly text: string | readonly string[]; readonly signature?: string };
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** Stream the arguments of several calls piece by piece in turn, on wires that stream arguments. Default: one call after the other. */
  readonly interleaved?: boolean;
  /** Default: `tool-calls` when there are some, else `stop`. */
  readonly finishReason?: FinishReason;
  /** Tokens; default {@link defaultUsage}. `none`: the server does not say. */
  readonly usage?: ScriptedUsage | 'none';
  /** The id the server says it used; default: the one asked for. */
  readonly model?: string;
  /** The reply's own id; default: made from the number of the call. */
  readonly id?: string;
}

/** What a scripted reply has used when the script does not say. */
export const defaultUsage: ScriptedUsage = { inputTokens: 12, outputTokens: 7 };

/** The deltas of a text that a script gives whole or in pieces. */
export function deltasOf(text: string | readonly string[] | undefined): readonly string[] {
  if (text === undefined) return [];
  return typeof text === 'string' ? [text] : text;
}

/** The pieces of a call's arguments. */
export function argumentChunksOf(call: ScriptedToolCall): readonly string[] {
  if (call.argumentChunks !== undefined) return call.argumentChunks;
  const text = JSON.stringify(call.arguments);
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

/** One step of streaming tool calls; `call` is the place among the reply's calls. */
export interface ToolCallStep {
  readonly type: 'start' | 'delta' | 'end';
  readonly call: number;
  /** Empty unless it is a delta. */
  readonly text: string;
}

/** The order in which a reply's tool calls go out: one after the other, or interleaved piece by piece. */
export function toolCallSteps(reply: ScriptedReply): readonly ToolCallStep[] {
  const calls = (reply.toolCalls ?? []).map((call) => argumentChunksOf(call));
  if (reply.interleaved !== true)
    return calls.flatMap((chunks, call) => [start(call), ...deltas(chunks, call), end(call)]);
  const longest = Math.max(0, ...calls.map((chunks) => chunks.length));
  const rounds = Array.from({ length: longest }, (_, round) =>
    calls.flatMap((chunks, call) => deltas(chunks.slice(round, round + 1), call)),
  ).flat();
  return [...calls.map((_, call) => start(call)), ...rounds, ...calls.map((_, call) => end(call))];
}

function start(call: number): ToolCallStep {
  return { type: 'start', call, text: '' };
}

function deltas(chunks: readonly string[], call: number): readonly ToolCallStep[] {
  return chunks.map((text) => ({ type: 'delta', call, text }));
}

function end(call: number): ToolCallStep {
  return { type: 'end', call, text: '' };
}

/** Why a scripted reply ended. */
export function finishReasonOf(reply: ScriptedReply): FinishReason {
  return reply.finishReason ?? ((reply.toolCalls?.length ?? 0) > 0 ? 'tool-calls' : 'stop');
}

/** Usage of a scripted reply; `undefined` when the server is to say nothing. */
export function usageOf(reply: ScriptedReply): ScriptedUsage | undefined {
  return reply.usage === 'none' ? undefined : (reply.usage ?? defaultUsage);
}

/** Usage in full, with `undefined` for what the script does not say. */
export function completeUsage(usage: ScriptedUsage | undefined): Usage {
  return {
    inputTokens: usage?.inputTokens,
    cacheReadTokens: usage?.cacheReadTokens,
    cacheWriteTokens: usage?.cacheWriteTokens,
    outputTokens: usage?.outputTokens,
    reasoningTokens: usage?.reasoningTokens,
    ...(usage?.byModality === undefined ? {} : { byModality: usage.byModality }),
    estimated: false,
  };
}

/**
 * The events a scripted reply is, for an adapter or for comparing with one.
 *
 * @param provider name under which a reasoning signature is kept as provider data
 */
export function eventsOf(reply: ScriptedReply, provider = 'scripted'): readonly AdapterEvent[] {
  return [
    ...startEvents(reply),
    ...reasoningEvents(reply, provider),
    ...deltasOf(reply.text).map((text): AdapterEvent => ({ type: 'text-delta', text })),
    ...toolCallSteps(reply).flatMap((step) => toolCallEvent(step, reply)),
    { type: 'finish', reason: finishReasonOf(reply), usage: completeUsage(usageOf(reply)) },
  ];
}

function toolCallEvent(step: ToolCallStep, reply: ScriptedReply): readonly AdapterEvent[] {
  const call = reply.toolCalls?.[step.call];
  if (call === undefined) return [];
  const { id, name } = call;
  if (step.type === 'start') return [{ type: 'tool-call-start', id, name }];
  if (step.type === 'delta') return [{ type: 'tool-call-delta', id, argumentsText: step.text }];
  return [{ type: 'tool-call-end', id, name, arguments: call.arguments }];
}

function startEvents(reply: ScriptedReply): readonly AdapterEvent[] {
  return [
    {
      type: 'response-start',
      ...(reply.id === undefined ? {} : { responseId: reply.id }),
      ...(reply.model === undefined ? {} : { responseModel: reply.model }),
    },
  ];
}

function reasoningEvents(reply: ScriptedReply, provider: string): readonly AdapterEvent[] {
  const reasoning = reply.reasoning;
  if (reasoning === undefined) return [];
  const events = deltasOf(reasoning.text).map((text): AdapterEvent => ({ type: 'reasoning-delta', text }));
  if (reasoning.signature === undefined) return events;
  return [
    ...events,
    { type: 'reasoning-delta', text: '', providerData: { [provider]: { signature: reasoning.signature } } },
  ];
}
