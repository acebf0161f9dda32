/** Says a prepared request in the words of Chat Completions, as far as the server's flags allow. */

import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionContentPart,
  ChatCompletionContentPartText,
  ChatCompletionCreateParamsBase,
  ChatCompletionFunctionTool,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions/completions';
import { OcelliError } from '../../src/errors/index.js';
import type { ModelDescription } from '../../src/models/index.js';
import type {
  AssistantPart,
  PreparedMediaPart,
  PreparedMessage,
  PreparedRequest,
  PreparedTool,
  PreparedToolResult,
  PreparedUserPart,
  TextPart,
} from '../../src/request/index.js';
import type { WireRequest } from '../adapter.js';
import { mergeOptions } from '../shared/merge-options.js';
import { isStrictSchema } from '../shared/strict-schema.js';
import { WireWarnings } from '../shared/wire-warnings.js';
import type { Compatibility } from './compat.js';

/** The vendor's own parameters, and the one that many servers add. */
export type ChatBody = ChatCompletionCreateParamsBase & { readonly stream: boolean; readonly top_k?: number };

/** The server that a body is for. */
interface Target {
  /** The word before the colon in model ids, and the key of our provider data. */
  readonly provider: string;
  readonly compat: Compatibility;
}

/** @throws OcelliError `unsupported-input` for a part that Chat Completions cannot carry */
export function toWire(request: PreparedRequest, description: ModelDescription, target: Target): WireRequest<ChatBody> {
  const warnings = new WireWarnings(target.provider);
  const { compat } = target;
  const writer = new MessageWriter(target, warnings);
  const schemaText = schemaTextOf(request, compat, warnings);
  if (schemaText !== undefined) writer.writeSystem(schemaText);
  for (const [place, message] of request.messages.entries()) writer.write(message, `messages[${place}]`);
  const body: ChatBody = {
    model: request.modelId,
    messages: writer.finish(),
    [compat.maxTokensField]: request.maxOutputTokens,
    ...samplingOf(request, description, warnings),
    ...reasoningOf(request, description, warnings),
    ...toolsOf(request, compat, warnings),
    ...formatOf(request, compat),
    stream: compat.stream,
    ...(compat.stream && compat.usageInStream ? { stream_options: { include_usage: true } } : {}),
  };
  warnCache(request, target, warnings);
  // Chat Completions has the field, but only to keep with a stored completion, and most servers refuse what they do not know.
  warnings.noMetadata(request.metadata, target.provider);
  return {
    body: { ...mergeOptions(body, request.providerOptions), stream: compat.stream },
    warnings: warnings.list(),
  };
}

/** Writes the messages in order; pictures of tool results may have to wait for the end of their group of tool messages. */
class MessageWriter {
  readonly #provider: string;
  readonly #compat: Compatibility;
  readonly #warnings: WireWarnings;
  readonly #messages: ChatCompletionMessageParam[] = [];
  #moved: ChatCompletionContentPart[] = [];
  readonly #warnedDetails = new Set<string>();

  constructor(target: Target, warnings: WireWarnings) {
    this.#provider = target.provider;
    this.#compat = target.compat;
    this.#warnings = warnings;
  }

  write(message: PreparedMessage, path: string): void {
    if (message.role !== 'tool' && message.role !== 'user') this.#flushMoved();
    switch (message.role) {
      case 'system':
        this.writeSystem(joined(message.content));
        return;
      case 'user':
        this.#messages.push({ role: 'user', content: this.#userContent(message.content, path) });
        return;
      case 'assistant':
        this.#writeAssistant(message.content, path);
        return;
      case 'tool':
        for (const [place, result] of message.content.entries()) this.#writeToolResult(result, at(path, place));
        return;
      default:
        unreachable(message);
    }
  }

  /** Several in a row become one: many chat templates know only one system message. */
  writeSystem(text: string): void {
    const role = this.#compat.developerRole ? 'developer' : 'system';
    const last = this.#messages.at(-1);
    if (last?.role === role && typeof last.content === 'string') last.content += `\n\n${text}`;
    else this.#messages.push({ role, content: text });
  }

  finish(): ChatCompletionMessageParam[] {
    this.#flushMoved();
    return this.#messages;
  }

  #flushMoved(): void {
    if (this.#moved.length === 0) return;
    this.#messages.push({ role: 'user', content: this.#moved });
    this.#moved = [];
  }

  #userContent(parts: readonly PreparedUserPart[], path: string): string | ChatCompletionContentPart[] {
    const [only] = parts;
    // What was moved goes into this message: many chat templates want user and assistant to take turns.
    const moved = this.#moved;
    this.#moved = [];
    // Some servers read only a plain text where no other kind of part is.
    if (moved.length === 0 && parts.length === 1 && only !== undefined && only.type === 'text') return only.text;
    return [...moved, ...parts.map((part, place) => this.#content(part, at(path, place)))];
  }

  #writeAssistant(parts: readonly AssistantPart[], path: string): void {
    const texts: string[] = [];
    const reasoning: string[] = [];
    const calls: NonNullable<ChatCompletionAssistantMessageParam['tool_calls']> = [];
    for (const [place, part] of parts.entries()) {
      switch (part.type) {
        case 'text':
          this.#warnings.checkProviderData(part.providerData, at(path, place));
          texts.push(part.text);
          break;
        case 'tool-call':
          this.#warnings.checkProviderData(part.providerData, at(path, place));
          calls.push({
            id: part.id,
            type: 'function',
            function: { name: part.name, arguments: JSON.stringify(part.arguments) },
          });
          break;
        case 'reasoning': {
          const isOwn = part.providerData?.[this.#provider] !== undefined;
          if (!isOwn) this.#warnings.dropped(Object.keys(part.providerData ?? {}), at(path, place));
          else if (this.#compat.returnReasoning) reasoning.push(part.text);
          break;
        }
        default:
          unreachable(part);
      }
    }
    const text = texts.join('');
    if (text === '' && calls.length === 0) return;
    this.#messages.push({
      role: 'assistant',
      content: text === '' ? null : text,
      ...(reasoning.length === 0 ? {} : { [this.#compat.reasoningField]: reasoning.join('') }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    });
  }

  #writeToolResult(result: PreparedToolResult, path: string): void {
    // The wire has no mark for a tool that failed.
    const prefix = result.isError ? 'Error: ' : '';
    const texts = result.content.filter((part) => part.type === 'text');
    const media = result.content
      .map((part, place) => ({ part, place }))
      .filter(({ part }) => part.type !== 'text')
      .map(({ part, place }) => this.#content(part, `${path}.content[${place}]`));
    if (media.length === 0) return this.#toolMessage(result.id, `${prefix}${joined(texts)}`);
    if (this.#compat.imageInToolResult) {
      const content = result.content.map((part, place) => this.#content(part, `${path}.content[${place}]`));
      const first: ChatCompletionContentPart[] = prefix === '' ? [] : [{ type: 'text', text: prefix.trim() }];
      return this.#toolMessage(result.id, [...first, ...content]);
    }
    const note = `The ${media.length === 1 ? 'file' : `${media.length} files`} of this result can be seen in the next user message.`;
    this.#toolMessage(result.id, `${prefix}${[...texts.map((part) => part.text), note].join('\n')}`);
    this.#moved.push({ type: 'text', text: `From the result of ${result.name} (${result.id}):` }, ...media);
    this.#warnings.moved(
      path,
      `The server takes no pictures in tool results; those of ${path} were moved into a user message after it.`,
    );
  }

  /** The vendor's type knows only texts here; servers with `imageInToolResult` take every kind of part. */
  #toolMessage(id: string, content: string | ChatCompletionContentPart[]): void {
    this.#messages.push({
      role: 'tool',
      tool_call_id: id,
      content: content as string | ChatCompletionContentPartText[],
    });
  }

  #content(part: PreparedUserPart, path: string): ChatCompletionContentPart {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text };
      case 'image':
        return this.#image(part, path);
      case 'audio':
        return audioOf(part, path, this.#provider);
      case 'document':
        return documentOf(part, path, this.#provider);
      case 'video':
        throw unsupported(path, 'a video, which Chat Completions cannot carry', this.#provider);
      default:
        return unreachable(part);
    }
  }

  #image(part: PreparedMediaPart, path: string): ChatCompletionContentPart {
    const detail = this.#detail(part);
    const rest = detail === undefined ? {} : { detail };
    switch (part.media.type) {
      case 'bytes':
        return { type: 'image_url', image_url: { url: dataUrl(part.media), ...rest } };
      case 'url':
        if (!this.#compat.imageUrls)
          throw unsupported(path, 'a picture by URL, which this server does not fetch', this.#provider);
        return { type: 'image_url', image_url: { url: part.media.url, ...rest } };
      case 'file-id':
        throw unsupported(path, 'a picture by file id, which Chat Completions cannot carry', this.#provider);
      default:
        return unreachable(part.media);
    }
  }

  #detail(part: PreparedMediaPart): 'low' | 'high' | 'auto' | undefined {
    const detail = part.detail ?? 'high';
    const isKnown = detail === 'low' || detail === 'high' || detail === 'auto';
    if (!this.#compat.detail) {
      // `high` is our default and what servers without the field do.
      if (detail === 'low' || !isKnown) this.#warnDetail(part, 'it was left out');
      return undefined;
    }
    if (isKnown) return detail;
    this.#warnDetail(part, '"high" was sent');
    return 'high';
  }

  /** Nothing is lost where the picture was scaled to its detail. */
  #warnDetail({ detail = 'high', scaledToDetail }: PreparedMediaPart, what: string): void {
    if (scaledToDetail === true || this.#warnedDetails.has(detail)) return;
    this.#warnedDetails.add(detail);
    this.#warnings.adjusted('detail', `The server has no detail "${detail}"; ${what}.`);
  }
}

function audioOf({ media }: PreparedMediaPart, path: string, provider: string): ChatCompletionContentPart {
  if (media.type !== 'bytes')
    throw unsupported(path, 'audio by URL or file id, which Chat Completions cannot carry', provider);
  const format = audioFormats[media.mediaType];
  if (format === undefined)
    throw unsupported(path, `${media.mediaType}, where Chat Completions takes WAV or MP3`, provider);
  return { type: 'input_audio', input_audio: { data: media.base64, format } };
}

const audioFormats: Readonly<Record<string, 'wav' | 'mp3'>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
};

function documentOf(part: PreparedMediaPart, path: string, provider: string): ChatCompletionContentPart {
  const { media, filename } = part;
  switch (media.type) {
    case 'bytes':
      return { type: 'file', file: { filename: filename ?? 'document.pdf', file_data: dataUrl(media) } };
    case 'file-id':
      return { type: 'file', file: { file_id: media.fileId } };
    case 'url':
      throw unsupported(path, 'a document by URL, which Chat Completions cannot carry', provider);
    default:
      return unreachable(media);
  }
}

function samplingOf(
  request: PreparedRequest,
  { capabilities }: ModelDescription,
  warnings: WireWarnings,
): Pick<ChatBody, 'temperature' | 'top_p' | 'top_k' | 'seed' | 'stop'> {
  const take = <T>(option: string, value: T | undefined, isTaken: boolean): T | undefined => {
    if (value === undefined || isTaken) return value;
    warnings.unsupported(option, `${request.modelId} does not take ${option}; it was left out.`);
    return undefined;
  };
  const temperature = take('temperature', request.temperature, capabilities.temperature);
  const topP = take('topP', request.topP, capabilities.topP);
  const topK = take('topK', request.topK, capabilities.topK);
  const seed = take('seed', request.seed, capabilities.seed);
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
    ...(seed === undefined ? {} : { seed }),
    // Where the server has none the router emulates it.
    ...(request.stop.length > 0 && capabilities.stop ? { stop: [...request.stop] } : {}),
  };
}

function reasoningOf(
  request: PreparedRequest,
  { capabilities }: ModelDescription,
  warnings: WireWarnings,
): Pick<ChatBody, 'reasoning_effort'> {
  const level = request.reasoning;
  if (level === undefined) return {};
  if (capabilities.reasoning === 'none') {
    if (level !== 'none')
      warnings.unsupported('reasoning', `${request.modelId} takes no level of reasoning; it was left out.`);
    return {};
  }
  if (level !== 'none' || capabilities.reasoning === 'levels') return { reasoning_effort: level };
  warnings.adjusted('reasoning', `${request.modelId} cannot answer without reasoning; "low" was sent.`);
  return { reasoning_effort: 'low' };
}

function toolsOf(
  request: PreparedRequest,
  compat: Compatibility,
  warnings: WireWarnings,
): Pick<ChatBody, 'tools' | 'tool_choice'> {
  const choice = request.toolChoice;
  if (request.tools.length === 0) return {};
  // Leaving the tools out is how a server without tool_choice is told not to call any.
  if (!compat.toolChoiceRequired && choice === 'none') return {};
  const tools = request.tools.map(toolOf);
  if (!compat.toolChoiceRequired) {
    if (choice !== 'auto')
      warnings.adjusted('toolChoice', 'The server cannot be made to call a tool; it was left to the model.');
    return { tools };
  }
  return {
    tools,
    tool_choice: typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } },
  };
}

function toolOf(tool: PreparedTool): ChatCompletionFunctionTool {
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters: tool.parameters,
    },
  };
}

function formatOf({ output }: PreparedRequest, compat: Compatibility): Pick<ChatBody, 'response_format'> {
  if (output === undefined || compat.jsonSchema === 'none') return {};
  if (compat.jsonSchema === 'json_object') return { response_format: { type: 'json_object' } };
  const { name, schema } = output;
  return { response_format: { type: 'json_schema', json_schema: { name, schema, strict: isStrictSchema(schema) } } };
}

/** A server that cannot be given a schema is asked in words. */
function schemaTextOf({ output }: PreparedRequest, compat: Compatibility, warnings: WireWarnings): string | undefined {
  if (output === undefined || compat.jsonSchema === 'json_schema') return undefined;
  warnings.adjusted('output', 'The server does not enforce a schema; it was put into the instructions.');
  return `Answer with JSON only, without any other text, that is valid by this JSON Schema:\n${JSON.stringify(output.schema)}`;
}

function warnCache(request: PreparedRequest, target: Target, warnings: WireWarnings): void {
  if (request.cache === 'none' || request.cache === 'long')
    warnings.unsupported('cache', `Caching cannot be chosen at ${target.provider}; "${request.cache}" was left out.`);
}

function joined(parts: readonly (TextPart | PreparedUserPart)[]): string {
  return parts.map((part) => ('text' in part ? part.text : '')).join('\n');
}

function dataUrl(media: { readonly mediaType: string; readonly base64: string }): string {
  return `data:${media.mediaType};base64,${media.base64}`;
}

function at(path: string, place: number): string {
  return `${path}.content[${place}]`;
}

function unsupported(path: string, what: string, provider: string): OcelliError {
  return new OcelliError('unsupported-input', `${path} is ${what}. Send it to a model that takes it.`, { provider });
}

function unreachable(value: never): never {
  throw new TypeError(`No way to write a ${typeof value} of this kind for Chat Completions.`);
}
