/** Turns the Messages API's stream of events into ours, one by one and without holding more than the open tool calls. */

import type {
  RawContentBlockDeltaEvent,
  RawContentBlockStartEvent,
  RawMessageDeltaEvent,
  RawMessageStreamEvent,
  StopReason,
} from '@anthropic-ai/sdk/resources/messages/messages';
import { OcelliError } from '../../src/errors/index.js';
import type { AdapterEvent, FinishReason, JsonObject } from '../../src/request/index.js';
import { parseArguments } from '../shared/arguments.js';
import { cutError } from './errors.js';
import { mergeCounts, toUsage, type AnthropicCounts } from './usage.js';

const provider = 'anthropic';

/** A content block that is being written. Blocks of server tools are not shown and have none. */
type OpenBlock =
  | { readonly type: 'text' | 'reasoning'; started: boolean; readonly newPart: boolean }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly input: unknown; text: string };

interface Answer {
  counts: AnthropicCounts;
  readonly blocks: Map<number, OpenBlock>;
  /** The kind of the last part, since two texts or thoughts in a row are two parts. */
  lastPart: 'text' | 'reasoning' | 'tool-call' | undefined;
  visible: boolean;
  stopReason: StopReason | undefined;
  refusal: string | undefined;
  /** Arguments that could not be read; excused when the answer was cut at the token limit. */
  brokenArguments: OcelliError | undefined;
}

/**
 * @param events what the SDK read off the wire, unaltered
 * @throws OcelliError `network` when the stream ends before `message_stop`, `content-filter` when the answer was refused
 *   before anything visible came, `malformed-response` when arguments are not JSON
 */
export async function* fromWire(events: AsyncIterable<RawMessageStreamEvent>): AsyncGenerator<AdapterEvent, void> {
  const answer: Answer = {
    counts: {},
    blocks: new Map(),
    lastPart: undefined,
    visible: false,
    stopReason: undefined,
    refusal: undefined,
    brokenArguments: undefined,
  };
  for await (const event of events) {
    switch (event.type) {
      case 'message_start':
        // The output count here is a first guess of a few tokens; if the answer is cut, no number is better than that one.
        answer.counts = { ...mergeCounts({}, event.message.usage), output_tokens: undefined };
        yield { type: 'response-start', responseId: event.message.id, responseModel: event.message.model };
        yield { type: 'usage', usage: toUsage(answer.counts) };
        break;
      case 'content_block_start':
        yield* startBlock(event, answer);
        break;
      case 'content_block_delta':
        yield* continueBlock(event, answer);
        break;
      case 'content_block_stop':
        yield* endBlock(event.index, answer);
        break;
      case 'message_delta':
        yield readEnd(event, answer);
        break;
      case 'message_stop':
        yield finish(answer);
        return;
      default:
      // Events that this version does not know carry nothing that an answer needs.
    }
  }
  throw cutError();
}

function* startBlock(event: RawContentBlockStartEvent, answer: Answer): Generator<AdapterEvent, void> {
  const block = event.content_block;
  switch (block.type) {
    case 'text':
      yield* openPart('text', block.text, event.index, answer);
      return;
    case 'thinking':
      yield* openPart('reasoning', block.thinking, event.index, answer);
      return;
    case 'redacted_thinking':
      answer.lastPart = 'reasoning';
      yield {
        type: 'reasoning-delta',
        text: '',
        newPart: true,
        providerData: { [provider]: { redactedThinking: block.data } },
      };
      return;
    case 'tool_use':
      answer.lastPart = 'tool-call';
      answer.visible = true;
      answer.blocks.set(event.index, {
        type: 'tool-call',
        id: block.id,
        name: block.name,
        input: block.input,
        text: '',
      });
      yield { type: 'tool-call-start', id: block.id, name: block.name };
      return;
    default:
    // Tools that Anthropic runs itself can only be asked for by providerOptions; their blocks are not part of our model.
  }
}

function* openPart(
  type: 'text' | 'reasoning',
  firstText: string,
  index: number,
  answer: Answer,
): Generator<AdapterEvent, void> {
  const block: OpenBlock = { type, started: false, newPart: answer.lastPart === type };
  answer.lastPart = type;
  answer.blocks.set(index, block);
  if (firstText !== '') yield delta(block, firstText, answer);
}

function* continueBlock(event: RawContentBlockDeltaEvent, answer: Answer): Generator<AdapterEvent, void> {
  const block = answer.blocks.get(event.index);
  if (block === undefined) return;
  const piece = event.delta;
  if (block.type === 'tool-call') {
    if (piece.type !== 'input_json_delta' || piece.partial_json === '') return;
    block.text += piece.partial_json;
    yield { type: 'tool-call-delta', id: block.id, argumentsText: piece.partial_json };
    return;
  }
  if (piece.type === 'text_delta' && piece.text !== '') yield delta(block, piece.text, answer);
  else if (piece.type === 'thinking_delta' && piece.thinking !== '') yield delta(block, piece.thinking, answer);
  else if (piece.type === 'signature_delta') yield delta(block, '', answer, { signature: piece.signature });
}

function delta(
  block: Extract<OpenBlock, { started: boolean }>,
  text: string,
  answer: Answer,
  data?: JsonObject,
): AdapterEvent {
  const newPart = block.newPart && !block.started;
  block.started = true;
  if (block.type === 'text') answer.visible = true;
  return {
    type: block.type === 'text' ? 'text-delta' : 'reasoning-delta',
    text,
    ...(newPart ? { newPart } : {}),
    ...(data === undefined ? {} : { providerData: { [provider]: data } }),
  };
}

function* endBlock(index: number, answer: Answer): Generator<AdapterEvent, void> {
  const block = answer.blocks.get(index);
  answer.blocks.delete(index);
  if (block?.type !== 'tool-call') return;
  if (block.text === '' && isFilled(block.input)) {
    // Arguments may come whole with the block's start instead of in pieces.
    block.text = JSON.stringify(block.input);
    yield { type: 'tool-call-delta', id: block.id, argumentsText: block.text };
  }
  try {
    const parsed = parseArguments(block.text, block.name, { provider });
    yield { type: 'tool-call-end', id: block.id, name: block.name, arguments: parsed };
  } catch (error) {
    // Whether this is the model's mistake or the token limit's is said only by the stop reason, which comes later.
    answer.brokenArguments ??= OcelliError.isInstance(error) ? error : undefined;
  }
}

function isFilled(input: unknown): boolean {
  return typeof input === 'object' && input !== null && Object.keys(input).length > 0;
}

function readEnd(event: RawMessageDeltaEvent, answer: Answer): AdapterEvent {
  answer.counts = mergeCounts(answer.counts, event.usage);
  answer.stopReason = event.delta.stop_reason ?? answer.stopReason;
  answer.refusal = event.delta.stop_details?.explanation ?? answer.refusal;
  return { type: 'usage', usage: toUsage(answer.counts) };
}

function finish(answer: Answer): AdapterEvent {
  const reason = finishReasonOf(answer.stopReason);
  if (reason === 'content-filter' && !answer.visible)
    throw new OcelliError(
      'content-filter',
      `Claude refused to answer${answer.refusal === undefined ? '.' : `: ${answer.refusal}`}`,
      { provider },
    );
  if (answer.brokenArguments !== undefined && reason !== 'length' && reason !== 'content-filter')
    throw answer.brokenArguments;
  return { type: 'finish', reason, usage: toUsage(answer.counts) };
}

function finishReasonOf(reason: StopReason | undefined): FinishReason {
  switch (reason) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool-calls';
    case 'refusal':
      return 'content-filter';
    case 'pause_turn':
    case undefined:
      return 'other';
    default: {
      // A reason newer than the SDK's types: the answer ended, more is not known.
      reason satisfies never;
      return 'other';
    }
  }
}
