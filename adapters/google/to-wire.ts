/** Writes a prepared request as the body of a generateContent call. Pure: the same request gives the same body. */

import { OcelliError } from '../../src/errors/index.js';
import type { ModelDescription } from '../../src/models/index.js';
import type {
  AssistantPart,
  Detail,
  JsonSchema,
  PreparedMediaPart,
  PreparedRequest,
  PreparedToolResult,
  PreparedUserPart,
  ReasoningLevel,
  TextPart,
  ToolCallPart,
} from '../../src/request/index.js';
import type { WireRequest } from '../adapter.js';
import { mergeOptions } from '../shared/merge-options.js';
import { WireWarnings } from '../shared/wire-warnings.js';
import {
  generationOf,
  resolutionOf,
  type GoogleBody,
  type WireContent,
  type WireGenerationConfig,
  type WirePart,
  type WireThinkingConfig,
} from './wire.js';

const provider = 'google';

/** What the writing functions share. */
interface Context {
  readonly request: PreparedRequest;
  readonly description: ModelDescription;
  readonly warnings: WireWarnings;
  /** Gemini 3 and later take the resolution part by part, pictures in tool results, and thinking in levels. */
  readonly isModern: boolean;
  readonly generation: number | undefined;
  /** All calls of the conversation by our id, for the ids that Google gave. */
  readonly calls: ReadonlyMap<string, ToolCallPart>;
}

/** The body for `generateContentStream` with the model beside it, and a warning for everything that was left out or changed. */
export function toWire(request: PreparedRequest, description: ModelDescription): WireRequest<GoogleBody> {
  const warnings = new WireWarnings(provider);
  const generation = generationOf(request.modelId);
  const isModern = generation !== undefined && generation >= 3;
  const context: Context = { request, description, warnings, isModern, generation, calls: callsById(request) };
  const system = systemOf(context);
  const body: GoogleBody = {
    model: request.modelId,
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }),
    contents: contentsOf(context),
    ...toolsOf(context),
    generationConfig: {
      maxOutputTokens: request.maxOutputTokens,
      ...samplingOf(context),
      ...stopOf(context),
      ...outputOf(context),
      ...thinkingOf(context),
      ...globalResolutionOf(context),
    },
  };
  warnOfTheRest(context);
  return { body: mergeOptions(body, request.providerOptions), warnings: warnings.list() };
}

function callsById(request: PreparedRequest): ReadonlyMap<string, ToolCallPart> {
  const calls = new Map<string, ToolCallPart>();
  for (const message of request.messages) {
    if (message.role !== 'assistant') continue;
    for (const part of message.content) if (part.type === 'tool-call') calls.set(part.id, part);
  }
  return calls;
}

function systemOf({ request, warnings }: Context): WirePart[] {
  let conversationBegan = false;
  return request.messages.flatMap((message, index) => {
    if (message.role !== 'system') {
      conversationBegan = true;
      return [];
    }
    if (conversationBegan)
      warnings.adjusted(
        `messages[${index}]`,
        'Gemini takes system texts only before the conversation: this one was moved there.',
      );
    return message.content.filter((part) => part.text !== '').map((part) => ({ text: part.text }));
  });
}

function contentsOf(context: Context): WireContent[] {
  const contents: WireContent[] = [];
  const { messages } = context.request;
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    switch (message.role) {
      case 'system':
        return;
      case 'user':
        add(
          contents,
          'user',
          message.content.flatMap((part, at) => userPart(part, `${path}.content[${at}]`, context)),
        );
        return;
      case 'assistant':
        add(contents, 'model', modelParts(message.content, path, context));
        return;
      case 'tool':
        // The API wants the results of one turn's calls together; the first of several messages brings them all.
        if (messages[index - 1]?.role !== 'tool') add(contents, 'user', toolParts(messages, index, context));
        return;
      default: {
        const unknown: never = message;
        throw new TypeError(`Unknown role in ${JSON.stringify(unknown)}`);
      }
    }
  });
  return contents;
}

function add(contents: WireContent[], role: WireContent['role'], parts: WirePart[]): void {
  if (parts.length > 0) contents.push({ role, parts });
}

function userPart(part: PreparedUserPart, path: string, context: Context): WirePart[] {
  return part.type === 'text' ? textPart(part, path, context) : [mediaPart(part, path, context)];
}

/** An empty text says nothing, unless it carries a signature. */
function textPart(part: TextPart, path: string, { warnings }: Context): WirePart[] {
  warnings.checkProviderData(part.providerData, path);
  const signature = signatureOf(part);
  if (part.text === '' && signature === undefined) return [];
  return [{ text: part.text, ...(signature === undefined ? {} : { thoughtSignature: signature }) }];
}

function signatureOf(part: AssistantPart): string | undefined {
  const signature = part.providerData?.[provider]?.['thoughtSignature'];
  return typeof signature === 'string' ? signature : undefined;
}

/**
 * Gemini 3 refuses a turn whose first call has no signature. Calls that another model made have none;
 * this word takes their place (ai.google.dev/gemini-api/docs/thought-signatures, checked 2026-11-24).
 */
const signatureOfOthers = 'skip_thought_signature_validator';

function modelParts(parts: readonly AssistantPart[], path: string, context: Context): WirePart[] {
  let callsSoFar = 0;
  return parts.flatMap((part, index): WirePart[] => {
    const where = `${path}.content[${index}]`;
    switch (part.type) {
      case 'text':
        return textPart(part, where, context);
      case 'reasoning': {
        const signature = signatureOf(part);
        if (signature !== undefined) return [{ text: part.text, thought: true, thoughtSignature: signature }];
        // Gemini's own thoughts without a signature are only a summary: nothing is lost without them.
        if (part.providerData?.[provider] === undefined)
          context.warnings.dropped(Object.keys(part.providerData ?? {}), where);
        return [];
      }
      case 'tool-call': {
        context.warnings.checkProviderData(part.providerData, where);
        const needsOne = context.isModern && callsSoFar === 0;
        const signature = signatureOf(part) ?? (needsOne ? signatureOfOthers : undefined);
        callsSoFar += 1;
        return [
          {
            functionCall: { ...callIdOf(part), name: part.name, args: part.arguments },
            ...(signature === undefined ? {} : { thoughtSignature: signature }),
          },
        ];
      }
      default: {
        const unknown: never = part;
        throw new TypeError(`Unknown part ${JSON.stringify(unknown)}`);
      }
    }
  });
}

/** Only an id that Google gave goes back; ours and other providers' would mean nothing there. */
function callIdOf(call: ToolCallPart | undefined): { id?: string } {
  const id = call?.providerData?.[provider]?.['functionCallId'];
  return typeof id === 'string' ? { id } : {};
}

/** Results without ids are matched by name and order: they go in the order of the calls, with nothing between them. */
function toolParts(messages: PreparedRequest['messages'], first: number, context: Context): WirePart[] {
  const order = [...context.calls.keys()];
  const results: { result: PreparedToolResult; path: string; place: number }[] = [];
  for (let index = first; messages[index]?.role === 'tool'; index += 1)
    messages[index]?.content.forEach((result, at) => {
      if (result.type !== 'tool-result') return;
      const place = order.indexOf(result.id);
      results.push({ result, path: `messages[${index}].content[${at}]`, place: place < 0 ? order.length : place });
    });
  results.sort((one, other) => one.place - other.place);
  const parts = results.flatMap(({ result, path }) => toolResultParts(result, path, context));
  const isResult = (part: WirePart): boolean => part.functionResponse !== undefined;
  return [...parts.filter(isResult), ...parts.filter((part) => !isResult(part))];
}

function toolResultParts(result: PreparedToolResult, path: string, context: Context): WirePart[] {
  const texts: string[] = [];
  const inside: NonNullable<NonNullable<WirePart['functionResponse']>['parts']> = [];
  const moved: WirePart[] = [];
  result.content.forEach((part, index) => {
    const where = `${path}.content[${index}]`;
    if (part.type === 'text') {
      context.warnings.checkProviderData(part.providerData, where);
      texts.push(part.text);
      return;
    }
    const wire = mediaPart(part, where, context);
    if (context.isModern && wire.inlineData !== undefined) inside.push({ inlineData: wire.inlineData });
    else {
      moved.push(wire);
      context.warnings.moved(
        where,
        'This medium cannot stand inside a tool result here: it follows the results in the same turn.',
      );
    }
  });
  const text = texts.join('\n');
  const label: WirePart = { text: `Media that the tool "${result.name}" returned:` };
  return [
    {
      functionResponse: {
        ...callIdOf(context.calls.get(result.id)),
        name: result.name,
        response: result.isError ? { error: text } : { output: text },
        ...(inside.length === 0 ? {} : { parts: inside }),
      },
    },
    ...(moved.length === 0 ? [] : [label, ...moved]),
  ];
}

const filesAddress = 'https://generativelanguage.googleapis.com/v1beta/';

function mediaPart(part: PreparedMediaPart, path: string, context: Context): WirePart {
  const { media } = part;
  if (!context.description.capabilities.input.includes(part.type))
    throw new OcelliError(
      'unsupported-input',
      `${path}: ${context.request.modelId} does not take ${part.type} parts.`,
      {
        provider,
      },
    );
  const resolution = context.isModern && part.type === 'image' ? resolutionOf(part.detail) : undefined;
  const beside = resolution === undefined ? {} : { mediaResolution: { level: resolution } };
  const mimeType = media.mediaType;
  switch (media.type) {
    case 'bytes':
      return { inlineData: { mimeType: media.mediaType, data: media.base64 }, ...beside };
    case 'url':
      return { fileData: { fileUri: media.url, ...(mimeType === undefined ? {} : { mimeType }) }, ...beside };
    case 'file-id': {
      const fileUri = media.fileId.startsWith('files/') ? `${filesAddress}${media.fileId}` : media.fileId;
      return { fileData: { fileUri, ...(mimeType === undefined ? {} : { mimeType }) }, ...beside };
    }
    default: {
      const unknown: never = media;
      throw new TypeError(`Unknown medium ${JSON.stringify(unknown)}`);
    }
  }
}

const fineness: readonly Detail[] = ['low', 'medium', 'auto', 'high', 'original'];

/** Gemini 2 has one resolution for all pictures: the finest that was asked for. */
function globalResolutionOf({ request, generation, warnings }: Context): Pick<WireGenerationConfig, 'mediaResolution'> {
  if (generation === undefined || generation >= 3) return {};
  const details = new Set(detailsIn(request));
  if (details.size === 0) return {};
  const finest = fineness.findLast((detail) => details.has(detail)) ?? 'auto';
  if (details.size > 1)
    warnings.adjusted(
      'detail',
      `${request.modelId} looks at all pictures equally finely: "${finest}" was taken for all.`,
    );
  const resolution = resolutionOf(finest === 'original' ? 'high' : finest);
  return resolution === undefined ? {} : { mediaResolution: resolution };
}

function detailsIn(request: PreparedRequest): Detail[] {
  const parts = request.messages.flatMap((message): readonly PreparedUserPart[] => {
    if (message.role === 'user') return message.content;
    return message.role === 'tool' ? message.content.flatMap((result) => result.content) : [];
  });
  return parts.flatMap((part) => (part.type === 'image' ? [part.detail ?? 'auto'] : []));
}

function toolsOf({ request }: Context): Pick<GoogleBody, 'tools' | 'toolConfig'> {
  if (request.tools.length === 0) return {};
  const functionDeclarations = request.tools.map((tool) => ({
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parametersJsonSchema: withoutDialect(tool.parameters),
  }));
  const tools = [{ functionDeclarations }];
  const choice = request.toolChoice;
  if (choice === 'auto') return { tools };
  if (choice === 'none') return { tools, toolConfig: { functionCallingConfig: { mode: 'NONE' } } };
  if (choice === 'required') return { tools, toolConfig: { functionCallingConfig: { mode: 'ANY' } } };
  return { tools, toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [choice.name] } } };
}

/** `$schema` names the dialect and constrains nothing; the API does not know it. */
function withoutDialect({ $schema: _dialect, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function samplingOf({ request, description, warnings }: Context): WireGenerationConfig {
  const config: WireGenerationConfig = {};
  for (const option of ['temperature', 'topP', 'topK', 'seed'] as const) {
    const value = request[option];
    if (value === undefined) continue;
    if (description.capabilities[option]) config[option] = value;
    else warnings.unsupported(option, `${request.modelId} does not take ${option}: it was left out.`);
  }
  return config;
}

/** ai.google.dev/api/generate-content: "up to 5" (checked 2026-11-24). */
const mostStops = 5;

function stopOf({ request, description, warnings }: Context): Pick<WireGenerationConfig, 'stopSequences'> {
  if (!description.capabilities.stop || request.stop.length === 0) return {};
  if (request.stop.length > mostStops)
    warnings.unsupported(
      'stop',
      `Gemini takes ${mostStops} stop texts: the other ${request.stop.length - mostStops} were left out.`,
    );
  return { stopSequences: request.stop.slice(0, mostStops) };
}

function outputOf({ request, description, warnings, isModern }: Context): WireGenerationConfig {
  if (request.output === undefined) return {};
  if (!description.capabilities.structuredOutput) {
    warnings.unsupported('output', `${request.modelId} does not take an output schema: it was left out.`);
    return {};
  }
  if (request.tools.length > 0 && !isModern) {
    warnings.unsupported(
      'output',
      `${request.modelId} does not take tools and an output schema together: the schema was left out.`,
    );
    return {};
  }
  return { responseMimeType: 'application/json', responseJsonSchema: withoutDialect(request.output.schema) };
}

/** What Google's own OpenAI-compatible endpoint makes of the levels (ai.google.dev/gemini-api/docs/openai, checked 2026-11-24). */
const thinkingBudgets: Readonly<Record<Exclude<ReasoningLevel, 'none'>, number>> = {
  low: 1_024,
  medium: 8_192,
  high: 24_576,
};

function thinkingOf(context: Context): { thinkingConfig?: WireThinkingConfig } {
  const { request, description, warnings, isModern } = context;
  const level = request.reasoning;
  if (level === undefined) return {};
  const takes = description.capabilities.reasoning;
  if (takes === 'none') {
    if (level !== 'none')
      warnings.unsupported('reasoning', `${request.modelId} does not reason: "${level}" was left out.`);
    return {};
  }
  if (level === 'none' && takes === 'levels-without-none') {
    warnings.unsupported('reasoning', `${request.modelId} cannot answer without reasoning: "none" was left out.`);
    return {};
  }
  if (isModern) {
    // Gemini 3 has no "off"; "minimal" is as near as it comes.
    if (level === 'none') return { thinkingConfig: { thinkingLevel: 'minimal' } };
    return { thinkingConfig: { thinkingLevel: level, includeThoughts: true } };
  }
  if (level === 'none') return { thinkingConfig: { thinkingBudget: 0 } };
  // Thoughts count as output: some of it must be left for the answer. 512 is the smallest budget that every 2.5 model takes.
  const most = Math.max(512, Math.floor(request.maxOutputTokens * 0.8));
  return { thinkingConfig: { thinkingBudget: Math.min(thinkingBudgets[level], most), includeThoughts: true } };
}

function warnOfTheRest({ request, warnings }: Context): void {
  if (request.cache === 'short' || request.cache === 'long')
    warnings.unsupported('cache', 'Gemini caches by itself: how long it keeps a prompt cannot be asked for in a call.');
  warnings.noMetadata(request.metadata, 'Gemini');
}
