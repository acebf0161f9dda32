/** Anthropic's Messages API as a fake server speaks it; event order and fields as in the types of `@anthropic-ai/sdk`, 1.12. */

import type { FinishReason, JsonObject } from '../../request/index.js';
import {
  deltasOf,
  finishReasonOf,
  toolCallSteps,
  usageOf,
  type ScriptedReply,
  type ScriptedUsage,
} from '../scripted-reply.js';
import type { ServerErrorKind } from '../server-step.js';
import { fieldOf, modelOf, type Frame, type RenderContext, type Wire, type WireErrorDetails } from './wire.js';

export const anthropicWire: Wire = {
  basePath: '',
  lineEnd: '\n',
  keepAlive: 'event: ping\ndata: {"type": "ping"}\n\n',
  requestIdHeader: 'request-id',
  route: (method, path, body) => {
    if (method !== 'POST') return undefined;
    const model = modelOf(body);
    if (path === '/v1/messages') return { endpoint: 'generate', stream: fieldOf(body, 'stream') === true, model };
    if (path === '/v1/messages/count_tokens') return { endpoint: 'count', stream: false, model };
    return undefined;
  },
  frames: (reply, context) => messageFrames(reply, context).map(toFrame),
  document: (reply, context) => ({
    ...messageBase(reply, context),
    content: contentBlocks(reply),
    stop_reason: stopReasons[finishReasonOf(reply)],
    ...usageField(reply),
  }),
  count: (tokens) => ({ input_tokens: tokens }),
  error: (kind, details) => ({
    status: errorRows[kind].status,
    headers:
      details.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(details.retryAfterMs / 1_000)) },
    body: errorBody(kind, details),
  }),
  errorFrames: (kind, _style, context) => [
    { event: 'error', data: errorBody(kind, { message: undefined, retryAfterMs: undefined, number: context.number }) },
  ],
};

type Draft = JsonObject & { readonly type: string };

function toFrame(draft: Draft): Frame {
  const isText = fieldOf(draft['delta'], 'type') === 'text_delta';
  return { event: draft.type, data: draft, ...(isText ? { text: true as const } : {}) };
}

const stopReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'pause_turn',
};

function messageFrames(reply: ScriptedReply, context: RenderContext): readonly Draft[] {
  const usage = usageOf(reply);
  const startUsage = usage === undefined ? {} : { usage: { ...messageUsage(usage), output_tokens: 1 } };
  const message = { ...messageBase(reply, context), content: [], stop_reason: null, ...startUsage };
  const thinking = reply.reasoning === undefined ? 0 : 1;
  const text = reply.text === undefined ? 0 : 1;
  return [
    { type: 'message_start', message },
    { type: 'ping' },
    ...thinkingFrames(reply),
    ...(text === 0 ? [] : textFrames(reply, thinking)),
    ...callFrames(reply, thinking + text),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReasons[finishReasonOf(reply)], stop_sequence: null },
      ...usageField(reply),
    },
    { type: 'message_stop' },
  ];
}

function thinkingFrames(reply: ScriptedReply): readonly Draft[] {
  const { reasoning } = reply;
  if (reasoning === undefined) return [];
  const delta = (value: JsonObject): Draft => ({ type: 'content_block_delta', index: 0, delta: value });
  return [
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    ...deltasOf(reasoning.text).map((thinking) => delta({ type: 'thinking_delta', thinking })),
    ...(reasoning.signature === undefined ? [] : [delta({ type: 'signature_delta', signature: reasoning.signature })]),
    { type: 'content_block_stop', index: 0 },
  ];
}

function textFrames(reply: ScriptedReply, index: number): readonly Draft[] {
  return [
    { type: 'content_block_start', index, content_block: { type: 'text', text: '', citations: null } },
    ...deltasOf(reply.text).map((text): Draft => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'text_delta', text },
    })),
    { type: 'content_block_stop', index },
  ];
}

function callFrames(reply: ScriptedReply, firstIndex: number): readonly Draft[] {
  return toolCallSteps(reply).flatMap((step): readonly Draft[] => {
    const call = reply.toolCalls?.[step.call];
    if (call === undefined) return [];
    const index = firstIndex + step.call;
    if (step.type === 'delta') {
      const delta = { type: 'input_json_delta', partial_json: step.text };
      return [{ type: 'content_block_delta', index, delta }];
    }
    if (step.type === 'end') return [{ type: 'content_block_stop', index }];
    const block = { type: 'tool_use', id: call.id, name: call.name, input: {} };
    return [
      { type: 'content_block_start', index, content_block: block },
      { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: '' } },
    ];
  });
}

function contentBlocks(reply: ScriptedReply): readonly JsonObject[] {
  const { reasoning, text } = reply;
  return [
    ...(reasoning === undefined
      ? []
      : [
          {
            type: 'thinking',
            thinking: deltasOf(reasoning.text).join(''),
            signature: reasoning.signature ?? '',
          },
        ]),
    ...(text === undefined ? [] : [{ type: 'text', text: deltasOf(text).join(''), citations: null }]),
    ...(reply.toolCalls ?? []).map((call) => ({
      type: 'tool_use',
      id: call.id,
      name: call.name,
      input: call.arguments,
    })),
  ];
}

function messageBase(reply: ScriptedReply, context: RenderContext): JsonObject {
  return {
    id: reply.id ?? `msg_${context.number}`,
    type: 'message',
    role: 'assistant',
    model: reply.model ?? context.model,
    stop_sequence: null,
  };
}

function usageField(reply: ScriptedReply): JsonObject {
  const usage = usageOf(reply);
  return usage === undefined ? {} : { usage: messageUsage(usage) };
}

/** On this wire input leaves cached tokens out, so they are taken off here; output includes thinking. */
function messageUsage(usage: ScriptedUsage): JsonObject {
  const read = usage.cacheReadTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  return {
    input_tokens: (usage.inputTokens ?? 0) - read - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: usage.outputTokens ?? 0,
    ...(usage.reasoningTokens === undefined
      ? {}
      : { output_tokens_details: { thinking_tokens: usage.reasoningTokens } }),
  };
}

interface ErrorRow {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

/** Types and statuses: https://docs.claude.com/en/api/errors (written from the SDK's types and general knowledge; the page itself was not opened). */
const errorRows: Readonly<Record<ServerErrorKind, ErrorRow>> = {
  'invalid-request': { status: 400, type: 'invalid_request_error', message: 'colour: Extra inputs are not permitted' },
  'image-too-large': {
    status: 400,
    type: 'invalid_request_error',
    message: 'messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes',
  },
  'image-unreadable': { status: 400, type: 'invalid_request_error', message: 'Could not process image' },
  authentication: { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
  permission: {
    status: 403,
    type: 'permission_error',
    message: 'Your API key does not have permission to use the specified resource.',
  },
  'model-not-found': { status: 404, type: 'not_found_error', message: 'model: claude-none' },
  'rate-limit': {
    status: 429,
    type: 'rate_limit_error',
    message: 'This request would exceed the rate limit for your organization.',
  },
  quota: {
    status: 400,
    type: 'invalid_request_error',
    message: 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
  },
  overloaded: { status: 529, type: 'overloaded_error', message: 'Overloaded' },
  timeout: { status: 504, type: 'timeout_error', message: 'Request timed out' },
  server: { status: 500, type: 'api_error', message: 'Internal server error' },
  'content-filter': {
    status: 400,
    type: 'invalid_request_error',
    message: 'Output blocked by content filtering policy',
  },
  'context-length': {
    status: 400,
    type: 'invalid_request_error',
    message: 'prompt is too long: 210000 tokens > 200000 maximum',
  },
};

function errorBody(kind: ServerErrorKind, details: WireErrorDetails): JsonObject {
  const row = errorRows[kind];
  return {
    type: 'error',
    error: { type: row.type, message: details.message ?? row.message },
    request_id: `req_${details.number}`,
  };
}
