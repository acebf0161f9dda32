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
 * One answer. It is streamed in the order reasoning, text, tool calls; several calls have their arguments interleaved where
 * the wire can do that.
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

/** Pieces of several calls in the order in which they go out: the first piece of each, then the second of each … */
export function interleavedChunks(
  calls: readonly ScriptedToolCall[],
): readonly { readonly call: number; readonly text: string }[] {
  const chunks = calls.map((call) => argumentChunksOf(call));
  const longest = Math.max(0, ...chunks.map((list) => list.length));
  return Array.from({ length: longest }, (_, place) =>
    chunks.flatMap((list, call) => {
      const text = list[place];
      return text === undefined ? [] : [{ call, text }];
    }),
  ).flat();
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
  const calls = reply.toolCalls ?? [];
  return [
    ...startEvents(reply),
    ...reasoningEvents(reply, provider),
    ...deltasOf(reply.text).map((text): AdapterEvent => ({ type: 'text-delta', text })),
    ...calls.map((call): AdapterEvent => ({ type: 'tool-call-start', id: call.id, name: call.name })),
    ...interleavedChunks(calls).map(({ call, text }): AdapterEvent => ({
      type: 'tool-call-delta',
      id: calls[call]?.id ?? '',
      argumentsText: text,
    })),
    ...calls.map((call): AdapterEvent => ({
      type: 'tool-call-end',
      id: call.id,
      name: call.name,
      arguments: call.arguments,
    })),
    { type: 'finish', reason: finishReasonOf(reply), usage: completeUsage(usageOf(reply)) },
  ];
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
