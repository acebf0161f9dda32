/** Writes a prepared request as the body of a Messages call. Pure: the same request gives the same body. */

import type {
  CacheControlEphemeral,
  ContentBlockParam,
  DocumentBlockParam,
  ImageBlockParam,
  MessageCountTokensParams,
  MessageCreateParamsStreaming,
  MessageParam,
  TextBlockParam,
  Tool,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages/messages';
import { OcelliError } from '../../src/errors/index.js';
import type { ModelDescription } from '../../src/models/index.js';
import type {
  AssistantPart,
  PreparedMediaPart,
  PreparedRequest,
  PreparedToolResult,
  PreparedUserPart,
  ReasoningLevel,
  TextPart,
} from '../../src/request/index.js';
import type { WireRequest } from '../adapter.js';
import { closedSchema } from '../shared/closed-schema.js';
import { mergeOptions } from '../shared/merge-options.js';
import { WireWarnings } from '../shared/wire-warnings.js';

const provider = 'anthropic';

/** The sampling options are gone from the SDK's types; a server that a description says takes them still gets them. */
export type AnthropicBody = MessageCreateParamsStreaming & { temperature?: number; top_p?: number; top_k?: number };

type UserBlock = TextBlockParam | ImageBlockParam | DocumentBlockParam | ToolResultBlockParam;
type Turn = { role: 'user'; content: UserBlock[] } | { role: 'assistant'; content: ContentBlockParam[] };

/** The body for `client.messages.create`, with a warning for everything that was left out or changed. */
export function toWire(request: PreparedRequest, description: ModelDescription): WireRequest<AnthropicBody> {
  const warnings = new WireWarnings(provider);
  const system = systemOf(request, warnings);
  const turns = turnsOf(request, warnings);
  const tools = request.tools.map(toolOf);
  markForCache(request, system, tools, turns);
  const { effort, ...thinking } = thinkingOf(request, description, warnings);
  const format = formatOf(request, description, warnings);
  const outputConfig = { ...(effort === undefined ? {} : { effort }), ...(format === undefined ? {} : { format }) };
  const body: AnthropicBody = {
    model: request.modelId,
    max_tokens: request.maxOutputTokens,
    stream: true,
    ...(system.length === 0 ? {} : { system }),
    ...(tools.length === 0 ? {} : { tools, ...toolChoiceOf(request) }),
    messages: turns,
    ...thinking,
    ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    ...samplingOf(request, description, warnings),
    ...stopOf(request, description, warnings),
    ...metadataOf(request, warnings),
  };
  warnOfDetail(request, warnings);
  const merged = mergeOptions(body, request.providerOptions);
  return { body: { ...merged, stream: true }, warnings: warnings.list() };
}

/** Claude has no detail: only pictures that could not be scaled to theirs (by URL or id, or with `fit` off) lose it. */
function warnOfDetail(request: PreparedRequest, warnings: WireWarnings): void {
  const parts = request.messages.flatMap((message): readonly PreparedUserPart[] => {
    if (message.role === 'user') return message.content;
    return message.role === 'tool' ? message.content.flatMap(({ content }) => content) : [];
  });
  const lost = parts.flatMap((part) => (part.type === 'image' && part.scaledToDetail !== true ? [part.detail] : []));
  for (const detail of ['low', 'medium'] as const) {
    if (!lost.includes(detail)) continue;
    warnings.adjusted(
      'detail',
      `Claude has no detail "${detail}": a picture that was not scaled to it costs its size.`,
    );
  }
}

/** The part of a body that the count endpoint takes; it refuses pictures and documents that it would have to fetch. */
export function toCountBody(body: AnthropicBody): MessageCountTokensParams {
  for (const message of body.messages) {
    for (const source of sourcesIn(message.content)) {
      if (source !== 'url' && source !== 'file') continue;
      throw new OcelliError(
        'unsupported-input',
        `Anthropic counts only pictures and documents that are sent as bytes; this request has one by ${source === 'url' ? 'URL' : 'file id'}.`,
        { provider },
      );
    }
  }
  const { model, messages, system, tools, tool_choice, thinking, output_config, cache_control } = body;
  return {
    model,
    messages,
    ...(system === undefined ? {} : { system }),
    ...(tools === undefined ? {} : { tools }),
    ...(tool_choice === undefined ? {} : { tool_choice }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(output_config === undefined ? {} : { output_config }),
    ...(cache_control === undefined ? {} : { cache_control }),
  };
}

function sourcesIn(content: MessageParam['content']): string[] {
  if (typeof content === 'string') return [];
  return content.flatMap((block) => {
    if (block.type === 'image' || block.type === 'document') return [block.source.type];
    return block.type === 'tool_result' && typeof block.content === 'object'
      ? sourcesIn(block.content as ContentBlockParam[])
      : [];
  });
}

function systemOf(request: PreparedRequest, warnings: WireWarnings): TextBlockParam[] {
  const blocks: TextBlockParam[] = [];
  let conversationBegan = false;
  request.messages.forEach((message, index) => {
    if (message.role !== 'system') {
      conversationBegan = true;
      return;
    }
    if (conversationBegan)
      warnings.adjusted(
        `messages[${index}]`,
        'Claude takes system texts only before the conversation: this one was moved there.',
      );
    blocks.push(...textBlocks(message.content, `messages[${index}]`, warnings));
  });
  return blocks;
}

/** Alternating turns: tool results and what the user says next are one turn, with the results first. */
function turnsOf(request: PreparedRequest, warnings: WireWarnings): Turn[] {
  const turns: Turn[] = [];
  request.messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    switch (message.role) {
      case 'system':
        return;
      case 'user':
        addToTurn(turns, 'user', userBlocks(message.content, path, warnings));
        return;
      case 'tool':
        addToTurn(
          turns,
          'user',
          message.content.map((result, part) => toolResultOf(result, `${path}.content[${part}]`, warnings)),
        );
        return;
      case 'assistant':
        addToTurn(turns, 'assistant', assistantBlocks(message.content, path, warnings));
        return;
      default: {
        const unknown: never = message;
        throw new TypeError(`Unknown role in ${JSON.stringify(unknown)}`);
      }
    }
  });
  for (const turn of turns) {
    if (turn.role !== 'user') continue;
    const isResult = (block: UserBlock): boolean => block.type === 'tool_result';
    turn.content = [...turn.content.filter(isResult), ...turn.content.filter((block) => !isResult(block))];
  }
  return turns;
}

function addToTurn(turns: Turn[], role: Turn['role'], blocks: readonly ContentBlockParam[]): void {
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === role) (last.content as ContentBlockParam[]).push(...blocks);
  else turns.push({ role, content: [...blocks] } as Turn);
}

function userBlocks(
  parts: readonly PreparedUserPart[],
  path: string,
  warnings: WireWarnings,
): (TextBlockParam | ImageBlockParam | DocumentBlockParam)[] {
  return parts.flatMap((part, index): (TextBlockParam | ImageBlockParam | DocumentBlockParam)[] =>
    part.type === 'text' ? textBlocks([part], path, warnings, index) : [mediaBlock(part, `${path}.content[${index}]`)],
  );
}

/** The API answers blank texts with 400; they mean nothing, so they are left out. */
function textBlocks(parts: readonly TextPart[], path: string, warnings: WireWarnings, offset = 0): TextBlockParam[] {
  return parts.flatMap((part, index) => {
    warnings.checkProviderData(part.providerData, `${path}.content[${offset + index}]`);
    return part.text.trim() === '' ? [] : [{ type: 'text' as const, text: part.text }];
  });
}

function toolResultOf(result: PreparedToolResult, path: string, warnings: WireWarnings): ToolResultBlockParam {
  const content = userBlocks(result.content, path, warnings);
  return {
    type: 'tool_result',
    tool_use_id: toolId(result.id),
    ...(content.length === 0 ? {} : { content }),
    ...(result.isError ? { is_error: true } : {}),
  };
}

function assistantBlocks(parts: readonly AssistantPart[], path: string, warnings: WireWarnings): ContentBlockParam[] {
  return parts.flatMap((part, index): ContentBlockParam[] => {
    const where = `${path}.content[${index}]`;
    switch (part.type) {
      case 'text':
        return textBlocks([part], path, warnings, index);
      case 'reasoning': {
        const own = part.providerData?.[provider];
        if (typeof own?.['redactedThinking'] === 'string')
          return [{ type: 'redacted_thinking', data: own['redactedThinking'] }];
        if (typeof own?.['signature'] === 'string')
          return [{ type: 'thinking', thinking: part.text, signature: own['signature'] }];
        // Without a signature the API takes no thought, not even its own (an answer that was cut has none).
        warnings.dropped(
          Object.keys(part.providerData ?? {}).filter((name) => name !== provider),
          where,
        );
        return [];
      }
      case 'tool-call':
        warnings.checkProviderData(part.providerData, where);
        return [{ type: 'tool_use', id: toolId(part.id), name: part.name, input: part.arguments }];
      default: {
        const unknown: never = part;
        throw new TypeError(`Unknown part ${JSON.stringify(unknown)}`);
      }
    }
  });
}

/** Ids of other providers may hold characters that this API refuses (it takes letters, digits, `_` and `-`). */
function toolId(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9_-]/g, '_');
}

function mediaBlock(part: PreparedMediaPart, path: string): ImageBlockParam | DocumentBlockParam {
  switch (part.type) {
    case 'image':
      return { type: 'image', source: imageSource(part, path) };
    case 'document':
      return {
        type: 'document',
        source: documentSource(part, path),
        ...(part.filename === undefined ? {} : { title: part.filename }),
      };
    case 'audio':
    case 'video':
      throw unsupported(path, `${part.type} is not taken by Claude. Send text, a picture or a document.`);
    default: {
      const unknown: never = part.type;
      throw new TypeError(`Unknown medium ${String(unknown)}`);
    }
  }
}

function imageSource({ media }: PreparedMediaPart, path: string): ImageBlockParam['source'] {
  if (media.type === 'url') return { type: 'url', url: media.url };
  if (media.type === 'file-id') return { type: 'file', file_id: media.fileId };
  switch (media.mediaType) {
    case 'image/jpeg':
    case 'image/png':
    case 'image/gif':
    case 'image/webp':
      return { type: 'base64', media_type: media.mediaType, data: media.base64 };
    default:
      throw unsupported(path, `is ${media.mediaType}. Claude reads JPEG, PNG, GIF and WebP: convert it first.`);
  }
}

function documentSource({ media }: PreparedMediaPart, path: string): DocumentBlockParam['source'] {
  if (media.type === 'url') return { type: 'url', url: media.url };
  if (media.type === 'file-id') return { type: 'file', file_id: media.fileId };
  if (media.mediaType === 'application/pdf')
    return { type: 'base64', media_type: 'application/pdf', data: media.base64 };
  if (media.mediaType.startsWith('text/'))
    return { type: 'text', media_type: 'text/plain', data: new TextDecoder().decode(media.bytes) };
  throw unsupported(path, `is ${media.mediaType}. Claude reads PDF and plain text documents: convert it first.`);
}

function unsupported(path: string, message: string): OcelliError {
  return new OcelliError('unsupported-input', `${path} ${message}`, { provider });
}

function toolOf(tool: PreparedRequest['tools'][number]): Tool {
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: { ...tool.parameters, type: 'object' },
  };
}

function toolChoiceOf({ toolChoice }: PreparedRequest): Pick<AnthropicBody, 'tool_choice'> {
  if (toolChoice === 'auto') return {};
  if (toolChoice === 'none') return { tool_choice: { type: 'none' } };
  if (toolChoice === 'required') return { tool_choice: { type: 'any' } };
  return { tool_choice: { type: 'tool', name: toolChoice.name } };
}

/** Two marks: after what stays the same in every call (tools, then system), and after what the user said last. */
function markForCache(request: PreparedRequest, system: TextBlockParam[], tools: Tool[], turns: Turn[]): void {
  if (request.cache === undefined || request.cache === 'none') return;
  const cache_control: CacheControlEphemeral = { type: 'ephemeral', ttl: request.cache === 'long' ? '1h' : '5m' };
  const stable = system.at(-1) ?? tools.at(-1);
  if (stable !== undefined) stable.cache_control = cache_control;
  const lastUserTurn = turns.findLast((turn) => turn.role === 'user');
  const lastBlock = lastUserTurn?.content.at(-1);
  if (lastBlock !== undefined) lastBlock.cache_control = cache_control;
}

/** Claude 4.5 and older know only a token budget; from 4.6 on the model decides and `effort` steers it (checked 2026-11-24). */
const takesThinkingBudget = /claude-(?:(?:haiku|sonnet|opus)-4-5(?!\d)|3-7)/;
/** Smallest budget of the API; it must also stay below max_tokens. */
const smallestBudget = 1_024;
/** A budget is a share of the answer's tokens, so that something is left for the answer itself. */
const budgetShare: Readonly<Record<Exclude<ReasoningLevel, 'none'>, number>> = { low: 0.2, medium: 0.5, high: 0.8 };

function thinkingOf(
  request: PreparedRequest,
  { capabilities }: ModelDescription,
  warnings: WireWarnings,
): { thinking?: NonNullable<AnthropicBody['thinking']>; effort?: 'low' | 'medium' | 'high' } {
  const level = request.reasoning;
  if (level === undefined) return {};
  if (level === 'none') {
    if (capabilities.reasoning === 'levels') return { thinking: { type: 'disabled' } };
    if (capabilities.reasoning === 'levels-without-none')
      warnings.unsupported('reasoning', `${request.modelId} cannot answer without reasoning: "none" was left out.`);
    return {};
  }
  if (capabilities.reasoning === 'none') {
    warnings.unsupported('reasoning', `${request.modelId} does not reason: "${level}" was left out.`);
    return {};
  }
  const forced = request.tools.length > 0 && request.toolChoice !== 'auto' && request.toolChoice !== 'none';
  if (forced)
    warnings.adjusted(
      'reasoning',
      'Claude does not think before a tool that it is made to call: thinking was left out.',
    );
  if (!takesThinkingBudget.test(request.modelId))
    return forced ? { effort: level } : { thinking: { type: 'adaptive', display: 'summarized' }, effort: level };
  if (forced) return {};
  if (request.maxOutputTokens <= smallestBudget) {
    warnings.unsupported(
      'reasoning',
      `Thinking needs more than ${smallestBudget} maxOutputTokens on ${request.modelId}: it was left out.`,
    );
    return {};
  }
  const budget = Math.max(smallestBudget, Math.floor(request.maxOutputTokens * budgetShare[level]));
  return { thinking: { type: 'enabled', budget_tokens: Math.min(budget, request.maxOutputTokens - 1) } };
}

function samplingOf(
  request: PreparedRequest,
  { capabilities }: ModelDescription,
  warnings: WireWarnings,
): Pick<AnthropicBody, 'temperature' | 'top_p' | 'top_k'> {
  // API version 2026-10-21, which the SDK sends, answers sampling options with 400.
  const left = (option: string): void =>
    warnings.unsupported(option, `${request.modelId} does not take ${option}: it was left out.`);
  const { temperature, topP, topK } = request;
  if (temperature !== undefined && !capabilities.temperature) left('temperature');
  if (topP !== undefined && !capabilities.topP) left('topP');
  if (topK !== undefined && !capabilities.topK) left('topK');
  if (request.seed !== undefined) left('seed');
  const tooWarm = temperature !== undefined && capabilities.temperature && temperature > 1;
  if (tooWarm) warnings.adjusted('temperature', `Claude takes temperatures up to 1: ${temperature} was lowered to 1.`);
  return {
    ...(temperature === undefined || !capabilities.temperature ? {} : { temperature: Math.min(temperature, 1) }),
    ...(topP === undefined || !capabilities.topP ? {} : { top_p: topP }),
    ...(topK === undefined || !capabilities.topK ? {} : { top_k: topK }),
  };
}

function stopOf(
  request: PreparedRequest,
  { capabilities }: ModelDescription,
  warnings: WireWarnings,
): Pick<AnthropicBody, 'stop_sequences'> {
  if (!capabilities.stop) return {};
  const stop = request.stop.filter((text) => text.trim() !== '');
  if (stop.length < request.stop.length)
    warnings.unsupported('stop', 'Claude takes no stop texts that are only white space: they were left out.');
  return stop.length === 0 ? {} : { stop_sequences: stop };
}

function metadataOf(request: PreparedRequest, warnings: WireWarnings): Pick<AnthropicBody, 'metadata'> {
  const { userId, user_id, ...others } = request.metadata ?? {};
  const names = Object.keys(others);
  if (names.length > 0)
    warnings.unsupported('metadata', `Anthropic takes only a userId as metadata: ${names.join(', ')} was left out.`);
  const user = userId ?? user_id;
  return user === undefined ? {} : { metadata: { user_id: user } };
}

function formatOf(
  request: PreparedRequest,
  { capabilities }: ModelDescription,
  warnings: WireWarnings,
): { type: 'json_schema'; schema: Record<string, unknown> } | undefined {
  if (request.output === undefined) return undefined;
  if (!capabilities.structuredOutput) {
    warnings.unsupported('output', `${request.modelId} does not take an output schema: it was left out.`);
    return undefined;
  }
  return { type: 'json_schema', schema: closedSchema(request.output.schema) };
}
