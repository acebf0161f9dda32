/** Turns the event stream of the Responses API into our events. */

import type {
  Response,
  ResponseFunctionToolCall,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseReasoningItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import type { AdapterEvent, FinishReason, JsonObject } from '../../src/request/index.js';
import { parseArguments } from '../shared/arguments.js';
import { cutError, failureError, type ErrorContext } from '../shared/openai-error.js';
import { readFailure } from '../shared/openai-failure.js';
import { toUsage } from './usage.js';

/**
 * Ends with one `finish`, after which nothing more is read.
 *
 * @throws OcelliError for `response.failed` and `error` events, and `network` when the stream ends before its last event
 */
export async function* fromWire(
  events: AsyncIterable<ResponseStreamEvent>,
  context: ErrorContext,
): AsyncGenerator<AdapterEvent, void> {
  const reader = new ResponseReader(context);
  for await (const event of events) {
    yield* reader.read(event);
    if (reader.finished) return;
  }
  throw cutError(context);
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
  argumentsText: string;
}

class ResponseReader {
  finished = false;
  readonly #context: ErrorContext;
  #started = false;
  #refused = false;
  #calledTools = false;
  #lastSequence: number | undefined;
  /** The text or reasoning that the last delta belonged to. */
  #current = '';
  readonly #streamed = new Set<number>();
  readonly #done = new Set<number>();
  /** By the item's place in the output: some proxies change an item's id from event to event. */
  readonly #calls = new Map<number, OpenCall>();

  constructor(context: ErrorContext) {
    this.#context = context;
  }

  *read(event: ResponseStreamEvent): Generator<AdapterEvent> {
    if (this.#isRepeated(event)) return;
    switch (event.type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        yield* this.#start(event.response);
        return;
      case 'response.output_text.delta':
        yield* this.#text(event.output_index, event.content_index, event.delta);
        return;
      case 'response.refusal.delta':
        this.#refused = true;
        yield* this.#text(event.output_index, event.content_index, event.delta);
        return;
      case 'response.reasoning_summary_text.delta':
        yield* this.#reasoning(event.output_index, event.summary_index, event.delta);
        return;
      case 'response.reasoning_text.delta':
        yield* this.#reasoning(event.output_index, event.content_index, event.delta);
        return;
      case 'response.output_item.added':
        if (event.item.type === 'function_call') yield* this.#openCall(event.output_index, event.item);
        return;
      case 'response.function_call_arguments.delta':
        yield* this.#argumentsDelta(event.output_index, event.delta);
        return;
      case 'response.output_item.done':
        yield* this.#itemDone(event.output_index, event.item);
        return;
      case 'response.completed':
        yield* this.#complete(event.response);
        return;
      case 'response.incomplete':
        yield* this.#finish(event.response, incompleteReason(event.response));
        return;
      case 'response.failed':
        yield { type: 'usage', usage: toUsage(event.response.usage) };
        throw failureError(readFailure(event.response.error), this.#context);
      case 'error':
        throw failureError(readFailure(event), this.#context);
      default:
        // Events of built-in tools, and those that only repeat what the deltas said.
        return;
    }
  }

  #isRepeated(event: ResponseStreamEvent): boolean {
    const sequence = event.sequence_number as number | undefined;
    const repeated = sequence !== undefined && sequence === this.#lastSequence;
    this.#lastSequence = sequence;
    return repeated;
  }

  *#start(response: Response): Generator<AdapterEvent> {
    // Nothing comes before it: after content that began without it, it is too late.
    if (this.#started || this.#streamed.size + this.#done.size + this.#calls.size > 0) return;
    this.#started = true;
    yield { type: 'response-start', responseId: response.id, responseModel: response.model };
  }

  *#text(output: number, content: number, text: string): Generator<AdapterEvent> {
    const newPart = this.#moveTo('text', `${output}/${content}`);
    this.#streamed.add(output);
    yield { type: 'text-delta', text, ...(newPart ? { newPart } : {}) };
  }

  /** The pieces of one item's summary are one part with blank lines between, since they go back as one item. */
  *#reasoning(output: number, piece: number, text: string): Generator<AdapterEvent> {
    const before = this.#current;
    const isSameItem = before.startsWith(`reasoning ${output}/`);
    const newPart = this.#moveTo('reasoning', `${output}/${piece}`) && !isSameItem;
    this.#streamed.add(output);
    const separator = isSameItem && before !== this.#current ? '\n\n' : '';
    yield { type: 'reasoning-delta', text: `${separator}${text}`, ...(newPart ? { newPart } : {}) };
  }

  /** True when the last delta was of the same type but of another part. */
  #moveTo(type: 'text' | 'reasoning', place: string): boolean {
    const next = `${type} ${place}`;
    const newPart = this.#current !== next && this.#current.startsWith(type);
    this.#current = next;
    return newPart;
  }

  *#openCall(output: number, item: ResponseFunctionToolCall): Generator<AdapterEvent> {
    if (this.#calls.has(output)) return;
    this.#calls.set(output, { id: item.call_id, name: item.name, argumentsText: '' });
    yield { type: 'tool-call-start', id: item.call_id, name: item.name };
  }

  *#argumentsDelta(output: number, text: string): Generator<AdapterEvent> {
    const call = this.#calls.get(output);
    if (call === undefined || text === '') return;
    call.argumentsText += text;
    yield { type: 'tool-call-delta', id: call.id, argumentsText: text };
  }

  *#itemDone(output: number, item: ResponseOutputItem): Generator<AdapterEvent> {
    if (this.#done.has(output)) return;
    this.#done.add(output);
    if (item.type === 'message') yield* this.#messageDone(output, item);
    else if (item.type === 'reasoning') yield* this.#reasoningDone(output, item);
    else if (item.type === 'function_call') yield* this.#callDone(output, item);
  }

  *#messageDone(output: number, item: ResponseOutputMessage): Generator<AdapterEvent> {
    if (!this.#streamed.has(output))
      for (const [place, part] of item.content.entries()) {
        if (part.type === 'refusal') this.#refused = true;
        yield* this.#text(output, place, part.type === 'refusal' ? part.refusal : part.text);
      }
    if (item.phase !== undefined && item.phase !== null)
      yield { type: 'text-delta', text: '', providerData: { openai: { phase: item.phase } } };
  }

  *#reasoningDone(output: number, item: ResponseReasoningItem): Generator<AdapterEvent> {
    if (!this.#streamed.has(output))
      for (const [place, piece] of [...item.summary, ...(item.content ?? [])].entries())
        yield* this.#reasoning(output, place, piece.text);
    const encrypted = item.encrypted_content;
    if (encrypted === undefined || encrypted === null) return;
    const data: JsonObject = { id: item.id, encrypted_content: encrypted };
    const newPart = this.#streamed.has(output) ? false : this.#moveTo('reasoning', `${output}/0`);
    yield { type: 'reasoning-delta', text: '', providerData: { openai: data }, ...(newPart ? { newPart } : {}) };
  }

  *#callDone(output: number, item: ResponseFunctionToolCall): Generator<AdapterEvent> {
    yield* this.#openCall(output, item);
    const call = this.#calls.get(output);
    if (call === undefined) return;
    if (call.argumentsText === '') yield* this.#argumentsDelta(output, item.arguments);
    this.#current = '';
    // Cut by the token limit: what is there is no call, and the finish reason says so.
    if (item.status === 'incomplete') return;
    const argumentsText = item.arguments === '' ? call.argumentsText : item.arguments;
    this.#calledTools = true;
    yield {
      type: 'tool-call-end',
      id: call.id,
      name: call.name,
      arguments: parseArguments(argumentsText, call.name, { provider: 'openai' }),
    };
  }

  *#complete(response: Response): Generator<AdapterEvent> {
    // A server that streams no items still lists them here.
    const items = this.#streamed.size + this.#done.size === 0 ? response.output : [];
    yield* this.#start(response);
    for (const [place, item] of items.entries()) yield* this.#itemDone(place, item);
    const answered = this.#calledTools ? 'tool-calls' : 'stop';
    yield* this.#finish(response, this.#refused ? 'content-filter' : answered);
  }

  *#finish(response: Response, reason: FinishReason): Generator<AdapterEvent> {
    yield* this.#start(response);
    this.finished = true;
    yield { type: 'finish', reason, usage: toUsage(response.usage) };
  }
}

function incompleteReason(response: Response): FinishReason {
  const reason = response.incomplete_details?.reason;
  if (reason === 'max_output_tokens') return 'length';
  return reason === 'content_filter' ? 'content-filter' : 'other';
}
