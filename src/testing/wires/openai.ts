/** OpenAI's Responses API as a fake server speaks it; event order and fields as in the types of the `openai` package, 6.49. */

import type { FinishReason, JsonObject } from '../../request/index.js';
import {
  argumentChunksOf,
  deltasOf,
  finishReasonOf,
  toolCallSteps,
  usageOf,
  type ScriptedReply,
  type ScriptedToolCall,
  type ScriptedUsage,
} from '../scripted-reply.js';
import { openaiError, openaiErrorObject } from './openai-errors.js';
import { fieldOf, modelOf, unixTime, type Frame, type RenderContext, type Wire } from './wire.js';

export const openaiWire: Wire = {
  basePath: '/v1',
  lineEnd: '\n',
  keepAlive: ': keep-alive\n\n',
  requestIdHeader: 'x-request-id',
  route: (method, path, body) => {
    if (method !== 'POST') return undefined;
    const model = modelOf(body);
    if (path === '/v1/responses') return { endpoint: 'generate', stream: fieldOf(body, 'stream') === true, model };
    if (path === '/v1/responses/input_tokens') return { endpoint: 'count', stream: false, model };
    return undefined;
  },
  frames: (reply, context) => numbered(replyFrames(reply, context)),
  document: (reply, context) => finalResponse(reply, context),
  count: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  error: openaiError,
  errorFrames: (kind, style, context, sent) => {
    const error = openaiErrorObject(kind);
    if (style === 'error') return numbered([{ type: 'error', ...withoutType(error) }], sent);
    if (style === 'nested') return numbered([{ type: 'error', error }], sent);
    const response = {
      ...responseBase(context, undefined),
      status: 'failed',
      error: { code: error['code'] ?? error['type'], message: error['message'] },
      output: [],
    };
    return numbered([{ type: 'response.failed', response }], sent);
  },
};

/** A frame before it has its sequence number. */
type Draft = JsonObject & { readonly type: string };

function numbered(drafts: readonly Draft[], from = 0): readonly Frame[] {
  return drafts.map((draft, index) => ({
    event: draft.type,
    data: { ...draft, sequence_number: from + index },
    ...(draft.type === 'response.output_text.delta' ? { text: true as const } : {}),
  }));
}

function withoutType(error: JsonObject): JsonObject {
  const { type: _type, ...rest } = error;
  return rest;
}

function replyFrames(reply: ScriptedReply, context: RenderContext): readonly Draft[] {
  const open = { ...responseBase(context, reply), status: 'in_progress', output: [], usage: null };
  const items = outputItems(reply, context);
  const response = finalResponse(reply, context);
  return [
    { type: 'response.created', response: open },
    { type: 'response.in_progress', response: open },
    ...items.reasoning.flatMap((item) => reasoningFrames(reply, item)),
    ...items.message.flatMap((item) => messageFrames(reply, item, items.reasoning.length)),
    ...callFrames(reply, items.calls, items.reasoning.length + items.message.length),
    { type: response['status'] === 'completed' ? 'response.completed' : 'response.incomplete', response },
  ];
}

function reasoningFrames(reply: ScriptedReply, item: JsonObject): readonly Draft[] {
  const place = { item_id: item['id'], output_index: 0, summary_index: 0 };
  const deltas = deltasOf(reply.reasoning?.text);
  const text = deltas.join('');
  const summary: readonly Draft[] =
    text === ''
      ? []
      : [
          { type: 'response.reasoning_summary_part.added', ...place, part: { type: 'summary_text', text: '' } },
          ...deltas.map((delta): Draft => ({ type: 'response.reasoning_summary_text.delta', ...place, delta })),
          { type: 'response.reasoning_summary_text.done', ...place, text },
          { type: 'response.reasoning_summary_part.done', ...place, part: { type: 'summary_text', text } },
        ];
  return [
    { type: 'response.output_item.added', output_index: 0, item: { ...item, summary: [], status: 'in_progress' } },
    ...summary,
    { type: 'response.output_item.done', output_index: 0, item },
  ];
}

function messageFrames(reply: ScriptedReply, item: JsonObject, outputIndex: number): readonly Draft[] {
  const place = { item_id: item['id'], output_index: outputIndex, content_index: 0 };
  const deltas = deltasOf(reply.text);
  const part = (text: string): JsonObject => ({ type: 'output_text', text, annotations: [], logprobs: [] });
  const text = deltas.join('');
  return [
    {
      type: 'response.output_item.added',
      output_index: outputIndex,
      item: { ...item, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...place, part: part('') },
    ...deltas.map((delta): Draft => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: part(text) },
    { type: 'response.output_item.done', output_index: outputIndex, item },
  ];
}

function callFrames(reply: ScriptedReply, items: readonly JsonObject[], firstIndex: number): readonly Draft[] {
  return toolCallSteps(reply).flatMap((step): readonly Draft[] => {
    const item = items[step.call];
    if (item === undefined) return [];
    const index = { output_index: firstIndex + step.call };
    const place = { item_id: item['id'], ...index };
    if (step.type === 'start') {
      return [
        { type: 'response.output_item.added', ...index, item: { ...item, arguments: '', status: 'in_progress' } },
      ];
    }
    if (step.type === 'delta') return [{ type: 'response.function_call_arguments.delta', ...place, delta: step.text }];
    return [
      {
        type: 'response.function_call_arguments.done',
        ...place,
        name: item['name'],
        arguments: item['arguments'],
      },
      { type: 'response.output_item.done', ...index, item },
    ];
  });
}

interface OutputItems {
  readonly reasoning: readonly JsonObject[];
  readonly message: readonly JsonObject[];
  readonly calls: readonly JsonObject[];
}

function outputItems(reply: ScriptedReply, context: RenderContext): OutputItems {
  const { number } = context;
  const reasoningText = deltasOf(reply.reasoning?.text).join('');
  const reasoning: JsonObject = {
    id: `rs_${number}`,
    type: 'reasoning',
    summary: reasoningText === '' ? [] : [{ type: 'summary_text', text: reasoningText }],
    status: 'completed',
    ...(reply.reasoning?.signature === undefined ? {} : { encrypted_content: reply.reasoning.signature }),
  };
  const message: JsonObject = {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: deltasOf(reply.text).join(''), annotations: [], logprobs: [] }],
  };
  return {
    reasoning: reply.reasoning === undefined ? [] : [reasoning],
    message: reply.text === undefined ? [] : [message],
    calls: (reply.toolCalls ?? []).map((call, index) => callItem(call, `fc_${number}_${index}`)),
  };
}

function callItem(call: ScriptedToolCall, id: string): JsonObject {
  return {
    id,
    type: 'function_call',
    call_id: call.id,
    name: call.name,
    arguments: argumentChunksOf(call).join(''),
    status: 'completed',
  };
}

function responseBase(context: RenderContext, reply: ScriptedReply | undefined): JsonObject {
  return {
    id: reply?.id ?? `resp_${context.number}`,
    object: 'response',
    created_at: unixTime,
    model: reply?.model ?? context.model,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    top_p: 1,
    tool_choice: 'auto',
    tools: [],
    previous_response_id: null,
    truncation: 'disabled',
  };
}

const incompleteReasons: Readonly<Partial<Record<FinishReason, string>>> = {
  length: 'max_output_tokens',
  'content-filter': 'content_filter',
  other: 'other',
};

function finalResponse(reply: ScriptedReply, context: RenderContext): JsonObject {
  const items = outputItems(reply, context);
  const reason = incompleteReasons[finishReasonOf(reply)];
  const usage = usageOf(reply);
  return {
    ...responseBase(context, reply),
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output: [...items.reasoning, ...items.message, ...items.calls],
    usage: usage === undefined ? null : responseUsage(usage),
  };
}

/** Input includes cached and output includes reasoning on this wire too. */
function responseUsage(usage: ScriptedUsage): JsonObject {
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cacheReadTokens ?? 0,
      ...(usage.cacheWriteTokens === undefined ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: input + output,
  };
}
