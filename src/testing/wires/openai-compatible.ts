/** OpenAI's Chat Completions as compatible servers speak it; fields as in the types of the `openai` package, 6.49. */

import type { FinishReason, JsonObject } from '../../request/index.js';
import {
  argumentChunksOf,
  deltasOf,
  finishReasonOf,
  toolCallSteps,
  usageOf,
  type ScriptedReply,
  type ScriptedUsage,
} from '../scripted-reply.js';
import { openaiError, openaiErrorObject } from './openai-errors.js';
import { fieldOf, modelOf, unixTime, type Frame, type RenderContext, type Wire } from './wire.js';

export const openaiCompatibleWire: Wire = {
  basePath: '/v1',
  lineEnd: '\n',
  keepAlive: ': keep-alive\n\n',
  requestIdHeader: 'x-request-id',
  route: (method, path, body) =>
    method === 'POST' && path === '/v1/chat/completions'
      ? { endpoint: 'generate', stream: fieldOf(body, 'stream') === true, model: modelOf(body) }
      : undefined,
  frames: chatFrames,
  document: chatDocument,
  count: (tokens) => ({ input_tokens: tokens }),
  error: openaiError,
  errorFrames: (kind) => [{ data: { error: openaiErrorObject(kind) } }],
};

const finishReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'other',
};

/** vLLM, llama.cpp and DeepSeek say `reasoning_content`. */
const reasoningField = 'reasoning_content';

function chatFrames(reply: ScriptedReply, context: RenderContext): readonly Frame[] {
  const base = {
    id: reply.id ?? `chatcmpl-${context.number}`,
    object: 'chat.completion.chunk',
    created: unixTime,
    model: reply.model ?? context.model,
  };
  const chunk = (delta: JsonObject, finishReason: string | null = null): Frame => ({
    data: { ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] },
  });
  const usage = usageOf(reply);
  const wanted = fieldOf(fieldOf(context.requestBody, 'stream_options'), 'include_usage') === true;
  return [
    chunk({ role: 'assistant', content: '' }),
    ...deltasOf(reply.reasoning?.text).map((text) => chunk({ [reasoningField]: text })),
    ...deltasOf(reply.text).map((text) => ({ ...chunk({ content: text }), text: true as const })),
    ...callDeltas(reply).map((delta) => chunk(delta)),
    chunk({}, finishReasons[finishReasonOf(reply)]),
    ...(usage === undefined || !wanted ? [] : [{ data: { ...base, choices: [], usage: chatUsage(usage) } }]),
    { data: '[DONE]', terminator: true as const },
  ];
}

function callDeltas(reply: ScriptedReply): readonly JsonObject[] {
  return toolCallSteps(reply).flatMap((step): readonly JsonObject[] => {
    const call = reply.toolCalls?.[step.call];
    if (call === undefined || step.type === 'end') return [];
    if (step.type === 'delta') return [{ tool_calls: [{ index: step.call, function: { arguments: step.text } }] }];
    const start = { index: step.call, id: call.id, type: 'function', function: { name: call.name, arguments: '' } };
    return [{ tool_calls: [start] }];
  });
}

function chatDocument(reply: ScriptedReply, context: RenderContext): JsonObject {
  const calls = (reply.toolCalls ?? []).map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: argumentChunksOf(call).join('') },
  }));
  const message: JsonObject = {
    role: 'assistant',
    content: reply.text === undefined ? null : deltasOf(reply.text).join(''),
    refusal: null,
    ...(reply.reasoning === undefined ? {} : { [reasoningField]: deltasOf(reply.reasoning.text).join('') }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  const usage = usageOf(reply);
  return {
    id: reply.id ?? `chatcmpl-${context.number}`,
    object: 'chat.completion',
    created: unixTime,
    model: reply.model ?? context.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReasons[finishReasonOf(reply)] }],
    ...(usage === undefined ? {} : { usage: chatUsage(usage) }),
  };
}

/** Input includes cached and output includes reasoning on this wire too; details are left out where the script says nothing. */
function chatUsage(usage: ScriptedUsage): JsonObject {
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(usage.cacheReadTokens === undefined && usage.cacheWriteTokens === undefined
      ? {}
      : {
          prompt_tokens_details: {
            cached_tokens: usage.cacheReadTokens ?? 0,
            ...(usage.cacheWriteTokens === undefined ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
          },
        }),
    ...(usage.reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: usage.reasoningTokens } }),
  };
}
