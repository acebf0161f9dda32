/** Google's generateContent as a fake server speaks it; fields from https://ai.google.dev/api/generate-content (written from the SDK's types and general knowledge; the page itself was not opened). */

import type { FinishReason, JsonObject, JsonValue } from '../../request/index.js';
import { deltasOf, finishReasonOf, usageOf, type ScriptedReply, type ScriptedUsage } from '../scripted-reply.js';
import { googleError } from './google-errors.js';
import type { Frame, RenderContext, Wire } from './wire.js';

const path =
  /^\/v1(?:beta|alpha)?\/(?:models|tunedModels)\/([^/:]+):(generateContent|streamGenerateContent|countTokens)(?:\?(.*))?$/;

export const googleWire: Wire = {
  basePath: '',
  lineEnd: '\r\n',
  // Google sends none, and its SDK takes a comment for broken JSON.
  keepAlive: undefined,
  requestIdHeader: undefined,
  route: (method, target) => {
    const [, model, task, query] = path.exec(target) ?? [];
    if (method !== 'POST' || model === undefined) return undefined;
    if (task === 'countTokens') return { endpoint: 'count', stream: false, model };
    const stream = task === 'streamGenerateContent' && new URLSearchParams(query ?? '').get('alt') === 'sse';
    return { endpoint: 'generate', stream, model };
  },
  frames: googleFrames,
  document: (reply, context) => ({
    candidates: [
      {
        content: { role: 'model', parts: allParts(reply, context) },
        finishReason: finishReasons[finishReasonOf(reply)],
        index: 0,
      },
    ],
    ...responseBase(reply, context),
    ...usageField(reply),
  }),
  count: (tokens) => ({ totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] }),
  error: googleError,
  errorFrames: (kind, _style, context) => {
    const { body } = googleError(kind, { message: undefined, retryAfterMs: undefined, number: context.number });
    return [{ data: body }];
  },
};

/** A call for tools ends with STOP on this wire. */
const finishReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  other: 'OTHER',
};

function googleFrames(reply: ScriptedReply, context: RenderContext): readonly Frame[] {
  const base = responseBase(reply, context);
  const chunk = (parts: readonly JsonObject[]): JsonObject => ({
    candidates: [{ content: { role: 'model', parts }, index: 0 }],
    ...base,
  });
  return [
    ...thoughtParts(reply).map((part) => ({ data: chunk([part]) })),
    ...deltasOf(reply.text).map((text) => ({ data: chunk([{ text }]), text: true as const })),
    ...callParts(reply, context).map((part) => ({ data: chunk([part]) })),
    {
      data: {
        candidates: [
          {
            content: { role: 'model', parts: [lastPart(reply)] },
            finishReason: finishReasons[finishReasonOf(reply)],
            index: 0,
          },
        ],
        ...base,
        ...usageField(reply),
      },
    },
  ];
}

function responseBase(reply: ScriptedReply, context: RenderContext): JsonObject {
  return { modelVersion: reply.model ?? context.model, responseId: reply.id ?? `google-${context.number}` };
}

function thoughtParts(reply: ScriptedReply): readonly JsonObject[] {
  return deltasOf(reply.reasoning?.text).map((text) => ({ text, thought: true }));
}

/** Gemini puts the signature of its thoughts on the first call, or on an empty text at the end when there is none. */
function callParts(reply: ScriptedReply, context: RenderContext): readonly JsonObject[] {
  const signature = reply.reasoning?.signature;
  // Only Gemini 3 and later give calls an id of their own.
  const withIds = /gemini-[3-9]/.test(context.model);
  return (reply.toolCalls ?? []).map((call, index) => ({
    functionCall: { ...(withIds ? { id: call.id } : {}), name: call.name, args: call.arguments },
    ...(index === 0 && signature !== undefined ? { thoughtSignature: signature } : {}),
  }));
}

function lastPart(reply: ScriptedReply): JsonObject {
  const signature = reply.reasoning?.signature;
  const onCall = (reply.toolCalls?.length ?? 0) > 0;
  return { text: '', ...(signature === undefined || onCall ? {} : { thoughtSignature: signature }) };
}

function allParts(reply: ScriptedReply, context: RenderContext): readonly JsonObject[] {
  const text = deltasOf(reply.text).join('');
  const thought = deltasOf(reply.reasoning?.text).join('');
  const calls = callParts(reply, context);
  return [
    ...(thought === '' ? [] : [{ text: thought, thought: true }]),
    ...(reply.text === undefined ? [] : [calls.length === 0 ? { ...lastPart(reply), text } : { text }]),
    ...calls,
  ];
}

function usageField(reply: ScriptedReply): JsonObject {
  const usage = usageOf(reply);
  return usage === undefined ? {} : { usageMetadata: usageMetadata(usage) };
}

/** On this wire the prompt includes cached tokens, and thoughts stand beside the candidates' tokens, not inside them. */
function usageMetadata(usage: ScriptedUsage): JsonObject {
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  const reasoning = usage.reasoningTokens;
  return {
    promptTokenCount: input,
    ...(usage.cacheReadTokens === undefined ? {} : { cachedContentTokenCount: usage.cacheReadTokens }),
    candidatesTokenCount: output - (reasoning ?? 0),
    ...(reasoning === undefined ? {} : { thoughtsTokenCount: reasoning }),
    totalTokenCount: input + output,
    promptTokensDetails: promptDetails(usage, input),
  };
}

function promptDetails(usage: ScriptedUsage, input: number): readonly JsonValue[] {
  if (usage.byModality === undefined) return [{ modality: 'TEXT', tokenCount: input }];
  return Object.entries(usage.byModality).map(([modality, tokenCount]) => ({
    modality: modality.toUpperCase(),
    tokenCount,
  }));
}
