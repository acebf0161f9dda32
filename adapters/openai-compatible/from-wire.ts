/** Turns chunks of a chat completion, or a whole one, into our events. */

import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions/completions';
import type { AdapterEvent, FinishReason } from '../../src/request/index.js';
import { parseArguments } from '../shared/arguments.js';
import { cutError, failureError, type ErrorContext } from '../shared/openai-error.js';
import { readFailure } from '../shared/openai-failure.js';
import type { Compatibility } from './compat.js';
import { toUsage, type ReportedUsage } from './usage.js';

/** What servers send: the vendor's chunk or whole answer. */
export type ChatEvent = ChatCompletionChunk | ChatCompletion;

/** A delta or a whole message with the fields that servers add or leave out. */
interface Piece {
  readonly content?: string | readonly { readonly text?: unknown }[] | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly CallPiece[] | null;
}

interface CallPiece {
  readonly index?: number;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown };
}

/** The fields read of an event, none of which every server sends. */
interface LooseEvent {
  readonly id?: string;
  readonly model?: string;
  readonly error?: unknown;
  readonly usage?: ReportedUsage | null;
  /** Groq's place for it in a stream. */
  readonly x_groq?: { readonly usage?: ReportedUsage | null };
  readonly choices?: readonly {
    readonly delta?: Piece | null;
    readonly message?: Piece | null;
    readonly finish_reason?: string | null;
  }[];
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly index: number | undefined;
  argumentsText: string;
  closed: boolean;
}

/**
 * Ends with one `finish`, after which nothing more is read.
 *
 * @throws OcelliError for an error inside the stream, and `network` when the stream ends without a finish reason
 */
export async function* fromWire(
  events: AsyncIterable<ChatEvent>,
  compat: Compatibility,
  context: ErrorContext,
): AsyncGenerator<AdapterEvent, void> {
  const reader = new ChatReader(compat, context);
  for await (const event of events) {
    yield* reader.read(event as LooseEvent);
    // Usage comes in the last chunk, often after the finish reason; servers without it end by closing the stream.
    if (reader.isComplete) break;
  }
  yield* reader.finish();
}

class ChatReader {
  /** The finish reason has come, and usage with it or after it; usage before it is not the last word. */
  isComplete = false;
  readonly #compat: Compatibility;
  readonly #context: ErrorContext;
  readonly #calls: OpenCall[] = [];
  #started = false;
  #refused = false;
  #reasoned = false;
  #finishReason: string | undefined;
  #usage: ReportedUsage | undefined;

  constructor(compat: Compatibility, context: ErrorContext) {
    this.#compat = compat;
    this.#context = context;
  }

  *read(event: LooseEvent): Generator<AdapterEvent> {
    if (event.error !== undefined && event.error !== null) throw failureError(readFailure(event.error), this.#context);
    if (!this.#started) {
      this.#started = true;
      yield {
        type: 'response-start',
        ...(event.id === undefined ? {} : { responseId: event.id }),
        ...(event.model === undefined ? {} : { responseModel: event.model }),
      };
    }
    const choice = event.choices?.[0];
    // What comes after the finish reason repeats the last chunk.
    if (choice !== undefined && this.#finishReason === undefined) {
      yield* this.#piece(choice.delta ?? choice.message ?? {});
      const reason = choice.finish_reason;
      if (reason !== undefined && reason !== null && reason !== '') this.#finishReason = reason;
    }
    const usage = event.usage ?? event.x_groq?.usage ?? undefined;
    this.#usage = usage ?? this.#usage;
    this.isComplete = usage !== undefined && this.#finishReason !== undefined;
  }

  *finish(): Generator<AdapterEvent> {
    if (this.#finishReason === undefined) throw cutError(this.#context);
    if (this.#finishReason === 'error') throw failureError({ message: 'the answer ended in an error' }, this.#context);
    const reason = this.#reason(this.#finishReason);
    for (const call of this.#calls) if (!call.closed) yield* this.#closeCall(call, reason);
    yield { type: 'finish', reason, usage: toUsage(this.#usage) };
  }

  *#piece(piece: Piece): Generator<AdapterEvent> {
    const reasoning = this.#reasoningOf(piece);
    if (reasoning !== '') {
      yield {
        type: 'reasoning-delta',
        text: reasoning,
        // Marks whose reasoning it is, so that it is not sent to anybody else.
        ...(this.#reasoned ? {} : { providerData: { [this.#context.provider]: {} } }),
      };
      this.#reasoned = true;
    }
    const text = textOf(piece.content);
    if (text !== '') yield { type: 'text-delta', text };
    if (typeof piece.refusal === 'string' && piece.refusal !== '') {
      this.#refused = true;
      yield { type: 'text-delta', text: piece.refusal };
    }
    for (const call of piece.tool_calls ?? []) yield* this.#callPiece(call);
  }

  #reasoningOf(piece: Piece): string {
    const { reasoning_content: content, reasoning } = piece;
    const [first, second] = this.#compat.reasoningField === 'reasoning' ? [reasoning, content] : [content, reasoning];
    return [first, second].find((text) => typeof text === 'string' && text !== '') ?? '';
  }

  *#callPiece(piece: CallPiece): Generator<AdapterEvent> {
    const id = piece.id === null || piece.id === '' ? undefined : piece.id;
    const name = piece.function?.name === null || piece.function?.name === '' ? undefined : piece.function?.name;
    let call = this.#findCall(piece.index, id, name);
    if (call === undefined) {
      // A piece of a call that never began.
      if (name === undefined) return;
      yield* this.#closeCompleteCalls();
      call = { id: id ?? `call_${this.#calls.length + 1}`, name, index: piece.index, argumentsText: '', closed: false };
      this.#calls.push(call);
      yield { type: 'tool-call-start', id: call.id, name };
    }
    const argumentsText = argumentsTextOf(piece.function?.arguments);
    if (argumentsText === '') return;
    call.argumentsText += argumentsText;
    yield { type: 'tool-call-delta', id: call.id, argumentsText };
  }

  /**
   * The call that a piece belongs to, `undefined` for a new one. The index tells calls apart, but some servers give every call
   * the same one or none: another id, or a name where no id is sent, then begins another call.
   */
  #findCall(index: number | undefined, id: string | undefined, name: string | undefined): OpenCall | undefined {
    if (id !== undefined) {
      const known = this.#calls.find((call) => call.id === id);
      if (known !== undefined || name !== undefined) return known;
    }
    const last = this.#calls.findLast((call) => index === undefined || call.index === index);
    return name !== undefined && (index === undefined || last?.argumentsText !== '') ? undefined : last;
  }

  /** The wire never says that a call is over, but when the next one begins, nothing can follow on a whole object. */
  *#closeCompleteCalls(): Generator<AdapterEvent> {
    for (const call of this.#calls)
      if (!call.closed && call.argumentsText.trimEnd().endsWith('}') && isJson(call.argumentsText))
        yield* this.#closeCall(call, 'tool-calls');
  }

  *#closeCall(call: OpenCall, reason: FinishReason): Generator<AdapterEvent> {
    const options = { provider: this.#context.provider };
    // Cut by the token limit: what is there is no call, and the finish reason says so.
    if (reason !== 'tool-calls' && !isJson(call.argumentsText)) return;
    call.closed = true;
    yield {
      type: 'tool-call-end',
      id: call.id,
      name: call.name,
      arguments: parseArguments(call.argumentsText, call.name, options),
    };
  }

  #reason(reason: string): FinishReason {
    if (this.#refused) return 'content-filter';
    switch (reason) {
      case 'stop':
        // Many servers say so although the model called tools.
        return this.#calls.length > 0 ? 'tool-calls' : 'stop';
      case 'tool_calls':
      case 'function_call':
        return 'tool-calls';
      case 'length':
        return 'length';
      case 'content_filter':
        return 'content-filter';
      default:
        return 'other';
    }
  }
}

function textOf(content: Piece['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

/** Text by the wire; some servers send the object itself. */
function argumentsTextOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return text.trim() === '';
  }
}
